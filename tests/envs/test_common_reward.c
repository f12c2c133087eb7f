/* ctest: label=unit timeout=60 */
#include <string.h>

#include "marl/learn/common_reward.h"
#include "tests/envs/training.h"

enum { AGENTS = 4, ROLES = 2 };

/* Agent 2 is out. Everything is a multiple of 1/8, so that all numbers are exact. */
static const MarlEnvSpec spec = {.num_agents = AGENTS, .num_roles = ROLES};
static const uint8_t gone[AGENTS] = {0, 0, 1, 0};
static const float rewards[AGENTS][ROLES] = {{3, 0}, {6, -1}, {0, 0}, {0, 4}};

static void test_a_share_of_the_mean_of_those_who_live(void) {
  float r[AGENTS][ROLES];
  memcpy(r, rewards, sizeof r);
  marl_common_reward(&spec, 0.25, gone, &r[0][0]);
  /* means 3 and 1: 3/4 of its own and 1/4 of the mean */
  const float expected[AGENTS][ROLES] = {{3, 0.25f}, {5.25f, -0.5f}, {0, 0}, {0.75f, 3.25f}};
  UNIT_BITS_EQUAL(r, expected, sizeof r);
}

static void test_weight_one_is_one_interest_and_weight_zero_changes_nothing(void) {
  float r[AGENTS][ROLES];
  memcpy(r, rewards, sizeof r);
  marl_common_reward(&spec, 0, gone, &r[0][0]);
  UNIT_BITS_EQUAL(r, rewards, sizeof r);
  marl_common_reward(&spec, 1, gone, &r[0][0]);
  const float expected[AGENTS][ROLES] = {{3, 1}, {3, 1}, {0, 0}, {3, 1}};
  UNIT_BITS_EQUAL(r, expected, sizeof r);
}

/* The sum over agents is not changed: what is reported as mean return is the problem's own. */
static void test_nothing_is_made_and_nothing_lost(void) {
  for (int i = 0; i <= 8; ++i) {
    float r[AGENTS][ROLES];
    memcpy(r, rewards, sizeof r);
    marl_common_reward(&spec, i / 8.0, gone, &r[0][0]);
    for (int role = 0; role < ROLES; ++role) {
      double before = 0, after = 0;
      for (int a = 0; a < AGENTS; ++a)
        before += (double)rewards[a][role], after += (double)r[a][role];
      UNIT_NEAR(after, before, 0);
    }
  }
}

/* With a common reward the pair of choices that is best for both dominates: (3 + 3)/2 against
 * (0 + 5)/2, and (0 + 5)/2 against (1 + 1)/2. Each for itself defects. The choices are read off
 * the policy: over 95 % is far beyond even odds at the start. */
static void prisoners(const char *weight, double low, double high) {
  MarlError err;
  char yaml[512];
  snprintf(yaml, sizeof yaml,
           "run: {seed: 2, updates: 60, shards: 4}\n"
           "env: {name: matrix_game, rounds: 1, num_envs: 64, common_reward: %s}\n"
           "learner: {horizon: 8, learning_rate: 0.02, epochs: 2, minibatches: 1,\n"
           "  critic_hidden: [8]}\n"
           "policy: {hidden: [8], sharing: independent}\n",
           weight);
  Training t = training_begin(yaml, NULL, MPI_COMM_SELF);
  UNIT_OK(marl_trainer_run(t.trainer, NULL, &err));
  MarlEvaluation result;
  UNIT_OK(marl_trainer_evaluate(t.trainer, 0, 1000, false, &result, &err));
  const double cooperation = result.mean[marl_evaluation_find(&result, "env/choice_0_first")];
  printf("\n    common_reward %s: %.3f ", weight, cooperation);
  CU_ASSERT(cooperation >= low && cooperation <= high);
  training_end(&t);
}

static void test_prisoners_of_one_interest_cooperate(void) {
  prisoners("1", 0.95, 1);
  prisoners("0", 0, 0.05);
  /* w = 1/2 leaves (3, 3), (1.25, 3.75): defection pays 3.75 against 3 and 1 against 1.25: a game of
   * chicken. From w = 4/5 on cooperation dominates: 5 (1 - w/2) <= 3 where w = 4/5. */
  prisoners("0.9", 0.95, 1);
}

static CU_TestInfo tests[] = {
    {"a share of the mean of those who live", test_a_share_of_the_mean_of_those_who_live},
    {"weight one is one interest, weight zero changes nothing",
     test_weight_one_is_one_interest_and_weight_zero_changes_nothing},
    {"nothing is made and nothing lost", test_nothing_is_made_and_nothing_lost},
    {"prisoners of one interest cooperate", test_prisoners_of_one_interest_cooperate},
    CU_TEST_INFO_NULL,
};
static CU_SuiteInfo suites[] = {
    {"envs/common_reward", NULL, NULL, NULL, NULL, tests},
    CU_SUITE_INFO_NULL,
};
UNIT_MAIN(suites)
