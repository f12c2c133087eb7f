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

static void live(const MarlEngineOps *ops, uint64_t seed, bool greedy, Life *life) {
  MarlError err;
  MarlSection *env = defaults("env", ops->env_options, ops->num_env_options);
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
    {"a life is a function of its key", test_a_life_is_a_function_of_its_key},
    {"tables name metrics that exist", test_tables_name_metrics_that_exist},
    CU_TEST_INFO_NULL,
};
static CU_SuiteInfo suites[] = {{"every engine", NULL, NULL, NULL, NULL, tests},
                                CU_SUITE_INFO_NULL};
UNIT_MAIN(suites)
