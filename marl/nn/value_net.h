/* Action values of one hidden ReLU layer, for the many small networks of value-based learners.
 *
 *   q(x, k) = b2_k + sum_h W2[h, k] max(0, b1_h + sum_i W1[i, h] x_i)
 *
 * A Q-learner's gradient passes through the taken action alone, and a whole network fits into the
 * first-level cache, so that matrix products are the wrong tool: here a row's hidden layer stays
 * in vector registers, and weight gradients are summed in registers over the rows.
 * Parameters are those of marl/nn/mlp.h: W1 [I, H], b1 [H], W2 [H, K], b2 [K].
 * Sums over hidden units run in 16 lanes, then the lanes in a fixed tree: the same call gives the
 * same bits, and a row those that it has alone. */
#ifndef MARL_NN_VALUE_NET_H
#define MARL_NN_VALUE_NET_H

#include <stdbool.h>
#include <stddef.h>

#include "marl/nn/mlp.h"

enum { MARL_VALUE_NET_LANES = 16, MARL_VALUE_NET_MAX_INPUTS = 64, MARL_VALUE_NET_MAX_CHOICES = 64 };

typedef struct MarlValueShape {
  int num_inputs;  /* I */
  int hidden;      /* H, a multiple of MARL_VALUE_NET_LANES */
  int num_choices; /* K */
} MarlValueShape;

/* Is this network one of these? */
bool marl_value_net_fits(const MarlMlpShape *mlp, MarlValueShape *out);

/* q [rows, K] of x [rows, I]. No array may alias. */
void marl_value_net_forward(const MarlValueShape *shape, size_t rows, const float *restrict params,
                            const float *restrict x, float *restrict q);

/* Adds sum_rk delta_rk dq(x_r, k)/dparams to grad, delta [rows, K]; the cost is that of the entries
 * that are not 0. */
void marl_value_net_backward(const MarlValueShape *shape, size_t rows, const float *restrict params,
                             const float *restrict x, const float *restrict delta,
                             float *restrict grad);

#endif
