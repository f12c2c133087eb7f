/* Confidence intervals over independent repetitions (seeds) that cover what they say they cover.
 *
 * docs/dilemmas.md ("Intervals") has how often each of them covers, from
 * benchmarks/bench_interval_coverage.c. No resampling: an interval is a function of the values.
 * Fewer than two values have none: both ends are NaN. */
#ifndef MARL_LEARN_INTERVAL_H
#define MARL_LEARN_INTERVAL_H

#include <stddef.h>

typedef struct MarlInterval {
  double low, high;
} MarlInterval;

/* t with P(|T| <= t) = level of Student's distribution with `freedom` > 0 degrees of freedom. */
double marl_student_quantile(double level, double freedom);

/* Of the mean: mean +- t s / sqrt(n), n - 1 degrees of freedom (Student 1908). Exact for normal
 * values; knows nothing of an outcome that did not occur. */
MarlInterval marl_mean_interval(const double *x, size_t n, double level);

/* Of the interquartile mean (marl_interquartile_mean), which is a mean trimmed by floor(n / 4) at
 * each end: +- t s_w sqrt(n) / h with h values left, h - 1 degrees of freedom and s_w the
 * deviation after Winsorizing (Tukey and McLaughlin 1963). `scratch` [n]. */
MarlInterval marl_interquartile_interval(const double *x, size_t n, double level, double *scratch);

/* Of the mean of values that lie in [low, high], whatever their distribution, e.g. of shares that
 * hardly ever collapse; no distribution is known for which it does not cover. Each end is the (1 - level)/2 quantile of sum_i D_i z_i, D uniform on the
 * simplex, z the values and the far end of the range (Gaffke 2005; Learned-Miller and Thomas 2020,
 * arXiv:1905.06208). Values at the ends only give the exact interval of Clopper and Pearson 1934.
 * Wide where a few values cannot exclude a rare other one: n values of 1 give [0.025^(1/n), 1].
 * `scratch` [3 n + 4]. Values outside of the range are a bug. */
MarlInterval marl_bounded_mean_interval(const double *x, size_t n, double low, double high,
                                        double level, double *scratch);

/* Of mean(x) - mean(y), deviations unequal (Welch 1947). */
MarlInterval marl_difference_interval(const double *x, size_t nx, const double *y, size_t ny,
                                      double level);

#endif
