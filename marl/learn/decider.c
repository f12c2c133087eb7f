#include "marl/learn/decider.h"

#include <stdlib.h>
#include <string.h>

MarlCode marl_decider_create(const MarlPolicy *policy, const MarlEnvSpec *spec, int num_envs,
                             MarlDecider *out, MarlError *err) {
  const size_t rows = (size_t)num_envs * (size_t)spec->num_agents;
  size_t memory = 0;
  for (int r = 0; r < policy->num_roles; ++r)
    if ((size_t)policy->roles[r].memory > memory) memory = (size_t)policy->roles[r].memory;
  *out = (MarlDecider){
      .policy = policy,
      .spec = spec,
      .sorted = calloc(rows, sizeof *out->sorted),
      .first = calloc((size_t)policy->num_sets + 1, sizeof *out->first),
      .rows = calloc(rows, sizeof *out->rows),
      .keys = calloc(rows, sizeof *out->keys),
      .obs = calloc(rows * (size_t)spec->obs_dim, sizeof *out->obs),
      .act = calloc(rows * (size_t)spec->act_dim, sizeof *out->act),
      .mask = calloc(rows * (size_t)spec->mask_dim + 1, 1),
      .memory = memory,
      .remembered = calloc(rows * memory * (size_t)policy->num_roles + 1, sizeof *out->remembered),
      .now = calloc(rows * memory + 1, sizeof *out->now)};
  if (out->sorted != NULL && out->first != NULL && out->rows != NULL && out->keys != NULL &&
      out->obs != NULL && out->act != NULL && out->mask != NULL && out->remembered != NULL &&
      out->now != NULL) {
    marl_policy_sort_rows(policy, num_envs, spec->num_agents, out->first, out->sorted);
    return MARL_OK;
  }
  marl_decider_clear(out);
  return MARL_FAIL(err, MARL_EMEMORY, "out of memory for the decisions of %zu agents", rows);
}

void marl_decider_clear(MarlDecider *decider) {
  free(decider->sorted);
  free(decider->first);
  free(decider->rows);
  free(decider->keys);
  free(decider->obs);
  free(decider->act);
  free(decider->mask);
  free(decider->remembered);
  free(decider->now);
  *decider = (MarlDecider){.policy = NULL};
}

/* Actions of one parameter set in one role. */
static void act_group(const MarlDecider *d, int role, int set, MarlBatch *batch, const MarlKey *key,
                      int first_env) {
  const MarlRole *r = &d->policy->roles[role].role;
  const size_t A = (size_t)batch->num_agents;
  const size_t dim = (size_t)r->obs_dim, wide = (size_t)d->spec->obs_dim;
  const size_t act = (size_t)r->act_dim, act_wide = (size_t)d->spec->act_dim;
  const size_t mask_wide = (size_t)d->spec->mask_dim;
  const bool masked = mask_wide > 0 && r->action_kind == MARL_ACTION_DISCRETE;
  const size_t logits = masked ? (size_t)marl_role_num_logits(r) : 0;
  const size_t memory = (size_t)d->policy->roles[role].memory;
  float *remembered = d->remembered + (size_t)role * (size_t)batch->num_envs * A * d->memory;
  size_t n = 0;
  for (size_t i = d->first[set]; i < d->first[set + 1]; ++i) {
    const size_t row = d->sorted[i];
    if (!batch->active[row] || batch->role[row] != role) continue;
    memcpy(d->obs + n * dim, batch->obs + row * wide, dim * sizeof(float));
    if (masked) memcpy(d->mask + n * logits, batch->mask + row * mask_wide, logits);
    if (key != NULL)
      d->keys[n] = marl_key_fold(marl_key_fold(*key, (uint64_t)first_env + row / A), row % A);
    memcpy(d->now + n * memory, remembered + row * memory, memory * sizeof(float));
    d->rows[n++] = (uint32_t)row;
  }
  if (n == 0) return;
  const MarlPolicyRows rows = {.count = n,
                               .obs = d->obs,
                               .mask = masked ? d->mask : NULL,
                               .keys = key != NULL ? d->keys : NULL,
                               .memory = memory > 0 ? d->now : NULL,
                               .act = d->act};
  marl_policy_decide(d->policy, role, set, &rows);
  for (size_t i = 0; i < n; ++i)
    memcpy(remembered + d->rows[i] * memory, d->now + i * memory, memory * sizeof(float));
  for (size_t i = 0; i < n; ++i)
    memcpy(batch->act + d->rows[i] * act_wide, d->act + i * act, act * sizeof(float));
}

/* An agent whose episode has ended remembers nothing of it. */
static void forget(const MarlDecider *d, const MarlBatch *batch) {
  const size_t rows = (size_t)batch->num_envs * (size_t)batch->num_agents;
  for (size_t i = 0; i < rows * (size_t)d->policy->num_roles; ++i) {
    const size_t row = i % rows;
    if (!batch->terminated[row] && !batch->truncated[row]) continue;
    const size_t wide = (size_t)d->policy->roles[i / rows].memory;
    memset(d->remembered + i / rows * rows * d->memory + row * wide, 0, wide * sizeof(float));
  }
}

void marl_decider_act(const MarlDecider *decider, MarlBatch *batch, const MarlKey *key,
                      int first_env) {
  const MarlPolicy *policy = decider->policy;
  if (decider->memory > 0) forget(decider, batch);
  for (int role = 0; role < policy->num_roles; ++role)
    for (int set = 0; set < policy->roles[role].num_sets; ++set)
      act_group(decider, role, set, batch, key, first_env);
}
