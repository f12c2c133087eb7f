/* A bank of multilayer perceptrons: P parameter sets of one shape in one block.
 *
 *   h_0 = input,  h_l = act(h_{l-1} W_l + b_l),  output = h_{L-1} W_L + b_L (linear)
 *
 * Parameters of a set are one run of floats, layer by layer: W_l [in, out] then b_l [out]; the
 * bank is [P, num_params] and belongs to the caller, so that optimizers, gradient sums and
 * checkpoints see plain arrays.
 *
 * Every set goes through sgemm by itself, in blocks of rows: what a set computes depends on its
 * parameters and its rows, not on how many sets there are, and the same call gives the same bits.
 * The bits of a row may depend on how many rows share its call.
 * Blocks of 128..512 rows stay in the caches: a caller that trains loops over such blocks,
 * forward, loss gradient, backward, block by block. */
#ifndef MARL_NN_MLP_H
#define MARL_NN_MLP_H

#include <stddef.h>

#include "marl/core/error.h"
#include "marl/core/rng.h"

enum { MARL_MLP_MAX_HIDDEN = 4, MARL_MLP_BLOCK = 512 };

typedef enum MarlActivation { MARL_TANH, MARL_RELU } MarlActivation;

typedef struct MarlMlpShape {
  int num_inputs, num_outputs;
  int num_hidden; /* hidden layers, 0 .. MARL_MLP_MAX_HIDDEN */
  int hidden[MARL_MLP_MAX_HIDDEN];
  MarlActivation activation;
} MarlMlpShape;

/* Shape and scratch; holds the activations of the last forward. Opaque. */
typedef struct MarlMlp MarlMlp;

/* For at most `max_sets` sets of at most `max_rows` rows each in one call. */
MarlCode marl_mlp_create(const MarlMlpShape *shape, int max_sets, size_t max_rows, MarlMlp **out,
                         MarlError *err) MARL_NODISCARD;
void marl_mlp_destroy(MarlMlp **mlp);

size_t marl_mlp_num_params(const MarlMlpShape *shape); /* of one set */

/* Orthogonal weights (gain sqrt 2 for relu, 5/3 for tanh; output_gain for the last layer), zero
 * biases, of one set [num_params]. Saxe et al. 2014. */
void marl_mlp_init(const MarlMlpShape *shape, MarlKey key, float output_gain, float *params);

/* Uniform in +-1/sqrt(inputs of the layer), weights and biases alike: PyTorch's default of a linear
 * layer (He et al. 2015 with a = sqrt 5). */
void marl_mlp_init_uniform(const MarlMlpShape *shape, MarlKey key, float *params);

/* Of the weights in front of an activation: sqrt 2 for relu, 5/3 for tanh. */
float marl_mlp_hidden_gain(MarlActivation activation);
/* delta *= act'(x), n values, from h = act(x). */
void marl_mlp_slope(MarlActivation activation, size_t n, const float *restrict h,
                    float *restrict delta);
/* Orthogonal weights [in, out] of the given gain, a row `stride` numbers after the other. */
void marl_weights_init(MarlKey key, size_t in, size_t out, size_t stride, float gain,
                       float *weights);

/* output [num_sets, rows, num_outputs] of input [num_sets, rows, num_inputs], set p with params
 * [p, num_params]. Keeps what backward needs until the next forward. No array may alias. */
void marl_mlp_forward(MarlMlp *mlp, int num_sets, size_t rows, const float *restrict params,
                      const float *restrict input, float *restrict output);

/* Gradients of the last forward, with the same arguments: adds to params_grad
 * [num_sets, num_params]; writes input_grad [num_sets, rows, num_inputs] unless NULL. */
void marl_mlp_backward(MarlMlp *mlp, int num_sets, size_t rows, const float *restrict params,
                       const float *restrict input, const float *restrict output_grad,
                       float *restrict params_grad, float *restrict input_grad);

#endif
