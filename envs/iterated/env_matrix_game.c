/* Two players, two choices, one payoff matrix; played once or repeatedly.
 *   prisoners_dilemma  0 cooperate, 1 defect: the only equilibrium is mutual defection
 *                      (payoffs of Axelrod 1984)
 *   stag_hunt          0 stag, 1 hare: two pure equilibria, (0, 0) Pareto, (1, 1) risk dominant
 *                      (Skyrms 2004)
 *   matching_pennies   0 heads, 1 tails, zero sum: the only equilibrium is (1/2, 1/2)
 *                      (Osborne and Rubinstein 1994, example 17.1)
 * A player sees a constant 1, then the last round: own choice, other's choice, one-hot each
 * (zeros in the first round). Strategies of the iterated game can play in place of a learner. */
#include <stdlib.h>
#include <string.h>

#include "envs/game/scripted_strategies.h"

enum { PLAYERS = 2, CHOICES = 2, OBS = 1 + 2 * CHOICES };

static const char *const games[] = {"prisoners_dilemma", "stag_hunt", "matching_pennies", NULL};

/* payoff[game][row player's choice][column player's choice][player] */
static const float payoffs[][CHOICES][CHOICES][PLAYERS] = {
    {{{3, 3}, {0, 5}}, {{5, 0}, {1, 1}}},
    {{{4, 4}, {0, 3}}, {{3, 0}, {2, 2}}},
    {{{1, -1}, {-1, 1}}, {{-1, 1}, {1, -1}}},
};

/* running means over the rounds of the episode */
static const char *const metrics[] = {"welfare", "choice_0_first", "choice_0_second"};
enum { NUM_METRICS = sizeof metrics / sizeof metrics[0] };

static const MarlOption options[] = {
    {"game", MARL_OPTION_CHOICE, "prisoners_dilemma", 0, 0, games, "1", "payoff matrix"},
    {"rounds", MARL_OPTION_INT, "1", 0, 1e6, NULL, "rounds",
     "rounds after which the game is over; 0: it has no end of its own"},
    {"max_steps", MARL_OPTION_INT, "100", 0, 1e6, NULL, "rounds",
     "time limit, 0: none; the future after it still counts"},
    MARL_POLICIES_OPTION(MARL_MEMORY_ONE_NAMES ", grim, conditional, threshold:theta or greedy"),
};

typedef struct MatrixGame {
  MarlEnv base;
  MarlRole role;
  int game, rounds;
  int32_t round;           /* of this episode */
  int32_t choice[PLAYERS]; /* of the last round */
  double total[NUM_METRICS];
} MatrixGame;

static MarlCode create(const MarlSection *config, MPI_Comm comm, MarlEnv **out, MarlError *err) {
  (void)comm; /* serial */
  MatrixGame *env = calloc(1, sizeof *env);
  if (env == NULL) return MARL_FAIL(err, MARL_EMEMORY, "matrix_game: out of memory");
  env->role = (MarlRole){.name = "play",
                         .obs_dim = OBS,
                         .action_kind = MARL_ACTION_DISCRETE,
                         .act_dim = 1,
                         .num_choices = CHOICES};
  env->base.spec = (MarlEnvSpec){
      .num_agents = PLAYERS,
      .num_roles = 1,
      .roles = &env->role,
      .obs_dim = OBS,
      .act_dim = 1,
      .max_steps = marl_section_int(config, "max_steps"),
      .num_metrics = NUM_METRICS,
      .metrics = metrics,
  };
  env->game = marl_section_choice(config, "game");
  env->rounds = marl_section_int(config, "rounds");
  *out = &env->base;
  return MARL_OK;
}

static void destroy(MarlEnv *env) {
  free(env);
}

static void observe(const MatrixGame *env, const MarlEnvIo *io) {
  memset(io->obs, 0, sizeof(float) * PLAYERS * OBS);
  for (int player = 0; player < PLAYERS; ++player) {
    float *obs = io->obs + (ptrdiff_t)player * OBS;
    obs[0] = 1;
    if (env->round > 0) {
      obs[1 + env->choice[player]] = 1;
      obs[1 + CHOICES + env->choice[1 - player]] = 1;
    }
    io->role[player] = 0;
    io->active[player] = 1;
  }
}

static MarlCode reset(MarlEnv *base, MarlKey key, const MarlEnvIo *io, MarlError *err) {
  (void)key; /* nothing in a game is random but its players */
  (void)err;
  MatrixGame *env = (MatrixGame *)base;
  env->round = 0;
  memset(env->total, 0, sizeof env->total);
  memset(io->metrics, 0, sizeof(float) * NUM_METRICS);
  observe(env, io);
  return MARL_OK;
}

static MarlCode step(MarlEnv *base, const MarlEnvIo *io, MarlError *err) {
  (void)err;
  MatrixGame *env = (MatrixGame *)base;
  for (int player = 0; player < PLAYERS; ++player) env->choice[player] = (int32_t)io->act[player];
  const float *payoff = payoffs[env->game][env->choice[0]][env->choice[1]];
  ++env->round;
  const bool over = env->rounds > 0 && env->round >= env->rounds;
  for (int player = 0; player < PLAYERS; ++player) {
    io->reward[player] = payoff[player];
    io->terminated[player] = over;
    env->total[1 + player] += env->choice[player] == 0;
  }
  env->total[0] += payoff[0] + payoff[1];
  for (int i = 0; i < NUM_METRICS; ++i) io->metrics[i] = (float)(env->total[i] / env->round);
  observe(env, io);
  return MARL_OK;
}

/* What a strategy does; choice 0 is to cooperate. */
static void act_scripted(const MarlEnv *base, const MarlScriptedTurn *turn, float *act) {
  const MatrixGame *env = (const MatrixGame *)base;
  const int me = turn->agent, other = 1 - me;
  MarlGame game = {.alternating = false};
  for (int own = 0; own < CHOICES; ++own)
    for (int its = 0; its < CHOICES; ++its)
      game.payoff[own][its] =
          me == 0 ? payoffs[env->game][own][its][0] : payoffs[env->game][its][own][1];
  const MarlStrategy strategy = marl_scripted_strategy(turn, &game);
  const bool begun = env->round > 0;
  const double chance = marl_strategy_chance(
      &strategy, begun ? env->choice[me] : MARL_UNKNOWN_ACTION,
      begun ? env->choice[other] : MARL_UNKNOWN_ACTION, (int64_t)env->total[1 + other], env->round);
  act[0] = marl_uniform(turn->key, 0) < chance ? MARL_COOPERATE : MARL_DEFECT;
}

static const MarlScripted scripted[] = {
    MARL_MEMORY_ONE_STRATEGIES(act_scripted),
    {.name = "grim", .summary = "cooperates until the other has defected", .act = act_scripted},
    {.name = "conditional", .summary = "cooperates as often as the other has", .act = act_scripted},
    {.name = "threshold",
     .summary = "cooperates while the other has in at least theta of the rounds",
     .number = 0.5,
     .high = 1,
     .act = act_scripted},
    {.name = "greedy", .summary = "best reply to the other's frequencies", .act = act_scripted},
};

static const MarlArray scalar = {.type = MARL_I32};
static const MarlArray choice_array = {.type = MARL_I32, .rank = 1, .shape = {PLAYERS}};
static const MarlArray total_array = {.type = MARL_F64, .rank = 1, .shape = {NUM_METRICS}};

static MarlCode save(const MarlEnv *base, MarlStore *to, MarlError *err) {
  const MatrixGame *env = (const MatrixGame *)base;
  MARL_TRY(marl_store_write(to, "round", &scalar, &env->round, err));
  MARL_TRY(marl_store_write(to, "choice", &choice_array, env->choice, err));
  return marl_store_write(to, "total", &total_array, env->total, err);
}

static MarlCode load(MarlEnv *base, MarlStore *from, MarlError *err) {
  MatrixGame *env = (MatrixGame *)base;
  MARL_TRY(marl_store_read_within(from, "round", MARL_I32, 1, 0, INT32_MAX - 1, &env->round, err));
  MARL_TRY(
      marl_store_read_within(from, "choice", MARL_I32, PLAYERS, 0, CHOICES - 1, env->choice, err));
  return marl_store_read(from, "total", MARL_F64, NUM_METRICS, env->total, err);
}

const MarlEnvOps marl_env_matrix_game = {
    .name = "matrix_game",
    .summary = "two players, two choices: prisoner's dilemma, stag hunt, matching pennies",
    .source = "Osborne and Rubinstein, A Course in Game Theory, 1994",
    .formula =
        "play sees, in this order: 1; the own last choice, one number a choice; the other's last "
        "choice, likewise",
    .options = options,
    .num_options = sizeof options / sizeof options[0],
    .create = create,
    .destroy = destroy,
    .reset = reset,
    .step = step,
    .save = save,
    .load = load,
    .scripted = scripted,
    .num_scripted = sizeof scripted / sizeof *scripted,
};
