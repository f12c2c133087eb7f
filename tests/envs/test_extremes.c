#include "envs/turbulence/extremes.h"

#include <math.h>
#include <stdlib.h>

#include "marl/core/rng.h"
#include "tests/unit.h"

static MarlError err;

/* The moving maximum x_i = max((1 - t) x_{i-1}, t z_i) of unit Frechet variables z: unit Frechet
 * itself, extremal index t, so that exceedances of a high level come in clusters of 1/t on average,
 * and P(x_1 .. x_n <= z) = exp(-1/z) exp(-t/z)^(n-1): clusters above z return after z/t steps exactly
 * (Beirlant et al. 2004, ch. 10). */
static void moving_maximum(MarlKey key, double t, size_t n, double *x) {
  double last = -1 / log(marl_uniform(key, 0));
  for (size_t i = 0; i < n; ++i) {
    last = fmax((1 - t) * last, -t / log(marl_uniform(key, i + 1)));
    x[i] = last;
  }
}

static int rising(const void *a, const void *b) {
  const double x = *(const double *)a, y = *(const double *)b;
  return (x > y) - (x < y);
}

enum { SERIES = 3, LENGTH = 1300, ALL = SERIES * LENGTH, REPETITIONS = 120 };

/* What the intervals hold, and the median of estimate over truth, in repetitions of three runs of
 * 1,300 samples; the level returns after `share` of them all. */
static void repeat(double t, double share, int *period_held, int *level_held, double *median) {
  static double series[ALL], ratio[REPETITIONS];
  const double period = share * ALL, level = t * period;
  const MarlExtremesPlan plan = {
      .interval = 1, .first = level, .step = 1, .return_period = period, .confidence = 0.95};
  *period_held = *level_held = 0;
  for (int r = 0; r < REPETITIONS; ++r) {
    const MarlKey key = marl_key_fold(marl_key((uint64_t)r, MARL_STREAM_INIT), (uint64_t)(1e3 * t));
    MarlExtremes got;
    for (uint64_t s = 0; s < SERIES; ++s)
      moving_maximum(marl_key_fold(key, s), t, LENGTH, series + s * LENGTH);
    UNIT_OK(marl_extremes(series, SERIES, LENGTH, &plan, &got, &err));
    *period_held += got.period_low[0] <= period && period <= got.period_high[0];
    *level_held += got.level_low <= level && level <= got.level_high;
    ratio[r] = got.period[0] / period;
  }
  qsort(ratio, REPETITIONS, sizeof ratio[0], rising);
  *median = ratio[REPETITIONS / 2];
}

/* Clusters of 1, 5 and 20 samples, levels that return from 1/30 of the data's time to three times it:
 * the intervals hold the truth in 95 % at least, but for the chance of 120 repetitions (93 % is two
 * standard errors below), and where there are ten events the estimate is right within 12 % (a median
 * of counts of 10 +- 3.2 is known to 1.25 3.2 / sqrt(120) = 4 % and is a whole number). Counted
 * without regard to clusters, T would be wrong by their size. */
static void intervals_hold_the_truth_whatever_the_clusters(void) {
  static const double indices[] = {1, 0.2, 0.05}, shares[] = {1.0 / 30, 0.1, 1, 3};
  for (int t = 0; t < 3; ++t)
    for (int s = 0; s < 4; ++s) {
      int period_held, level_held;
      double median;
      repeat(indices[t], shares[s], &period_held, &level_held, &median);
      CU_ASSERT(period_held >= 0.93 * REPETITIONS);
      CU_ASSERT(level_held >= 0.93 * REPETITIONS);
      if (s == 1) UNIT_NEAR(median, 1, 0.12);
      if (getenv("MARL_SHOW") != NULL)
        printf("index %g, T/time %.2g: period %.3f, level %.3f, median %.2f\n", indices[t],
               shares[s], (double)period_held / REPETITIONS, (double)level_held / REPETITIONS,
               median);
    }
}

/* A vortex that is above the level at every other sample is one event; the same samples spread
 * evenly are as many. */
static void one_vortex_is_one_event(void) {
  enum { N = 400 };
  static double series[N];
  for (int i = 0; i < N; ++i)
    series[i] = 1 + 0.1 * marl_uniform(marl_key(1, MARL_STREAM_INIT), (uint64_t)i);
  const MarlExtremesPlan plan = {
      .interval = 0.5, .first = 2, .step = 1, .return_period = 25, .confidence = 0.95};
  MarlExtremes got;
  for (int i = 0; i < 10; ++i) series[200 + i] = 1.5 + 0.2 * i * (9 - i); /* swells to 5.5 */
  for (int i = 0; i < 10; i += 2) series[200 + i] = 1.9;                  /* and is bent */
  UNIT_OK(marl_extremes(series, 1, N, &plan, &got, &err));
  UNIT_NEAR(got.events[0], 1, 0);
  CU_ASSERT(got.quiet >= 1 && got.quiet < 10);
}

/* Nothing seen in a time E of quiet: T is infinite and more than E / 3.69 at 95 % (Garwood); where
 * the flow is never quiet there is nothing to say. A series ends where its flow blew up. */
static void what_was_never_seen_has_a_lower_bound(void) {
  enum { N = 100 };
  static double series[2 * N];
  const MarlExtremesPlan plan = {
      .interval = 0.25, .first = 0.5, .step = 1, .return_period = 1000, .confidence = 0.95};
  MarlExtremes got;
  for (int i = 0; i < N + N / 2; ++i)
    series[i] = 1 + 0.1 * marl_uniform(marl_key(1, MARL_STREAM_INIT), (uint64_t)i);
  UNIT_OK(marl_extremes(series, 2, N, &plan, &got, &err));
  CU_ASSERT(isnan(got.period[0]) && isnan(got.period_low[0])); /* level 0.5: always above */
  const double exposure = 0.25 * (1.5 * N) - 2 * got.quiet;
  UNIT_NEAR(got.events[1], 0, 0);
  CU_ASSERT(isinf(got.period[1]) && isinf(got.period_high[1]));
  UNIT_NEAR(got.period_low[1], exposure / 3.688879, 1e-5 * exposure); /* -log .025 */
  CU_ASSERT(isinf(got.level_high)); /* of a level that returns after 1,000 */
  UNIT_OK(marl_extremes(series, 2, 0, &plan, &got, &err));
  CU_ASSERT(isnan(got.period[1]) && isnan(got.level) && isnan(got.quiet));
}

/* Garwood 1936, table of the 95 % limits of a Poisson mean. */
static void poisson_intervals_are_those_of_the_tables(void) {
  static const struct {
    size_t count;
    double low, high;
  } table[] = {{0, 0, 3.689}, {1, 0.0253, 5.572}, {5, 1.623, 11.668}, {20, 12.217, 30.888}};
  for (int i = 0; i < 4; ++i) {
    double low, high;
    marl_poisson_interval(table[i].count, 0.95, &low, &high);
    UNIT_NEAR(low, table[i].low, 6e-4);
    UNIT_NEAR(high, table[i].high, 6e-4);
  }
}

static CU_TestInfo tests[] = {
    {"intervals hold the truth whatever the clusters",
     intervals_hold_the_truth_whatever_the_clusters},
    {"one vortex is one event", one_vortex_is_one_event},
    {"what was never seen has a lower bound", what_was_never_seen_has_a_lower_bound},
    {"Poisson intervals are those of the tables", poisson_intervals_are_those_of_the_tables},
    CU_TEST_INFO_NULL,
};
static CU_SuiteInfo suites[] = {
    {"extremes", NULL, NULL, NULL, NULL, tests},
    CU_SUITE_INFO_NULL,
};
UNIT_MAIN(suites)
