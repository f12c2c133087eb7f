/* ctest: label=slow timeout=120 */
#include "tests/envs/training.h"

enum { REPLICAS = 3, EPISODES = 50 };

/* configs/dilemma/ppo.yaml in short. A round is all there is (gamma 0), so theory is that of the
 * one-shot game with payoffs 3, 0, 4, 1 and a fine of 3. */
static const char *const format =
    "run: {seed: 1, updates: 80, shards: 2, replicas: 3}\n"
    "env: {name: dilemma, num_envs: 32, rounds: 10, cycles: 2, mechanism: %s, just_reward: %s}\n"
    "learner: {gamma: 0, horizon: 100, learning_rate: 0.003, minibatches: 2,\n"
    "  critic_hidden: [32], entropy_coefficient: 0.01}\n"
    "policy: {hidden: [32], sharing: independent}\n";

static Training train(const char *punishment, const char *just_reward) {
  MarlError err;
  char yaml[512];
  snprintf(yaml, sizeof yaml, format, punishment, just_reward);
  Training t = training_begin(yaml, NULL, MPI_COMM_SELF);
  UNIT_OK(marl_trainer_run(t.trainer, NULL, &err));
  return t;
}

static double metric(Training *t, int replica, const char *name) {
  MarlError err;
  MarlEvaluation result;
  UNIT_OK(marl_trainer_evaluate(t->trainer, replica, EPISODES, false, &result, &err));
  return result.mean[marl_evaluation_find(&result, name)];
}

/* Defection dominates. */
static void test_without_punishment_everybody_defects(void) {
  Training t = train("custom", "2");
  for (int replica = 0; replica < REPLICAS; ++replica) {
    CU_ASSERT(metric(&t, replica, "env/cooperation") < 0.02);
    UNIT_NEAR(metric(&t, replica, "env/welfare"), 100.0, 4.0); /* 2% of plays, 2 to 3 of 100 each */
  }
  training_end(&t);
}

/* A just fine pays 2, so defectors are fined: 4 - 3 < 3 and 1 - 3 < 0, cooperation dominates. */
static void test_fines_that_pay_their_giver_make_everybody_cooperate(void) {
  static const char *const who[] = {"direct", "third_party"};
  for (int i = 0; i < 2; ++i) {
    Training t = train(who[i], "2");
    for (int replica = 0; replica < REPLICAS; ++replica) {
      CU_ASSERT(metric(&t, replica, "env/cooperation") > 0.98);
      CU_ASSERT(metric(&t, replica, "env/welfare") > 290.0); /* of 300 */
    }
    training_end(&t);
  }
}

/* A fine that costs its giver 3 is never given by who looks no further, so nothing deters. */
static void test_fines_that_cost_their_giver_are_not_given(void) {
  Training t = train("direct", "-3");
  for (int replica = 0; replica < REPLICAS; ++replica) {
    CU_ASSERT(metric(&t, replica, "env/punishment_rate") < 0.02);
    CU_ASSERT(metric(&t, replica, "env/cooperation") < 0.02);
  }
  training_end(&t);
}

static CU_TestInfo tests[] = {
    {"without punishment everybody defects", test_without_punishment_everybody_defects},
    {"fines that pay their giver make everybody cooperate",
     test_fines_that_pay_their_giver_make_everybody_cooperate},
    {"fines that cost their giver are not given", test_fines_that_cost_their_giver_are_not_given},
    CU_TEST_INFO_NULL,
};
static CU_SuiteInfo suites[] = {
    {"envs/society with ppo", NULL, NULL, NULL, NULL, tests},
    CU_SUITE_INFO_NULL,
};
UNIT_MAIN(suites)
