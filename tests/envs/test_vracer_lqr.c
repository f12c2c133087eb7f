/* ctest: label=verification timeout=180 */
#include "tests/envs/riccati.h"
#include "tests/envs/training.h"

/* The problem of test_lqr_optimum.c, x' = .9 x + .5 u, cost x^2 + .1 u^2; the network must hold the
 * value, which is a parabola, beside the gain. */
static const char *const yaml =
    "run: {seed: 1, updates: 1000, shards: 4, replicas: 2}\n"
    "env: {name: lqr, num_envs: 64, num_agents: 4, max_steps: 4}\n"
    "learner: {name: vracer, gamma: 0.95, interval: 8, gradient_steps: 8, minibatch: 256,\n"
    "  replay_size: 65536, replay_start: 4096, learning_rate: 0.01, anneal: 0.001}\n"
    "policy: {hidden: [32], action: clipped, initial_std: 0.2, normalize_observations: false}\n";

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
    /* 0.05 from the optimal gain the cost is 0.1 % above its minimum, far below what the noise of
     * the actions costs */
    UNIT_NEAR(gain, expected, 0.05 * expected);
  }
  training_end(&t);
}

static void test_mistakes_are_explained(void) {
  static const struct {
    const char *text, *words;
  } wrong[] = {
      {"learner: {name: vracer}\npolicy: {sharing: independent}\n", "policy.sharing=shared"},
      {"learner: {name: vracer, replay_size: 1000}\n",
       "learner.replay_start = 16000 is more than learner.replay_size = 1000"},
      {"learner: {name: vracer, replay_size: 20, replay_start: 10}\n", "learner.replay_size"},
      {"learner: {name: vracer, minibatch: 3}\n", "learner.minibatch = 3 is less than run.shards"},
  };
  for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; ++i) {
    MarlError err;
    MarlConfig *config = NULL;
    MarlTrainer *trainer = NULL;
    char text[512];
    snprintf(text, sizeof text, "env: {name: lqr, num_envs: 8}\n%s", wrong[i].text);
    UNIT_OK(marl_config_parse(text, strlen(text), "test", &config, &err));
    UNIT_ERROR(marl_trainer_create(config, marl_env_table, NULL, MPI_COMM_SELF, &trainer, &err),
               MARL_ECONFIG, wrong[i].words);
    marl_config_destroy(&config);
  }
}

static CU_TestInfo tests[] = {
    {"the learned gain is within 5 % of Riccati's", test_learned_gain_is_the_optimal_gain},
    {"mistakes are explained", test_mistakes_are_explained},
    CU_TEST_INFO_NULL,
};
static CU_SuiteInfo suites[] = {
    {"learn/vracer", NULL, NULL, NULL, NULL, tests},
    CU_SUITE_INFO_NULL,
};
UNIT_MAIN(suites)
