#include <math.h>
#include <string.h>

#include "marl/learn/learner_dqn.h"

/* Columns `first` .. of the sampled rows of a replay, as the network sees them, into dqn->input. */
static void gather(DqnLearner *dqn, const DqnGroup *group, const MarlReplay *replay, size_t count,
                   const uint32_t *sampled, size_t first) {
  const size_t dim = replay->obs_dim;
  for (size_t i = 0; i < count; ++i)
    memcpy(dqn->raw + i * dim, replay->rows + sampled[i] * replay->stride + first,
           dim * sizeof(float));
  marl_policy_normalize(dqn->policy, group->role, group->set, count, dim, dqn->raw, dqn->input);
}

/* reward, choice, terminal of a row */
static const float *tail_of(const MarlReplay *replay, uint32_t row) {
  return replay->rows + row * replay->stride + 2 * replay->obs_dim;
}

void marl_dqn_learner_goals(DqnLearner *dqn, const DqnGroup *group, const MarlReplay *replay,
                            size_t count, const uint32_t *sampled) {
  const MarlPolicyRole *r = &dqn->policy->roles[group->role];
  const size_t choices = (size_t)r->role.num_choices;
  gather(dqn, group, replay, count, sampled, replay->obs_dim);
  marl_mlp_forward(r->mlp, 1, count, dqn->target + group->target_at, dqn->input, dqn->next_value);
  const float *judge = dqn->next_value;
  if (dqn->params.double_q) {
    marl_mlp_forward(r->mlp, 1, count, marl_policy_params(dqn->policy, group->role, group->set),
                     dqn->input, dqn->output);
    judge = dqn->output;
  }
  for (size_t i = 0; i < count; ++i) {
    const float *tail = tail_of(replay, sampled[i]);
    size_t best = 0;
    for (size_t k = 1; k < choices; ++k)
      if (judge[i * choices + k] > judge[i * choices + best]) best = k;
    const float future = tail[2] > 0 ? 0 : dqn->next_value[i * choices + best];
    dqn->goal[i] = tail[0] + dqn->params.gamma * future;
  }
}

void marl_dqn_learner_add_gradient(DqnLearner *dqn, const DqnGroup *group, const MarlReplay *replay,
                                   size_t count, const uint32_t *sampled, double total,
                                   float *grad) {
  const MarlPolicyRole *r = &dqn->policy->roles[group->role];
  const float *params = marl_policy_params(dqn->policy, group->role, group->set);
  const size_t choices = (size_t)r->role.num_choices;
  const float share = (float)(1 / total), huber = dqn->params.huber;
  const float limit = huber > 0 ? huber : INFINITY;
  marl_dqn_learner_goals(dqn, group, replay, count, sampled);
  gather(dqn, group, replay, count, sampled, 0);
  marl_mlp_forward(r->mlp, 1, count, params, dqn->input, dqn->output);
  memset(dqn->output_grad, 0, count * choices * sizeof(float));
  float loss = 0, value = 0;
  for (size_t i = 0; i < count; ++i) {
    const size_t at = i * choices + (size_t)tail_of(replay, sampled[i])[1];
    const float error = dqn->output[at] - dqn->goal[i], size = fabsf(error);
    loss += size <= limit ? 0.5f * error * error : limit * (size - 0.5f * limit);
    value += dqn->output[at];
    dqn->output_grad[at] = share * (size <= limit ? error : copysignf(limit, error));
  }
  grad[group->num_params + DQN_LOSS] += loss * share;
  grad[group->num_params + DQN_VALUE] += value * share;
  marl_mlp_backward(r->mlp, 1, count, params, dqn->input, dqn->output_grad, grad, NULL);
}
