/* ctest: label=slow timeout=180 */
#include "tests/envs/riccati.h"
#include "tests/envs/training.h"

/* x' = .9 x + .5 u, cost x^2 + .1 u^2: the environment's default. Short episodes, because only the
 * first steps carry information about the gain: x falls to the noise in two. A linear policy, so
 * that its slope is the gain, and observations as they are, so that the slope is not rescaled while
 * it is learned. */
static const char *const yaml =
    "run: {seed: 1, updates: 200, shards: 4, replicas: 2}\n"
    "env: {name: lqr, num_envs: 1024, num_agents: 2, max_steps: 4}\n"
    "learner: {name: ppo, gamma: 0.95, lambda: 0.95, horizon: 8, learning_rate: 0.003,\n"
    "  epochs: 4, minibatches: 4, critic_hidden: [16, 16]}\n"
    "policy: {hidden: [], action: clipped, initial_std: 0.2, normalize_observations: false}\n";

static void test_learned_gain_is_the_optimal_gain(void) {
  MarlError err;
  Training t = training_begin(yaml, NULL, MPI_COMM_SELF);
  UNIT_OK(marl_trainer_run(t.trainer, NULL, &err));
  const double expected = riccati_gain(0.9, 0.5, 1.0, 0.1, 0.95);
  for (int replica = 0; replica < 2; ++replica) {
    const float obs[2] = {-0.5f, 0.5f};
    float act[2];
    marl_policy_act(marl_trainer_policy(t.trainer, replica), 0, 0, 2, obs, NULL, act);
    const double gain = (double)act[0] - (double)act[1];
    printf("\n    gain %.4f, Riccati %.4f ", gain, expected);
    UNIT_NEAR(gain, expected, 0.02 * expected);
  }
  training_end(&t);
}

static CU_TestInfo tests[] = {
    {"the learned gain is within 2 % of Riccati's", test_learned_gain_is_the_optimal_gain},
    CU_TEST_INFO_NULL,
};
static CU_SuiteInfo suites[] = {
    {"envs/lqr", NULL, NULL, NULL, NULL, tests},
    CU_SUITE_INFO_NULL,
};
UNIT_MAIN(suites)
