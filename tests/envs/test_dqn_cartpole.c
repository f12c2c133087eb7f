/* ctest: label=slow timeout=300 */
#include "tests/envs/training.h"

/* The configuration that is shipped, whole. 475 of 500 is where Gym calls CartPole-v1 solved; a
 * uniform policy lasts 22 steps. The evaluated episodes are not those of the training. */
static void test_the_shipped_configuration_balances_the_pole(void) {
  MarlError err;
  MarlEvaluation evaluation;
  Training t = {NULL, NULL};
  char path[512];
  const char *source = getenv("MARL_SOURCE");
  CU_ASSERT_PTR_NOT_NULL_FATAL(source);
  snprintf(path, sizeof path, "%s/configs/control/cartpole.yaml", source);
  UNIT_OK(marl_config_load(path, &t.config, &err));
  UNIT_OK(marl_trainer_create(t.config, marl_env_table, NULL, MPI_COMM_SELF, &t.trainer, &err));
  UNIT_OK(marl_config_finish(t.config, &err));
  UNIT_OK(marl_trainer_run(t.trainer, NULL, &err));
  UNIT_OK(marl_trainer_evaluate(t.trainer, 0, 100, true, &evaluation, &err));
  const int push = marl_evaluation_find(&evaluation, "return_push");
  CU_ASSERT_TRUE_FATAL(push >= 0);
  printf("\n    return %.1f +- %.1f ", evaluation.mean[push], evaluation.standard_error[push]);
  CU_ASSERT_TRUE(evaluation.mean[push] >= 475);
  training_end(&t);
}

static CU_TestInfo tests[] = {
    {"the shipped configuration balances the pole",
     test_the_shipped_configuration_balances_the_pole},
    CU_TEST_INFO_NULL,
};
static CU_SuiteInfo suites[] = {
    {"learn/dqn", NULL, NULL, NULL, NULL, tests},
    CU_SUITE_INFO_NULL,
};
UNIT_MAIN(suites)
