/* A gated recurrent unit (Cho et al. 2014), in the form of cuDNN and PyTorch:
 *
 *   r = s(x W_r + h U_r + b_r),   z = s(x W_z + h U_z + b_z),   q = h U_n + c,
 *   n = tanh(x W_n + b_n + r q),  h' = n + z (h - n),           s(a) = 1 / (1 + exp(-a))
 *
 * Parameters, one run of floats: W [inputs, 3 units], b [3 units], U [units, 3 units], c [units],
 * gates in the order r, z, n.
 *
 * Sequences go through together, step by step: the rows of a step are the sequences that are as
 * long, longest first, so that those of the next step are the first of them. Rows are stored step
 * after step; `active` [steps] says how many each step has, never more than the step before. One step
 * of independent rows is the case steps = 1. */
#ifndef MARL_NN_GRU_H
#define MARL_NN_GRU_H

#include <stddef.h>

#include "marl/core/error.h"
#include "marl/core/rng.h"

/* Scratch for sequences of at most max_rows rows together; holds the last forward. Opaque. */
typedef struct MarlGru MarlGru;

MarlCode marl_gru_create(int inputs, int units, size_t max_rows, MarlGru **out,
                         MarlError *err) MARL_NODISCARD;
void marl_gru_destroy(MarlGru **gru);

size_t marl_gru_num_params(int inputs, int units);
/* Every gate orthogonal, biases 0: a unit forgets half at each step at first. */
void marl_gru_init(int inputs, int units, MarlKey key, float *params);

/* state [rows, units], h' of every row, of input [rows, inputs] and the h that the sequences begin
 * with, start [active[0], units]. No array may alias. */
void marl_gru_forward(MarlGru *gru, size_t steps, const size_t *active, const float *params,
                      const float *input, const float *start, float *state);
/* Of the last forward, with the same arguments: adds to params_grad; writes input_grad [rows, inputs]
 * unless NULL. The gradient ends at `start`: truncated backpropagation (Werbos 1990). */
void marl_gru_backward(MarlGru *gru, size_t steps, const size_t *active, const float *params,
                       const float *input, const float *state_grad, float *params_grad,
                       float *input_grad);

#endif
