/* Elementwise functions that the compiler vectorises: libm's tanhf costs a layer eight times the
 * time of its matrix product. The error bounds are checked by a test against libm in double.
 * A NaN gives a NaN; tanh saturates to exactly +-1, exp to 0 and infinity. */
#ifndef MARL_NN_VECMATH_H
#define MARL_NN_VECMATH_H

#include <stddef.h>

/* n values; y may be x, otherwise they must not overlap. */
void marl_vec_tanh(size_t n, const float *x, float *y); /* error < 5e-7 */
void marl_vec_exp(size_t n, const float *x, float *y);  /* relative error < 5e-7 */
void marl_vec_relu(size_t n, const float *x, float *y); /* x < 0 ? 0 : x */

/* y [rows, width] = act(y + bias), bias [width]: the end of a layer in one pass. */
void marl_rows_add(size_t rows, size_t width, const float *restrict bias, float *restrict y);
void marl_rows_add_tanh(size_t rows, size_t width, const float *restrict bias, float *restrict y);
void marl_rows_add_relu(size_t rows, size_t width, const float *restrict bias, float *restrict y);

#endif
