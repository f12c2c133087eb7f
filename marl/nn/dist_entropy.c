#include <math.h>

#include "marl/nn/dist.h"
#include "marl/nn/vecmath.h"

static const float half_log_two_pi = 0.918938533204672742f;

/* A standard normal as 2 NODES - 1 points k spacing with weights like exp(-(0.9 k)^2/2): the spacing
 * is such that the variance is 1. */
enum { NODES = 5 };
static const float spacing = 0.900253609f;
static const float weights[NODES] = {0.359058503f, 0.239483695f, 0.0710572107f, 0.00937911433f,
                                     0.000550727767f};

/* log(1 - tanh(x)^2), which does not cancel. */
static float log_slope(float x) {
  const float log_two = 0.693147180559945309f, size = fabsf(x);
  return 2 * (log_two - size - log1pf(expf(-2 * size)));
}

static float squashed_entropy(float mean, float log_std) {
  const float std = expf(log_std);
  float sum = log_std + 0.5f + half_log_two_pi + weights[0] * log_slope(mean);
  for (int k = 1; k < NODES; ++k) {
    const float shift = std * spacing * (float)k;
    sum += weights[k] * (log_slope(mean + shift) + log_slope(mean - shift));
  }
  return sum;
}

/* Of up to BLOCK rows of component i. d/dx log(1 - tanh(x)^2) = -2 tanh x. */
enum { BLOCK = 128 };
static void squashed_gradient(size_t rows, size_t dim, size_t i, const float *mean,
                              const float *log_std, size_t std_stride, float *mean_grad,
                              float *log_std_grad) {
  float x[BLOCK], slope[BLOCK], std[BLOCK], by_mean[BLOCK] = {0}, by_log_std[BLOCK] = {0};
  for (size_t r = 0; r < rows; ++r)
    std[r] = r > 0 && std_stride == 0 ? std[0] : expf(log_std[r * std_stride + i]);
  for (int k = 1 - NODES; k < NODES; ++k) {
    const float n = spacing * (float)k, weight = -2 * weights[k < 0 ? -k : k];
    for (size_t r = 0; r < rows; ++r) x[r] = mean[r * dim + i] + std[r] * n;
    marl_vec_tanh(rows, x, slope);
    for (size_t r = 0; r < rows; ++r) {
      by_mean[r] += weight * slope[r];
      by_log_std[r] += weight * n * slope[r];
    }
  }
  for (size_t r = 0; r < rows; ++r) {
    mean_grad[r * dim + i] = by_mean[r];
    log_std_grad[r * dim + i] = 1 + std[r] * by_log_std[r];
  }
}

void marl_squashed_entropy(size_t rows, int dim, const float *mean, const float *log_std,
                           size_t std_stride, float *entropy, float *mean_grad,
                           float *log_std_grad) {
  const size_t wide = (size_t)dim;
  for (size_t r = 0; r < rows && entropy != NULL; ++r) {
    entropy[r] = 0;
    for (size_t i = 0; i < wide; ++i)
      entropy[r] += squashed_entropy(mean[r * wide + i], log_std[r * std_stride + i]);
  }
  for (size_t at = 0; at < rows && mean_grad != NULL; at += BLOCK) {
    const size_t left = rows - at, n = left < BLOCK ? left : BLOCK;
    for (size_t i = 0; i < wide; ++i)
      squashed_gradient(n, wide, i, mean + at * wide, log_std + at * std_stride, std_stride,
                        mean_grad + at * wide, log_std_grad + at * wide);
  }
}

static double surprise(double p) {
  return p > 0 ? -p * log(p) : 0;
}

/* Entropy, and its derivatives by mean and log_std. With a, b = (-1 - mean)/std, (1 - mean)/std,
 * p = Phi(a), q = Phi(-b), Z = 1 - p - q and c = log std + log(2 pi)/2:
 *   H = -p log p - q log q + c Z + (Z + a phi(a) - b phi(b))/2
 *   dH/da = -phi(a) (log p + 1 + c + a^2/2),  dH/db = phi(b) (log q + 1 + c + b^2/2)
 * where phi(a) log p vanishes with p. */
static void clipped_entropy(double mean, double log_std, double out[3]) {
  const double std = exp(log_std), c = log_std + 0.5 * log(2 * acos(-1));
  const double a = (-1 - mean) / std, b = (1 - mean) / std;
  const double p = 0.5 * erfc(-a / sqrt(2)), q = 0.5 * erfc(b / sqrt(2)), inside = 1 - p - q;
  const double phi_a = exp(-0.5 * a * a - c) * std, phi_b = exp(-0.5 * b * b - c) * std;
  const double by_a = p > 0 ? -phi_a * (log(p) + 1 + c + 0.5 * a * a) : 0;
  const double by_b = q > 0 ? phi_b * (log(q) + 1 + c + 0.5 * b * b) : 0;
  const double tails = (phi_a > 0 ? a * phi_a : 0) - (phi_b > 0 ? b * phi_b : 0);
  out[0] = surprise(p) + surprise(q) + c * inside + 0.5 * (inside + tails);
  out[1] = -(by_a + by_b) / std;
  out[2] = inside - (by_a != 0 ? a * by_a : 0) - (by_b != 0 ? b * by_b : 0);
}

void marl_clipped_entropy(size_t rows, int dim, const float *mean, const float *log_std,
                          size_t std_stride, float *entropy, float *mean_grad,
                          float *log_std_grad) {
  const size_t wide = (size_t)dim;
  for (size_t r = 0; r < rows; ++r) {
    double sum = 0, out[3];
    for (size_t i = 0; i < wide; ++i) {
      clipped_entropy((double)mean[r * wide + i], (double)log_std[r * std_stride + i], out);
      sum += out[0];
      if (mean_grad == NULL) continue;
      mean_grad[r * wide + i] = (float)out[1];
      log_std_grad[r * wide + i] = (float)out[2];
    }
    if (entropy != NULL) entropy[r] = (float)sum;
  }
}
