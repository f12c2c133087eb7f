#include "marl/nn/vecmath.h"

void marl_vec_relu(size_t n, const float *x, float *y) {
  for (size_t i = 0; i < n; ++i) y[i] = x[i] > 0 ? x[i] : 0;
}
