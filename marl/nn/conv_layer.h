/* One layer of a convolution on a block of images, without its activation.
 *
 * Nothing is unfolded: an output's channels are the lanes of a vector, eight outputs are summed in registers
 * at once, and what they see is read where it lies, with a border of zeros around it. Every sum has one
 * order, that of the patch, so that an image's outputs are those that it has alone.
 *
 * A layer's weights are packed once a call: [chunks, patch + 1, LANES], a chunk being LANES output channels
 * and the last row the bias; for the way back [chunks of input channels, kernel kernel, out, LANES]. */
#ifndef MARL_NN_CONV_LAYER_H
#define MARL_NN_CONV_LAYER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct MarlConvPlan {
  int rows, cols, in;          /* input [rows, cols, in] */
  int out_rows, out_cols, out; /* output */
  int kernel, stride, padding;
  int patch;        /* kernel kernel in */
  size_t params_at; /* where weights and biases of the layer begin */
  uint32_t *
      cell; /* [block, outputs] the cell in which what an output sees begins, of bordered images one
                       after the other; the owner's of the plan */
} MarlConvPlan;

/* Floats: of an image, with its border, of an output, of packed and of turned weights. */
size_t marl_conv_plan_inputs(const MarlConvPlan *plan);
size_t marl_conv_plan_bordered(const MarlConvPlan *plan);
size_t marl_conv_plan_outputs(const MarlConvPlan *plan);
size_t marl_conv_plan_packed(const MarlConvPlan *plan);
size_t marl_conv_plan_turned(const MarlConvPlan *plan);
/* Floats an image that its way back needs in between: [2 chunks, bordered cells, LANES], [outputs, LANES]. */
size_t marl_conv_plan_scratch(const MarlConvPlan *plan);

/* Cells [count, outputs]. */
void marl_conv_list_cells(const MarlConvPlan *plan, size_t count, uint32_t *cell);
/* `params` [patch + 1, out]. */
void marl_conv_pack(const MarlConvPlan *plan, const float *params, float *packed);
void marl_conv_turn(const MarlConvPlan *plan, const float *params, float *turned);
/* [count, bordered] of [count, inputs], an image `stride` floats after the other. */
void marl_conv_border(const MarlConvPlan *plan, size_t count, const float *images, size_t stride,
                      float *bordered);

/* y [count, outputs] of bordered images x, one after the other. */
void marl_conv_forward_layer(const MarlConvPlan *plan, size_t count, const float *x,
                             const float *packed, float *y);
/* Adds to params_grad [patch + 1, out] from delta [count, outputs]; to the biases only if x is NULL. */
void marl_conv_add_gradient(const MarlConvPlan *plan, size_t count, const float *x,
                            const float *delta, float *scratch, float *params_grad);
/* x_grad [count, inputs] from delta. */
void marl_conv_pull_back(const MarlConvPlan *plan, size_t count, const float *delta,
                         const float *turned, float *scratch, float *x_grad);

#endif
