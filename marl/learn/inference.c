#include "marl/learn/inference.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

double marl_mean(const double *x, size_t n) {
  double sum = 0.0;
  for (size_t i = 0; i < n; ++i) sum += x[i];
  return n > 0 ? sum / (double)n : 0.0;
}

double marl_statistic_mean(const double *x, size_t n, double *scratch) {
  (void)scratch;
  return marl_mean(x, n);
}

double marl_standard_deviation(const double *x, size_t n) {
  if (n < 2) return 0.0;
  const double mean = marl_mean(x, n);
  double sum = 0.0;
  for (size_t i = 0; i < n; ++i) sum += (x[i] - mean) * (x[i] - mean);
  return sqrt(sum / (double)(n - 1));
}

static int compare(const void *a, const void *b) {
  const double x = *(const double *)a, y = *(const double *)b;
  return (x > y) - (x < y);
}

double marl_interquartile_mean(const double *x, size_t n, double *scratch) {
  const size_t cut = n / 4;
  memcpy(scratch, x, n * sizeof *x);
  qsort(scratch, n, sizeof *scratch, compare);
  return marl_mean(scratch + cut, n - 2 * cut);
}

/* Linear between order statistics, as NumPy's default. */
static double quantile(const double *sorted, size_t n, double q) {
  const double at = q * (double)(n - 1);
  const size_t below = (size_t)at;
  const size_t above = below + 1 < n ? below + 1 : below;
  return sorted[below] + (at - (double)below) * (sorted[above] - sorted[below]);
}

MarlCode marl_bootstrap(const double *x, size_t n, MarlStatistic statistic, int resamples,
                        double level, MarlKey key, MarlInterval *out, MarlError *err) {
  if (n < 1 || resamples < 1)
    return MARL_FAIL(err, MARL_EARG, "bootstrap: %zu values, %d resamples", n, resamples);
  const size_t count = (size_t)resamples;
  double *memory = malloc((2 * n + count) * sizeof *memory);
  if (memory == NULL) return MARL_FAIL(err, MARL_EMEMORY, "bootstrap: no memory");
  double *drawn = memory, *scratch = memory + n, *values = memory + 2 * n;
  for (size_t b = 0; b < count; ++b) {
    const MarlKey own = marl_key_fold(key, b);
    for (size_t i = 0; i < n; ++i) drawn[i] = x[marl_below(own, i, n)];
    values[b] = statistic(drawn, n, scratch);
  }
  qsort(values, count, sizeof *values, compare);
  out->low = quantile(values, count, 0.5 * (1.0 - level));
  out->high = quantile(values, count, 0.5 * (1.0 + level));
  free(memory);
  return MARL_OK;
}

double marl_probability_of_improvement(const double *x, size_t nx, const double *y, size_t ny) {
  double wins = 0.0;
  for (size_t i = 0; i < nx; ++i)
    for (size_t j = 0; j < ny; ++j) wins += x[i] > y[j] ? 1.0 : x[i] == y[j] ? 0.5 : 0.0;
  return wins / ((double)nx * (double)ny);
}

/* sum over groups of equal values of (t^3 - t), each value counting its group: t^2 - 1 a value. */
static double tie_term(const double *x, size_t nx, const double *y, size_t ny) {
  double sum = 0.0;
  for (size_t i = 0; i < nx + ny; ++i) {
    const double value = i < nx ? x[i] : y[i - nx];
    double group = 0.0;
    for (size_t j = 0; j < nx; ++j) group += x[j] == value;
    for (size_t j = 0; j < ny; ++j) group += y[j] == value;
    sum += group * group - 1.0;
  }
  return sum;
}

double marl_mann_whitney(const double *x, size_t nx, const double *y, size_t ny) {
  const double a = (double)nx, b = (double)ny, n = a + b;
  const double u = marl_probability_of_improvement(x, nx, y, ny) * a * b;
  const double variance = a * b / 12.0 * (n + 1.0 - tie_term(x, nx, y, ny) / (n * (n - 1.0)));
  if (!(variance > 0.0)) return 1.0;
  const double distance = fabs(u - 0.5 * a * b) - 0.5;
  if (distance <= 0.0) return 1.0;
  return erfc(distance / sqrt(2.0 * variance));
}

double marl_hedges_g(const double *x, size_t nx, const double *y, size_t ny) {
  const double difference = marl_mean(x, nx) - marl_mean(y, ny);
  if (difference == 0.0) return 0.0;
  const double sx = marl_standard_deviation(x, nx), sy = marl_standard_deviation(y, ny);
  const double freedom = (double)(nx + ny) - 2.0;
  const double pooled = sqrt(((double)(nx - 1) * sx * sx + (double)(ny - 1) * sy * sy) / freedom);
  return difference / pooled * (1.0 - 3.0 / (4.0 * freedom - 1.0));
}

void marl_holm(const double *p, size_t n, double *adjusted, size_t *order) {
  for (size_t i = 0; i < n; ++i) { /* insertion sort: equal values keep their order */
    size_t at = i;
    for (; at > 0 && p[order[at - 1]] > p[i]; --at) order[at] = order[at - 1];
    order[at] = i;
  }
  double largest = 0.0;
  for (size_t rank = 0; rank < n; ++rank) {
    const double scaled = (double)(n - rank) * p[order[rank]];
    if (scaled > largest) largest = scaled;
    adjusted[order[rank]] = largest < 1.0 ? largest : 1.0;
  }
}
