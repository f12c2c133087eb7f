/* ctest: label=slow timeout=300 */
#include "tests/envs/training.h"

/* configs/control/pendulum.yaml, two thirds of its length. */
static const char *const yaml =
    "run: {seed: 1, updates: 700, shards: 4}\n"
    "env: {name: pendulum, num_envs: 16}\n"
    "learner: {name: vracer, gamma: 0.99, interval: 16, gradient_steps: 16, minibatch: 256,\n"
    "  replay_size: 100000, replay_start: 4096, learning_rate: 3e-3, anneal: 1e-4}\n"
    "policy: {hidden: [64, 64], initial_std: 0.5}\n";

/* Hanging costs 1,970 an episode, swinging up from a random start about 150 at best; the standard
 * error over 100 episodes is ten. -200 is what the task counts as solved. */
static void test_the_pendulum_swings_up_and_stays(void) {
  MarlError err;
  MarlEvaluation evaluation;
  Training t = training_begin(yaml, NULL, MPI_COMM_SELF);
  UNIT_OK(marl_trainer_run(t.trainer, NULL, &err));
  UNIT_OK(marl_trainer_evaluate(t.trainer, 0, 100, true, &evaluation, &err));
  const int swing = marl_evaluation_find(&evaluation, "return_swing");
  CU_ASSERT_TRUE_FATAL(swing >= 0);
  printf("\n    return %.1f +- %.1f ", evaluation.mean[swing], evaluation.standard_error[swing]);
  CU_ASSERT_TRUE(evaluation.mean[swing] >= -200);
  training_end(&t);
}

static CU_TestInfo tests[] = {
    {"the pendulum swings up and stays", test_the_pendulum_swings_up_and_stays},
    CU_TEST_INFO_NULL,
};
static CU_SuiteInfo suites[] = {
    {"learn/vracer", NULL, NULL, NULL, NULL, tests},
    CU_SUITE_INFO_NULL,
};
UNIT_MAIN(suites)
