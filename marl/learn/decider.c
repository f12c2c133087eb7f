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
      .keys = calloc(rows, sizeof *out->keys),
      .obs = calloc(rows * (size_t)spec->obs_dim, sizeof *out->obs),
      .act = calloc(rows * (size_t)spec->act_dim, sizeof *out->act),
      .mask = calloc(rows * (size_t)spec->mask_dim + 1, 1),
      .memory = memory,
      .remembered = calloc(rows * memory * (size_t)policy->num_roles + 1, sizeof *out->remembered),
      .now = calloc(rows * memory + 1, sizeof *out->now)};
  MarlCode code = MARL_OK;
  if (out->keys == NULL || out->obs == NULL || out->act == NULL || out->mask == NULL ||
      out->remembered == NULL || out->now == NULL)
    code = MARL_FAIL(err, MARL_EMEMORY, "out of memory for the decisions of %zu agents", rows);
  if (code == MARL_OK)
    code = marl_deciders_create(policy, num_envs, spec->num_agents, &out->deciders, err);
  if (code != MARL_OK) marl_decider_clear(out);
  return code;
}

void marl_decider_clear(MarlDecider *decider) {
  marl_deciders_clear(&decider->deciders);
  free(decider->keys);
  free(decider->obs);
  free(decider->act);
  free(decider->mask);
  free(decider->remembered);
  free(decider->now);
  *decider = (MarlDecider){.policy = NULL};
}

/* Actions of n rows of one parameter set in one role. */
static void act_alike(const MarlDecider *d, int role, int set, size_t n, const uint32_t *rows,
                      MarlBatch *batch, const MarlKey *key, int first_env) {
  const MarlRole *r = &d->policy->roles[role].role;
  const size_t A = (size_t)batch->num_agents;
  const size_t dim = (size_t)r->obs_dim, wide = (size_t)d->spec->obs_dim;
  const size_t act = (size_t)r->act_dim, act_wide = (size_t)d->spec->act_dim;
  const size_t mask_wide = (size_t)d->spec->mask_dim;
  const bool masked = mask_wide > 0 && r->action_kind == MARL_ACTION_DISCRETE;
  const size_t logits = masked ? (size_t)marl_role_num_logits(r) : 0;
  const size_t memory = (size_t)d->policy->roles[role].memory;
  float *remembered = d->remembered + (size_t)role * (size_t)batch->num_envs * A * d->memory;
  for (size_t i = 0; i < n; ++i) {
    const size_t row = rows[i];
    memcpy(d->obs + i * dim, batch->obs + row * wide, dim * sizeof(float));
    if (masked) memcpy(d->mask + i * logits, batch->mask + row * mask_wide, logits);
    if (key != NULL)
      d->keys[i] = marl_key_fold(marl_key_fold(*key, (uint64_t)first_env + row / A), row % A);
    memcpy(d->now + i * memory, remembered + row * memory, memory * sizeof(float));
  }
  const MarlPolicyRows decisions = {.count = n,
                                    .obs = d->obs,
                                    .mask = masked ? d->mask : NULL,
                                    .keys = key != NULL ? d->keys : NULL,
                                    .memory = memory > 0 ? d->now : NULL,
                                    .act = d->act};
  marl_policy_decide(d->policy, role, set, &decisions);
  for (size_t i = 0; i < n; ++i) {
    memcpy(remembered + rows[i] * memory, d->now + i * memory, memory * sizeof(float));
    memcpy(batch->act + rows[i] * act_wide, d->act + i * act, act * sizeof(float));
  }
}

/* An agent whose episode has ended remembers nothing of it. */
static void forget(const MarlDecider *d, const MarlBatch *batch) {
  const size_t rows = (size_t)batch->num_envs * (size_t)batch->num_agents;
  for (size_t i = 0; i < batch->first_touched[batch->num_envs]; ++i) {
    const size_t row = batch->touched[i];
    if (!batch->terminated[row] && !batch->truncated[row]) continue;
    for (size_t role = 0; role < (size_t)d->policy->num_roles; ++role) {
      const size_t wide = (size_t)d->policy->roles[role].memory;
      memset(d->remembered + role * rows * d->memory + row * wide, 0, wide * sizeof(float));
    }
  }
}

void marl_decider_act(MarlDecider *decider, MarlBatch *batch, const MarlKey *key, int first_env) {
  MarlDeciders *deciders = &decider->deciders;
  if (decider->memory > 0) forget(decider, batch);
  marl_deciders_list(deciders, batch);
  for (size_t at = 0, count; at < deciders->count; at += count) {
    const uint32_t *rows = deciders->rows + at;
    count = marl_deciders_alike(deciders, at, SIZE_MAX);
    act_alike(decider, batch->role[rows[0]],
              marl_policy_set(decider->policy, (int)(rows[0] % (uint32_t)batch->num_agents)), count,
              rows, batch, key, first_env);
  }
}
