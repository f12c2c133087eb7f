/* One metric of one cell over its runs. */
#include <math.h>
#include <stdlib.h>

#include "marl/compare/report.h"
#include "marl/learn/inference.h"

static const double level = 0.95;

size_t marl_comparison_collect(const MarlComparison *comparison,
                               const MarlComparisonResults *results, int cell, int metric,
                               double *values) {
  const MarlComparison *c = comparison;
  const double *from =
      results->metrics + (size_t)cell * (size_t)c->num_seeds * (size_t)c->num_metrics;
  size_t count = 0;
  for (int s = 0; s < c->num_seeds; ++s) {
    const double value = from[(ptrdiff_t)s * c->num_metrics + metric];
    if (metric == marl_comparison_time(c))
      values[count++] = isnan(value) ? c->cycles + 1.0 : value;
    else if (!isnan(value))
      values[count++] = value;
  }
  return count;
}

bool marl_comparison_follows_share(const MarlComparison *comparison) {
  return comparison->is_share[comparison->followed];
}

bool marl_comparison_has(const MarlComparison *comparison, const MarlComparisonResults *results,
                         int metric) {
  const size_t size = (size_t)comparison->num_points * (size_t)comparison->num_measured;
  const size_t all = (size_t)comparison->num_jobs * size;
  for (size_t i = (size_t)metric; i < all; i += (size_t)comparison->num_measured)
    if (!isnan(results->curves[i])) return true;
  return false;
}

static int ascending(const void *a, const void *b) {
  const double x = *(const double *)a, y = *(const double *)b;
  return (x > y) - (x < y);
}

static double median(double *values, size_t n) {
  qsort(values, n, sizeof *values, ascending);
  return 0.5 * (values[(n - 1) / 2] + values[n / 2]);
}

/* Times of all runs, of which some are censored: [n] with cycles + 1 for those. */
static void summarize_censored(const MarlComparison *c, double *values, size_t n,
                               MarlCellSummary *out) {
  size_t reached = 0;
  for (size_t i = 0; i < n; ++i) reached += values[i] <= c->cycles;
  out->runs = (int)reached;
  out->median = median(values, n);
  if (values[n / 2] > c->cycles) out->median = INFINITY;
}

static void summarize_values(const MarlComparison *c, int metric, double *values, size_t n,
                             MarlCellSummary *out) {
  double *scratch = values + n;
  out->runs = (int)n;
  out->mean = marl_mean(values, n);
  out->deviation = n > 1 ? marl_standard_deviation(values, n) : (double)NAN;
  out->interquartile_mean = marl_interquartile_mean(values, n, scratch);
  out->mean_interval = marl_mean_interval(values, n, level);
  out->interquartile_interval = marl_interquartile_interval(values, n, level, scratch);
  if (c->is_share[metric])
    out->share_interval = marl_bounded_mean_interval(values, n, 0.0, 1.0, level, scratch);
  out->median = median(values, n);
}

MarlCode marl_comparison_summarize(const MarlComparison *comparison,
                                   const MarlComparisonResults *results, int cell, int metric,
                                   MarlCellSummary *out, MarlError *err) {
  const size_t seeds = (size_t)comparison->num_seeds;
  const MarlInterval none = {NAN, NAN};
  *out = (MarlCellSummary){0, NAN, NAN, NAN, NAN, none, none, none};
  double *values = malloc((4 * seeds + 4) * sizeof *values);
  if (values == NULL) return MARL_FAIL(err, MARL_EMEMORY, "compare: no memory");
  const size_t n = marl_comparison_collect(comparison, results, cell, metric, values);
  bool censored = false;
  if (metric == marl_comparison_time(comparison))
    for (size_t i = 0; i < n; ++i) censored = censored || values[i] > comparison->cycles;
  if (censored)
    summarize_censored(comparison, values, n, out);
  else if (n > 0)
    summarize_values(comparison, metric, values, n, out);
  free(values);
  return MARL_OK;
}

MarlInterval marl_cell_interval(const MarlCellSummary *summary) {
  return isnan(summary->share_interval.low) ? summary->mean_interval : summary->share_interval;
}
