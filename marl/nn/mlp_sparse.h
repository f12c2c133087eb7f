/* The first layer of a network whose inputs are mostly 0, as windows on a grid of planes of bits are: what is not 0
 * adds its row of the weights, forward and in the weights' gradient, in place of a product with zeros.
 *
 * Rows come in blocks; a block in which more than a quarter of the inputs are not 0 is left to the caller, who
 * multiplies. On the way back 64 rows are turned around as bits, so that each row of the gradient is loaded once and
 * its sum stays in registers. Sums go by input forward, by row back: a row's outputs do not depend on other rows, but for
 * who computes them. */
#ifndef MARL_NN_MLP_SPARSE_H
#define MARL_NN_MLP_SPARSE_H

#include <stdbool.h>
#include <stddef.h>

#include "marl/core/error.h"

typedef struct MarlSparse MarlSparse; /* which inputs of each row are not 0 */

/* Is the layer one of these? Many inputs, and outputs in whole runs of lanes. */
bool marl_sparse_fits(size_t in, size_t out);
MarlCode marl_sparse_create(size_t in, size_t out, size_t max_rows, MarlSparse **out_sparse,
                            MarlError *err) MARL_NODISCARD;
void marl_sparse_destroy(MarlSparse **sparse);

/* y [rows, out] = x W, W [in, out], of rows `at` .. of the network; false: not sparse, y is as it was. */
bool marl_sparse_forward(MarlSparse *sparse, size_t at, size_t rows, const float *weights,
                         const float *x, float *y);
/* W_grad [in, out] += x^T delta of a block that the last forward took; false: it did not. */
bool marl_sparse_add_gradient(const MarlSparse *sparse, size_t at, size_t rows, const float *x,
                              const float *delta, float *weights_grad);

#endif
