/* Schelling diagrams of scripted players are those of an independent model: what k cooperators and the
 * others earn each. 1000 steps, one action of ten replaced by a random move. */
#include "tests/envs/grid_life.h"

enum { EPISODES = 60 };

typedef struct Point {
  GridMean cooperator, defector, total;
} Point;

/* Who plays what is drawn in every episode: agents 0 and 1 of Harvest start among the apples. */
static void deal(MarlGridRules *rules, int agents, int cooperators, const MarlGridRules *fixed,
                 uint64_t episode) {
  uint32_t order[MARL_GRID_MAX_AGENTS];
  marl_permutation(marl_key_fold(marl_key(3, MARL_STREAM_ENV), episode), (uint32_t)agents, order);
  for (int i = 0; i < agents; ++i) {
    const bool defects = (int)order[i] >= cooperators;
    rules->policy[i] = defects ? MARL_GRID_EATER : fixed->policy[0];
    rules->restraint[i] = defects ? 0 : fixed->restraint[0];
  }
}

static Point play(const char *name, const char *map, int agents, int cooperators,
                  const char *cooperator) {
  static double c[EPISODES], d[EPISODES], total[EPISODES];
  char policies[128], count[8];
  snprintf(count, sizeof count, "%d", agents);
  if (cooperators == 0 || cooperators == agents)
    snprintf(policies, sizeof policies, "%s", cooperators == 0 ? "eater" : cooperator);
  else
    snprintf(policies, sizeof policies, "%s*%d, eater*%d", cooperator, cooperators,
             agents - cooperators);
  MarlEnv *env =
      grid_make(name, map,
                (const char *const[]){"num_agents", count, "policies", policies, "jitter", "0.1",
                                      "dynamics", "socialjax", "socialjax_quirks", "true", NULL});
  const MarlGridRules fixed = *marl_grid_env_rules(env);
  for (int e = 0; e < EPISODES; ++e) {
    deal(marl_grid_env_rules(env), agents, cooperators, &fixed, (uint64_t)e);
    MarlGridWorld *world = grid_begin(env, (uint64_t)e);
    for (int t = 0; t < 1000; ++t) grid_live(world);
    c[e] = d[e] = 0;
    for (int i = 0; i < agents; ++i)
      *(world->rules->policy[i] == MARL_GRID_EATER ? &d[e] : &c[e]) += world->tally[i].earned;
    total[e] = c[e] + d[e];
    if (cooperators > 0) c[e] /= cooperators;
    if (cooperators < agents) d[e] /= agents - cooperators;
  }
  env->ops->destroy(env);
  return (Point){grid_mean(c, EPISODES), grid_mean(d, EPISODES), grid_mean(total, EPISODES)};
}

/* k, then cooperator, defector, total with their intervals; an interval below 0: not published. */
typedef struct Published {
  int k;
  double c, c_interval, d, d_interval, total, total_interval;
} Published;

static void agree(const char *name, const char *map, int agents, const char *cooperator,
                  const Published *published, int count) {
  for (int p = 0; p < count; ++p) {
    const Published *row = &published[p];
    const Point point = play(name, map, agents, row->k, cooperator);
    if (row->c_interval >= 0)
      grid_agrees("cooperator", point.cooperator, row->c, row->c_interval, 0.1);
    if (row->d_interval >= 0) grid_agrees("defector", point.defector, row->d, row->d_interval, 0.1);
    if (row->total_interval >= 0)
      grid_agrees("total", point.total, row->total, row->total_interval, 1);
  }
}

static void test_cleanup(void) {
  static const Published published[] = {
      {0, 0, -1, 0, 0, 0, 0},
      {1, 0.8, 0.6, 7.8, 3.1, 47, 19},
      {3, 163.6, 13.9, 384.4, 19.2, 2028, 116},
      {4, 225.0, 8.8, 521.1, 11.4, 2463, 62},
      {6, 273.1, 3.8, 616.3, 9.3, 2255, 27},
      {7, 285.0, 2.7, 0, -1, 1995, 19},
  };
  agree("cleanup", "cleanup", 7, "turn_taker", published, sizeof published / sizeof *published);
}

static void test_harvest(void) {
  static const Published published[] = {
      {0, 0, -1, 9.58, 0.11, 67.1, 0.7},   {3, 7.7, 0.7, 11.5, 0.6, 69.2, 1.1},
      {5, 8.3, 0.5, 16.5, 1.1, 74.3, 1.5}, {6, 8.8, 0.3, 27.5, 1.5, 80.2, 1.6},
      {7, 29.8, 1.7, 0, -1, 208.3, 11.9},
  };
  agree("harvest", "harvest_open", 7, "restrained:4", published,
        sizeof published / sizeof *published);
}

static void test_small_cleanup(void) {
  static const Published published[] = {
      {1, 0.40, 0.25, 19.8, 4.7, 0, -1},
      {2, 28.1, 4.5, 101.1, 12.4, 0, -1},
      {3, 106.2, 5.0, 278.6, 11.6, 0, -1},
      {4, 204.1, 2.0, 0, -1, 816, 8},
  };
  agree("cleanup", "cleanup_small", 4, "turn_taker", published,
        sizeof published / sizeof *published);
}

static void test_small_harvest(void) {
  static const Published published[] = {
      {0, 0, -1, 6.33, 0.04, 0, -1},
      {2, 2.00, 0.22, 10.9, 0.3, 0, -1},
      {3, 2.29, 0.21, 20.3, 0.6, 0, -1},
      {4, 16.7, 1.0, 0, -1, 0, -1},
  };
  agree("harvest", "harvest_small", 4, "restrained:5", published,
        sizeof published / sizeof *published);
}

static CU_TestInfo tests[] = {
    {"Cleanup: defecting pays from three cooperators on", test_cleanup},
    {"Harvest: a stag hunt at the top", test_harvest},
    {"the small Cleanup keeps the dilemma", test_small_cleanup},
    {"the small Harvest keeps the dilemma", test_small_harvest},
    CU_TEST_INFO_NULL,
};
static CU_SuiteInfo suites[] = {{"Schelling diagrams", NULL, NULL, NULL, NULL, tests},
                                CU_SUITE_INFO_NULL};
UNIT_MAIN(suites)
