/* ctest: timeout=120 */
#define _POSIX_C_SOURCE 200809L
#include <sys/resource.h>

#include "envs/society/society.h"
#include "tests/unit.h"

static void defaults(const char *name, const MarlOption *options, size_t count,
                     MarlSection **section) {
  MarlError err;
  const MarlOptionTable table = {options, count};
  UNIT_OK(marl_section_create(name, &table, 1, section, &err));
}

static void set(MarlSection *section, const char *key, const char *value) {
  MarlError err;
  UNIT_OK(marl_section_set(section, key, value, "test", &err));
}

static double resident_bytes(void) {
  struct rusage usage;
  getrusage(RUSAGE_SELF, &usage);
  return 1024.0 * (double)usage.ru_maxrss;
}

/* A share of the society of configs/dilemma/ten_thousand.yaml, which may take 8 GB: 400 of its agents
 * may take 0.32 GB. Seven cycles fill the play networks' memories of 120 transitions. */
static void test_ten_thousand_agents_fit(void) {
  enum { AGENTS = 400, CYCLES = 7 };
  MarlError err;
  MarlSection *env = NULL, *learner = NULL;
  MarlDilemmaRules rules;
  MarlProfile profile;
  MarlSociety *society = NULL;
  double metrics[MARL_NUM_SOCIETY_METRICS];
  defaults("env", marl_dilemma_options, MARL_DILEMMA_NUM_OPTIONS, &env);
  defaults("learner", marl_profile_options, MARL_PROFILE_NUM_OPTIONS, &learner);
  set(env, "mechanism", "TPP");
  set(env, "num_agents", "400");
  set(env, "graph", "lattice");
  set(env, "cycles", "7");
  set(learner, "capacity", "120, 120, 120");
  UNIT_OK(marl_dilemma_rules_read(env, &rules, &err));
  UNIT_OK(marl_profile_read(learner, &profile, &err));
  const double before = resident_bytes();
  UNIT_OK(marl_society_create(&rules, &profile, marl_key(1, MARL_STREAM_ENV), &society, &err));
  for (int cycle = 0; cycle < CYCLES; ++cycle) marl_society_cycle(society, metrics, NULL);
  const double each = (resident_bytes() - before) / AGENTS;
  printf("\n    %.0f bytes an agent ", each);
  CU_ASSERT(each < 8e9 / 10000);
  /* 20 plays and 20 judgments a cycle each, 100 before the first step of a network: some 2 x 40 */
  CU_ASSERT(marl_society_learning_steps(society) > 50 * AGENTS);
  marl_society_destroy(&society);
  set(learner, "capacity", "120, 99, 120");
  UNIT_ERROR(marl_profile_read(learner, &profile, &err), MARL_ECONFIG, "99 of play");
  marl_section_destroy(&env);
  marl_section_destroy(&learner);
}

static CU_TestInfo tests[] = {
    {"ten thousand agents with own networks fit into 8 GB", test_ten_thousand_agents_fit},
    CU_TEST_INFO_NULL,
};
static CU_SuiteInfo suites[] = {{"many agents", NULL, NULL, NULL, NULL, tests}, CU_SUITE_INFO_NULL};
UNIT_MAIN(suites)
