/* Convolution layers in front of a network: an image becomes features.
 *
 *   y[r, c, :] = act(b + sum_{i,j} x[r s + i - p, c s + j - p, :] W[i, j, :, :])
 *
 * with kernel k x k, stride s and padding p, x being 0 beyond its border. Images are [rows, columns,
 * channels], channels fastest; what stands behind the image in a row passes by and is appended to the
 * features. Parameters of a layer are W [k, k, in, out] then b [out], as those of a dense layer whose
 * inputs are a patch.
 *
 * Sums run over a patch in one order, in the lanes of vectors (conv_layer.h): an image's features do not
 * depend on the rows that share its call. */
#ifndef MARL_NN_CONV_H
#define MARL_NN_CONV_H

#include "marl/nn/mlp.h"

enum { MARL_CONV_MAX_LAYERS = 4 };

typedef struct MarlConvLayer {
  int kernel, channels, stride, padding;
} MarlConvLayer;

typedef struct MarlConvShape {
  int rows, cols, channels; /* of the image */
  int num_layers;           /* 0: no convolution */
  MarlConvLayer layer[MARL_CONV_MAX_LAYERS];
  int tail; /* inputs behind the image */
  MarlActivation activation;
} MarlConvShape;

typedef struct MarlConv MarlConv; /* scratch; holds the last forward */

/* MARL_ECONFIG if a layer leaves nothing of its image, or is larger than 2^26 numbers. */
MarlCode marl_conv_check(const MarlConvShape *shape, MarlError *err) MARL_NODISCARD;
int marl_conv_num_inputs(const MarlConvShape *shape);  /* image and tail */
int marl_conv_num_outputs(const MarlConvShape *shape); /* features and tail */
size_t marl_conv_num_params(const MarlConvShape *shape);
/* Orthogonal weights of the activation's gain, zero biases. */
void marl_conv_init(const MarlConvShape *shape, MarlKey key, float *params);

/* For at most max_rows rows in one call. */
MarlCode marl_conv_create(const MarlConvShape *shape, size_t max_rows, MarlConv **out,
                          MarlError *err) MARL_NODISCARD;
void marl_conv_destroy(MarlConv **conv);

/* output [rows, outputs] of input [rows, inputs]. No array may alias. */
void marl_conv_forward(MarlConv *conv, size_t rows, const float *params, const float *input,
                       float *output);
/* Of the last forward, with the same arguments: adds to params_grad. */
void marl_conv_backward(MarlConv *conv, size_t rows, const float *params, const float *input,
                        const float *output_grad, float *params_grad);

#endif
