#include "envs/turbulence/extremes.h"

#include <math.h>
#include <stdlib.h>

#include "tests/unit.h"

enum { LENGTH = 4000 };

/* Independent exponential variables, one a time unit: P(M <= z) = 1 - exp(-z), so that the return
 * period in stretches of one sample is T(z) = -1 / log(1 - exp(-z)) exactly. */
static void fill(MarlKey key, size_t n, double *series) {
  for (size_t i = 0; i < n; ++i) series[i] = -log(marl_uniform(key, i) + 0x1p-60);
}

static double exact_period(double level) {
  return -1 / log(1 - exp(-level));
}

static double exact_level(double period) {
  return -log(1 - exp(-1 / period));
}

static MarlExtremesPlan plan_of(size_t stretch, uint64_t seed) {
  return (MarlExtremesPlan){.interval = 1,
                            .stretch = stretch,
                            .group = 1,
                            .first = 0.25,
                            .step = 0.25,
                            .return_period = 20,
                            .resamples = 200,
                            .confidence = 0.95,
                            .key = marl_key(seed, MARL_STREAM_BOOTSTRAP)};
}

static void return_periods_of_independent_variables_are_known(void) {
  MarlError err;
  double *series = malloc(LENGTH * sizeof *series);
  fill(marl_key(5, MARL_STREAM_INIT), LENGTH, series);
  /* maxima over five samples of five time units have the same return periods */
  for (size_t stretch = 1; stretch <= 5; stretch += 4) {
    const MarlExtremesPlan plan = plan_of(stretch, 1);
    MarlExtremes got;
    UNIT_OK(marl_extremes(series, 1, LENGTH, &plan, &got, &err));
    CU_ASSERT(got.stretches == LENGTH / stretch);
    for (int i = 0; i < MARL_EXTREME_LEVELS; ++i) {
      const double exact = exact_period(marl_extreme_level(&plan, i));
      const double p = exp(-(double)stretch / exact), n = (double)got.stretches;
      if (n * p < 100 || n * (1 - p) < 100) continue; /* too few for a normal error */
      /* T = -B / log p: an error dp moves it by T^2 dp / (B p); four standard errors of p */
      const double error = exact * exact * sqrt((1 - p) / (n * p)) / (double)stretch;
      UNIT_NEAR(got.period[i], exact, 4 * error);
      CU_ASSERT(got.period_low[i] <= got.period[i] && got.period[i] <= got.period_high[i]);
    }
  }
  free(series);
}

/* The interval of 95 % holds the true return level in about 95 % of independent repetitions: of
 * 200, 190 +- 3.1; percentile intervals of quantiles are a little too narrow: 4 errors and 4 more. */
static void intervals_cover_the_truth_as_often_as_they_say(void) {
  MarlError err;
  enum { REPETITIONS = 200, SHORT = 400 };
  double series[SHORT];
  int covered = 0;
  for (uint64_t r = 0; r < REPETITIONS; ++r) {
    const MarlExtremesPlan plan = plan_of(1, 100 + r);
    MarlExtremes got;
    fill(marl_key(r, MARL_STREAM_INIT), SHORT, series);
    UNIT_OK(marl_extremes(series, 1, SHORT, &plan, &got, &err));
    covered += got.level_low <= exact_level(20) && exact_level(20) <= got.level_high;
  }
  UNIT_NEAR(covered, 0.95 * REPETITIONS, 16);
}

/* Runs of ten equal values: one value in ten is new, so intervals from groups of ten stretches are
 * wider than those from single stretches, by about sqrt(10). */
static void groups_widen_the_intervals_of_a_dependent_series(void) {
  MarlError err;
  double *fresh = malloc(LENGTH * sizeof *fresh), *series = malloc(LENGTH * sizeof *series);
  fill(marl_key(2, MARL_STREAM_INIT), LENGTH, fresh);
  for (int i = 0; i < LENGTH; ++i) series[i] = fresh[i / 10];
  MarlExtremes alone, grouped;
  MarlExtremesPlan plan = plan_of(1, 1);
  UNIT_OK(marl_extremes(series, 1, LENGTH, &plan, &alone, &err));
  plan.group = 20;
  UNIT_OK(marl_extremes(series, 1, LENGTH, &plan, &grouped, &err));
  const double ratio =
      (grouped.level_high - grouped.level_low) / (alone.level_high - alone.level_low);
  UNIT_NEAR(ratio, sqrt(10), 1.5); /* widths of percentile intervals fluctuate by a third */
  free(fresh);
  free(series);
}

static void what_was_never_seen_returns_after_infinity(void) {
  MarlError err;
  double series[2 * 8] = {1, 1, 1, 3, 1, 1, 1, 1, 2, 2, 2, 2, 2, 2, 0, 0};
  MarlExtremesPlan plan = plan_of(4, 1);
  plan.first = 0.5, plan.step = 1; /* levels 0.5, 1.5, 2.5, 3.5 */
  MarlExtremes got;
  UNIT_OK(marl_extremes(series, 2, 8, &plan, &got, &err));
  CU_ASSERT(got.stretches == 3); /* the last one ends in a flow that had blown up */
  CU_ASSERT(got.period[0] == 0);
  UNIT_NEAR(got.period[1], -4 / log(1.0 / 3), 1e-14); /* maxima 3, 1, 2 */
  UNIT_NEAR(got.period[2], -4 / log(2.0 / 3), 1e-14);
  CU_ASSERT(isinf(got.period[3]));
  UNIT_OK(marl_extremes(series, 1, 3, &plan, &got, &err));
  CU_ASSERT(got.stretches == 0 && isnan(got.period[0]) && isnan(got.level));
}

static CU_TestInfo tests[] = {
    {"return periods of independent variables are known",
     return_periods_of_independent_variables_are_known},
    {"intervals cover the truth as often as they say",
     intervals_cover_the_truth_as_often_as_they_say},
    {"groups widen the intervals of a dependent series",
     groups_widen_the_intervals_of_a_dependent_series},
    {"what was never seen returns after infinity", what_was_never_seen_returns_after_infinity},
    CU_TEST_INFO_NULL,
};
static CU_SuiteInfo suites[] = {
    {"extremes", NULL, NULL, NULL, NULL, tests},
    CU_SUITE_INFO_NULL,
};
UNIT_MAIN(suites)
