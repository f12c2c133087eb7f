#include "marl/nn/vecmath.h"

#include <math.h>
#include <stdint.h>
#include <string.h>

/* min and max that keep a NaN in x, in the form of the processor's own instructions. */
static inline float at_most(float x, float bound) {
  return bound < x ? bound : x;
}
static inline float at_least(float x, float bound) {
  return bound > x ? bound : x;
}

/* a b + c, rounded once wherever the processor can: left to the compiler, the vector body and the
 * scalar rest of a loop may be contracted differently. */
static inline float multiply_add(float a, float b, float c) {
#if defined(FP_FAST_FMAF) || defined(__FMA__)
  return fmaf(a, b, c);
#else
  return a * b + c;
#endif
}

/* tanh x = x P(x^2) / Q(x^2), a rational function of degree 13 / 6 (the coefficients of Eigen's
 * ptanh_float). From 9.2 to 10.8 it is above 1, by 6 ulp at 10.5: beyond that P / Q keeps its value
 * and the result, which grows with x, is cut at 1. So the saturation is exact. */
static inline float tanh_of(float x) {
  const float s = at_most(x * x, 10.5f * 10.5f);
  float p = -2.76076847742355e-16f;
  p = multiply_add(p, s, 2.00018790482477e-13f);
  p = multiply_add(p, s, -8.60467152213735e-11f);
  p = multiply_add(p, s, 5.12229709037114e-08f);
  p = multiply_add(p, s, 1.48572235717979e-05f);
  p = multiply_add(p, s, 6.37261928875436e-04f);
  p = multiply_add(p, s, 4.89352455891786e-03f);
  float q = 1.19825839466702e-06f;
  q = multiply_add(q, s, 1.18534705686654e-04f);
  q = multiply_add(q, s, 2.26843463243900e-03f);
  q = multiply_add(q, s, 4.89352518554385e-03f);
  const float y = x * p / q;
  return copysignf(at_most(fabsf(y), 1.0f), y);
}

static inline float float_of_bits(uint32_t bits) {
  float x;
  memcpy(&x, &bits, sizeof x);
  return x;
}

static inline uint32_t bits_of_float(float x) {
  uint32_t bits;
  memcpy(&bits, &x, sizeof bits);
  return bits;
}

/* e^x = 2^n e^r with n = round(x / log 2), |r| <= log(2)/2, and e^r by its Taylor polynomial of
 * degree 7 (remainder below 2^-27). n is read from the low bits of x / log 2 + 1.5 2^23; 2^n is
 * applied as two factors so that results fade through the subnormals and overflow to infinity. */
static inline float exp_of(float x) {
  const float z = at_least(at_most(x, 89.0f), -104.0f);
  const float shifter = 0x1.8p23f;
  const float t = multiply_add(z, 1.44269504088896341f, shifter);
  const float n = t - shifter;
  /* log 2 in two parts, Cody and Waite: n * high is exact */
  const float r = multiply_add(n, 2.12194440054690583e-4f, multiply_add(n, -0.693359375f, z));
  float p = 1.0f / 5040.0f;
  p = multiply_add(p, r, 1.0f / 720.0f);
  p = multiply_add(p, r, 1.0f / 120.0f);
  p = multiply_add(p, r, 1.0f / 24.0f);
  p = multiply_add(p, r, 1.0f / 6.0f);
  p = multiply_add(p, r, 0.5f);
  p = multiply_add(p, r, 1.0f);
  p = multiply_add(p, r, 1.0f);
  /* n + 256 is positive, so that a logical shift halves it */
  const uint32_t shifted = bits_of_float(t) - bits_of_float(shifter) + 256u;
  const uint32_t half = shifted >> 1;
  const float first = float_of_bits((half - 1u) << 23);
  const float second = float_of_bits((shifted - half - 1u) << 23);
  return p * first * second;
}

void marl_vec_tanh(size_t n, const float *x, float *y) {
  for (size_t i = 0; i < n; ++i) y[i] = tanh_of(x[i]);
}

void marl_vec_exp(size_t n, const float *x, float *y) {
  for (size_t i = 0; i < n; ++i) y[i] = exp_of(x[i]);
}

void marl_vec_relu(size_t n, const float *x, float *y) {
  for (size_t i = 0; i < n; ++i) y[i] = x[i] < 0 ? 0 : x[i];
}

void marl_rows_add(size_t rows, size_t width, const float *restrict bias, float *restrict y) {
  for (size_t r = 0; r < rows; ++r)
    for (size_t j = 0; j < width; ++j) y[r * width + j] += bias[j];
}

void marl_rows_add_tanh(size_t rows, size_t width, const float *restrict bias, float *restrict y) {
  for (size_t r = 0; r < rows; ++r)
    for (size_t j = 0; j < width; ++j) y[r * width + j] = tanh_of(y[r * width + j] + bias[j]);
}

void marl_rows_add_relu(size_t rows, size_t width, const float *restrict bias, float *restrict y) {
  for (size_t r = 0; r < rows; ++r)
    for (size_t j = 0; j < width; ++j) {
      const float sum = y[r * width + j] + bias[j];
      y[r * width + j] = sum < 0 ? 0 : sum;
    }
}
