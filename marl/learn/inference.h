/* Statistics over independent repetitions (seeds) of a training run.
 *
 * Agarwal, Schwarzer, Castro, Courville, Bellemare 2021, "Deep RL at the edge of the statistical
 * precipice": interquartile mean, probability of improvement. Mann and Whitney 1947; Holm 1979;
 * Hedges 1981. Intervals are in interval.h. */
#ifndef MARL_LEARN_INFERENCE_H
#define MARL_LEARN_INFERENCE_H

#include <stddef.h>

#include "marl/core/error.h"

double marl_mean(const double *x, size_t n);
double marl_standard_deviation(const double *x,
                               size_t n); /* n - 1 in the denominator; 0 if n < 2 */

/* Of the values x[0], x[stride], ... [n] that are there, NaN being absent: their mean, NaN for none, and its
 * standard error, NaN for fewer than two, which say nothing of how far apart they are. */
void marl_mean_of_known(const double *x, size_t n, size_t stride, double *mean, double *error);

/* Mean of the middle half: floor(n/4) values are dropped at each end. `scratch` [n]. */
double marl_interquartile_mean(const double *x, size_t n, double *scratch);

/* Of two samples of independent runs. */
typedef struct MarlRankTest {
  double improvement; /* probability of improvement: P(X > Y) + P(X = Y)/2 of one run each */
  double p;           /* two-sided, of Mann and Whitney */
} MarlRankTest;

/* Up to this many runs in both samples p is exact: of all ways to part the pooled runs, with their
 * ties, the share that is at least as far from even. Above, the normal approximation with
 * corrections for ties and continuity. */
enum { MARL_MANN_WHITNEY_EXACT = 40 };

/* Values that differ by rounding only are ties (2^-40 of the largest). Both NaN when a sample is
 * empty. */
MarlCode marl_mann_whitney(const double *x, size_t nx, const double *y, size_t ny,
                           MarlRankTest *out, MarlError *err) MARL_NODISCARD;

/* Difference of means in pooled standard deviations, corrected for small samples: g of Hedges.
 * 0 when the means are equal, +-infinity when only the deviations are 0. */
double marl_hedges_g(const double *x, size_t nx, const double *y, size_t ny);

typedef struct MarlRankedP {
  double p;
  size_t at;
} MarlRankedP;

/* Holm's step-down correction of n p-values, in place order; NaN stands for no test and stays.
 * `scratch` [n]. */
void marl_holm(const double *p, size_t n, double *adjusted, MarlRankedP *scratch);

#endif
