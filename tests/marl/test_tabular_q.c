#include "marl/learn/tabular_q.h"
#include "tests/unit.h"

/* A corridor of three: right leads on, the end pays 1, left stays. Q* = discount^distance. */
static void test_values_of_a_corridor_are_exact(void) {
  float value[3 * 2] = {0};
  MarlTabularQ q = {3, 2, 0.5f, 0.9f, value};
  for (int sweep = 0; sweep < 200; ++sweep)
    for (int s = 0; s < 3; ++s) {
      marl_tabular_q_learn(&q, s, 0, 0.0, s);
      marl_tabular_q_learn(&q, s, 1, s == 2 ? 1.0 : 0.0, s == 2 ? MARL_TABULAR_Q_END : s + 1);
    }
  /* 200 halvings of the error leave single-precision round-off */
  UNIT_NEAR(value[2 * 2 + 1], 1.0, 1e-6);
  UNIT_NEAR(value[1 * 2 + 1], 0.9, 1e-6);
  UNIT_NEAR(value[0 * 2 + 1], 0.81, 1e-6);
  UNIT_NEAR(value[0 * 2 + 0], 0.729, 1e-6);
  for (int s = 0; s < 3; ++s) CU_ASSERT_EQUAL(marl_tabular_q_greedy(&q, s), 1);
}

/* Counts of 40,000 draws; five standard deviations of a share are at most 0.0125. */
static void test_exploration_is_uniform_and_ties_are_broken_evenly(void) {
  enum { DRAWS = 40000 };
  float value[4] = {1, 3, 3, 0};
  const MarlTabularQ q = {1, 4, 0.1f, 0.9f, value};
  const MarlKey key = marl_key(3, MARL_STREAM_POLICY);
  double share[4] = {0};
  for (int i = 0; i < DRAWS; ++i)
    share[marl_tabular_q_explore(&q, 0, 0.2, key, (uint64_t)i)] += 1.0 / DRAWS;
  UNIT_NEAR(share[0], 0.05, 0.0125);
  UNIT_NEAR(share[3], 0.05, 0.0125);
  UNIT_NEAR(share[1], 0.45, 0.0125);
  UNIT_NEAR(share[2], 0.45, 0.0125);
  for (int i = 0; i < 100; ++i) { /* epsilon 0 never explores */
    const int choice = marl_tabular_q_explore(&q, 0, 0.0, key, (uint64_t)i);
    CU_ASSERT(choice == 1 || choice == 2);
  }
}

static CU_TestInfo tests[] = {
    {"the values of a corridor are exact", test_values_of_a_corridor_are_exact},
    {"exploration is uniform and ties are broken evenly",
     test_exploration_is_uniform_and_ties_are_broken_evenly},
    CU_TEST_INFO_NULL,
};
static CU_SuiteInfo suites[] = {
    {"marl/learn/tabular_q", NULL, NULL, NULL, NULL, tests},
    CU_SUITE_INFO_NULL,
};
UNIT_MAIN(suites)
