#include <string.h>

#include "marl/learn/learner_dqn.h"

/* Of a group, after `acts` steps of each environment. */
static double epsilon_of(const DqnLearner *dqn, const DqnGroup *group, int64_t acts) {
  const DqnRole *r = &dqn->roles[group->role];
  const int64_t since = acts - dqn->start_steps, envs = (int64_t)dqn->num_envs * dqn->num_shards;
  const double steps = (double)(dqn->params.every_transition ? group->steps : since * envs);
  if (steps < 0) return r->epsilon_start;
  if (steps >= r->epsilon_steps) return r->epsilon_end;
  return r->epsilon_start + steps / r->epsilon_steps * (r->epsilon_end - r->epsilon_start);
}

static int group_of(const DqnLearner *dqn, int role, size_t row) {
  const int set = marl_policy_set(dqn->policy, (int)(row % (size_t)dqn->num_agents));
  return role * dqn->num_sets + set;
}

/* Close the open decision, as marl_transitions_end; `mask`: of the batch's rows, what is legal then. */
static bool end_decision(const DqnLearner *dqn, MarlTransitions *memory, size_t row, int role,
                         int set, const float *next_obs, const uint8_t *mask) {
  if (!marl_transitions_end(memory, row, role, set, next_obs)) return false;
  if (dqn->mask_dim > 0 && next_obs != NULL)
    marl_replay_restrict(marl_transitions_replay(memory, role, set), mask + row * dqn->mask_dim);
  return true;
}

static void act_block(DqnLearner *dqn, int shard_number, const DqnGroup *group, size_t count,
                      const uint32_t *rows, MarlKey step_key, const MarlBatch *batch) {
  DqnShard *shard = &dqn->shards[shard_number - dqn->first_shard];
  const size_t dim = (size_t)dqn->policy->roles[group->role].role.obs_dim;
  const size_t choices = (size_t)dqn->policy->roles[group->role].role.num_choices;
  const bool masked = dqn->mask_dim > 0;
  const uint64_t first_row = (uint64_t)shard_number * (uint64_t)dqn->num_rows;
  for (size_t i = 0; i < count; ++i) {
    dqn->keys[i] = marl_key_fold(step_key, first_row + rows[i]);
    memcpy(dqn->raw + i * dim, batch->obs + rows[i] * dqn->obs_dim, dim * sizeof(float));
    if (masked) memcpy(dqn->mask + i * choices, batch->mask + rows[i] * dqn->mask_dim, choices);
  }
  dqn->policy->roles[group->role].epsilon = (float)epsilon_of(dqn, group, shard->acts);
  const MarlPolicyRows asked = {.count = count,
                                .obs = dqn->raw,
                                .mask = masked ? dqn->mask : NULL,
                                .keys = dqn->keys,
                                .act = dqn->action};
  marl_policy_decide(dqn->policy, group->role, group->set, &asked);
  for (size_t i = 0; i < count; ++i) batch->act[rows[i] * dqn->act_dim] = dqn->action[i];
  if (!marl_policy_learns(dqn->policy, group->set)) return;
  for (size_t i = 0; i < count; ++i) {
    (void)end_decision(dqn, shard->memory, rows[i], group->role, group->set, dqn->raw + i * dim,
                       batch->mask);
    if (batch->num_transitions != NULL) continue; /* the environment gives them */
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
  const MarlKey step_key = marl_key_fold(dqn->act_key, (uint64_t)shard->acts);
  marl_deciders_list(&dqn->deciders, batch);
  for (size_t at = 0, count; at < dqn->deciders.count; at += count) {
    const uint32_t *rows = dqn->deciders.rows + at;
    count = marl_deciders_alike(&dqn->deciders, at, MARL_MLP_BLOCK);
    const DqnGroup *group = &dqn->groups[group_of(dqn, batch->role[rows[0]], rows[0])];
    act_block(dqn, shard_number, group, count, rows, step_key, batch);
  }
  ++shard->acts;
  return MARL_OK;
}

/* Streams of agents that are gone end without a future, and so do decisions that end alone; those that
 * ran out of time with their final observation, where they were to decide from it in that role; else
 * the last decision is dropped. True if that made a transition. */
static bool end_stream(const DqnLearner *dqn, MarlTransitions *memory, const MarlBatch *batch,
                       size_t row, int role) {
  const int set = marl_policy_set(dqn->policy, (int)(row % (size_t)dqn->num_agents));
  const size_t stream = row * (size_t)dqn->num_roles + (size_t)role;
  if (batch->terminated[row] || (batch->ended != NULL && batch->ended[stream]))
    return marl_transitions_end(memory, row, role, set, NULL);
  if (!batch->truncated[row]) return false;
  if (batch->final_active[row] && batch->final_role[row] == role)
    return end_decision(dqn, memory, row, role, set, batch->final_obs + row * dqn->obs_dim,
                        batch->final_mask);
  marl_transitions_drop(memory, row, role);
  return false;
}

/* Learning after every transition does not wait for the agent to decide from what it sees now. */
static MarlCode learn_at_once(DqnLearner *dqn, MarlTransitions *memory, const MarlBatch *batch,
                              MarlError *err) {
  for (size_t i = 0; i < batch->first_touched[dqn->num_envs]; ++i) {
    const size_t row = batch->touched[i];
    if (!batch->active[row]) continue;
    const int role = batch->role[row], g = group_of(dqn, role, row);
    if (end_decision(dqn, memory, row, role, dqn->groups[g].set, batch->obs + row * dqn->obs_dim,
                     batch->mask))
      MARL_TRY(marl_dqn_learner_learn(dqn, g, err));
  }
  return MARL_OK;
}

/* What the environments give themselves, in their order. */
static MarlCode take_given(DqnLearner *dqn, MarlTransitions *memory, const MarlBatch *batch,
                           MarlError *err) {
  for (int e = 0; e < dqn->num_envs; ++e) {
    const MarlTransition *t = batch->transition + (ptrdiff_t)e * batch->max_transitions;
    for (const MarlTransition *end = t + batch->num_transitions[e]; t < end; ++t) {
      const int g = group_of(dqn, t->role, (size_t)t->agent);
      if (!marl_policy_learns(dqn->policy, dqn->groups[g].set)) continue;
      marl_replay_add(marl_transitions_replay(memory, t->role, dqn->groups[g].set), t->obs,
                      t->choice, t->reward, t->next_obs, t->terminal);
      if (dqn->params.every_transition) MARL_TRY(marl_dqn_learner_learn(dqn, g, err));
    }
  }
  return MARL_OK;
}

MarlCode marl_dqn_learner_observe(MarlLearner *learner, int shard, const MarlBatch *batch,
                                  MarlError *err) {
  DqnLearner *dqn = (DqnLearner *)learner;
  MarlTransitions *memory = dqn->shards[shard - dqn->first_shard].memory;
  const bool every = dqn->params.every_transition;
  if (batch->num_transitions != NULL) return take_given(dqn, memory, batch, err);
  for (size_t i = 0; i < batch->first_touched[dqn->num_envs]; ++i)
    for (int role = 0; role < dqn->num_roles; ++role) {
      const size_t row = batch->touched[i];
      const float reward = batch->reward[row * (size_t)dqn->num_roles + (size_t)role];
      marl_transitions_reward(memory, row, role, reward);
      if (end_stream(dqn, memory, batch, row, role) && every)
        MARL_TRY(marl_dqn_learner_learn(dqn, group_of(dqn, role, row), err));
    }
  return every ? learn_at_once(dqn, memory, batch, err) : MARL_OK;
}
