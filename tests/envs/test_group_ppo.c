/* ctest: label=slow timeout=180 */
#include "tests/envs/training.h"

enum { REPLICAS = 2, EPISODES = 50 };

/* configs/dilemma/public_goods_ppo.yaml and commons_ppo.yaml in short. */
static const char *const goods =
    "run: {seed: 1, updates: 120, shards: 2, replicas: 2}\n"
    "env: {name: public_goods, num_envs: 32, num_agents: 8, punishment: %s}\n"
    "learner: {gamma: 0, horizon: 40, learning_rate: 0.003, minibatches: 2, critic_hidden: [32],\n"
    "  entropy_coefficient: 0.01}\n"
    "policy: {hidden: [32], sharing: independent}\n";
static const char *const commons =
    "run: {seed: 1, updates: 200, shards: 2, replicas: 2}\n"
    "env: {name: commons, num_envs: 64, universalization: %s}\n"
    "learner: {gamma: 0.95, horizon: 24, learning_rate: 0.003, minibatches: 2,\n"
    "  critic_hidden: [32], entropy_coefficient: 0.01}\n"
    "policy: {hidden: [32], sharing: independent}\n";

static Training train(const char *format, const char *value) {
  MarlError err;
  char yaml[512];
  snprintf(yaml, sizeof yaml, format, value);
  Training t = training_begin(yaml, NULL, MPI_COMM_SELF);
  UNIT_OK(marl_trainer_run(t.trainer, NULL, &err));
  return t;
}

static double metric(Training *t, int replica, const char *name) {
  MarlError err;
  MarlEvaluation result;
  UNIT_OK(marl_trainer_evaluate(t->trainer, replica, EPISODES, false, &result, &err));
  const double mean = result.mean[marl_evaluation_find(&result, name)];
  printf("\n    replica %d: %s %.3f ", replica, name, mean);
  return mean;
}

/* Contributing nothing is dominant; a point that costs 1 and earns nothing is not given. */
static void test_free_riders_neither_give_nor_punish(void) {
  static const char *const punishment[] = {"none", "learned"};
  for (int k = 0; k < 2; ++k) {
    Training t = train(goods, punishment[k]);
    for (int replica = 0; replica < REPLICAS; ++replica) {
      CU_ASSERT(metric(&t, replica, "env/cooperation") < 0.05);
      const double rate = metric(&t, replica, "env/punishment_rate");
      CU_ASSERT(k == 0 ? isnan(rate) : rate < 0.05); /* nobody may punish: absent, not 0 */
    }
    training_end(&t);
  }
}

/* Three who fine each unit below the mean at 1 to 3 take more than the 0.6 that it saves. */
static void test_conditional_punishers_make_contributing_pay(void) {
  Training t = train(goods, "fixed");
  for (int replica = 0; replica < REPLICAS; ++replica)
    CU_ASSERT(metric(&t, replica, "env/cooperation") > 0.6);
  training_end(&t);
}

/* Alone, everybody wishes for everything: one month of twelve. */
static void test_the_pool_lasts_when_what_all_would_lose_counts(void) {
  Training alone = train(commons, "0"), universal = train(commons, "2");
  for (int replica = 0; replica < REPLICAS; ++replica) {
    CU_ASSERT(metric(&alone, replica, "env/survival") < 0.2);
    CU_ASSERT(metric(&universal, replica, "env/survival") > 0.9);
    CU_ASSERT(metric(&universal, replica, "env/efficiency") > 0.9);
  }
  training_end(&alone);
  training_end(&universal);
}

static CU_TestInfo tests[] = {
    {"free riders neither give nor punish", test_free_riders_neither_give_nor_punish},
    {"conditional punishers make contributing pay",
     test_conditional_punishers_make_contributing_pay},
    {"the pool lasts when what all would lose counts",
     test_the_pool_lasts_when_what_all_would_lose_counts},
    CU_TEST_INFO_NULL,
};
static CU_SuiteInfo suites[] = {
    {"envs/group with ppo", NULL, NULL, NULL, NULL, tests},
    CU_SUITE_INFO_NULL,
};
UNIT_MAIN(suites)
