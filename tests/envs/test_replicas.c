#include "tests/envs/training.h"

static const char *const format =
    "run: {seed: 9, updates: 3, shards: 2, replicas: %d, first_replica: %d}\n"
    "env: {name: %s, num_envs: 4}\n"
    "learner: {horizon: 12}\n"
    "policy: {hidden: [16], sharing: %s}\n";

static Training train(int replicas, int first, const char *env, const char *sharing) {
  MarlError err;
  char yaml[512];
  snprintf(yaml, sizeof yaml, format, replicas, first, env, sharing);
  Training t = training_begin(yaml, NULL, MPI_COMM_SELF);
  UNIT_OK(marl_trainer_run(t.trainer, NULL, &err));
  return t;
}

static void compare(const char *env, const char *sharing) {
  Training together = train(3, 4, env, sharing);
  for (int r = 0; r < 3; ++r) {
    Training alone = train(1, 4 + r, env, sharing);
    const MarlPolicy *a = marl_trainer_policy(alone.trainer, 0);
    const MarlPolicy *b = marl_trainer_policy(together.trainer, r);
    for (int role = 0; role < a->num_roles; ++role) {
      const MarlPolicyRole *x = &a->roles[role], *y = &b->roles[role];
      UNIT_BITS_EQUAL(x->params, y->params, sizeof(float) * (size_t)x->num_sets * x->num_params);
    }
    training_end(&alone);
  }
  const MarlPolicy *first = marl_trainer_policy(together.trainer, 0);
  const MarlPolicy *second = marl_trainer_policy(together.trainer, 1);
  CU_ASSERT_NOT_EQUAL(first->roles[0].params[0], second->roles[0].params[0]);
  training_end(&together);
}

static void test_shared(void) {
  compare("lqr", "shared");
}
static void test_independent(void) {
  compare("matrix_game", "independent");
}
static void test_roles(void) {
  compare("dilemma", "independent");
}

static CU_TestInfo tests[] = {
    {"shared networks", test_shared},
    {"independent networks", test_independent},
    {"several roles", test_roles},
    CU_TEST_INFO_NULL,
};
static CU_SuiteInfo suites[] = {
    {"a replica is bit for bit what it is alone", NULL, NULL, NULL, NULL, tests},
    CU_SUITE_INFO_NULL,
};
UNIT_MAIN(suites)
