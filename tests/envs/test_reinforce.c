/* ctest: label=slow timeout=180 */
#include "tests/envs/riccati.h"
#include "tests/envs/training.h"

/* The prisoner's dilemma played once by independent
 * learners, with the value of a state that never changes as baseline. */
static const char *const dilemma =
    "run: {seed: 2, updates: 300, shards: 4, replicas: 4}\n"
    "env: {name: matrix_game, game: prisoners_dilemma, rounds: 1, num_envs: 64}\n"
    "learner: {name: reinforce, horizon: 8, learning_rate: 0.02, critic_hidden: [8]}\n"
    "policy: {hidden: [8], sharing: independent}\n";

static void test_prisoners_defect(void) {
  MarlError err;
  Training t = training_begin(dilemma, NULL, MPI_COMM_SELF);
  UNIT_OK(marl_trainer_run(t.trainer, NULL, &err));
  for (int replica = 0; replica < 4; ++replica) {
    MarlEvaluation result;
    UNIT_OK(marl_trainer_evaluate(t.trainer, replica, 1000, false, &result, &err));
    CU_ASSERT(result.mean[marl_evaluation_find(&result, "env/choice_0_first")] < 0.05);
    CU_ASSERT(result.mean[marl_evaluation_find(&result, "env/choice_0_second")] < 0.05);
  }
  training_end(&t);
}

/* As test_lqr_optimum.c: episodes of four steps that fit into a rollout of eight, a linear policy
 * whose slope is the gain. One gradient step a rollout, so more rollouts. */
static const char *const lqr =
    "run: {seed: 1, updates: 1500, shards: 4}\n"
    "env: {name: lqr, num_envs: 1024, num_agents: 2, max_steps: 4}\n"
    "learner: {name: reinforce, gamma: 0.95, horizon: 8, learning_rate: 0.01,\n"
    "  critic_hidden: [16, 16]}\n"
    "policy: {hidden: [], action: clipped, initial_std: 0.2, normalize_observations: false}\n";

static void test_learned_gain_is_the_optimal_gain(void) {
  MarlError err;
  Training t = training_begin(lqr, NULL, MPI_COMM_SELF);
  UNIT_OK(marl_trainer_run(t.trainer, NULL, &err));
  const double expected = riccati_gain(0.9, 0.5, 1.0, 0.1, 0.95);
  const float obs[2] = {-0.5f, 0.5f};
  float act[2];
  marl_policy_act(marl_trainer_policy(t.trainer, 0), 0, 0, 2, obs, NULL, act);
  const double gain = (double)act[0] - (double)act[1];
  printf("\n    gain %.4f, Riccati %.4f ", gain, expected);
  UNIT_NEAR(gain, expected, 0.02 * expected);
  training_end(&t);
}

/* What a policy answers after five updates with the learner section given. */
static void answers(const char *learner, float act[8]) {
  char yaml[512];
  MarlError err;
  snprintf(yaml, sizeof yaml,
           "run: {seed: 3, updates: 5, shards: 2}\n"
           "env: {name: lqr, num_envs: 8, num_agents: 2, max_steps: 6}\n"
           "learner: {%s, gamma: 0.9, horizon: 8, learning_rate: 0.01, anneal: false,\n"
           "  critic_hidden: [8]}\npolicy: {hidden: [8]}\n",
           learner);
  Training t = training_begin(yaml, NULL, MPI_COMM_SELF);
  UNIT_OK(marl_trainer_run(t.trainer, NULL, &err));
  static const float obs[8] = {-1.0f, -0.7f, -0.4f, -0.1f, 0.2f, 0.5f, 0.8f, 1.1f};
  marl_policy_act(marl_trainer_policy(t.trainer, 0), 0, 0, 8, obs, NULL, act);
  training_end(&t);
}

/* The gradient's definition: on the first pass the ratio is 1, and its derivative that of log pi. */
static void test_it_is_one_unclipped_step_with_whole_returns(void) {
  float reinforce[8], ppo[8], looking_less_far[8];
  answers("name: reinforce", reinforce);
  answers("name: ppo, epochs: 1, minibatches: 1, lambda: 1, clip: 10", ppo);
  answers("name: ppo, epochs: 1, minibatches: 1, lambda: 0.5, clip: 10", looking_less_far);
  UNIT_BITS_EQUAL(reinforce, ppo, sizeof ppo);
  CU_ASSERT(memcmp(reinforce, looking_less_far, sizeof reinforce) != 0);
}

static CU_TestInfo tests[] = {
    {"prisoners defect", test_prisoners_defect},
    {"the learned gain is within 2 % of Riccati's", test_learned_gain_is_the_optimal_gain},
    {"it is one unclipped step with whole returns",
     test_it_is_one_unclipped_step_with_whole_returns},
    CU_TEST_INFO_NULL,
};
static CU_SuiteInfo suites[] = {{"reinforce", NULL, NULL, NULL, NULL, tests}, CU_SUITE_INFO_NULL};
UNIT_MAIN(suites)
