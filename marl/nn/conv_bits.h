/* The first layer of a convolution on images whose planes are bits.
 *
 * What lies in a cell is a word of bits, and few different words occur. For each a table holds, tap by tap, the sum of
 * the rows of the kernel that it selects, so that an output is one addition a tap however many planes there are.
 * On the way back what each word and tap got is summed first and goes to the rows of the kernel at the end.
 *
 *   y[r, c, :] = b + sum_{i,j} T[word(r s + i - p, c s + j - p), i, j, :],
 *   T[w, i, j, :] = sum_{k in w} W[i, j, k, :]
 *
 * An image that holds other numbers than 0 and 1, or more different words than there is room for, is not taken: the
 * caller does what it does with any image. */
#ifndef MARL_NN_CONV_BITS_H
#define MARL_NN_CONV_BITS_H

#include "marl/core/error.h"
#include "marl/nn/conv_layer.h"

enum { MARL_CONV_BITS_PLANES = 31, MARL_CONV_BITS_WORDS = 128 };

typedef struct MarlConvBits MarlConvBits;

/* For images 0 .. max_images - 1 of a call. */
MarlCode marl_conv_bits_create(const MarlConvPlan *plan, size_t max_images, MarlConvBits **out,
                               MarlError *err) MARL_NODISCARD;
void marl_conv_bits_destroy(MarlConvBits **bits);

/* Before the first image of a call: weights, packed (conv_layer.h) and borrowed until the next. */
void marl_conv_bits_begin(MarlConvBits *bits, const float *packed);
/* y [outputs] of image number `at`; false: it is not taken. */
bool marl_conv_bits_forward(MarlConvBits *bits, size_t at, const float *image, float *y);

/* Before the first image on the way back; then each, false if it was not taken; then what all gave is added to
 * params_grad [patch + 1, out], but for the biases. */
void marl_conv_bits_begin_gradient(MarlConvBits *bits);
bool marl_conv_bits_add(MarlConvBits *bits, size_t at, const float *delta);
void marl_conv_bits_end_gradient(const MarlConvBits *bits, float *params_grad);

#endif
