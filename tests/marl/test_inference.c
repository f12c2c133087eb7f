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

static void test_one_value_has_no_standard_error(void) {
  const double none = (double)NAN, x[] = {3, 9, none, 9, 5, none};
  double mean, error;
  marl_mean_of_known(x, 3, 2, &mean, &error); /* 3, absent, 5 */
  UNIT_NEAR(mean, 4, tiny);
  UNIT_NEAR(error, 1, tiny); /* deviation sqrt(2) over sqrt(2) */
  marl_mean_of_known(x, 1, 1, &mean, &error);
  UNIT_NEAR(mean, 3, 0);
  CU_ASSERT(isnan(error)); /* and not 0, which would be certain */
  marl_mean_of_known(x + 2, 1, 1, &mean, &error);
  CU_ASSERT(isnan(mean) && isnan(error));
}

static MarlRankTest compare(const double *x, size_t nx, const double *y, size_t ny) {
  MarlError err;
  MarlRankTest test;
  UNIT_OK(marl_mann_whitney(x, nx, y, ny, &test, &err));
  return test;
}

static void test_mann_whitney_counts_every_way_to_part_few_runs(void) {
  /* no ties: 2 of the 252 ways are as far from even */
  const double low[] = {1, 2, 3, 4, 5, 11, 12, 13}, high[] = {6, 7, 8, 9, 10, 14, 15, 16};
  UNIT_NEAR(compare(low, 5, high, 5).p, 2.0 / 252, tiny);
  /* all 12,870 ways written out by another program */
  UNIT_NEAR(compare(low, 8, high, 8).p, 1068.0 / 12870, tiny);
  /* ties by hand: twice the ranks are 3 3 8 | 8 8 12; of 20 ways three have 14 and three have 28 */
  const double x[] = {1, 1, 2}, y[] = {2, 2, 3};
  UNIT_NEAR(compare(x, 3, y, 3).p, 6.0 / 20, tiny);
  UNIT_NEAR(compare(x, 3, y, 3).improvement, 1.0 / 9, tiny);
  UNIT_NEAR(compare(y, 3, x, 3).improvement, 8.0 / 9, tiny);
  /* unequal sizes: of 10 ways to choose two of five, {1, 2} and {4, 5} */
  UNIT_NEAR(compare(low, 2, low + 2, 3).p, 2.0 / 10, tiny);
  UNIT_NEAR(compare(low, 5, low, 5).p, 1, 0);
  UNIT_NEAR(compare(low, 5, low, 5).improvement, 0.5, 0);
  CU_ASSERT(isnan(compare(low, 0, high, 5).p));
}

static void test_eight_runs_can_be_significant_among_105_pairs(void) {
  double low[8], high[8], p[105], adjusted[105];
  MarlRankedP scratch[105];
  for (int i = 0; i < 8; ++i) low[i] = i, high[i] = 10 + i;
  p[0] = compare(low, 8, high, 8).p;
  for (int i = 1; i < 105; ++i) p[i] = 1;
  marl_holm(p, 105, adjusted, scratch);
  UNIT_NEAR(p[0], 2.0 / 12870, tiny); /* 16 over 8 */
  UNIT_NEAR(adjusted[0], 105 * 2.0 / 12870, tiny);
}

static void test_mann_whitney_is_exact_up_to_forty_runs(void) {
  enum { N = 25 };
  double x[N], y[N];
  for (int i = 0; i < N; ++i) x[i] = 2 * i, y[i] = 2 * i + 11;
  /* U by counting; variance N N (2 N + 1)/12 without ties */
  double u = 0;
  for (int i = 0; i < N; ++i)
    for (int j = 0; j < N; ++j) u += x[i] > y[j];
  const double z = (N * N / 2.0 - u - 0.5) / sqrt(N * N * (2 * N + 1) / 12.0);
  UNIT_NEAR(compare(x, N, y, N).p, erfc(z / sqrt(2)), tiny);
  /* twenty a side are counted: U = 105, by Mann and Whitney's recurrence in another program */
  UNIT_NEAR(compare(x, 20, y, 20).p, 0.009483607191205005, 1e-14);
}

static void test_values_that_differ_by_rounding_are_ties(void) {
  /* nine runs at the same share, added up in another order on one side */
  double x[9], y[9], sum = 0;
  for (int i = 0; i < 500; ++i) sum += 0.9 / 500;
  CU_ASSERT(sum != 0.9);
  for (int i = 0; i < 9; ++i) x[i] = i < 5 ? 0.9 : 0.95, y[i] = i < 4 ? sum : 0.95;
  double exact[9];
  for (int i = 0; i < 9; ++i) exact[i] = i < 4 ? 0.9 : 0.95;
  UNIT_NEAR(compare(x, 9, y, 9).p, compare(x, 9, exact, 9).p, 0);
  /* 4 x 4 pairs are won, 5 x 4 and 4 x 5 are ties */
  UNIT_NEAR(compare(x, 9, y, 9).improvement, (16 + 20 / 2.0 + 20 / 2.0) / 81, tiny);
  /* a change of units changes nothing */
  const double p = compare(x, 9, y, 9).p;
  for (int i = 0; i < 9; ++i) x[i] *= 1e-9, y[i] *= 1e-9;
  UNIT_NEAR(compare(x, 9, y, 9).p, p, 0);
}

static void test_hedges_g_is_a_corrected_difference_in_deviations(void) {
  const double x[] = {3, 5, 7}, y[] = {1, 3, 5}; /* deviations 2 and 2, 4 degrees of freedom */
  UNIT_NEAR(marl_hedges_g(x, 3, y, 3), 1.0 * (1 - 3.0 / 15), tiny);
  UNIT_NEAR(marl_hedges_g(x, 3, x, 3), 0, 0);
}

static void test_holm_steps_down(void) {
  const double p[] = {0.01, 0.04, 0.03, 0.005};
  double adjusted[4];
  MarlRankedP scratch[5];
  marl_holm(p, 4, adjusted, scratch);
  UNIT_NEAR(adjusted[3], 0.02, tiny);
  UNIT_NEAR(adjusted[0], 0.03, tiny);
  UNIT_NEAR(adjusted[2], 0.06, tiny);
  UNIT_NEAR(adjusted[1], 0.06, tiny); /* 1 x .04, but never below the one before */
  /* a test that could not be made is none of the family */
  const double some[] = {0.01, NAN, 0.04, 0.03, 0.005};
  double of_some[5];
  marl_holm(some, 5, of_some, scratch);
  UNIT_NEAR(of_some[4], 0.02, tiny);
  CU_ASSERT(isnan(of_some[1]));
}

static CU_TestInfo tests[] = {
    {"the interquartile mean drops a quarter at each end",
     test_the_interquartile_mean_drops_a_quarter_at_each_end},
    {"one value has no standard error", test_one_value_has_no_standard_error},
    {"Mann-Whitney counts every way to part few runs",
     test_mann_whitney_counts_every_way_to_part_few_runs},
    {"eight runs can be significant among 105 pairs",
     test_eight_runs_can_be_significant_among_105_pairs},
    {"Mann-Whitney is exact up to forty runs and asymptotic above",
     test_mann_whitney_is_exact_up_to_forty_runs},
    {"values that differ by rounding are ties", test_values_that_differ_by_rounding_are_ties},
    {"Hedges' g is a corrected difference in deviations",
     test_hedges_g_is_a_corrected_difference_in_deviations},
    {"Holm steps down", test_holm_steps_down},
    CU_TEST_INFO_NULL,
};
static CU_SuiteInfo suites[] = {{"inference", NULL, NULL, NULL, NULL, tests}, CU_SUITE_INFO_NULL};
UNIT_MAIN(suites)
