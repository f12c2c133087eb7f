#include "envs/turbulence/extremes.h"

#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

enum { LEVELS = MARL_EXTREME_LEVELS, FIGURES = LEVELS + 1 }; /* periods, then the level */

double marl_extreme_level(const MarlExtremesPlan *plan, int i) {
  return plan->first + i * plan->step;
}

static int compare(const void *a, const void *b) {
  const double x = *(const double *)a, y = *(const double *)b;
  return (x > y) - (x < y);
}

/* Linear between order statistics; two infinities have no mean. */
static double quantile(const double *sorted, size_t n, double q) {
  const double at = q * (double)(n - 1);
  const size_t below = (size_t)at, above = below + 1 < n ? below + 1 : below;
  const double part = at - (double)below;
  return part > 0 ? (1 - part) * sorted[below] + part * sorted[above] : sorted[below];
}

/* Maxima of the whole stretches into out; how many. */
static size_t stretch_maxima(const double *series, size_t num_series, size_t length, size_t stretch,
                             double *out) {
  size_t count = 0;
  for (size_t s = 0; s < num_series; ++s)
    for (size_t first = 0; first + stretch <= length; first += stretch) {
      const double *values = series + s * length + first;
      double largest = values[0];
      bool whole = values[0] > 0;
      for (size_t i = 1; i < stretch; ++i) {
        whole = whole && values[i] > 0;
        largest = fmax(largest, values[i]);
      }
      if (whole) out[count++] = largest;
    }
  return count;
}

/* Periods of all levels and the return level of n maxima, which are sorted. */
static void figures_of(const MarlExtremesPlan *plan, double *maxima, size_t n,
                       double figures[FIGURES]) {
  const double time = plan->interval * (double)plan->stretch;
  qsort(maxima, n, sizeof *maxima, compare);
  size_t below = 0;
  for (int i = 0; i < LEVELS; ++i) {
    while (below < n && maxima[below] <= marl_extreme_level(plan, i)) ++below;
    figures[i] =
        below == n ? (double)INFINITY : (below == 0 ? 0 : -time / log((double)below / (double)n));
  }
  figures[LEVELS] = quantile(maxima, n, exp(-time / plan->return_period));
}

/* One bootstrap sample of n maxima: groups of consecutive ones, the last one cut. */
static void draw(const MarlExtremesPlan *plan, MarlKey key, const double *maxima, size_t n,
                 double *out) {
  const size_t group = plan->group < n ? plan->group : n;
  for (size_t filled = 0, g = 0; filled < n; ++g) {
    const size_t first = marl_below(key, g, n - group + 1);
    for (size_t i = 0; i < group && filled < n; ++i) out[filled++] = maxima[first + i];
  }
}

/* Percentiles of figure f over the resamples [resamples, FIGURES]. */
static void interval_of(const MarlExtremesPlan *plan, const double *resampled, int f,
                        double *column, double *low, double *high) {
  const size_t count = (size_t)plan->resamples;
  for (size_t r = 0; r < count; ++r) column[r] = resampled[r * FIGURES + (size_t)f];
  qsort(column, count, sizeof *column, compare);
  *low = quantile(column, count, 0.5 * (1 - plan->confidence));
  *high = quantile(column, count, 0.5 * (1 + plan->confidence));
}

static void fill_intervals(const MarlExtremesPlan *plan, const double *maxima, size_t n,
                           double *scratch, MarlExtremes *out) {
  double *drawn = scratch, *resampled = drawn + n;
  double *column = resampled + (size_t)plan->resamples * FIGURES;
  for (int r = 0; r < plan->resamples; ++r) {
    draw(plan, marl_key_fold(plan->key, (uint64_t)r), maxima, n, drawn);
    figures_of(plan, drawn, n, resampled + (ptrdiff_t)r * FIGURES);
  }
  for (int i = 0; i < LEVELS; ++i)
    interval_of(plan, resampled, i, column, &out->period_low[i], &out->period_high[i]);
  interval_of(plan, resampled, LEVELS, column, &out->level_low, &out->level_high);
}

static void fill(const MarlExtremesPlan *plan, const double *maxima, double *scratch,
                 MarlExtremes *out) {
  const size_t n = out->stretches;
  double figures[FIGURES];
  memcpy(scratch, maxima, n * sizeof *maxima);
  figures_of(plan, scratch, n, figures);
  memcpy(out->period, figures, sizeof out->period);
  out->level = figures[LEVELS];
  if (n >= 2 * plan->group) fill_intervals(plan, maxima, n, scratch, out);
}

MarlCode marl_extremes(const double *series, size_t num_series, size_t length,
                       const MarlExtremesPlan *plan, MarlExtremes *out, MarlError *err) {
  const size_t most = num_series * (length / plan->stretch), resamples = (size_t)plan->resamples;
  for (int i = 0; i < LEVELS; ++i)
    out->period[i] = out->period_low[i] = out->period_high[i] = (double)NAN;
  out->level = out->level_low = out->level_high = (double)NAN;
  out->stretches = 0;
  if (most == 0) return MARL_OK;
  double *maxima = malloc((2 * most + resamples * (FIGURES + 1)) * sizeof *maxima);
  if (maxima == NULL) return MARL_FAIL(err, MARL_EMEMORY, "no memory for %zu maxima", most);
  out->stretches = stretch_maxima(series, num_series, length, plan->stretch, maxima);
  if (out->stretches > 0) fill(plan, maxima, maxima + most, out);
  free(maxima);
  return MARL_OK;
}
