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

void marl_categorical_sample(size_t rows, int num_choices, const float *logits, const MarlKey *keys,
                             int32_t *choice) {
  for (size_t r = 0; r < rows; ++r) {
    const float *row = logits + r * (size_t)num_choices;
    const float top = largest(num_choices, row);
    double total = 0;
    for (int i = 0; i < num_choices; ++i) total += expf(row[i] - top);
    double left = marl_uniform(keys[r], 0) * total;
    /* rounding may leave a little after the last choice: fall back to the last possible one */
    int32_t chosen = 0;
    for (int32_t i = 0; i < num_choices; ++i) {
      const double p = expf(row[i] - top);
      if (p > 0) chosen = i;
      left -= p;
      if (left < 0) break;
    }
    choice[r] = chosen;
  }
}

void marl_categorical_greedy(size_t rows, int num_choices, const float *logits, int32_t *choice) {
  for (size_t r = 0; r < rows; ++r) {
    const float *row = logits + r * (size_t)num_choices;
    int32_t best = 0;
    for (int32_t i = 1; i < num_choices; ++i)
      if (row[i] > row[best]) best = i;
    choice[r] = best;
  }
}

void marl_categorical_log_prob(size_t rows, int num_choices, const float *logits,
                               const int32_t *choice, float *log_prob, float *entropy,
                               float *probs) {
  for (size_t r = 0; r < rows; ++r) {
    const size_t first = r * (size_t)num_choices;
    const float *row = logits + first;
    const float total = log_sum_exp(num_choices, row);
    if (log_prob != NULL) log_prob[r] = row[choice[r]] - total;
    if (entropy != NULL) {
      entropy[r] = 0;
      for (int i = 0; i < num_choices; ++i) entropy[r] += surprise(row[i] - total);
    }
    if (probs != NULL)
      for (int i = 0; i < num_choices; ++i) probs[first + (size_t)i] = expf(row[i] - total);
  }
}

/* d log p_c / d logit_i = [i = c] - p_i;  d H / d logit_i = -p_i (log p_i + H). */
void marl_categorical_grad(size_t rows, int num_choices, const float *logits, const int32_t *choice,
                           const float *log_prob_weight, const float *entropy_weight,
                           float *logits_grad) {
  for (size_t r = 0; r < rows; ++r) {
    const size_t first = r * (size_t)num_choices;
    const float *row = logits + first;
    const float total = log_sum_exp(num_choices, row);
    float entropy = 0;
    for (int i = 0; i < num_choices; ++i) entropy += surprise(row[i] - total);
    for (int32_t i = 0; i < num_choices; ++i) {
      const float log_p = row[i] - total, p = expf(log_p);
      const float chosen = i == choice[r] ? 1.0f : 0.0f;
      logits_grad[first + (size_t)i] =
          log_prob_weight[r] * (chosen - p) + entropy_weight[r] * (surprise(log_p) - p * entropy);
    }
  }
}
