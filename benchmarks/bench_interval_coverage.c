/* How often 95 % intervals of a mean over few runs cover it, as the table of docs/dilemmas.md.
 *
 *   bench_interval_coverage [TRIALS]
 *
 * Percentile, BCa and studentized bootstrap (Efron and Tibshirani 1993, chapters 12 to 14; 1,000
 * resamples) beside the two intervals of marl/learn/interval.h. */
#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>

#include "marl/core/rng.h"
#include "marl/learn/inference.h"
#include "marl/learn/interval.h"

enum { MOST = 20, RESAMPLES = 1000, NUM_METHODS = 5, NUM_OUTCOMES = 6 };

static const struct {
  const char *name;
  double mean;
} outcomes[NUM_OUTCOMES] = {
    {"normal, .5 +- .05", 0.5},
    {"half at .95, half at .2", 0.575},
    {".98, a tenth collapses to .3", 0.912},
    {".98, one in fifty collapses to .3", 0.9664},
    {"1, a tenth is 0", 0.9},
    {"exponential (no share)", 1.0},
};
static const char *const methods[NUM_METHODS] = {"percentile", "BCa", "studentized", "Student",
                                                 "of a share"};

static double draw(int kind, MarlKey key, uint64_t i) {
  const double spread = 0.04 * (marl_uniform(key, 2 * i) - 0.5), u = marl_uniform(key, 2 * i + 1);
  switch (kind) {
    case 0:
      return 0.5 + 0.05 * marl_normal(key, i);
    case 1:
      return (u < 0.5 ? 0.95 : 0.2) + spread;
    case 2:
      return (u < 0.9 ? 0.98 : 0.3) + spread;
    case 3:
      return (u < 0.98 ? 0.98 : 0.3) + spread;
    case 4:
      return u < 0.9;
    default:
      return -log(u);
  }
}

static int ascending(const void *a, const void *b) {
  const double x = *(const double *)a, y = *(const double *)b;
  return (x > y) - (x < y);
}

/* The value at share q of sorted resamples. */
static double at(const double *sorted, double q) {
  const double place = fmin(fmax(q, 0.0), 1.0) * (RESAMPLES - 1);
  return sorted[(int)(place + 0.5)];
}

static double normal_quantile(double p) {
  double low = -10.0, high = 10.0;
  for (int i = 0; i < 60; ++i) {
    const double middle = 0.5 * (low + high);
    *(0.5 * erfc(-middle / sqrt(2.0)) < p ? &low : &high) = middle;
  }
  return low;
}

static MarlInterval bca(const double *x, size_t n, const double *sorted) {
  const double mean = marl_mean(x, n);
  double below = 0.0, cubes = 0.0, squares = 0.0;
  for (int b = 0; b < RESAMPLES; ++b) below += sorted[b] < mean ? 1.0 : sorted[b] == mean ? 0.5 : 0;
  if (below <= 0.0 || below >= RESAMPLES) return (MarlInterval){mean, mean};
  for (size_t i = 0; i < n; ++i) { /* of the jackknife's means: mean + (mean - x) / (n - 1) */
    const double d = x[i] - mean;
    cubes += d * d * d, squares += d * d;
  }
  const double z0 = normal_quantile(below / RESAMPLES);
  const double a = squares > 0.0 ? cubes / (6.0 * pow(squares, 1.5)) : 0.0;
  const double z = normal_quantile(0.975);
  const double low = z0 + (z0 - z) / (1.0 - a * (z0 - z));
  const double high = z0 + (z0 + z) / (1.0 - a * (z0 + z));
  return (MarlInterval){at(sorted, 0.5 * erfc(-low / sqrt(2.0))),
                        at(sorted, 0.5 * erfc(-high / sqrt(2.0)))};
}

static void all_methods(const double *x, size_t n, bool share, MarlKey key, MarlInterval *out) {
  static double means[RESAMPLES], ratios[RESAMPLES];
  double drawn[MOST], scratch[3 * MOST + 4];
  const double mean = marl_mean(x, n), error = marl_standard_deviation(x, n) / sqrt((double)n);
  for (int b = 0; b < RESAMPLES; ++b) {
    const MarlKey own = marl_key_fold(key, (uint64_t)b);
    for (size_t i = 0; i < n; ++i) drawn[i] = x[marl_below(own, i, n)];
    means[b] = marl_mean(drawn, n);
    const double own_error = marl_standard_deviation(drawn, n) / sqrt((double)n);
    ratios[b] = own_error > 0.0 ? (means[b] - mean) / own_error
                                : copysign(means[b] == mean ? 0.0 : 1e300, means[b] - mean);
  }
  qsort(means, RESAMPLES, sizeof *means, ascending);
  qsort(ratios, RESAMPLES, sizeof *ratios, ascending);
  out[0] = (MarlInterval){at(means, 0.025), at(means, 0.975)};
  out[1] = bca(x, n, means);
  out[2] = (MarlInterval){mean - at(ratios, 0.975) * error, mean - at(ratios, 0.025) * error};
  out[3] = marl_mean_interval(x, n, 0.95);
  out[4] = (MarlInterval){NAN, NAN};
  if (share) out[4] = marl_bounded_mean_interval(x, n, 0.0, 1.0, 0.95, scratch);
}

int main(int argc, char **argv) {
  static const size_t sizes[] = {4, 8, 12, 20};
  const int trials = argc > 1 ? atoi(argv[1]) : 2000;
  printf("| outcome | runs |");
  for (int m = 0; m < NUM_METHODS; ++m) printf(" %s |", methods[m]);
  printf("\n|---|---|---|---|---|---|---|\n");
  for (int kind = 0; kind < NUM_OUTCOMES; ++kind) {
    for (int s = 0; s < 4; ++s) {
      int covered[NUM_METHODS] = {0};
      double width[NUM_METHODS] = {0.0};
      for (int t = 0; t < trials; ++t) {
        const MarlKey key =
            marl_key_fold(marl_key((uint64_t)kind, MARL_STREAM_BOOTSTRAP), (uint64_t)t);
        double x[MOST];
        MarlInterval interval[NUM_METHODS];
        for (size_t i = 0; i < sizes[s]; ++i) x[i] = draw(kind, marl_key_fold(key, 1), i);
        all_methods(x, sizes[s], kind != NUM_OUTCOMES - 1, marl_key_fold(key, 2), interval);
        for (int m = 0; m < NUM_METHODS; ++m) {
          covered[m] +=
              interval[m].low <= outcomes[kind].mean && outcomes[kind].mean <= interval[m].high;
          width[m] += (interval[m].high - interval[m].low) / trials;
        }
      }
      printf("| %s | %zu |", outcomes[kind].name, sizes[s]);
      for (int m = 0; m < NUM_METHODS; ++m)
        if (isnan(width[m]))
          printf(" |");
        else if (width[m] < 1e3)
          printf(" %.1f (%.2f) |", 100.0 * covered[m] / trials, width[m]);
        else
          printf(" %.1f (none) |", 100.0 * covered[m] / trials);
      printf("\n");
      fflush(stdout);
    }
  }
  return 0;
}
