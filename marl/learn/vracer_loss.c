#include <math.h>
#include <string.h>

#include "marl/learn/refer.h"
#include "marl/learn/vracer.h"
#include "marl/nn/dist.h"
#include "marl/nn/vecmath.h"

/* exp(30) is far beyond any bound and far below what overflows. */
static const float log_ratio_limit = 30;

/* Values and ratios of the slots now, in v and in memory. */
void marl_vracer_look(Vracer *v, MarlSequences *s, size_t count, const uint32_t *slots) {
  const size_t O = v->obs_dim, U = v->act_dim;
  for (size_t i = 0; i < count; ++i) {
    const size_t slot = slots[i];
    memcpy(v->input + i * O, s->obs + slot * O, O * sizeof(float));
    memcpy(v->x + i * U, s->x + slot * U, U * sizeof(float));
  }
  marl_vracer_forward(v, count);
  marl_gaussian_log_prob(count, (int)U, v->mean, v->log_std, U, v->x, v->log_prob);
  for (size_t i = 0; i < count; ++i) {
    const float log_ratio = v->log_prob[i] - s->log_prob[slots[i]];
    v->ratio[i] = fmaxf(fminf(log_ratio, log_ratio_limit), -log_ratio_limit);
  }
  marl_vec_exp(count, v->ratio, v->ratio);
  for (size_t i = 0; i < count; ++i) {
    s->value[slots[i]] = v->value[i];
    s->ratio[slots[i]] = v->ratio[i];
  }
}

void marl_vracer_look_at_finals(Vracer *v, MarlSequences *s, size_t count, const uint32_t *slots) {
  const size_t O = v->obs_dim;
  for (size_t i = 0; i < count; ++i)
    memcpy(v->input + i * O, s->final_obs + slots[i] * O, O * sizeof(float));
  marl_vracer_forward(v, count);
  for (size_t i = 0; i < count; ++i) s->final_value[slots[i]] = v->value[i];
}

/* The Gaussian's part of row i: grad [mean | y] of -policy rho A + pull KL(mu || pi); returns the
 * KL divergence. With z = (x - mean)/std: d rho / d mean = rho z / std, d rho / d log_std =
 * rho (z^2 - 1); d log_std / d y = 1 / sqrt(1 + y^2). */
static float gaussian_gradient(const Vracer *v, const MarlSequences *s, size_t i, size_t slot,
                               float policy, float pull, float *grad) {
  const size_t U = v->act_dim;
  const float *y = v->output + i * (2 * U + 1) + U;
  float kl = 0;
  for (size_t j = 0; j < U; ++j) {
    const float log_std = v->log_std[i * U + j], old_log_std = s->log_std[slot * U + j];
    const float inverse_std = expf(-log_std), old_std = expf(old_log_std);
    const float z = (v->x[i * U + j] - v->mean[i * U + j]) * inverse_std;
    const float shift = (v->mean[i * U + j] - s->mean[slot * U + j]) * inverse_std;
    const float spread = old_std * inverse_std;
    const float second = spread * spread + shift * shift;
    const float std_grad = -policy * (z * z - 1) + pull * (1 - second);
    kl += log_std - old_log_std + 0.5f * (second - 1);
    grad[j] = (-policy * z + pull * shift) * inverse_std;
    grad[U + j] = std_grad / sqrtf(1 + y[j] * y[j]);
  }
  return kl;
}

/* The loss of each row and its gradient with respect to the outputs. */
static void loss(Vracer *v, const MarlSequences *s, size_t count, const uint32_t *slots,
                 float share, float *sums) {
  const size_t wide = 2 * v->act_dim + 1;
  const float beta = (float)v->beta, pull = (1 - beta) * share;
  float value_loss = 0, policy_loss = 0, kl = 0;
  for (size_t i = 0; i < count; ++i) {
    float *grad = v->output_grad + i * wide;
    if (s->end[slots[i]] == MARL_SEQUENCE_ABSENT) {
      memset(grad, 0, wide * sizeof *grad);
      continue;
    }
    const float rho = v->ratio[i], advantage = s->target[slots[i]] - v->value[i];
    const float error = (rho < 1 ? rho : 1) * advantage; /* v - V */
    const float trust = marl_refer_near(rho, v->bound) ? beta : 0;
    const float gain = trust * rho * advantage, weight = v->params.gate_value ? trust : 1;
    value_loss += 0.5f * weight * error * error;
    policy_loss -= gain;
    kl += gaussian_gradient(v, s, i, slots[i], gain * share, pull, grad);
    grad[wide - 1] = -weight * error * share;
  }
  sums[VRACER_VALUE_LOSS] += value_loss * share;
  sums[VRACER_POLICY_LOSS] += policy_loss * share;
  sums[VRACER_KL] += kl * share;
}

void marl_vracer_add_gradient(Vracer *v, MarlSequences *s, size_t count, const uint32_t *slots,
                              float share, float *grad) {
  marl_vracer_look(v, s, count, slots);
  loss(v, s, count, slots, share, grad + v->num_params);
  marl_mlp_backward(v->mlp, 1, count, v->network, v->input, v->output_grad, grad, NULL);
}
