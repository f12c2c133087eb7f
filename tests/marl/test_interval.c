#include "marl/core/rng.h"
#include "marl/learn/inference.h"
#include "marl/learn/interval.h"
#include "tests/unit.h"

static void test_student_quantiles_are_those_of_tables(void) {
  /* closed forms for 1 and 2 degrees of freedom, tables for the others */
  UNIT_NEAR(marl_student_quantile(0.95, 1), tan(0.95 * acos(0.0)), 1e-9); /* Cauchy */
  UNIT_NEAR(marl_student_quantile(0.95, 2), 0.95 * sqrt(2 / (1 - 0.95 * 0.95)), 1e-11);
  UNIT_NEAR(marl_student_quantile(0.95, 3), 3.182446305284263, 1e-11);
  UNIT_NEAR(marl_student_quantile(0.95, 19), 2.093024054408263, 1e-11);
  UNIT_NEAR(marl_student_quantile(0.99, 7), 3.499483297350493, 1e-11);
  UNIT_NEAR(marl_student_quantile(0.95, 1e7), 1.959964, 1e-5); /* the normal one */
}

static void test_mean_intervals_have_the_textbook_width(void) {
  const double x[] = {3, 5, 7, 9}; /* mean 6, deviation sqrt(20/3) */
  const MarlInterval mean = marl_mean_interval(x, 4, 0.95);
  UNIT_NEAR(mean.high - 6, 3.182446305284263 * sqrt(20.0 / 3) / 2, 1e-10);
  UNIT_NEAR(mean.high + mean.low, 12, 1e-10);
  /* eight values, two cut at each end: Winsorized 3 3 3 4 5 6 6 6 with mean 4.5 and squares of
   * deviations 6 x 2.25 + 2 x .25; four left, three degrees of freedom */
  const double y[] = {100, 1, 3, 4, 5, -50, 6, 7};
  double scratch[8];
  const MarlInterval middle = marl_interquartile_interval(y, 8, 0.95, scratch);
  UNIT_NEAR(0.5 * (middle.low + middle.high), 4.5, 1e-12);
  UNIT_NEAR(middle.high - 4.5, 3.182446305284263 * sqrt(14.0 / 7) * sqrt(8) / 4, 1e-10);
  /* equal deviations and sizes: Welch's degrees of freedom are those of the pooled test */
  const double z[] = {4, 6, 8, 10};
  const MarlInterval difference = marl_difference_interval(z, 4, x, 4, 0.95);
  UNIT_NEAR(difference.low, 1 - marl_student_quantile(0.95, 6) * sqrt(2 * 20.0 / 3 / 4), 1e-10);
}

static void test_one_value_has_no_interval(void) {
  const double x[] = {0.5};
  double scratch[8];
  CU_ASSERT(isnan(marl_mean_interval(x, 1, 0.95).low));
  CU_ASSERT(isnan(marl_interquartile_interval(x, 1, 0.95, scratch).high));
  CU_ASSERT(isnan(marl_bounded_mean_interval(x, 1, 0, 1, 0.95, scratch).low));
  CU_ASSERT(isnan(marl_difference_interval(x, 1, x, 1, 0.95).low));
}

static void bounded(const double *x, size_t n, MarlInterval *out) {
  double *scratch = malloc((3 * n + 4) * sizeof *scratch);
  *out = marl_bounded_mean_interval(x, n, 0, 1, 0.95, scratch);
  free(scratch);
}

static void test_yes_and_no_have_the_interval_of_clopper_and_pearson(void) {
  double x[5000] = {0};
  MarlInterval interval;
  bounded(x, 20, &interval);
  UNIT_NEAR(interval.low, 0, 0);
  UNIT_NEAR(interval.high, 1 - pow(0.025, 1.0 / 20), 1e-12);
  for (int i = 0; i < 8; ++i) x[i] = 1;
  /* 8 of 10, and 8 of 5,000 below: shares whose binomial tails are .025, by bisection elsewhere */
  bounded(x, 10, &interval);
  UNIT_NEAR(interval.low, 0.44390453769, 1e-10);
  UNIT_NEAR(interval.high, 0.97478927367, 1e-10);
  /* many runs are computed by another formula, whose error in p of order 1e-2/n moves the end by
   * less than 1e-6 */
  bounded(x, 5000, &interval);
  UNIT_NEAR(interval.low, 0.00069101155, 1e-6);
  UNIT_NEAR(interval.high, 0.00315019076, 1e-6);
}

static void test_both_formulas_of_bounded_means_agree_where_they_meet(void) {
  double x[513];
  MarlInterval exact, approximate;
  for (int i = 0; i < 513; ++i) x[i] = 0.5 + 0.4 * sin(i) - (i % 50 == 0 ? 0.1 : 0.0);
  bounded(x, 512, &exact);
  bounded(x, 513, &approximate);
  UNIT_NEAR(approximate.low, exact.low, 2e-3); /* one value of 513 more moves the mean by less */
  UNIT_NEAR(approximate.high - approximate.low, exact.high - exact.low, 1e-4);
}

static void test_bounded_means_are_mirrored_and_scaled_with_their_range(void) {
  const double x[] = {0.91, 0.97, 0.4, 0.99, 0.98}, range = 7, shift = -3;
  double mirrored[5], scaled[5], scratch[19];
  for (int i = 0; i < 5; ++i) mirrored[i] = 1 - x[i], scaled[i] = shift + range * x[i];
  const MarlInterval a = marl_bounded_mean_interval(x, 5, 0, 1, 0.95, scratch);
  const MarlInterval b = marl_bounded_mean_interval(mirrored, 5, 0, 1, 0.95, scratch);
  const MarlInterval c = marl_bounded_mean_interval(scaled, 5, shift, shift + range, 0.95, scratch);
  UNIT_NEAR(b.low, 1 - a.high, 1e-13);
  UNIT_NEAR(b.high, 1 - a.low, 1e-13);
  UNIT_NEAR(c.low, shift + range * a.low, 1e-12);
  UNIT_NEAR(c.high, shift + range * a.high, 1e-12);
}

enum { NORMAL, BIMODAL, RARE, NUM_OUTCOMES, TRIALS = 2000, MOST = 20 };
static const double truth[NUM_OUTCOMES] = {0.5, 0.575, 0.912};

/* Cooperation of a run: about normal; settled at one of two ends; high but for a tenth of runs. */
static double outcome(int kind, MarlKey key, uint64_t index) {
  if (kind == NORMAL) return 0.5 + 0.05 * marl_normal(key, index);
  const double spread = 0.04 * (marl_uniform(key, 2 * index) - 0.5);
  const double draw = marl_uniform(key, 2 * index + 1);
  if (kind == BIMODAL) return (draw < 0.5 ? 0.95 : 0.2) + spread;
  return (draw < 0.9 ? 0.98 : 0.3) + spread;
}

static void cover(int kind, size_t n, double *student, double *of_share) {
  int by_student = 0, by_share = 0;
  for (int t = 0; t < TRIALS; ++t) {
    double x[MOST], scratch[3 * MOST + 4];
    const MarlKey key = marl_key_fold(marl_key(9, MARL_STREAM_BOOTSTRAP), (uint64_t)t);
    for (size_t i = 0; i < n; ++i) x[i] = outcome(kind, key, i);
    const MarlInterval a = marl_mean_interval(x, n, 0.95);
    const MarlInterval b = marl_bounded_mean_interval(x, n, 0, 1, 0.95, scratch);
    by_student += a.low <= truth[kind] && truth[kind] <= a.high;
    by_share += b.low <= truth[kind] && truth[kind] <= b.high;
  }
  *student = by_student / (double)TRIALS;
  *of_share = by_share / (double)TRIALS;
}

static void test_intervals_cover_the_mean_as_often_as_they_say(void) {
  static const size_t sizes[] = {4, 8, 12, 20};
  const double four_errors = 4 * sqrt(0.95 * 0.05 / TRIALS); /* standard errors of a coverage */
  for (int kind = 0; kind < NUM_OUTCOMES; ++kind) {
    for (int s = 0; s < 4; ++s) {
      double student, share;
      cover(kind, sizes[s], &student, &share);
      if (kind == NORMAL) UNIT_NEAR(student, 0.95, four_errors);
      CU_ASSERT(share >= 0.95 - four_errors);
    }
  }
}

static CU_TestInfo tests[] = {
    {"Student's quantiles are those of tables", test_student_quantiles_are_those_of_tables},
    {"mean intervals have the textbook width", test_mean_intervals_have_the_textbook_width},
    {"one value has no interval", test_one_value_has_no_interval},
    {"yes and no have the interval of Clopper and Pearson",
     test_yes_and_no_have_the_interval_of_clopper_and_pearson},
    {"both formulas of bounded means agree where they meet",
     test_both_formulas_of_bounded_means_agree_where_they_meet},
    {"bounded means are mirrored and scaled with their range",
     test_bounded_means_are_mirrored_and_scaled_with_their_range},
    {"intervals cover the mean as often as they say",
     test_intervals_cover_the_mean_as_often_as_they_say},
    CU_TEST_INFO_NULL,
};
static CU_SuiteInfo suites[] = {{"interval", NULL, NULL, NULL, NULL, tests}, CU_SUITE_INFO_NULL};
UNIT_MAIN(suites)
