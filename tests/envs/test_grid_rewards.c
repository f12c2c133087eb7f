/* Who is paid what, in scenes set by hand: shared rewards and inequity aversion, coins, ore; and the
 * measures of Perolat et al. 2017 of an episode that is counted by hand. */
#include "envs/grid/measures.h"
#include "marl/learn/vec_env.h"
#include "tests/envs/grid_life.h"

enum { STAY = 0, FORWARD = 1, MINE = 7 };

/* Three agents of Harvest, agent 0 below an apple: what they learn from in the step in which it eats, and
 * in the next one, in which nobody does. reward [2, 3]. */
static void eat_and_wait(const char *const *settings, double *reward) {
  MarlError err;
  MarlSection *config;
  MarlVecEnv *vec = NULL;
  const MarlEnvOps *ops;
  char path[1024];
  UNIT_OK(marl_env_find(marl_env_table, "harvest", &ops, &err));
  const MarlOptionTable table = {ops->options, ops->num_options};
  UNIT_OK(marl_section_create("env", &table, 1, &config, &err));
  snprintf(path, sizeof path, "%s/configs/grid/maps/harvest_open.txt", getenv("MARL_SOURCE"));
  UNIT_OK(marl_section_set(config, "map", path, "test", &err));
  UNIT_OK(marl_section_set(config, "num_agents", "3", "test", &err));
  UNIT_OK(marl_section_set(config, "regrowth", "0", "test", &err));
  for (; settings[0] != NULL; settings += 2)
    UNIT_OK(marl_section_set(config, settings[0], settings[1], "test", &err));
  UNIT_OK(marl_vec_env_create(ops, config, 1, 0, marl_key(1, MARL_STREAM_ENV), MPI_COMM_SELF, &vec,
                              &err));
  UNIT_OK(marl_vec_env_reset(vec, &err));
  union {
    const MarlEnv *seen;
    MarlEnv *own; /* the test puts agents and items where it wants them */
  } env = {marl_vec_env_member(vec, 0)};
  MarlGridWorld *world = marl_grid_env_world(env.own);
  for (int i = 0; i < 3; ++i) grid_put(world, i, 12, 3 + 5 * i, 2);
  marl_grid_put(world, MARL_GRID_FIRST_ITEM, 11, 3);
  MarlBatch *batch = marl_vec_env_batch(vec);
  for (int t = 0; t < 2; ++t) {
    for (int i = 0; i < 3; ++i) batch->act[i] = t == 0 && i == 0 ? FORWARD : STAY;
    UNIT_OK(marl_vec_env_step(vec, &err));
    for (int i = 0; i < 3; ++i) reward[3 * t + i] = (double)batch->reward[i];
  }
  marl_vec_env_destroy(&vec);
  marl_section_destroy(&config);
}

static void are(const double *reward, const double *expected) {
  for (int k = 0; k < 6; ++k) UNIT_NEAR(reward[k], expected[k], 1e-6); /* single precision */
}

static void test_rewards_are_shared_as_said(void) {
  double reward[6];
  eat_and_wait((const char *const[]){NULL}, reward);
  are(reward, (const double[]){1, 0, 0, 0, 0, 0});
  /* a quarter of the own, three quarters of the mean of the two others */
  eat_and_wait((const char *const[]){"self_interest", "0.25", NULL}, reward);
  are(reward, (const double[]){0.25, 0.375, 0.375, 0, 0, 0});
}

/* Hughes et al. 2018: being behind costs alpha = 5, being ahead beta = .05, over traces of .9. */
static void test_inequity_costs_who_is_behind_most(void) {
  double reward[6];
  eat_and_wait((const char *const[]){"inequity_disadvantage", "5", "inequity_advantage", "0.05",
                                     "inequity_trace", "0.9", NULL},
               reward);
  are(reward, (const double[]){1 - 0.05, -2.5, -2.5, -0.045, -2.25, -2.25});
}

static void test_a_coin_of_the_other_color_costs_the_other(void) {
  MarlEnv *env = grid_make("coins", "coins", (const char *const[]){"coin_growth", "0", NULL});
  for (int color = 0; color < 2; ++color) {
    MarlGridWorld *world = grid_begin(env, 0);
    grid_put(world, 0, 5, 5, 2);
    marl_grid_put(world, color == 0 ? MARL_GRID_FIRST_ITEM : MARL_GRID_SECOND_ITEM, 4, 5);
    marl_grid_step(world, (const uint8_t[]){FORWARD, STAY});
    UNIT_NEAR(world->reward[0], 1, 0);
    UNIT_NEAR(world->reward[1], color == 0 ? 0 : -2, 0);
    UNIT_NEAR(world->tally[0].record, color == 0 ? 0 : -1, 0);
  }
  env->ops->destroy(env);
}

/* meltingpot: a coin with the chance, of either color alike; socialjax: one of each with the chance. */
static void test_coins_of_both_colors_grow_alike(void) {
  static const char *const names[] = {"meltingpot", "socialjax"};
  for (int d = 0; d < 2; ++d) {
    MarlEnv *env = grid_make(
        "coins", "coins", (const char *const[]){"coin_growth", "0.2", "dynamics", names[d], NULL});
    const MarlGridRules *rules = marl_grid_env_rules(env);
    const double red = rules->growth[0], blue = (1 - red) * rules->second_growth;
    UNIT_NEAR(red, d == 0 ? 0.1 : 0.2, 1e-15);
    UNIT_NEAR(blue, d == 0 ? 0.1 : 0.2 * 0.8, 1e-15); /* one after the other, on free sites */
    env->ops->destroy(env);
  }
}

/* Two miners look at one cell from both sides. */
static MarlGridWorld *mine(MarlEnv *env, MarlGridKind ore) {
  MarlGridWorld *world = grid_begin(env, 0);
  grid_put(world, 0, 4, 11, 1);
  grid_put(world, 1, 4, 15, 3);
  marl_grid_put(world, ore, 4, 13);
  return world;
}

static void test_gold_pays_two_in_time_and_nobody_alone(void) {
  MarlEnv *env = grid_make("coop_mining", "coop_mining",
                           (const char *const[]){"num_agents", "2", "iron_growth", "0",
                                                 "gold_growth", "0", "mine_cooldown", "0", NULL});
  const uint8_t first[] = {MINE, STAY}, second[] = {STAY, MINE}, stay[] = {STAY, STAY};
  MarlGridWorld *world = mine(env, MARL_GRID_FIRST_ITEM);
  marl_grid_step(world, first);
  UNIT_NEAR(world->reward[0], 1, 0); /* iron */
  CU_ASSERT_FALSE(marl_grid_is(world, MARL_GRID_FIRST_ITEM, 4, 13));
  for (int wait = 0; wait < 5; ++wait) {
    world = mine(env, MARL_GRID_SECOND_ITEM);
    marl_grid_step(world, first);
    UNIT_NEAR(world->reward[0], 0, 0);
    for (int t = 0; t < wait; ++t) marl_grid_step(world, stay);
    marl_grid_step(world, second); /* wait + 1 steps after the first; the window is 3 */
    for (int i = 0; i < 2; ++i) UNIT_NEAR(world->reward[i], wait < 3 ? 8 : 0, 0);
  }
  world = mine(env, MARL_GRID_SECOND_ITEM);
  marl_grid_step(world, first);
  marl_grid_step(world, first);
  UNIT_NEAR(world->tally[0].earned, 0, 0);
  env->ops->destroy(env);
}

static float metric(const MarlGridWorld *world, const char *name) {
  float metrics[MARL_GRID_NUM_METRICS];
  marl_grid_measure(world, metrics);
  for (int m = 0; m < MARL_GRID_NUM_METRICS; ++m)
    if (strcmp(marl_grid_metric_names[m], name) == 0) return metrics[m];
  CU_FAIL("no such metric");
  return 0;
}

/* Ten steps: agent 0 eats in steps 0 and 3, agent 1 in step 6, agent 2 is away for 4 of them. */
static void test_measures_of_an_episode_counted_by_hand(void) {
  MarlEnv *env = grid_make("harvest", "harvest_open",
                           (const char *const[]){"num_agents", "3", "regrowth", "0", NULL});
  MarlGridWorld *world = grid_begin(env, 0);
  for (int i = 0; i < 3; ++i) grid_put(world, i, 12, 3 + 5 * i, 2);
  for (int t = 0; t < 10; ++t) {
    uint8_t number[] = {STAY, STAY, STAY};
    const int eater = t == 0 || t == 3 ? 0 : t == 6 ? 1 : -1;
    if (t == 2) {
      marl_grid_lift(world, 2);
      world->agent[2].away = 5; /* back in the fifth step, so away after four */
    }
    if (eater >= 0) {
      const MarlGridAgent *a = &world->agent[eater];
      marl_grid_put(world, MARL_GRID_FIRST_ITEM, a->row - 1, a->col);
      number[eater] = FORWARD;
    }
    marl_grid_step(world, number);
  }
  UNIT_NEAR(metric(world, "efficiency"), 0.3, 1e-6);
  UNIT_NEAR(metric(world, "equality"), 1 - 8.0 / (2 * 3 * 3), 1e-6); /* incomes 2, 1, 0 */
  UNIT_NEAR(metric(world, "sustainability"), (1.5 + 6 + 0) / 3, 1e-6);
  UNIT_NEAR(metric(world, "peace"), (30 - 4) / 10.0, 1e-6);
  CU_ASSERT(
      isnan(metric(world, "alien_share"))); /* apples are alike: there is no share to speak of */
  env->ops->destroy(env);
}

static CU_TestInfo tests[] = {
    {"rewards are shared as said", test_rewards_are_shared_as_said},
    {"inequity costs who is behind most", test_inequity_costs_who_is_behind_most},
    {"a coin of the other color costs the other", test_a_coin_of_the_other_color_costs_the_other},
    {"coins of both colors grow alike", test_coins_of_both_colors_grow_alike},
    {"gold pays two in time, and nobody alone", test_gold_pays_two_in_time_and_nobody_alone},
    {"measures of an episode counted by hand", test_measures_of_an_episode_counted_by_hand},
    CU_TEST_INFO_NULL,
};
static CU_SuiteInfo suites[] = {{"rewards of grid worlds", NULL, NULL, NULL, NULL, tests},
                                CU_SUITE_INFO_NULL};
UNIT_MAIN(suites)
