#include <math.h>
#include <string.h>

#include "marl/learn/ppo.h"
#include "marl/nn/dist.h"
#include "marl/nn/vecmath.h"

static void gather(Ppo *ppo, const PpoGroup *group, const MarlRollout *rollout, size_t count,
                   const uint32_t *sample) {
  const MarlRole *role = &ppo->policy->roles[group->role].role;
  const size_t dim = (size_t)role->obs_dim, S = (size_t)ppo->state_dim;
  const size_t act = (size_t)role->act_dim, act_wide = (size_t)ppo->act_dim;
  float mean, std;
  marl_critic_scale(ppo->critic, group->role, group->set, &mean, &std);
  for (size_t i = 0; i < count; ++i) {
    const size_t slot = sample[i];
    const float advantage = rollout->advantage[slot];
    marl_rollout_read_obs(rollout, slot, dim, ppo->input + i * dim);
    memcpy(ppo->x + i * act, rollout->act + slot * act_wide, act * sizeof(float));
    ppo->old_log_prob[i] = rollout->log_prob[slot];
    ppo->target[i] = (advantage + rollout->value[slot] - mean) / std;
    ppo->advantage[i] = (float)((advantage - group->advantage_mean) * group->advantage_scale);
    if (S == 0) continue;
    float *row = ppo->critic_input + i * (S + dim);
    memcpy(row + marl_critic_state_at(ppo->critic, group->role), rollout->state + slot * S,
           S * sizeof(float));
    memcpy(row + marl_critic_obs_at(ppo->critic, group->role), ppo->input + i * dim,
           dim * sizeof(float));
  }
}

/* d L / d log pi of each row from the new log-probabilities, and the sums. */
static void surrogate(Ppo *ppo, size_t count, double total, float *sums) {
  const float clip = ppo->params.clip, share = (float)(1 / total);
  float *ratio = ppo->weight;
  for (size_t i = 0; i < count; ++i) ratio[i] = ppo->log_prob[i] - ppo->old_log_prob[i];
  float kl = 0, loss = 0, clipped = 0;
  for (size_t i = 0; i < count; ++i) kl -= ratio[i];
  marl_vec_exp(count, ratio, ratio);
  for (size_t i = 0; i < count; ++i) {
    const float rho = ratio[i], A = ppo->advantage[i];
    const float cut = rho < 1 - clip ? 1 - clip : (rho > 1 + clip ? 1 + clip : rho);
    const float free_term = rho * A, cut_term = cut * A;
    kl += rho - 1; /* mean (rho - 1 - log rho) estimates KL(old, new), Schulman 2020 */
    clipped += rho == cut ? 0 : 1;
    loss -= free_term < cut_term ? free_term : cut_term;
    ppo->weight[i] = free_term <= cut_term ? -A * rho * share : 0;
  }
  sums[PPO_KL] += kl * share;
  sums[PPO_POLICY_LOSS] += loss * share;
  sums[PPO_CLIPPED] += clipped * share;
}

static void discrete_gradient(Ppo *ppo, const MarlPolicyRole *r, size_t count, double total,
                              float *sums) {
  const float share = (float)(1 / total);
  const int dim = r->role.act_dim;
  for (size_t i = 0; i < count * (size_t)dim; ++i) ppo->choice[i] = (int32_t)ppo->x[i];
  marl_categorical_log_prob(count, dim, r->choices, ppo->output, ppo->choice, ppo->log_prob,
                            ppo->entropy);
  surrogate(ppo, count, total, sums);
  for (size_t i = 0; i < count; ++i) {
    sums[PPO_ENTROPY] += ppo->entropy[i] * share;
    ppo->entropy_weight[i] = -ppo->params.entropy_coefficient * share;
  }
  marl_categorical_grad(count, dim, r->choices, ppo->output, ppo->choice, ppo->weight,
                        ppo->entropy_weight, ppo->output_grad);
}

/* The entropy of the actions as they come out of their box. Its value is only reported, from a few
 * rows of the block, which are in no order; its gradient is added where it has a weight. */
static void add_entropy(Ppo *ppo, const MarlPolicyRole *r, size_t count, double total,
                        const float *log_std, float *log_std_sum, float *sums) {
  enum { REPORTED = 16 };
  const size_t dim = (size_t)r->role.act_dim, few = count < REPORTED ? count : REPORTED;
  const int width = r->role.act_dim;
  float *mean_grad = ppo->action, *log_std_grad = ppo->x_grad; /* free by now */
  void (*const of)(size_t, int, const float *, const float *, size_t, float *, float *, float *) =
      r->squashed ? marl_squashed_entropy : marl_clipped_entropy;
  of(few, width, ppo->output, log_std, 0, ppo->entropy, NULL, NULL);
  float sum = 0;
  for (size_t i = 0; i < few; ++i) sum += ppo->entropy[i];
  sums[PPO_ENTROPY] += sum / (float)few * (float)((double)count / total);
  const float weight = ppo->params.entropy_coefficient * (float)(1 / total);
  if (weight == 0) return;
  of(count, width, ppo->output, log_std, 0, NULL, mean_grad, log_std_grad);
  for (size_t i = 0; i < count; ++i)
    for (size_t j = 0; j < dim; ++j) {
      ppo->output_grad[i * dim + j] -= weight * mean_grad[i * dim + j];
      log_std_sum[j] -= weight * log_std_grad[i * dim + j];
    }
}

static void continuous_gradient(Ppo *ppo, const PpoGroup *group, const MarlPolicyRole *r,
                                size_t count, double total, float *log_std_sum, float *sums) {
  const MarlRole *role = &r->role;
  const size_t dim = (size_t)role->act_dim;
  const float *log_std = marl_policy_log_std(ppo->policy, group->role, group->set);
  marl_gaussian_log_prob(count, role->act_dim, ppo->output, log_std, 0, ppo->x, ppo->log_prob);
  surrogate(ppo, count, total, sums);
  marl_gaussian_log_prob_grad(count, role->act_dim, ppo->output, log_std, 0, ppo->x,
                              ppo->output_grad, ppo->x_grad);
  for (size_t i = 0; i < count; ++i)
    for (size_t j = 0; j < dim; ++j) {
      ppo->output_grad[i * dim + j] *= ppo->weight[i];
      log_std_sum[j] += ppo->weight[i] * ppo->x_grad[i * dim + j];
    }
  add_entropy(ppo, r, count, total, log_std, log_std_sum, sums);
}

/* Of a shared critic also by what it reads, ppo->trunk_grad. */
static void add_critic_gradient(Ppo *ppo, const PpoGroup *group, const PpoSteps *steps,
                                size_t count, double total, float *grad, float *sums) {
  const MarlCriticRole *r = &ppo->critic->roles[group->role];
  const float *params = marl_critic_params(ppo->critic, group->role, group->set);
  const float share = (float)(1 / total), slope = 2 * ppo->params.value_coefficient * share;
  const float *input = marl_ppo_critic_input(ppo, group->role);
  marl_network_forward(r->net, steps->count, steps->active, params, input, ppo->critic_memory,
                       ppo->value);
  float loss = 0;
  for (size_t i = 0; i < count; ++i) {
    const float error = ppo->value[i] - ppo->target[i];
    loss += error * error;
    ppo->value_grad[i] = slope * error;
  }
  sums[PPO_VALUE_LOSS] += loss * share;
  if (ppo->critic->shared)
    marl_mlp_backward(marl_network_mlp(r->net), 1, count, params, input, ppo->value_grad, grad,
                      ppo->trunk_grad);
  else
    marl_network_backward(r->net, steps->count, steps->active, params, input, ppo->value_grad, NULL,
                          grad);
}

void marl_ppo_add_gradient(Ppo *ppo, const PpoGroup *group, const MarlRollout *rollout,
                           const PpoSteps *steps, const uint32_t *sample, double total,
                           float *grad) {
  const MarlPolicyRole *r = &ppo->policy->roles[group->role];
  const float *params = marl_policy_params(ppo->policy, group->role, group->set);
  float *critic_grad = grad + group->policy_params;
  float *sums = critic_grad + group->critic_params;
  size_t count = 0;
  for (size_t t = 0; t < steps->count; ++t) count += steps->active[t];
  gather(ppo, group, rollout, count, sample);
  marl_ppo_recall(ppo, steps->active[0], sample, (size_t)ppo->remembered, rollout->memory);
  marl_network_forward(r->net, steps->count, steps->active, params, ppo->input, ppo->policy_memory,
                       ppo->output);
  if (r->role.action_kind == MARL_ACTION_DISCRETE) {
    marl_ppo_mask(ppo, r, count, sample, rollout->mask);
    discrete_gradient(ppo, r, count, total, sums);
  } else {
    continuous_gradient(ppo, group, r, count, total, critic_grad - (size_t)r->role.act_dim, sums);
  }
  add_critic_gradient(ppo, group, steps, count, total, critic_grad, sums);
  marl_network_backward(r->net, steps->count, steps->active, params, ppo->input, ppo->output_grad,
                        ppo->critic->shared ? ppo->trunk_grad : NULL, grad);
}
