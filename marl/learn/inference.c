#include "marl/learn/inference.h"

#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

double marl_mean(const double *x, size_t n) {
  double sum = 0.0;
  for (size_t i = 0; i < n; ++i) sum += x[i];
  return n > 0 ? sum / (double)n : 0.0;
}

double marl_standard_deviation(const double *x, size_t n) {
  if (n < 2) return 0.0;
  const double mean = marl_mean(x, n);
  double sum = 0.0;
  for (size_t i = 0; i < n; ++i) sum += (x[i] - mean) * (x[i] - mean);
  return sqrt(sum / (double)(n - 1));
}

void marl_mean_of_known(const double *x, size_t n, size_t stride, double *mean, double *error) {
  double known = 0, sum = 0, squares = 0;
  for (size_t i = 0; i < n; ++i)
    if (!isnan(x[i * stride])) sum += x[i * stride], known += 1;
  *mean = known > 0 ? sum / known : (double)NAN;
  for (size_t i = 0; i < n; ++i) {
    const double d = x[i * stride] - *mean;
    if (!isnan(d)) squares += d * d;
  }
  *error = known > 1 ? sqrt(squares / (known - 1) / known) : (double)NAN;
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

/* Both samples in one order, with ranks that ties share. */
typedef struct Pooled {
  double value;
  int rank; /* twice the rank: a whole number with ties too */
  bool first;
} Pooled;

static int by_value(const void *a, const void *b) {
  const double x = ((const Pooled *)a)->value, y = ((const Pooled *)b)->value;
  return (x > y) - (x < y);
}

/* Ranks of n pooled values, and sum over groups of t^3 - t. A metric is a mean over thousands of
 * cycles: 2^12 additions err by up to 2^-41 of its size on either side, so that what is within
 * 2^-40 of the next value is the same value. */
static double rank_all(Pooled *pooled, size_t n) {
  double largest = 0.0, ties = 0.0;
  qsort(pooled, n, sizeof *pooled, by_value);
  for (size_t i = 0; i < n; ++i) largest = fmax(largest, fabs(pooled[i].value));
  for (size_t i = 0, end; i < n; i = end) {
    for (end = i + 1; end < n; ++end)
      if (pooled[end].value - pooled[end - 1].value > 0x1p-40 * largest) break;
    for (size_t k = i; k < end; ++k) pooled[k].rank = (int)(i + end) + 1;
    const double count = (double)(end - i);
    ties += count * count * count - count;
  }
  return ties;
}

/* P(|W - mean| >= |observed - mean|) over all ways to choose the nx of n pooled values that are the
 * first sample's; W the sum of their (doubled) ranks, of mean nx (n + 1). Counts of up to 56 values
 * are exact in double precision. */
static MarlCode exact_p(const Pooled *pooled, size_t n, size_t nx, int observed, double *p,
                        MarlError *err) {
  const size_t most = n * (n + 1) + 1; /* sums 0 .. n (n + 1) */
  double *ways = calloc((nx + 1) * most, sizeof *ways);
  if (ways == NULL) return MARL_FAIL(err, MARL_EMEMORY, "Mann-Whitney: no memory");
  ways[0] = 1.0;
  size_t reached = 0;
  for (size_t i = 0; i < n; ++i) {
    const size_t rank = (size_t)pooled[i].rank;
    reached += rank;
    for (size_t k = i + 1 < nx ? i + 1 : nx; k >= 1; --k) {
      double *restrict to = ways + k * most;
      const double *restrict from = ways + (k - 1) * most;
      for (size_t sum = rank; sum <= reached; ++sum) to[sum] += from[sum - rank];
    }
  }
  const int mean = (int)(nx * (n + 1)), far = abs(observed - mean);
  double all = 0.0, beyond = 0.0;
  for (size_t sum = 0; sum < most; ++sum) {
    all += ways[nx * most + sum];
    if (abs((int)sum - mean) >= far) beyond += ways[nx * most + sum];
  }
  *p = beyond / all;
  free(ways);
  return MARL_OK;
}

/* Normal approximation with the corrections for ties and continuity. */
static double asymptotic_p(double u, double a, double b, double ties) {
  const double n = a + b, variance = a * b / 12.0 * (n + 1.0 - ties / (n * (n - 1.0)));
  const double distance = fabs(u - 0.5 * a * b) - 0.5;
  if (!(variance > 0.0) || distance <= 0.0) return 1.0;
  return erfc(distance / sqrt(2.0 * variance));
}

MarlCode marl_mann_whitney(const double *x, size_t nx, const double *y, size_t ny,
                           MarlRankTest *out, MarlError *err) {
  *out = (MarlRankTest){NAN, NAN};
  if (nx == 0 || ny == 0) return MARL_OK;
  const size_t n = nx + ny;
  Pooled *pooled = malloc(n * sizeof *pooled);
  if (pooled == NULL) return MARL_FAIL(err, MARL_EMEMORY, "Mann-Whitney: no memory");
  for (size_t i = 0; i < n; ++i) pooled[i] = (Pooled){i < nx ? x[i] : y[i - nx], 0, i < nx};
  const double ties = rank_all(pooled, n);
  double sum = 0.0; /* of doubled ranks */
  for (size_t i = 0; i < n; ++i) sum += pooled[i].first ? pooled[i].rank : 0;
  const double a = (double)nx, b = (double)ny, u = 0.5 * sum - 0.5 * a * (a + 1.0);
  out->improvement = u / (a * b);
  MarlCode code = MARL_OK;
  if (n <= MARL_MANN_WHITNEY_EXACT)
    code = exact_p(pooled, n, nx, (int)sum, &out->p, err);
  else
    out->p = asymptotic_p(u, a, b, ties);
  free(pooled);
  return code;
}

double marl_hedges_g(const double *x, size_t nx, const double *y, size_t ny) {
  const double difference = marl_mean(x, nx) - marl_mean(y, ny);
  if (difference == 0.0) return 0.0;
  const double sx = marl_standard_deviation(x, nx), sy = marl_standard_deviation(y, ny);
  const double freedom = (double)(nx + ny) - 2.0;
  const double pooled = sqrt(((double)(nx - 1) * sx * sx + (double)(ny - 1) * sy * sy) / freedom);
  return difference / pooled * (1.0 - 3.0 / (4.0 * freedom - 1.0));
}

static int by_p(const void *a, const void *b) {
  const MarlRankedP *x = a, *y = b;
  if (x->p != y->p) return x->p < y->p ? -1 : 1;
  return (x->at > y->at) - (x->at < y->at); /* equal values keep their order */
}

void marl_holm(const double *p, size_t n, double *adjusted, MarlRankedP *scratch) {
  size_t count = 0;
  for (size_t i = 0; i < n; ++i) {
    adjusted[i] = p[i]; /* of a test that could not be made: NaN */
    if (!isnan(p[i])) scratch[count++] = (MarlRankedP){p[i], i};
  }
  qsort(scratch, count, sizeof *scratch, by_p);
  double largest = 0.0;
  for (size_t rank = 0; rank < count; ++rank) {
    const double scaled = (double)(count - rank) * scratch[rank].p;
    if (scaled > largest) largest = scaled;
    adjusted[scratch[rank].at] = largest < 1.0 ? largest : 1.0;
  }
}
