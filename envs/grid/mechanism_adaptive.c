/* Adaptive punishment: who is hit loses
 *
 *   p s amount,   p the share of the last `window` steps in which its record was below the mean of all,
 *                 s = min(1, w max(0, mean record - its record) / amount),
 *
 * and the shooter pays p s of the price of a hit. w is how many apples (coins, ore) more the others have
 * over env.record_steps for each contribution in an agent's record: the slope of a least-squares line,
 * learned while the episode goes on from all agents' records and what the others of each took from the
 * game, without fines and prices; not below 0. So w (mean - record) predicts what the others miss for want
 * of its share. Windows fade: what was k steps ago weighs (1 - 1/window)^k, and before an episode there
 * was nothing, no record and no income.
 *
 * arXiv:2605.24516 (Tang, Kong, Lu and Feng 2026) says in public that the intensity goes by a dynamic
 * probability of punishing and by the severity of defection, which a module estimates that learns from
 * the game's reward. That intensity is their product and not a draw, that the probability is the
 * frequency of defection, what a defection is (a record below the mean), the line in place of a network,
 * and that it is one for all agents, are assumed here. */
#include "envs/grid/world.h"

enum { AMOUNT, WINDOW }; /* values */

static const MarlOption options[] = {
    {"amount", MARL_OPTION_REAL, "50", 0, 1e6, NULL, "reward", "lost at most by who is hit"},
    {"window", MARL_OPTION_REAL, "200", 1, 1e6, NULL, "steps",
     "over which defection is counted and severity learned"},
};

/* Of each agent. x: its record, y: income of the others over env.record_steps about. */
enum { LOW, TAKEN, Y, MEAN_X, MEAN_Y, MEAN_XX, MEAN_XY, NUM_STATES };

static void after_step(const MarlGridMechanism *own, MarlGridWorld *world) {
  const MarlGridRules *rules = world->rules;
  const int n = rules->num_agents;
  const double share = 1 / own->value[WINDOW];
  double income[MARL_GRID_MAX_AGENTS], all = 0;
  for (int i = 0; i < n; ++i) {
    const MarlGridTally *tally = &world->tally[i];
    const double taken = tally->earned + world->reward[i] + tally->paid + tally->fined;
    double *state = marl_grid_state(world, own, i);
    income[i] = taken - state[TAKEN];
    state[TAKEN] = taken;
    all += income[i];
  }
  for (int i = 0; i < n; ++i) {
    double *state = marl_grid_state(world, own, i);
    const double x = world->tally[i].record;
    state[Y] += all - income[i] - state[Y] / rules->record_steps;
    state[LOW] += share * (world->low[i] - state[LOW]);
    state[MEAN_X] += share * (x - state[MEAN_X]);
    state[MEAN_Y] += share * (state[Y] - state[MEAN_Y]);
    state[MEAN_XX] += share * (x * x - state[MEAN_XX]);
    state[MEAN_XY] += share * (x * state[Y] - state[MEAN_XY]);
  }
}

/* The slope of y over x of all agents; 0 where records have not differed, or below 0. */
static double slope(const MarlGridMechanism *own, const MarlGridWorld *world) {
  const int n = world->rules->num_agents;
  double sum[NUM_STATES] = {0};
  for (int i = 0; i < n; ++i)
    for (int k = MEAN_X; k < NUM_STATES; ++k) sum[k] += world->state[i][own->first_state + k] / n;
  const double variance = sum[MEAN_XX] - sum[MEAN_X] * sum[MEAN_X];
  const double covariance = sum[MEAN_XY] - sum[MEAN_X] * sum[MEAN_Y];
  /* equal records leave what rounding leaves of their square */
  return covariance > 0 && variance > 1e-9 * sum[MEAN_XX] ? covariance / variance : 0;
}

/* p s */
static double intensity(const MarlGridMechanism *own, const MarlGridWorld *world, int target) {
  const double shortfall = marl_grid_mean_record(world) - world->tally[target].record;
  const double amount = own->value[AMOUNT];
  if (!(shortfall > 0 && amount > 0)) return 0;
  const double severity = slope(own, world) * shortfall / amount;
  return world->state[target][own->first_state + LOW] * (severity < 1 ? severity : 1);
}

static void hit(const MarlGridMechanism *own, MarlGridWorld *world, int shooter, int target,
                bool marked) {
  (void)shooter, (void)marked;
  marl_grid_fine(world, target, own->value[AMOUNT] * intensity(own, world, target));
}

const MarlGridMechanismOps marl_grid_mechanism_adaptive = {
    .name = "adaptive",
    .summary = "who is hit pays by how often it free rode and what that is predicted to cost",
    .source = "after Tang, Kong, Lu and Feng 2026, arXiv:2605.24516",
    .options = options,
    .num_options = sizeof options / sizeof *options,
    .num_states = NUM_STATES,
    .hit = hit,
    .weigh = intensity,
    .after_step = after_step,
};
