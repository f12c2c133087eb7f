/* Adaptive punishment in a grid world against sums over the whole history: the fine is the share of time
 * below the mean record times what the others are predicted to miss. A cleaner, an eater and a turn taker
 * live in the small Cleanup, then the turn taker shoots at one of the others. */
#include "envs/grid/grid_store.h"
#include "tests/envs/grid_life.h"

enum { STAY = 0, ZAP = 7, CLEANER = 0, EATER = 1, SHOOTER = 2, AGENTS = 3, STEPS = 260 };
static const double WINDOW = 150, RECORD = 40, PRICE = 1.4;

static MarlEnv *make(const char *mechanism, const char *zap_cost) {
  return grid_make(
      "cleanup", "cleanup_small",
      (const char *const[]){"num_agents", "3", "policies", "cleaner, eater, turn_taker",
                            "mechanism", mechanism, "hit_cost", "1.4", "zap_cost", zap_cost,
                            "zap_cooldown", "0", "record_steps", "40", NULL});
}

typedef struct History {
  double record[STEPS][AGENTS], income[STEPS][AGENTS];
  bool low[STEPS][AGENTS];
} History;

static void live(MarlGridWorld *world, History *history) {
  double before[AGENTS] = {0};
  for (int t = 0; t < STEPS; ++t) {
    grid_live(world);
    for (int i = 0; i < AGENTS; ++i) {
      history->record[t][i] = world->tally[i].record;
      history->low[t][i] = world->low[i];
      history->income[t][i] = world->tally[i].items - before[i]; /* an apple is 1 */
      before[i] = world->tally[i].items;
    }
  }
}

/* What the others of agent i had over the last RECORD steps about, at step t. */
static double income_of_others(const History *history, int t, int i) {
  double sum = 0;
  for (int s = 0; s <= t; ++s)
    for (int j = 0; j < AGENTS; ++j)
      if (j != i) sum += pow(1 - 1 / RECORD, t - s) * history->income[s][j];
  return sum;
}

/* Slope of the others' income over the record, all agents and steps: weights of the window. */
static double expected_slope(const History *history) {
  double x = 0, y = 0, xx = 0, xy = 0;
  for (int t = 0; t < STEPS; ++t)
    for (int i = 0; i < AGENTS; ++i) {
      const double weight = pow(1 - 1 / WINDOW, STEPS - 1 - t) / WINDOW / AGENTS;
      const double record = history->record[t][i], income = income_of_others(history, t, i);
      x += weight * record;
      y += weight * income;
      xx += weight * record * record;
      xy += weight * record * income;
    }
  return (xy - x * y) / (xx - x * x);
}

static double expected_frequency(const History *history, int i) {
  double sum = 0;
  for (int t = 0; t < STEPS; ++t)
    sum += pow(1 - 1 / WINDOW, STEPS - 1 - t) / WINDOW * history->low[t][i];
  return sum;
}

/* The target two cells ahead of the shooter, the third one out of the way; one step. */
static void shoot(MarlGridWorld *world, int target) {
  uint8_t number[AGENTS] = {STAY, STAY, STAY};
  number[SHOOTER] = ZAP;
  for (int i = 0; i < AGENTS; ++i) marl_grid_lift(world, i);
  world->agent[SHOOTER].heading = 2;
  marl_grid_place(world, SHOOTER, 6, 6);
  marl_grid_place(world, target, 4, 6);
  marl_grid_place(world, target == EATER ? CLEANER : EATER, 0, 8);
  marl_grid_step(world, number);
}

static double shortfall(const MarlGridWorld *world, int i) {
  const MarlGridTally *tally = world->tally;
  return (tally[0].record + tally[1].record + tally[2].record) / 3 - tally[i].record;
}

static void test_the_fine_is_frequency_times_predicted_loss(void) {
  static History history;
  MarlEnv *env = make("adaptive(amount=1000;window=150)", "0");
  MarlGridWorld *world = grid_begin(env, 3);
  live(world, &history);
  const double slope = expected_slope(&history);
  shoot(world, EATER);
  const double harm = slope * shortfall(world, EATER);
  const double fine = expected_frequency(&history, EATER) * harm;
  CU_ASSERT(harm > 1 && harm < 1000 && expected_frequency(&history, EATER) > 0.5);
  UNIT_NEAR(world->tally[EATER].fined, fine, 1e-9); /* 260 steps of sums: round-off */
  UNIT_NEAR(world->tally[SHOOTER].paid, PRICE * fine / 1000, 1e-9);
  UNIT_NEAR(world->tally[SHOOTER].hits, 1, 0);
  env->ops->destroy(env);
}

static void test_nobody_loses_more_than_the_amount(void) {
  static History history;
  MarlEnv *env = make("adaptive(amount=0.5;window=150)", "0");
  MarlGridWorld *world = grid_begin(env, 3);
  live(world, &history);
  shoot(world, EATER);
  UNIT_NEAR(world->tally[EATER].fined, 0.5 * expected_frequency(&history, EATER), 1e-12);
  UNIT_NEAR(world->tally[SHOOTER].paid, PRICE * expected_frequency(&history, EATER), 1e-12);
  env->ops->destroy(env);
}

static void test_who_does_its_share_loses_nothing(void) {
  static History history;
  MarlEnv *env = make("adaptive(amount=1000;window=150)", "0");
  MarlGridWorld *world = grid_begin(env, 3);
  live(world, &history);
  shoot(world, CLEANER);
  CU_ASSERT(shortfall(world, CLEANER) < 0);
  UNIT_NEAR(world->tally[SHOOTER].hits, 1, 0);
  UNIT_NEAR(world->tally[CLEANER].fined, 0, 0);
  UNIT_NEAR(world->tally[SHOOTER].paid, 0, 0); /* nor does the hit cost anything */
  env->ops->destroy(env);
}

/* The eater is noted for what it did not do: others then have the less, the higher a record is, and nobody
 * is paid for a low one. */
static void test_a_record_that_harms_nobody_costs_nothing(void) {
  MarlEnv *env = make("adaptive(amount=1000;window=150)", "0");
  MarlGridWorld *world = grid_begin(env, 3);
  for (int t = 0; t < STEPS; ++t) {
    grid_live(world);
    marl_grid_note(world, EATER, 10);
  }
  shoot(world, CLEANER);
  CU_ASSERT(shortfall(world, CLEANER) > 1 && world->tally[SHOOTER].hits == 1);
  UNIT_NEAR(world->tally[CLEANER].fined, 0, 0);
  UNIT_NEAR(world->tally[SHOOTER].paid, 0, 0);
  env->ops->destroy(env);
}

/* Fines and prices are no part of what is learned from: the same fine with a fine and a price of shots beside it. */
static void test_severity_is_learned_from_the_game_alone(void) {
  double fined[2];
  for (int k = 0; k < 2; ++k) {
    MarlEnv *env = k == 0 ? make("adaptive(amount=1000)", "0")
                          : make("fine(amount=3)+adaptive(amount=1000)", "2");
    MarlGridWorld *world = grid_begin(env, 3);
    for (int t = 0; t < STEPS; ++t) grid_live(world);
    for (int s = 0; s < 5; ++s) shoot(world, EATER);
    fined[k] = world->tally[EATER].fined - (k == 1 ? 5 * 3 : 0);
    env->ops->destroy(env);
  }
  CU_ASSERT(fined[0] > 1);
  UNIT_NEAR(fined[1], fined[0], 1e-9); /* sums of fines, subtracted again: round-off */
}

/* A new episode remembers nothing; a restart in the middle everything. */
static void test_what_is_learned_belongs_to_the_episode(void) {
  static MarlGridWorld restarted;
  MarlError err;
  MarlStore *memory = NULL;
  MarlEnv *env = make("adaptive(amount=1000)", "0");
  MarlGridWorld *world = grid_begin(env, 3);
  for (int t = 0; t < STEPS; ++t) grid_live(world);
  UNIT_OK(marl_store_create_memory(&memory, &err));
  UNIT_OK(marl_grid_save(world, memory, &err));
  UNIT_OK(marl_grid_load(&restarted, world->rules, memory, &err));
  marl_store_close(&memory);
  shoot(world, EATER);
  shoot(&restarted, EATER);
  CU_ASSERT(world->tally[EATER].fined > 1);
  UNIT_BITS_EQUAL(restarted.tally, world->tally, sizeof world->tally);
  UNIT_BITS_EQUAL(restarted.state, world->state, sizeof world->state);
  world = grid_begin(env, 4);
  marl_grid_note(world, CLEANER, 5);
  shoot(world, EATER);
  UNIT_NEAR(world->tally[EATER].fined, 0, 0);
  env->ops->destroy(env);
}

static CU_TestInfo tests[] = {
    {"the fine is frequency times predicted loss", test_the_fine_is_frequency_times_predicted_loss},
    {"nobody loses more than the amount", test_nobody_loses_more_than_the_amount},
    {"who does its share loses nothing", test_who_does_its_share_loses_nothing},
    {"a record that harms nobody costs nothing", test_a_record_that_harms_nobody_costs_nothing},
    {"severity is learned from the game alone", test_severity_is_learned_from_the_game_alone},
    {"what is learned belongs to the episode", test_what_is_learned_belongs_to_the_episode},
    CU_TEST_INFO_NULL,
};
static CU_SuiteInfo suites[] = {
    {"adaptive punishment in grid worlds", NULL, NULL, NULL, NULL, tests}, CU_SUITE_INFO_NULL};
UNIT_MAIN(suites)
