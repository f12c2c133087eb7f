#include <math.h>
#include <string.h>

#include "marl/learn/policy_internal.h"
#include "marl/nn/dist.h"
#include "marl/nn/value_net.h"

/* log(y + sqrt(1 + y^2)) = asinh y, which does not cancel for negative y. */
void marl_policy_split(const MarlPolicyRole *role, size_t rows, size_t stride, const float *output,
                       float *mean, float *log_std) {
  const size_t dim = (size_t)role->role.act_dim;
  const float log_scale = logf(role->std_scale);
  for (size_t r = 0; r < rows; ++r)
    for (size_t i = 0; i < dim; ++i) {
      mean[r * dim + i] = output[r * stride + i];
      log_std[r * dim + i] = log_scale + asinhf(output[r * stride + dim + i]);
    }
}

void marl_policy_normalize(const MarlPolicy *policy, int role, int set, size_t rows, size_t stride,
                           const float *obs, float *out) {
  const MarlPolicyRole *r = &policy->roles[role];
  if (r->normalizer != NULL) {
    marl_normalizer_apply(r->normalizer[set], rows, stride, obs, MARL_POLICY_OBSERVATION_LIMIT,
                          out);
    return;
  }
  const size_t dim = (size_t)r->role.obs_dim;
  for (size_t row = 0; row < rows; ++row)
    memcpy(out + row * dim, obs + row * stride, dim * sizeof *out);
}

void marl_policy_action(const MarlPolicyRole *role, size_t rows, const float *x, float *act) {
  const float low = role->role.act_low, high = role->role.act_high;
  const size_t n = rows * (size_t)role->role.act_dim;
  if (role->squashed) {
    marl_squash(n, low, high, x, act);
    return;
  }
  const float mid = 0.5f * (low + high), half = 0.5f * (high - low);
  for (size_t i = 0; i < n; ++i) {
    const float inside = x[i] < -1 ? -1 : (x[i] > 1 ? 1 : x[i]);
    act[i] = mid + half * inside;
  }
}

/* The number of the k-th legal choice, k drawn with `key`: of a uniform distribution over them. */
static int32_t any_choice(int n, const uint8_t *mask, MarlKey key) {
  uint64_t legal = 0;
  for (int i = 0; i < n; ++i) legal += mask == NULL || mask[i];
  uint64_t left = marl_below(key, 1, legal);
  int32_t chosen = 0;
  for (int32_t i = 0; i < n; ++i) {
    if (mask != NULL && !mask[i]) continue;
    chosen = i;
    if (left-- == 0) break;
  }
  return chosen;
}

/* How often a draw of `set` is uniform. */
static float epsilon_of(const MarlPolicy *policy, const MarlPolicyRole *r, int set) {
  return marl_policy_learns(policy, set) ? r->epsilon : r->frozen_epsilon;
}

/* policy->choice of policy->output, from where illegal choices are struck out: drawn, or the
 * highest logit or value. Values are of roles with one component. */
static void choose(const MarlPolicy *policy, const MarlPolicyRole *r, int set,
                   const MarlPolicyRows *rows) {
  const int dim = r->role.act_dim, total = r->shape.num_outputs;
  if (rows->mask != NULL) marl_categorical_mask(rows->count, total, rows->mask, policy->output);
  if (rows->keys != NULL && !r->values) {
    marl_categorical_sample(rows->count, dim, r->choices, policy->output, rows->keys,
                            policy->choice);
    return;
  }
  const float epsilon = epsilon_of(policy, r, set);
  marl_categorical_greedy(rows->count, dim, r->choices, policy->output, policy->choice);
  for (size_t row = 0; rows->keys != NULL && row < rows->count; ++row)
    if (marl_uniform(rows->keys[row], 0) < (double)epsilon)
      policy->choice[row] = any_choice(
          total, rows->mask == NULL ? NULL : rows->mask + row * (size_t)total, rows->keys[row]);
}

static void act_continuously(const MarlPolicy *policy, int role, int set,
                             const MarlPolicyRows *rows) {
  const MarlPolicyRole *r = &policy->roles[role];
  const size_t dim = (size_t)r->role.act_dim;
  const bool of_row = r->std_scale > 0; /* its deviations are outputs */
  float *x = of_row ? policy->mean : policy->output;
  const float *log_std = policy->log_std;
  if (of_row)
    marl_policy_split(r, rows->count, 2 * dim, policy->output, policy->mean, policy->log_std);
  else
    log_std = marl_policy_log_std(policy, role, set);
  if (rows->keys != NULL)
    marl_gaussian_sample(rows->count, r->role.act_dim, x, log_std, of_row ? dim : 0, rows->keys, x);
  marl_policy_action(r, rows->count, x, rows->act);
}

/* policy->output of policy->input. */
static void evaluate(const MarlPolicy *policy, int role, int set, const MarlPolicyRows *rows) {
  const MarlPolicyRole *r = &policy->roles[role];
  const float *params = marl_policy_params(policy, role, set);
  MarlValueShape narrow;
  if (r->values && r->memory == 0 && r->conv.num_layers == 0 &&
      marl_value_net_fits(&r->shape, &narrow)) {
    marl_value_net_forward(&narrow, rows->count, params, policy->input, policy->output);
    return;
  }
  const size_t remembered = rows->count * (size_t)r->memory;
  float *start = rows->memory != NULL ? rows->memory : policy->memory;
  if (rows->memory == NULL) memset(start, 0, remembered * sizeof *start);
  marl_network_forward(r->net, 1, &rows->count, params, policy->input, start, policy->output);
  if (remembered > 0) memcpy(start, marl_network_memory(r->net), remembered * sizeof *start);
}

/* One block of at most block_rows rows. */
static void decide_block(const MarlPolicy *policy, int role, int set, const MarlPolicyRows *rows) {
  const MarlPolicyRole *r = &policy->roles[role];
  marl_policy_normalize(policy, role, set, rows->count, (size_t)r->role.obs_dim, rows->obs,
                        policy->input);
  evaluate(policy, role, set, rows);
  if (r->role.action_kind == MARL_ACTION_CONTINUOUS) {
    act_continuously(policy, role, set, rows);
    return;
  }
  choose(policy, r, set, rows);
  const size_t n = rows->count * (size_t)r->role.act_dim;
  for (size_t i = 0; i < n; ++i) rows->act[i] = (float)policy->choice[i];
}

void marl_policy_decide(const MarlPolicy *policy, int role, int set, const MarlPolicyRows *rows) {
  const MarlPolicyRole *r = &policy->roles[role];
  if (r->table != NULL) {
    marl_policy_act_table(r, set, epsilon_of(policy, r, set), rows);
    return;
  }
  const size_t in = (size_t)r->role.obs_dim, out = (size_t)r->role.act_dim;
  for (size_t at = 0; at < rows->count; at += policy->block_rows) {
    const size_t left = rows->count - at;
    MarlPolicyRows block = *rows;
    block.count = left < policy->block_rows ? left : policy->block_rows;
    block.obs += at * in;
    if (rows->mask != NULL) block.mask += at * (size_t)r->shape.num_outputs;
    if (rows->keys != NULL) block.keys += at;
    if (rows->memory != NULL) block.memory += at * (size_t)r->memory;
    block.act += at * out;
    decide_block(policy, role, set, &block);
  }
}

void marl_policy_act(const MarlPolicy *policy, int role, int set, size_t rows, const float *obs,
                     const MarlKey *keys, float *act) {
  const MarlPolicyRows all = {.count = rows, .obs = obs, .keys = keys, .act = act};
  marl_policy_decide(policy, role, set, &all);
}
