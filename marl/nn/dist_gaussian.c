#include <math.h>

#include "marl/nn/dist.h"
#include "marl/nn/vecmath.h"

static const float half_log_two_pi = 0.918938533204672742f;

void marl_gaussian_sample(size_t rows, int dim, const float *mean, const float *log_std,
                          size_t std_stride, const MarlKey *keys, float *x) {
  const size_t n = (size_t)dim;
  for (size_t r = 0; r < rows; ++r)
    for (size_t i = 0; i < n; ++i)
      x[r * n + i] = mean[r * n + i] +
                     expf(log_std[r * std_stride + i]) * (float)marl_normal(keys[r], (uint64_t)i);
}

/* Component by component, so that a log_std shared by the rows costs one exponential. */
void marl_gaussian_log_prob(size_t rows, int dim, const float *mean, const float *log_std,
                            size_t std_stride, const float *x, float *log_prob) {
  const size_t n = (size_t)dim;
  for (size_t r = 0; r < rows; ++r) log_prob[r] = 0;
  for (size_t i = 0; i < n; ++i) {
    float inverse_std = expf(-log_std[i]);
    for (size_t r = 0; r < rows; ++r) {
      const float scale = log_std[r * std_stride + i];
      if (std_stride != 0) inverse_std = expf(-scale);
      const float z = (x[r * n + i] - mean[r * n + i]) * inverse_std;
      log_prob[r] -= 0.5f * z * z + scale + half_log_two_pi;
    }
  }
}

/* With z = (x - mean) / std: d/d mean = z / std, d/d log_std = z^2 - 1. */
void marl_gaussian_log_prob_grad(size_t rows, int dim, const float *mean, const float *log_std,
                                 size_t std_stride, const float *x, float *mean_grad,
                                 float *log_std_grad) {
  const size_t n = (size_t)dim;
  for (size_t i = 0; i < n; ++i) {
    float inverse_std = expf(-log_std[i]);
    for (size_t r = 0; r < rows; ++r) {
      const size_t at = r * n + i;
      if (std_stride != 0) inverse_std = expf(-log_std[r * std_stride + i]);
      const float z = (x[at] - mean[at]) * inverse_std;
      mean_grad[at] = z * inverse_std;
      log_std_grad[at] = z * z - 1;
    }
  }
}

void marl_squash(size_t n, float low, float high, const float *x, float *a) {
  const float mid = 0.5f * (low + high), half = 0.5f * (high - low);
  marl_vec_tanh(n, x, a);
  for (size_t i = 0; i < n; ++i) a[i] = mid + half * a[i];
}
