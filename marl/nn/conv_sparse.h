/* One layer of a convolution and one image: patches, and what is done where most inputs are 0. */
#ifndef MARL_NN_CONV_SPARSE_H
#define MARL_NN_CONV_SPARSE_H

#include <stdbool.h>
#include <stddef.h>

typedef struct MarlConvPlan {
  int rows, cols, in;          /* input [rows, cols, in] */
  int out_rows, out_cols, out; /* output */
  int kernel, stride, padding;
  int patch;        /* kernel kernel in */
  size_t params_at; /* where weights and biases of the layer begin */
} MarlConvPlan;

/* At most a fifth of the image is not 0: then adding rows is faster than multiplying patches. */
bool marl_conv_is_sparse(const MarlConvPlan *plan, const float *image);
/* y [out_rows, out_cols, out] = sums without bias. */
void marl_conv_sparse_forward(const MarlConvPlan *plan, const float *weights, const float *image,
                              float *y);
/* Adds to weights_grad from delta [out_rows, out_cols, out]. */
void marl_conv_sparse_backward(const MarlConvPlan *plan, const float *image, const float *delta,
                               float *weights_grad);

/* patches [out_rows, out_cols, kernel, kernel, in] of an image, 0 beyond its border; and back, adding
 * what overlaps. */
void marl_conv_unfold(const MarlConvPlan *plan, const float *image, float *patches);
void marl_conv_fold(const MarlConvPlan *plan, const float *patches, float *image);

#endif
