#include <math.h>

#include "marl/nn/dist.h"

static float largest(int n, const float *logits) {
  float top = logits[0];
  for (int i = 1; i < n; ++i)
    if (logits[i] > top) top = logits[i];
  return top;
}

/* log sum exp of a row; exact in range because the largest term is 1. */
static float log_sum_exp(int n, const float *logits) {
  const float top = largest(n, logits);
  float sum = 0;
  for (int i = 0; i < n; ++i) sum += expf(logits[i] - top);
  return top + logf(sum);
}

/* -p log p, whose limit at p = 0 (a logit of -infinity) is 0. */
static float surprise(float log_p) {
  return log_p < -100.0f ? 0 : -expf(log_p) * log_p;
}

void marl_categorical_mask(size_t rows, int total, const uint8_t *mask, float *logits) {
  for (size_t i = 0; i < rows * (size_t)total; ++i)
    if (!mask[i]) logits[i] = -INFINITY;
}

/* Rounding may leave a little after the last choice: then it is the last possible one. */
static int32_t sample(int n, const float *logits, double uniform) {
  const float top = largest(n, logits);
  double total = 0;
  for (int i = 0; i < n; ++i) total += expf(logits[i] - top);
  double left = uniform * total;
  int32_t chosen = 0;
  for (int32_t i = 0; i < n; ++i) {
    const double p = expf(logits[i] - top);
    if (p > 0) chosen = i;
    left -= p;
    if (left < 0) break;
  }
  return chosen;
}

void marl_categorical_sample(size_t rows, int dim, const int *counts, const float *logits,
                             const MarlKey *keys, int32_t *choice) {
  for (size_t r = 0; r < rows; ++r)
    for (int i = 0; i < dim; logits += counts[i++])
      *choice++ = sample(counts[i], logits, marl_uniform(keys[r], (uint64_t)i));
}

void marl_categorical_greedy(size_t rows, int dim, const int *counts, const float *logits,
                             int32_t *choice) {
  for (size_t r = 0; r < rows; ++r)
    for (int i = 0; i < dim; logits += counts[i++]) {
      int32_t best = 0;
      for (int32_t k = 1; k < counts[i]; ++k)
        if (logits[k] > logits[best]) best = k;
      *choice++ = best;
    }
}

static float entropy_of(int n, const float *logits, float total) {
  float entropy = 0;
  for (int i = 0; i < n; ++i) entropy += surprise(logits[i] - total);
  return entropy;
}

void marl_categorical_log_prob(size_t rows, int dim, const int *counts, const float *logits,
                               const int32_t *choice, float *log_prob, float *entropy) {
  for (size_t r = 0; r < rows; ++r) {
    float sum = 0, uncertainty = 0;
    for (int i = 0; i < dim; logits += counts[i++]) {
      const float total = log_sum_exp(counts[i], logits);
      sum += logits[*choice++] - total;
      if (entropy != NULL) uncertainty += entropy_of(counts[i], logits, total);
    }
    if (log_prob != NULL) log_prob[r] = sum;
    if (entropy != NULL) entropy[r] = uncertainty;
  }
}

/* d log p_c / d logit_i = [i = c] - p_i;  d H / d logit_i = -p_i (log p_i + H). */
static void gradient(int n, const float *logits, int32_t choice, float log_prob_weight,
                     float entropy_weight, float *logits_grad) {
  const float total = log_sum_exp(n, logits), entropy = entropy_of(n, logits, total);
  for (int32_t i = 0; i < n; ++i) {
    const float log_p = logits[i] - total, p = expf(log_p);
    const float chosen = i == choice ? 1.0f : 0.0f;
    logits_grad[i] =
        log_prob_weight * (chosen - p) + entropy_weight * (surprise(log_p) - p * entropy);
  }
}

void marl_categorical_grad(size_t rows, int dim, const int *counts, const float *logits,
                           const int32_t *choice, const float *log_prob_weight,
                           const float *entropy_weight, float *logits_grad) {
  for (size_t r = 0; r < rows; ++r)
    for (int i = 0; i < dim; logits += counts[i], logits_grad += counts[i], ++i)
      gradient(counts[i], logits, *choice++, log_prob_weight[r], entropy_weight[r], logits_grad);
}
