/* Action distributions: sampling, log-probability, entropy and their gradients, row by row.
 *
 * - Gaussian, diagonal: a = mean + exp(log_std) n.
 * - squashed Gaussian on a box: a = mid + half tanh(x), x = mean + exp(log_std) n. Densities are
 *   those of x: ratios of two policies at the same action do not see the squash, whose Jacobian
 *   does not depend on the parameters: log p(a) = log p(x) - sum log(half (1 - tanh(x)^2)).
 * - categorical over logits.
 * Arrays are [rows, dim] with dim the fastest; log_std is [dim] (state independent) when
 * std_stride is 0, else [rows, dim] with std_stride = dim. */
#ifndef MARL_NN_DIST_H
#define MARL_NN_DIST_H

#include <stddef.h>
#include <stdint.h>

#include "marl/core/rng.h"

/* x [rows, dim]. Row r, component i uses normal (keys[r], i): the draw does not depend on layout. */
void marl_gaussian_sample(size_t rows, int dim, const float *mean, const float *log_std,
                          size_t std_stride, const MarlKey *keys, float *x);
void marl_gaussian_log_prob(size_t rows, int dim, const float *mean, const float *log_std,
                            size_t std_stride, const float *x, float *log_prob);
/* d log_prob / d mean and / d log_std, each [rows, dim]. */
void marl_gaussian_log_prob_grad(size_t rows, int dim, const float *mean, const float *log_std,
                                 size_t std_stride, const float *x, float *mean_grad,
                                 float *log_std_grad);
/* Entropy of the action that comes out of a box, for x = mean + exp(log_std) n; the action in units
 * of half the box's width, in nats, summed over components. entropy [rows] or NULL; gradients
 * [rows, dim] with respect to mean and log_std, both or neither (NULL).
 *   squashed: H(x) + E log(1 - tanh(x)^2), the mean by a rule of nine points in n, right to 2e-4
 *             for deviations up to 1 and to 0.01 for 2, derivatives to 1e-3 and 0.05. At most log 2 a component.
 *   clipped:  x is cut at -1 and 1. A density inside, two ends with a probability p of their own:
 *             -int f log f dx - sum p log p, exactly (the entropy with respect to length and to the
 *             counting of the ends). Both reward no deviation beyond what fills the box. */
void marl_squashed_entropy(size_t rows, int dim, const float *mean, const float *log_std,
                           size_t std_stride, float *entropy, float *mean_grad,
                           float *log_std_grad);
void marl_clipped_entropy(size_t rows, int dim, const float *mean, const float *log_std,
                          size_t std_stride, float *entropy, float *mean_grad, float *log_std_grad);

/* a = (low + high)/2 + (high - low)/2 tanh(x), elementwise, n values. */
void marl_squash(size_t n, float low, float high, const float *x, float *a);

/* A product of `dim` categorical distributions, of counts[i] choices each: choice [rows, dim], logits
 * [rows, sum of counts] component after component. One of them is the ordinary case. A logit of
 * -infinity is a choice that cannot be: it has probability 0, adds nothing to the entropy, and its
 * gradient is exactly 0. */

/* Logits of choices whose mask [rows, total] is 0 become -infinity (Huang and Ontanon 2022,
 * arXiv:2006.14171): what follows is the distribution over the legal ones, renormalized. */
void marl_categorical_mask(size_t rows, int total, const uint8_t *mask, float *logits);
/* Component i drawn by inversion with uniform (keys[r], i). */
void marl_categorical_sample(size_t rows, int dim, const int *counts, const float *logits,
                             const MarlKey *keys, int32_t *choice);
void marl_categorical_greedy(size_t rows, int dim, const int *counts, const float *logits,
                             int32_t *choice);
/* log_prob [rows], entropy [rows]: sums over components; either may be NULL. */
void marl_categorical_log_prob(size_t rows, int dim, const int *counts, const float *logits,
                               const int32_t *choice, float *log_prob, float *entropy);
/* logits_grad = log_prob_weight[r] d log_prob/d logits + entropy_weight[r] d entropy/d logits. */
void marl_categorical_grad(size_t rows, int dim, const int *counts, const float *logits,
                           const int32_t *choice, const float *log_prob_weight,
                           const float *entropy_weight, float *logits_grad);

#endif
