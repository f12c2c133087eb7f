/* ctest: label=verification timeout=120 */
#include "tests/envs/table_env.h"

static void values_are_optimal(const char *double_q) {
  MarlError err;
  char yaml[512];
  double q[STATES + 1][ACTIONS];
  Training t = {NULL, NULL};
  snprintf(yaml, sizeof yaml,
           "run: {seed: 1, updates: 500, shards: 2}\n"
           "env: {name: table, num_envs: 8}\n"
           "learner: {name: dqn, gamma: 0.9, interval: 1, gradient_steps: 8, minibatch: 64,\n"
           "  replay_start: 2000, target_interval: 20, learning_rate: 0.05, huber: 0,\n"
           "  epsilon_start: 1, epsilon_end: 1, double_q: %s}\n"
           "policy: {hidden: [], normalize_observations: false}\n",
           double_q);
  UNIT_OK(marl_config_parse(yaml, strlen(yaml), "test", &t.config, &err));
  UNIT_OK(marl_trainer_create(t.config, environments, NULL, MPI_COMM_SELF, &t.trainer, &err));
  UNIT_OK(marl_config_finish(t.config, &err));
  UNIT_OK(marl_trainer_run(t.trainer, NULL, &err));
  const MarlPolicy *policy = marl_trainer_policy(t.trainer, 0);
  const float *w = marl_policy_params(policy, 0, 0), *b = w + STATES * ACTIONS;
  solve(q);
  double worst = 0;
  for (int s = 0; s < STATES; ++s) {
    float obs[STATES] = {0}, act;
    obs[s] = 1;
    for (int a = 0; a < ACTIONS; ++a) {
      worst = fmax(worst, fabs((double)(w[s * ACTIONS + a] + b[a]) - q[s][a]));
      /* 200 copies of the target leave 0.9^200 = 1e-9 of the first error; nothing is random in what
       * is remembered, so that gradients vanish at the solution; what is left is Adam's last steps
       * at a falling rate, and single precision of numbers below ten */
      UNIT_NEAR(w[s * ACTIONS + a] + b[a], q[s][a], 1e-3);
    }
    marl_policy_act(policy, 0, 0, 1, obs, NULL, &act);
    UNIT_NEAR(q[s][(int)act], largest(q[s]), 0);
  }
  printf("\n    largest error %.1e ", worst);
  training_end(&t);
}

static void test_double_values_are_optimal(void) {
  values_are_optimal("true");
}

static void test_plain_values_are_optimal(void) {
  values_are_optimal("false");
}

/* The table has ends, and cutting it after two steps would change every value. */
static void test_the_table_is_a_test(void) {
  double q[STATES + 1][ACTIONS];
  int ends = 0;
  solve(q);
  for (int s = 0; s < STATES; ++s)
    for (int a = 0; a < ACTIONS; ++a) {
      ends += successor(s, a) == END;
      if (successor(s, a) != END) CU_ASSERT_TRUE(fabs(largest(q[successor(s, a)])) > 0.1);
    }
  CU_ASSERT_TRUE(ends >= 1 && ends <= 5);
}

static void test_mistakes_are_explained(void) {
  static const struct {
    const char *env, *learner, *words;
  } wrong[] = {
      {"cartpole", "minibatch: 3", "learner.minibatch = 3 is less than run.shards = 4"},
      {"cartpole", "minibatch: 5000", "is more than 1024 for each of run.shards = 4"},
      {"cartpole", "replay_size: 50",
       "learner.replay_size = 50 of role 'push' is less than learner.minibatch"},
      {"pendulum", "gamma: 0.9", "learner 'dqn' cannot choose the continuous actions"},
  };
  for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; ++i) {
    MarlError err;
    MarlConfig *config = NULL;
    MarlTrainer *trainer = NULL;
    char text[512];
    snprintf(text, sizeof text, "env: {name: %s, num_envs: 8}\nlearner: {name: dqn, %s}\n",
             wrong[i].env, wrong[i].learner);
    UNIT_OK(marl_config_parse(text, strlen(text), "test", &config, &err));
    UNIT_ERROR(marl_trainer_create(config, marl_env_table, NULL, MPI_COMM_SELF, &trainer, &err),
               MARL_ECONFIG, wrong[i].words);
    marl_config_destroy(&config);
  }
}

static CU_TestInfo tests[] = {
    {"double Q-learning finds the values of value iteration", test_double_values_are_optimal},
    {"plain Q-learning too", test_plain_values_are_optimal},
    {"the table has ends and a future beyond the cut", test_the_table_is_a_test},
    {"mistakes are explained", test_mistakes_are_explained},
    CU_TEST_INFO_NULL,
};
static CU_SuiteInfo suites[] = {
    {"learn/dqn", NULL, NULL, NULL, NULL, tests},
    CU_SUITE_INFO_NULL,
};
UNIT_MAIN(suites)
