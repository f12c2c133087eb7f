#include "envs/engine_table.h"

#include "tests/unit.h"

enum { CYCLES = 3, MAX_METRICS = 64 };

typedef struct Life {
  double metrics[CYCLES + 1][MAX_METRICS]; /* greedy ones last, where there are such */
} Life;

static MarlSection *defaults(const char *name, const MarlOption *options, size_t count) {
  MarlError err;
  MarlSection *section = NULL;
  const MarlOptionTable table = {options, count};
  UNIT_OK(marl_section_create(name, &table, 1, &section, &err));
  return section;
}

/* With its defaults but for settings of the section env: key, value, ..., NULL. */
static void live_with(const MarlEngineOps *ops, const char *const *settings, uint64_t seed,
                      bool greedy, Life *life) {
  MarlError err;
  MarlSection *env = defaults("env", ops->env_options, ops->num_env_options);
  for (; settings[0] != NULL; settings += 2)
    UNIT_OK(marl_section_set(env, settings[0], settings[1], "test", &err));
  MarlSection *learner = defaults("learner", ops->learner_options, ops->num_learner_options);
  const MarlEngineConfig config = {env, learner};
  MarlEngine *engine = NULL;
  memset(life, 0, sizeof *life);
  CU_ASSERT_FATAL(ops->num_metrics <= MAX_METRICS);
  UNIT_OK(ops->check(&config, &err));
  UNIT_OK(ops->create(&config, marl_key(seed, MARL_STREAM_ENV), &engine, &err));
  for (int cycle = 0; cycle < CYCLES; ++cycle) {
    if (greedy && ops->greedy != NULL) UNIT_OK(ops->greedy(engine, 1, life->metrics[CYCLES], &err));
    ops->cycle(engine, life->metrics[cycle]);
  }
  ops->destroy(engine);
  ops->destroy(NULL);
  marl_section_destroy(&env);
  marl_section_destroy(&learner);
}

static void live(const MarlEngineOps *ops, uint64_t seed, bool greedy, Life *life) {
  live_with(ops, (const char *const[]){NULL}, seed, greedy, life);
}

/* With default options. */
static void test_a_life_is_a_function_of_its_key(void) {
  for (int e = 0; marl_engine_table[e] != NULL; ++e) {
    const MarlEngineOps *ops = marl_engine_table[e];
    static Life first, again, other;
    printf("\n    %s ", ops->name);
    live(ops, 1, false, &first);
    live(ops, 1, true, &again); /* looking on does not touch */
    live(ops, 2, false, &other);
    UNIT_BITS_EQUAL(first.metrics, again.metrics, CYCLES * sizeof first.metrics[0]);
    CU_ASSERT(memcmp(&first, &other, sizeof first) != 0);
    for (int c = 0; c <= CYCLES; ++c)
      for (int m = 0; m < ops->num_metrics; ++m) CU_ASSERT(isfinite(again.metrics[c][m]));
  }
}

/* The smallest populations, where a mean over the others is over one or nobody. */
static void test_the_smallest_populations_stay_finite(void) {
  static const char *const cases[][16] = {
      {"society", "num_agents", "2", "mechanism", "DP", "inequity_advantage", "1"},
      {"society", "num_agents", "3", "mechanism", "TPPDP-S", "metanorm", "true"},
      {"society", "num_agents", "2", "punishment", "voluntary_pool"},
      {"society", "num_agents", "2", "game", "centipede", "punishment", "direct"},
      {"reciprocity", "num_agents", "3", "seeds", "2", "encounters", "1"},
      {"tournament", "strategies", "TFT", "rounds", "1"},
      {"mixed", "strategies", "q_learner", "population", "2", "rounds", "1"},
      {"mixed", "strategies", "q_learner, TFT", "population", "3"},
      {"evolution", "strategies", "TFT, AllD", "population", "2"},
      {"evolution", "strategies", "TFT", "population", "2", "rule", "fermi"},
      {"public_goods", "num_agents", "2", "group_size", "2", "punishment", "learned", "matching",
       "partners", "inequity_disadvantage", "1", "orientation_weight", "1"},
      {"commons", "num_agents", "2", "newcomer", "2", "punishment", "learned",
       "inequity_disadvantage", "1", "orientation_weight", "1"},
      {"commons", "num_agents", "2", "newcomer", "100", "punishment", "fixed"},
      {"norms", "num_agents", "3", "chances", "1"},
      {"lattice", "side", "4"},
      {"imitation", "side", "4"},
  };
  for (size_t c = 0; c < sizeof cases / sizeof cases[0]; ++c) {
    MarlError err;
    static Life life;
    const MarlEngineOps *ops = NULL;
    UNIT_OK(marl_engine_find(marl_engine_table, cases[c][0], &ops, &err));
    live_with(ops, cases[c] + 1, 1, true, &life);
    /* other metrics may be shares of what did not happen */
    for (int i = 0; i < CYCLES; ++i) CU_ASSERT(isfinite(life.metrics[i][ops->followed]));
  }
}

/* Two individuals, of TFT and AllD or, after births, of one kind: each meets the other one, in a match
 * of one round, and never itself. */
static void test_individuals_of_an_evolution_meet_each_other(void) {
  static const char *const settings[] = {
      "strategies", "TFT, AllD", "population", "2",        "births", "1", "rounds",
      "1",          "selection", "0",          "mutation", "0.5",    NULL};
  MarlError err;
  const MarlEngineOps *ops = NULL;
  UNIT_OK(marl_engine_find(marl_engine_table, "evolution", &ops, &err));
  int cooperation = ops->followed, tft = 0;
  while (strcmp(ops->metrics[tft], "share_tft") != 0) ++tft;
  int mixed = 0;
  for (uint64_t seed = 0; seed < 20; ++seed) {
    static Life life;
    live_with(ops, settings, seed, false, &life);
    for (int c = 0; c < CYCLES; ++c) {
      const double share = life.metrics[c][tft];
      mixed += share == 0.5;
      UNIT_NEAR(life.metrics[c][cooperation], share, 1e-15); /* TFT begins with C */
    }
  }
  CU_ASSERT(mixed > 5);
}

static bool named(const MarlEngineOps *ops, const char *name) {
  for (int m = 0; m < ops->num_metrics; ++m)
    if (strcmp(ops->metrics[m], name) == 0) return true;
  for (int g = 0; g < ops->num_greedy_metrics; ++g)
    if (strncmp(name, "greedy_", 7) == 0 &&
        strcmp(ops->metrics[ops->greedy_metrics[g]], name + 7) == 0)
      return true;
  return false;
}

static void test_tables_name_metrics_that_exist(void) {
  for (int e = 0; marl_engine_table[e] != NULL; ++e) {
    const MarlEngineOps *ops = marl_engine_table[e];
    for (size_t i = 0; i < ops->num_table; ++i) CU_ASSERT(named(ops, ops->table[i]));
    CU_ASSERT(ops->followed >= 0 && ops->followed < ops->num_metrics);
    CU_ASSERT((ops->greedy == NULL) == (ops->num_greedy_metrics == 0));
  }
}

static CU_TestInfo tests[] = {
    {"individuals of an evolution meet each other",
     test_individuals_of_an_evolution_meet_each_other},
    {"the smallest populations stay finite", test_the_smallest_populations_stay_finite},
    {"a life is a function of its key", test_a_life_is_a_function_of_its_key},
    {"tables name metrics that exist", test_tables_name_metrics_that_exist},
    CU_TEST_INFO_NULL,
};
static CU_SuiteInfo suites[] = {{"every engine", NULL, NULL, NULL, NULL, tests},
                                CU_SUITE_INFO_NULL};
UNIT_MAIN(suites)
