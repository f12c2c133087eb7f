/* Action values of one hidden ReLU layer, for the many small networks of value-based learners.
 *
 *   q(x, k) = b2_k + sum_h W2[k, h] max(0, b1_h + sum_i W1[i, h] x_i)
 *
 * A Q-learner's gradient passes through the taken action alone, and a whole network fits into the
 * first-level cache, so that matrix products are the wrong tool: here a row's hidden layer stays
 * in vector registers, and weight gradients are summed in registers over the rows.
 * Parameters of one network, one run of floats: W1 [I, H], b1 [H], W2 [K, H], b2 [K].
 * Sums over hidden units run in 16 lanes, then the lanes in a fixed tree: the same call gives the
 * same bits. */
#ifndef MARL_NN_VALUE_NET_H
#define MARL_NN_VALUE_NET_H

#include <stddef.h>
#include <stdint.h>

#include "marl/core/error.h"
#include "marl/core/rng.h"

enum { MARL_VALUE_NET_LANES = 16, MARL_VALUE_NET_MAX_INPUTS = 64, MARL_VALUE_NET_MAX_CHOICES = 64 };

typedef struct MarlValueShape {
  int num_inputs;  /* I */
  int hidden;      /* H, a multiple of MARL_VALUE_NET_LANES */
  int num_choices; /* K */
} MarlValueShape;

/* MARL_ECONFIG when a size is out of range. */
MarlCode marl_value_net_check(const MarlValueShape *shape, MarlError *err) MARL_NODISCARD;

size_t marl_value_net_num_params(const MarlValueShape *shape);

/* Uniform in +-1/sqrt(fan in) for weights and biases alike (PyTorch's default for a linear layer:
 * He et al. 2015 with a = sqrt 5). */
void marl_value_net_init(const MarlValueShape *shape, MarlKey key, float *params);

/* q [rows, K] of x, row r at x + r stride. No array may alias. */
void marl_value_net_forward(const MarlValueShape *shape, size_t rows, const float *restrict params,
                            const float *restrict x, size_t stride, float *restrict q);

/* grad = sum_n delta_n dq(x_n, choice_n)/dparams, overwritten; row n of x is index[n]. */
void marl_value_net_backward(const MarlValueShape *shape, size_t count,
                             const float *restrict params, const float *restrict x, size_t stride,
                             const int32_t *restrict index, const int32_t *restrict choice,
                             const float *restrict delta, float *restrict grad);

#endif
