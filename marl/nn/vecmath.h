/* Elementwise functions that the compiler vectorises: libm's tanhf costs a layer eight times the
 * time of its matrix product. Errors are bounds checked by a test against libm in double. */
#ifndef MARL_NN_VECMATH_H
#define MARL_NN_VECMATH_H

#include <stddef.h>

void marl_vec_tanh(size_t n, const float *x, float *y); /* in place allowed; error < 5e-7 */
void marl_vec_exp(size_t n, const float *x, float *y);  /* in place allowed; relative < 5e-7 */
/* y = x > 0 ? x : 0. */
void marl_vec_relu(size_t n, const float *x, float *y);

#endif
