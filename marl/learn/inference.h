/* Statistics over independent repetitions (seeds) of a training run.
 *
 * Agarwal, Schwarzer, Castro, Courville, Bellemare 2021, "Deep RL at the edge of the statistical
 * precipice": interquartile mean, percentile bootstrap over runs, probability of improvement.
 * Mann and Whitney 1947; Holm 1979; Hedges 1981. */
#ifndef MARL_LEARN_INFERENCE_H
#define MARL_LEARN_INFERENCE_H

#include <stddef.h>

#include "marl/core/error.h"
#include "marl/core/rng.h"

double marl_mean(const double *x, size_t n);
double marl_standard_deviation(const double *x,
                               size_t n); /* n - 1 in the denominator; 0 if n < 2 */

/* Mean of the middle half: floor(n/4) values are dropped at each end. `scratch` [n]. */
double marl_interquartile_mean(const double *x, size_t n, double *scratch);

/* A statistic of a sample; scratch [n] is its own. */
typedef double (*MarlStatistic)(const double *x, size_t n, double *scratch);
double marl_statistic_mean(const double *x, size_t n, double *scratch);

typedef struct MarlInterval {
  double low, high;
} MarlInterval;

/* Percentile bootstrap interval of `level` (0.95): resample b, draw i takes value
 * below(fold(key, b), i, n). The same key gives the same interval. */
MarlCode marl_bootstrap(const double *x, size_t n, MarlStatistic statistic, int resamples,
                        double level, MarlKey key, MarlInterval *out,
                        MarlError *err) MARL_NODISCARD;

/* P(X > Y) + P(X = Y)/2 of one run each. */
double marl_probability_of_improvement(const double *x, size_t nx, const double *y, size_t ny);

/* Two-sided p of the Mann-Whitney test: normal approximation with tie and continuity corrections
 * (fair from about eight runs a side); 1 when all values are equal. */
double marl_mann_whitney(const double *x, size_t nx, const double *y, size_t ny);

/* Difference of means in pooled standard deviations, corrected for small samples: g of Hedges.
 * 0 when the means are equal, +-infinity when only the deviations are 0. */
double marl_hedges_g(const double *x, size_t nx, const double *y, size_t ny);

/* Holm's step-down correction of n p-values, in place order; `order` [n] is scratch. */
void marl_holm(const double *p, size_t n, double *adjusted, size_t *order);

#endif
