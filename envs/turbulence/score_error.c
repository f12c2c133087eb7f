/* Sampling errors of scores from blocks that are correlated in time
 *
 * The Gamma method (Wolff 2004, Comput. Phys. Commun. 156, 143): a score is linear in the block means
 * to the order that matters, with the influence u_b of block b taken by leaving the block out,
 *   u_b = (N - 1) (theta - theta without b),  centered;
 * the variance of the score is C(W) / N with C(W) = Gamma(0) + 2 sum_{t = 1..W} Gamma(t) of the
 * autocovariances of u within the runs. The window W is where the estimated error of what it cuts off
 * equals that of what it lets in (eq. 52, S = 1.5), so that the correlation time is measured for
 * every score and not assumed; the factor N/(N - 2W - 1) undoes the bias of the mean that was taken
 * off, n/(n-1) for independent blocks (eq. 49 to first order). */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "envs/turbulence/score.h"

/* Of eq. 51: how many times the correlation time of Gamma is that of its integral. */
static const double RATIO = 1.5;

/* sum over the runs of u_b u_{b + lag}, and the number of its terms. */
static double products(const double *u, const size_t *lengths, size_t num_runs, size_t lag,
                       double *terms) {
  double sum = 0;
  *terms = 0;
  for (size_t r = 0; r < num_runs; u += lengths[r], ++r) {
    if (lengths[r] <= lag) continue;
    for (size_t b = 0; b + lag < lengths[r]; ++b) sum += u[b] * u[b + lag];
    *terms += (double)(lengths[r] - lag);
  }
  return sum;
}

double marl_score_mean_error(const double *u, const size_t *lengths, size_t num_runs,
                             double *correlation) {
  size_t count = 0, longest = 0;
  for (size_t r = 0; r < num_runs; ++r) {
    count += lengths[r];
    longest = lengths[r] > longest ? lengths[r] : longest;
  }
  const double n = (double)count;
  double terms, window = 0;
  const double variance = products(u, lengths, num_runs, 0, &terms) / n;
  double sum = variance;
  *correlation = 0.5;
  if (count < 2) return (double)NAN;
  for (size_t lag = 1; variance > 0 && lag <= longest / 2; ++lag) {
    const double product = products(u, lengths, num_runs, lag, &terms);
    sum += 2 * product / terms;
    window = (double)lag;
    const double integral = sum / (2 * variance);
    const double time = integral > 0.5 ? RATIO / log((2 * integral + 1) / (2 * integral - 1)) : 0;
    if (time == 0 || exp(-window / time) < time / sqrt(window * n)) break;
  }
  if (!(sum > 0)) sum = variance; /* anticorrelated beyond what so few blocks can tell */
  const double used = 2 * window + 1;
  if (variance > 0) *correlation = sum / (2 * variance);
  return n > used ? sqrt(sum / (n - used)) : (double)NAN;
}

MarlCode marl_score_errors(const MarlScoreTarget *target, const double *blocks,
                           const size_t *lengths, size_t num_runs, double error[MARL_MAX_SCORES],
                           MarlError *err) {
  size_t count = 0;
  for (size_t r = 0; r < num_runs; ++r) count += lengths[r];
  for (int i = 0; i < MARL_MAX_SCORES; ++i) error[i] = (double)NAN;
  if (count < 2) return MARL_OK;
  const size_t size = target->block_size, items = (size_t)marl_score_count();
  double *influence = malloc((count * items + 2 * size) * sizeof *influence);
  if (influence == NULL) return MARL_FAIL(err, MARL_EMEMORY, "no memory for %zu blocks", count);
  double *all = influence + count * items, *rest = all + size, value[MARL_MAX_SCORES];
  memset(all, 0, size * sizeof *all);
  for (size_t b = 0; b < count; ++b)
    for (size_t i = 0; i < size; ++i) all[i] += blocks[b * size + i];
  for (size_t b = 0; b < count; ++b) { /* influence [item, block] */
    for (size_t i = 0; i < size; ++i) rest[i] = all[i] - blocks[b * size + i];
    marl_score_compute(target, rest, 1, value);
    for (size_t i = 0; i < items; ++i) influence[i * count + b] = -(double)(count - 1) * value[i];
  }
  for (size_t i = 0; i < items; ++i) {
    double *u = influence + i * count, mean = 0, correlation;
    for (size_t b = 0; b < count; ++b) mean += u[b] / (double)count;
    for (size_t b = 0; b < count; ++b) u[b] -= mean;
    if (isfinite(mean)) error[i] = marl_score_mean_error(u, lengths, num_runs, &correlation);
  }
  free(influence);
  return MARL_OK;
}
