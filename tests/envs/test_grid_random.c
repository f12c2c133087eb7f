/* Agents that act at random: totals and stocks are those of an independent model, which in turn agrees
 * with the published programs where these were run. 1000 steps, raw rewards over all agents. */
#include "tests/envs/grid_life.h"

enum { EPISODES = 150, MARKS = 5 };
static const int marks[MARKS] = {50, 100, 250, 500, 1000};

typedef struct Life {
  GridMean total, items, respawns, stock[MARKS];
} Life;

static Life live(const char *name, const char *map, const char *const *settings, bool dirt) {
  static double total[EPISODES], items[EPISODES], hits[EPISODES], stock[MARKS][EPISODES];
  MarlEnv *env = grid_make(name, map, settings);
  const int n = env->spec.num_agents;
  for (int e = 0; e < EPISODES; ++e) {
    MarlGridWorld *world = grid_begin(env, (uint64_t)e);
    total[e] = items[e] = hits[e] = 0;
    for (int t = 0, mark = 0; t < 1000; ++t) {
      grid_live(world);
      if (t + 1 != marks[mark]) continue;
      stock[mark++][e] = dirt ? world->num_dirt
                              : marl_grid_count(world, MARL_GRID_FIRST_ITEM) +
                                    marl_grid_count(world, MARL_GRID_SECOND_ITEM);
    }
    for (int i = 0; i < n; ++i) {
      total[e] += world->tally[i].earned;
      items[e] += world->tally[i].items;
      hits[e] += world->tally[i].hits;
    }
  }
  env->ops->destroy(env);
  Life life = {
      grid_mean(total, EPISODES), grid_mean(items, EPISODES), grid_mean(hits, EPISODES), {{0, 0}}};
  for (int m = 0; m < MARKS; ++m) life.stock[m] = grid_mean(stock[m], EPISODES);
  return life;
}

#define SOCIAL "dynamics", "socialjax", "socialjax_quirks", "true"
#define RANDOM "policies", "random"

static void stocks_agree(const Life *life, const double *stock, const double *interval) {
  for (int m = 0; m < MARKS; ++m)
    grid_agrees("  stock", life->stock[m], stock[m], interval[m], 0.1);
}

static void test_cleanup_of_socialjax(void) {
  const Life life = live("cleanup", "cleanup", (const char *const[]){RANDOM, SOCIAL, NULL}, true);
  grid_agrees("apples", life.total, 0.17, 0.14, 0.01);
  stocks_agree(&life, (const double[]){74.3, 91.5, 123.1, 130.4, 128.4},
               (const double[]){0.6, 1.1, 2.2, 2.1, 2.3});
}

static void test_cleanup_of_socialjax_that_always_bears(void) {
  const Life life = live("cleanup", "cleanup",
                         (const char *const[]){RANDOM, SOCIAL, "depletion", "1", NULL}, true);
  grid_agrees("apples", life.total, 195.2, 5.9, 0.1);
}

static void test_cleanup_of_meltingpot_that_always_bears(void) {
  const Life life =
      live("cleanup", "cleanup", (const char *const[]){RANDOM, "depletion", "1", NULL}, true);
  grid_agrees("apples", life.total, 172.3, 8.6, 0.1);
  stocks_agree(&life, (const double[]){73.0, 87.9, 118.0, 133.8, 135.0},
               (const double[]){1.2, 1.9, 4.0, 3.1, 2.9});
}

static void test_harvest_of_socialjax(void) {
  const Life life =
      live("harvest", "harvest_open", (const char *const[]){RANDOM, SOCIAL, NULL}, false);
  grid_agrees("apples", life.total, 139.1, 3.2, 0.1);
  stocks_agree(&life, (const double[]){59.6, 57.0, 53.2, 48.9, 43.5},
               (const double[]){0.5, 0.8, 0.8, 0.9, 1.1});
}

static void test_harvest_of_meltingpot(void) {
  const Life life = live("harvest", "harvest_open", (const char *const[]){RANDOM, NULL}, false);
  grid_agrees("apples", life.total, 139.3, 5.5, 0.1);
  stocks_agree(&life, (const double[]){60.1, 57.5, 53.8, 51.9, 49.8},
               (const double[]){1.0, 1.0, 1.2, 1.3, 1.4});
}

static void test_coins_of_socialjax(void) {
  const Life life = live("coins", "coins", (const char *const[]){RANDOM, SOCIAL, NULL}, false);
  grid_agrees("reward", life.total, 0.8, 1.1, 0.1);
  grid_agrees("coins taken", life.items, 90.4, 1.6, 0.1);
  stocks_agree(&life, (const double[]){7.7, 14.1, 27.3, 38.9, 46.9},
               (const double[]){0.5, 0.7, 1.0, 1.2, 1.3});
}

static void test_coins_of_the_greedy_and_the_fair(void) {
  Life life =
      live("coins", "coins", (const char *const[]){"policies", "eater", SOCIAL, NULL}, false);
  grid_agrees("greedy", life.total, -2.7, 2.8, 0.1);
  life =
      live("coins", "coins", (const char *const[]){"policies", "own_color", SOCIAL, NULL}, false);
  grid_agrees("own color", life.total, 153.8, 2.5, 0.1);
}

static CU_TestInfo tests[] = {
    {"Cleanup, socialjax", test_cleanup_of_socialjax},
    {"Cleanup, socialjax, apples up to any dirt", test_cleanup_of_socialjax_that_always_bears},
    {"Cleanup, meltingpot, apples up to any dirt", test_cleanup_of_meltingpot_that_always_bears},
    {"Harvest, socialjax", test_harvest_of_socialjax},
    {"Harvest, meltingpot", test_harvest_of_meltingpot},
    {"Coins, socialjax", test_coins_of_socialjax},
    {"Coins: greedy players end at nothing, fair ones gain", test_coins_of_the_greedy_and_the_fair},
    CU_TEST_INFO_NULL,
};
static CU_SuiteInfo suites[] = {{"random play in grid worlds", NULL, NULL, NULL, NULL, tests},
                                CU_SUITE_INFO_NULL};
UNIT_MAIN(suites)
