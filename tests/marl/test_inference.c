#include "marl/learn/inference.h"
#include "tests/unit.h"

/* round-off of a few operations on numbers of order 1 */
static const double tiny = 1e-12;

static void test_the_interquartile_mean_drops_a_quarter_at_each_end(void) {
  const double x[] = {100, 1, 2, 3, 4, -50, 5, 6};
  double scratch[8];
  UNIT_NEAR(marl_interquartile_mean(x, 8, scratch), (2 + 3 + 4 + 5) / 4.0, tiny);
  UNIT_NEAR(marl_interquartile_mean(x, 3, scratch), 103 / 3.0, tiny); /* too few to drop */
  UNIT_NEAR(marl_standard_deviation(x + 1, 4), sqrt(5.0 / 3), tiny);
}

static void test_mann_whitney_gives_textbook_values(void) {
  /* no ties: U = 0 of 5 x 5; variance 25 11/12; z = (12.5 - .5)/sqrt(22.9167) = 2.506690 */
  const double low[] = {1, 2, 3, 4, 5}, high[] = {6, 7, 8, 9, 10};
  UNIT_NEAR(marl_mann_whitney(low, 5, high, 5), erfc(12.0 / sqrt(2 * 25.0 * 11 / 12)), tiny);
  UNIT_NEAR(marl_mann_whitney(low, 5, high, 5), 0.01218578035, 1e-9); /* scipy 1.17, asymptotic */
  /* ties: groups of 2 and 3 among n = 6, variance 9/12 (7 - 30/30) = 4.5; U = 1.5 */
  const double x[] = {1, 1, 2}, y[] = {2, 2, 3};
  UNIT_NEAR(marl_probability_of_improvement(x, 3, y, 3), 1.0 / 9, tiny);
  UNIT_NEAR(marl_mann_whitney(x, 3, y, 3), erfc((4.5 - 1.0 - 0.5) / sqrt(2 * 4.5)), tiny);
  UNIT_NEAR(marl_mann_whitney(low, 5, low, 5), 1, 0);
  const double same[] = {2, 2, 2};
  UNIT_NEAR(marl_mann_whitney(same, 3, same, 3), 1, 0);
}

static void test_the_probability_of_improvement_counts_ties_half(void) {
  const double x[] = {1, 3}, y[] = {1, 2};
  UNIT_NEAR(marl_probability_of_improvement(x, 2, y, 2), (0.5 + 0 + 1 + 1) / 4, tiny);
}

static void test_hedges_g_is_a_corrected_difference_in_deviations(void) {
  const double x[] = {3, 5, 7}, y[] = {1, 3, 5}; /* deviations 2 and 2, 4 degrees of freedom */
  UNIT_NEAR(marl_hedges_g(x, 3, y, 3), 1.0 * (1 - 3.0 / 15), tiny);
  UNIT_NEAR(marl_hedges_g(x, 3, x, 3), 0, 0);
}

static void test_holm_steps_down(void) {
  const double p[] = {0.01, 0.04, 0.03, 0.005};
  double adjusted[4];
  size_t order[4];
  marl_holm(p, 4, adjusted, order);
  UNIT_NEAR(adjusted[3], 0.02, tiny);
  UNIT_NEAR(adjusted[0], 0.03, tiny);
  UNIT_NEAR(adjusted[2], 0.06, tiny);
  UNIT_NEAR(adjusted[1], 0.06, tiny); /* 1 x .04, but never below the one before */
}

static void test_the_bootstrap_covers_the_mean_as_often_as_it_says(void) {
  MarlError err;
  enum { N = 30, TRIALS = 400 };
  int covered = 0;
  for (int t = 0; t < TRIALS; ++t) {
    const MarlKey key = marl_key_fold(marl_key(9, MARL_STREAM_BOOTSTRAP), (uint64_t)t);
    double x[N];
    for (int i = 0; i < N; ++i) x[i] = marl_normal(marl_key_fold(key, 1), (uint64_t)i);
    MarlInterval interval;
    UNIT_OK(marl_bootstrap(x, N, marl_statistic_mean, 400, 0.95, key, &interval, &err));
    covered += interval.low <= 0 && 0 <= interval.high;
  }
  /* percentile intervals of 30 values are narrow by sqrt(29/30) and by normal against t quantiles:
   * about 0.936; four standard errors of 400 trials are 0.049 */
  UNIT_NEAR(covered / (double)TRIALS, 0.936, 0.049);
}

static CU_TestInfo tests[] = {
    {"the interquartile mean drops a quarter at each end",
     test_the_interquartile_mean_drops_a_quarter_at_each_end},
    {"Mann-Whitney gives textbook values", test_mann_whitney_gives_textbook_values},
    {"the probability of improvement counts ties half",
     test_the_probability_of_improvement_counts_ties_half},
    {"Hedges' g is a corrected difference in deviations",
     test_hedges_g_is_a_corrected_difference_in_deviations},
    {"Holm steps down", test_holm_steps_down},
    {"the bootstrap covers the mean as often as it says",
     test_the_bootstrap_covers_the_mean_as_often_as_it_says},
    CU_TEST_INFO_NULL,
};
static CU_SuiteInfo suites[] = {{"inference", NULL, NULL, NULL, NULL, tests}, CU_SUITE_INFO_NULL};
UNIT_MAIN(suites)
