#include <string.h>

#include "marl/learn/ppo.h"
#include "marl/nn/dist.h"

/* The central state is cut like the observations (policy.c). */
static const float state_limit = 10.0f;

/* Network inputs of `count` rows: observations of `obs`, the central critic's state of `state`. */
static void gather(Ppo *ppo, int role, int set, size_t count, const uint32_t *rows,
                   const float *obs, const float *state) {
  const size_t wide = (size_t)ppo->obs_dim, S = (size_t)ppo->state_dim;
  const size_t dim = (size_t)ppo->policy->roles[role].role.obs_dim;
  const bool as_they_are = ppo->policy->roles[role].normalizer == NULL;
  float *to = as_they_are ? ppo->input : ppo->raw;
  for (size_t i = 0; i < count; ++i) memcpy(to + i * dim, obs + rows[i] * wide, dim * sizeof *obs);
  if (!as_they_are) marl_policy_normalize(ppo->policy, role, set, count, dim, to, ppo->input);
  if (S == 0) return;
  for (size_t i = 0; i < count; ++i) {
    float *row = ppo->critic_input + i * (S + dim);
    const size_t env = rows[i] / (size_t)ppo->num_agents;
    marl_normalizer_apply(ppo->state_normalizer, 1, S, state + env * S, state_limit,
                          row + marl_critic_state_at(ppo->critic, role));
    memcpy(row + marl_critic_obs_at(ppo->critic, role), ppo->input + i * dim, dim * sizeof *row);
  }
}

void marl_ppo_mask(Ppo *ppo, const MarlPolicyRole *role, size_t count, const uint32_t *rows,
                   const uint8_t *mask) {
  if (ppo->mask_dim == 0) return;
  const size_t wide = (size_t)ppo->mask_dim, logits = (size_t)role->shape.num_outputs;
  for (size_t i = 0; i < count; ++i) memcpy(ppo->mask + i * logits, mask + rows[i] * wide, logits);
  marl_categorical_mask(count, (int)logits, ppo->mask, ppo->output);
}

/* What the listed rows remember in a role. */
static void recall(const Ppo *ppo, const PpoShard *shard, int role, size_t count,
                   const uint32_t *rows) {
  const size_t size = (size_t)ppo->remembered;
  if (size > 0)
    marl_ppo_recall(ppo, count, rows, size * (size_t)ppo->num_roles,
                    shard->memory + size * (size_t)role);
}

/* Draw actions for the gathered rows: ppo->x (what is stored), ppo->action, ppo->log_prob. */
static void draw(Ppo *ppo, const PpoShard *shard, int shard_number, int role, int set, size_t count,
                 const uint32_t *rows, const uint8_t *mask) {
  const MarlPolicyRole *r = &ppo->policy->roles[role];
  const MarlKey step_key = marl_key_fold(ppo->act_key, (uint64_t)shard->acts);
  const uint64_t first =
      (uint64_t)shard_number * (uint64_t)ppo->num_envs * (uint64_t)ppo->num_agents;
  for (size_t i = 0; i < count; ++i) ppo->keys[i] = marl_key_fold(step_key, first + rows[i]);
  marl_network_forward(r->net, 1, &count, marl_policy_params(ppo->policy, role, set), ppo->input,
                       ppo->policy_memory, ppo->output);
  if (r->role.action_kind == MARL_ACTION_DISCRETE) {
    const int dim = r->role.act_dim;
    marl_ppo_mask(ppo, r, count, rows, mask);
    marl_categorical_sample(count, dim, r->choices, ppo->output, ppo->keys, ppo->choice);
    marl_categorical_log_prob(count, dim, r->choices, ppo->output, ppo->choice, ppo->log_prob,
                              NULL);
    for (size_t i = 0; i < count * (size_t)dim; ++i)
      ppo->action[i] = ppo->x[i] = (float)ppo->choice[i];
    return;
  }
  const float *log_std = marl_policy_log_std(ppo->policy, role, set);
  marl_gaussian_sample(count, r->role.act_dim, ppo->output, log_std, 0, ppo->keys, ppo->x);
  marl_gaussian_log_prob(count, r->role.act_dim, ppo->output, log_std, 0, ppo->x, ppo->log_prob);
  marl_policy_action(r, count, ppo->x, ppo->action);
}

static MarlCode act_block(Ppo *ppo, PpoShard *shard, int shard_number, int role, int set,
                          size_t count, const uint32_t *rows, MarlBatch *batch, MarlError *err) {
  const MarlRole *r = &ppo->policy->roles[role].role;
  const size_t dim = (size_t)r->obs_dim, S = (size_t)ppo->state_dim;
  const size_t act = (size_t)r->act_dim, act_wide = (size_t)ppo->act_dim;
  gather(ppo, role, set, count, rows, batch->obs, batch->state);
  if (ppo->policy->roles[role].normalizer != NULL && marl_policy_learns(ppo->policy, set))
    marl_normalizer_update(shard->seen[marl_ppo_group(ppo, role, set)], count, dim, ppo->raw, NULL);
  recall(ppo, shard, role, count, rows);
  draw(ppo, shard, shard_number, role, set, count, rows, batch->mask);
  for (size_t i = 0; i < count; ++i)
    memcpy(batch->act + rows[i] * act_wide, ppo->action + i * act, act * sizeof(float));
  marl_critic_values(ppo->critic, role, set, count, marl_ppo_critic_input(ppo, role),
                     ppo->critic_memory, ppo->value);
  marl_ppo_remember(ppo, shard, role, count, rows);
  if (!marl_policy_learns(ppo->policy, set)) return MARL_OK;
  const size_t masks = (size_t)ppo->mask_dim, units = (size_t)ppo->memory;
  const size_t critic_units = (size_t)ppo->critic_units;
  MarlRollout *rollout = shard->rollout;
  for (size_t i = 0; i < count; ++i) {
    const size_t slot = marl_rollout_slot(rollout, rows[i]);
    marl_rollout_decide(rollout, rows[i], role, ppo->value[i]);
    rollout->log_prob[slot] = ppo->log_prob[i];
    if (!marl_rollout_keep_obs(rollout, slot, dim, ppo->input + i * dim))
      return MARL_FAIL(err, MARL_EARG,
                       "role '%s': the environment says that its image is of bits (image_is_bits), "
                       "and agent %u sees a number that is neither 0 nor 1",
                       r->name, rows[i] % (uint32_t)ppo->num_agents);
    memcpy(rollout->act + slot * act_wide, ppo->x + i * act, act * sizeof(float));
    if (units > 0) {
      float *memory = rollout->memory + slot * (units + critic_units);
      memcpy(memory, ppo->policy_memory + i * units, units * sizeof(float));
      memcpy(memory + units, ppo->critic_memory + i * critic_units, critic_units * sizeof(float));
    }
    if (masks > 0) memcpy(rollout->mask + slot * masks, batch->mask + rows[i] * masks, masks);
    if (S > 0)
      memcpy(rollout->state + slot * S,
             ppo->critic_input + i * (S + dim) + marl_critic_state_at(ppo->critic, role),
             S * sizeof(float));
  }
  return MARL_OK;
}

MarlCode marl_ppo_act(MarlLearner *learner, int shard_number, MarlBatch *batch, MarlError *err) {
  Ppo *ppo = (Ppo *)learner;
  PpoShard *shard = &ppo->shards[shard_number - ppo->first_shard];
  if (ppo->state_normalizer != NULL)
    marl_normalizer_update(shard->seen[ppo->num_groups], (size_t)ppo->num_envs,
                           (size_t)ppo->state_dim, batch->state, NULL);
  marl_deciders_list(&ppo->deciders, batch);
  for (size_t at = 0, count; at < ppo->deciders.count; at += count) {
    const uint32_t *rows = ppo->deciders.rows + at;
    count = marl_deciders_alike(&ppo->deciders, at, MARL_MLP_BLOCK);
    MARL_TRY(act_block(ppo, shard, shard_number, batch->role[rows[0]],
                       marl_policy_set(ppo->policy, (int)(rows[0] % (uint32_t)ppo->num_agents)),
                       count, rows, batch, err));
  }
  ++shard->acts;
  return MARL_OK;
}

/* Close the open decisions of the listed rows with the values of `obs` and `state`. */
static void bootstrap(Ppo *ppo, PpoShard *shard, const PpoGroup *group, size_t count,
                      const float *obs, const float *state) {
  for (size_t at = 0; at < count; at += MARL_MLP_BLOCK) {
    const uint32_t *rows = ppo->rows + at;
    const size_t left = count - at, n = left < MARL_MLP_BLOCK ? left : MARL_MLP_BLOCK;
    gather(ppo, group->role, group->set, n, rows, obs, state);
    recall(ppo, shard, group->role, n, rows);
    if (ppo->critic->shared)
      marl_network_forward(ppo->policy->roles[group->role].net, 1, &n,
                           marl_policy_params(ppo->policy, group->role, group->set), ppo->input,
                           ppo->policy_memory, ppo->output);
    marl_critic_values(ppo->critic, group->role, group->set, n,
                       marl_ppo_critic_input(ppo, group->role), ppo->critic_memory, ppo->value);
    for (size_t i = 0; i < n; ++i)
      marl_rollout_close(shard->rollout, rows[i], group->role, ppo->value[i]);
  }
}

static bool is_open(const PpoShard *shard, size_t row, int role) {
  const size_t roles = (size_t)shard->rollout->shape.num_roles;
  return shard->rollout->open[row * roles + (size_t)role] >= 0;
}

/* Rewards to their streams; terminated streams, and decisions that end, end with value 0. */
static void collect(Ppo *ppo, PpoShard *shard, const MarlBatch *batch) {
  const size_t roles = (size_t)ppo->num_roles;
  for (size_t i = 0; i < batch->first_touched[ppo->num_envs]; ++i)
    for (int role = 0; role < ppo->num_roles; ++role) {
      const size_t row = batch->touched[i], stream = row * roles + (size_t)role;
      marl_rollout_reward(shard->rollout, row, role, batch->reward[stream]);
      if (batch->terminated[row] || (batch->ended != NULL && batch->ended[stream]))
        marl_rollout_close(shard->rollout, row, role, 0);
    }
}

/* What a truncated agent has decided and not been asked to follow: its future is unknown. */
static void drop_others(Ppo *ppo, PpoShard *shard, const MarlBatch *batch) {
  for (size_t i = 0; i < batch->first_touched[ppo->num_envs]; ++i)
    for (int role = 0; batch->truncated[batch->touched[i]] && role < ppo->num_roles; ++role)
      marl_rollout_drop(shard->rollout, batch->touched[i], role);
}

static bool episodes_ended(const Ppo *ppo, const MarlBatch *batch) {
  return memchr(batch->episode_ended, 1, (size_t)ppo->num_envs) != NULL;
}

/* Close the open decisions of rows that `decides` in the role of `role`, with the values there. */
static void bootstrap_all(Ppo *ppo, PpoShard *shard, const uint8_t *ended, const uint8_t *decides,
                          const uint8_t *role, const float *obs, const float *state) {
  for (int g = 0; g < ppo->num_groups; ++g) {
    const PpoGroup *group = &ppo->groups[g];
    size_t count = 0;
    for (size_t i = ppo->first_row[group->set]; i < ppo->first_row[group->set + 1]; ++i) {
      const uint32_t row = ppo->sorted[i];
      if ((ended == NULL || ended[row]) && decides[row] && role[row] == group->role &&
          is_open(shard, row, group->role))
        ppo->rows[count++] = row;
    }
    bootstrap(ppo, shard, group, count, obs, state);
  }
}

MarlCode marl_ppo_observe(MarlLearner *learner, int shard_number, const MarlBatch *batch,
                          MarlError *err) {
  (void)err;
  Ppo *ppo = (Ppo *)learner;
  PpoShard *shard = &ppo->shards[shard_number - ppo->first_shard];
  collect(ppo, shard, batch);
  if (episodes_ended(ppo, batch))
    bootstrap_all(ppo, shard, batch->truncated, batch->final_active, batch->final_role,
                  batch->final_obs, batch->final_state);
  drop_others(ppo, shard, batch);
  marl_ppo_forget(ppo, shard, batch);
  if (shard->rollout->step + 1 == ppo->params.horizon)
    bootstrap_all(ppo, shard, NULL, batch->active, batch->role, batch->obs, batch->state);
  ++shard->rollout->step;
  return MARL_OK;
}
