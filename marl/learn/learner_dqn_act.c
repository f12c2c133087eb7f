#include <string.h>

#include "marl/learn/learner_dqn.h"

/* After `acts` steps of each environment. */
static double epsilon_after(const DqnLearner *dqn, int64_t acts) {
  const DqnParams *p = &dqn->params;
  if (acts < dqn->start_steps) return p->epsilon_start;
  const int64_t steps = (acts - dqn->start_steps) * dqn->num_envs * dqn->num_shards;
  if (steps >= p->epsilon_steps) return p->epsilon_end;
  const double part = (double)steps / (double)p->epsilon_steps;
  return p->epsilon_start + part * (p->epsilon_end - p->epsilon_start);
}

/* Rows of the group for which `flags` is set and whose role is the group's; returns how many. */
static size_t list_rows(const DqnLearner *dqn, const DqnGroup *group, const uint8_t *flags,
                        const uint8_t *role) {
  const size_t A = (size_t)dqn->num_agents;
  const size_t first = dqn->policy->shared ? 0 : (size_t)group->set;
  const size_t stride = dqn->policy->shared ? 1 : A;
  size_t count = 0;
  for (size_t row = first; row < dqn->num_rows; row += stride)
    if (flags[row] && role[row] == group->role) dqn->rows[count++] = (uint32_t)row;
  return count;
}

static void act_block(DqnLearner *dqn, int shard_number, const DqnGroup *group, size_t count,
                      const uint32_t *rows, const MarlBatch *batch) {
  DqnShard *shard = &dqn->shards[shard_number - dqn->first_shard];
  const size_t dim = (size_t)dqn->policy->roles[group->role].role.obs_dim;
  const MarlKey step_key = marl_key_fold(dqn->act_key, (uint64_t)shard->acts);
  const uint64_t first_row = (uint64_t)shard_number * (uint64_t)dqn->num_rows;
  for (size_t i = 0; i < count; ++i) {
    dqn->keys[i] = marl_key_fold(step_key, first_row + rows[i]);
    memcpy(dqn->raw + i * dim, batch->obs + rows[i] * dqn->obs_dim, dim * sizeof(float));
  }
  marl_policy_act(dqn->policy, group->role, group->set, count, dqn->raw, dqn->keys, dqn->action);
  for (size_t i = 0; i < count; ++i) {
    batch->act[rows[i] * dqn->act_dim] = dqn->action[i];
    marl_transitions_decide(shard->memory, rows[i], group->role, group->set, dqn->raw + i * dim,
                            (int)dqn->action[i]);
  }
  if (shard->seen != NULL)
    marl_normalizer_update(shard->seen[group - dqn->groups], count, dim, dqn->raw, NULL);
}

MarlCode marl_dqn_learner_act(MarlLearner *learner, int shard_number, MarlBatch *batch,
                              MarlError *err) {
  (void)err;
  DqnLearner *dqn = (DqnLearner *)learner;
  DqnShard *shard = &dqn->shards[shard_number - dqn->first_shard];
  for (int role = 0; role < dqn->num_roles; ++role)
    dqn->policy->roles[role].epsilon = (float)epsilon_after(dqn, shard->acts);
  for (int g = 0; g < dqn->num_groups; ++g) {
    const DqnGroup *group = &dqn->groups[g];
    const size_t count = list_rows(dqn, group, batch->active, batch->role);
    for (size_t at = 0; at < count; at += MARL_MLP_BLOCK) {
      const size_t left = count - at;
      act_block(dqn, shard_number, group, left < MARL_MLP_BLOCK ? left : MARL_MLP_BLOCK,
                dqn->rows + at, batch);
    }
  }
  ++shard->acts;
  return MARL_OK;
}

/* Streams of agents that are gone end without a future, those that ran out of time with their final
 * observation, where they were to decide from it in that role; else the last decision is dropped. */
static void end_stream(const DqnLearner *dqn, MarlTransitions *memory, const MarlBatch *batch,
                       size_t row, int role) {
  const int set = marl_policy_set(dqn->policy, (int)(row % (size_t)dqn->num_agents));
  if (batch->terminated[row])
    marl_transitions_end(memory, row, role, set, NULL);
  else if (batch->truncated[row] && batch->final_active[row] && batch->final_role[row] == role)
    marl_transitions_end(memory, row, role, set, batch->final_obs + row * dqn->obs_dim);
  else if (batch->truncated[row])
    marl_transitions_drop(memory, row, role);
}

MarlCode marl_dqn_learner_observe(MarlLearner *learner, int shard, const MarlBatch *batch,
                                  MarlError *err) {
  (void)err;
  const DqnLearner *dqn = (const DqnLearner *)learner;
  MarlTransitions *memory = dqn->shards[shard - dqn->first_shard].memory;
  for (size_t row = 0; row < dqn->num_rows; ++row)
    for (int role = 0; role < dqn->num_roles; ++role) {
      const float reward = batch->reward[row * (size_t)dqn->num_roles + (size_t)role];
      marl_transitions_reward(memory, row, role, reward);
      end_stream(dqn, memory, batch, row, role);
    }
  return MARL_OK;
}
