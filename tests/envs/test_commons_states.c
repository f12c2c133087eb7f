#include "envs/group/commons.h"
#include "tests/unit.h"

/* Three agents take 30, 0 and 12 of 100; the threshold is 16. Then 58 are left, and 100 next month. */
static void test_states_are_tenths_of_the_pool_and_how_far_somebody_was(void) {
  static const char *const settings[] = {"num_agents",  "3",          "wishes",
                                         "0, 12, 30",   "punishment", "learned",
                                         "observation", "states",     NULL};
  MarlError err;
  MarlCommonsRules rules;
  MarlCommons c;
  float obs[MARL_COMMONS_HARVEST_STATE];
  MarlSection *config = NULL;
  const MarlOptionTable table = {marl_commons_options, MARL_COMMONS_NUM_OPTIONS};
  UNIT_OK(marl_section_create("env", &table, 1, &config, &err));
  for (const char *const *s = settings; s[0] != NULL; s += 2)
    UNIT_OK(marl_section_set(config, s[0], s[1], "test", &err));
  UNIT_OK(marl_commons_rules_read(config, &rules, &err));
  marl_section_destroy(&config);
  marl_commons_begin(&rules, marl_key(6, MARL_STREAM_ENV), &c);
  CU_ASSERT_EQUAL(c.threshold, 16);
  marl_commons_observe(&c, 0, obs);
  for (int i = 0; i < MARL_COMMONS_HARVEST_STATE; ++i) UNIT_NEAR(obs[i], i == 10, 0); /* full */
  marl_commons_apply(&c, (const int[]){2, 0, 1});
  marl_commons_observe(&c, 2, obs); /* judges agent 0, 14 beyond the threshold */
  UNIT_BITS_EQUAL(obs, ((const float[5]){0, 0, 0, 0, 1}), 5 * sizeof *obs);
  marl_commons_observe(&c, 0, obs); /* was beyond it, judges agent 1, who was not */
  UNIT_BITS_EQUAL(obs, ((const float[5]){1, 1, 0, 0, 0}), 5 * sizeof *obs);
  marl_commons_apply(&c, (const int[]){0, 0, 0});
  marl_commons_apply(&c, (const int[]){0, 0, 0});
  marl_commons_observe(&c, 1, obs);
  for (int i = 0; i < MARL_COMMONS_HARVEST_STATE; ++i) UNIT_NEAR(obs[i], i >= 10, 0);
}

static CU_TestInfo tests[] = {
    {"states are tenths of the pool and how far somebody was",
     test_states_are_tenths_of_the_pool_and_how_far_somebody_was},
    CU_TEST_INFO_NULL,
};
static CU_SuiteInfo suites[] = {
    {"envs/group/commons", NULL, NULL, NULL, NULL, tests},
    CU_SUITE_INFO_NULL,
};
UNIT_MAIN(suites)
