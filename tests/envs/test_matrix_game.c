/* ctest: label=slow timeout=120 */
#include "tests/envs/training.h"

enum { REPLICAS = 4, EPISODES = 1000 };

/* Independent learners of a game that is played once. */
static const char *const format =
    "run: {seed: 2, updates: %d, shards: 4, replicas: 4}\n"
    "env: {name: matrix_game, game: %s, rounds: 1, num_envs: 64}\n"
    "learner: {horizon: 8, learning_rate: %s, epochs: 2, minibatches: 1, critic_hidden: [8],\n"
    "  entropy_coefficient: %s}\n"
    "policy: {hidden: [8], sharing: independent}\n";

/* How often each player of a replica makes choice 0. */
static void frequencies(MarlTrainer *trainer, int replica, double out[2]) {
  MarlError err;
  MarlEvaluation result;
  UNIT_OK(marl_trainer_evaluate(trainer, replica, EPISODES, false, &result, &err));
  out[0] = result.mean[marl_evaluation_find(&result, "env/choice_0_first")];
  out[1] = result.mean[marl_evaluation_find(&result, "env/choice_0_second")];
  printf("\n    replica %d: %.3f %.3f ", replica, out[0], out[1]);
}

static Training play(const char *game, int updates, const char *rate, const char *entropy) {
  MarlError err;
  char yaml[512];
  snprintf(yaml, sizeof yaml, format, updates, game, rate, entropy);
  Training t = training_begin(yaml, NULL, MPI_COMM_SELF);
  UNIT_OK(marl_trainer_run(t.trainer, NULL, &err));
  return t;
}

/* Defection dominates: whatever the other does, learning must find it. */
static void test_prisoners_defect(void) {
  Training t = play("prisoners_dilemma", 100, "0.01", "0");
  for (int replica = 0; replica < REPLICAS; ++replica) {
    double cooperate[2];
    frequencies(t.trainer, replica, cooperate);
    CU_ASSERT(cooperate[0] < 0.05 && cooperate[1] < 0.05);
  }
  training_end(&t);
}

/* Both pure equilibria are stable; from even odds hare pays more: (0 + 4)/2 < (3 + 2)/2. */
static void test_hunters_agree_on_the_risk_dominant_equilibrium(void) {
  Training t = play("stag_hunt", 100, "0.01", "0");
  for (int replica = 0; replica < REPLICAS; ++replica) {
    double stag[2];
    frequencies(t.trainer, replica, stag);
    CU_ASSERT(stag[0] < 0.05 && stag[1] < 0.05);
  }
  training_end(&t);
}

/* The equilibrium is mixed. Without entropy gradient play circles around it (Singh, Kearns, Mansour
 * 2000); with entropy it spirals in. 0.5 +- 0.1: six standard errors of 1000 episodes. */
static void test_pennies_are_thrown_evenly(void) {
  Training t = play("matching_pennies", 300, "0.01", "0.5");
  for (int replica = 0; replica < REPLICAS; ++replica) {
    double heads[2];
    frequencies(t.trainer, replica, heads);
    UNIT_NEAR(heads[0], 0.5, 0.1);
    UNIT_NEAR(heads[1], 0.5, 0.1);
  }
  training_end(&t);
}

static CU_TestInfo tests[] = {
    {"prisoners defect", test_prisoners_defect},
    {"hunters agree on the risk-dominant equilibrium",
     test_hunters_agree_on_the_risk_dominant_equilibrium},
    {"pennies are thrown evenly", test_pennies_are_thrown_evenly},
    CU_TEST_INFO_NULL,
};
static CU_SuiteInfo suites[] = {
    {"envs/matrix_game", NULL, NULL, NULL, NULL, tests},
    CU_SUITE_INFO_NULL,
};
UNIT_MAIN(suites)
