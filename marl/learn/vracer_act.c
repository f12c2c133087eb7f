#include <string.h>

#include "marl/learn/vracer.h"
#include "marl/nn/dist.h"

static MarlCode refuse_silence(const Vracer *v, int shard, size_t row, MarlError *err) {
  return MARL_FAIL(err, MARL_ECONFIG,
                   "the learner vracer needs agents that decide at every step; agent %zu of "
                   "environment %zu does not: use the learner ppo",
                   row % (size_t)v->num_agents,
                   (size_t)shard * (size_t)v->num_envs + row / (size_t)v->num_agents);
}

/* Rows of this step that decide, in v->slots; an agent may only be silent once it is gone. */
static MarlCode list_rows(const Vracer *v, int shard, const MarlBatch *batch, MarlSequences *s,
                          size_t *count, MarlError *err) {
  const size_t first = marl_sequences_next_layer(s);
  *count = 0;
  for (size_t row = 0; row < v->num_rows; ++row) {
    s->end[first + row] = batch->active[row] ? MARL_SEQUENCE_GOES_ON : MARL_SEQUENCE_ABSENT;
    if (batch->active[row])
      v->slots[(*count)++] = (uint32_t)row;
    else if (!batch->gone[row])
      return refuse_silence(v, shard, row, err);
  }
  return MARL_OK;
}

/* Observations of the listed rows into v->raw, normalized into v->input; returns what memory keeps
 * of them. */
static const float *gather(Vracer *v, size_t count, const uint32_t *rows, const float *obs) {
  const size_t O = v->obs_dim;
  for (size_t i = 0; i < count; ++i) memcpy(v->raw + i * O, obs + rows[i] * O, O * sizeof *obs);
  marl_policy_normalize(v->policy, 0, 0, count, O, v->raw, v->input);
  return marl_vracer_is_raw(v) ? v->raw : v->input;
}

static void act_block(Vracer *v, int shard, MarlSequences *s, size_t count, const uint32_t *rows,
                      MarlBatch *batch) {
  const MarlPolicyRole *role = &v->policy->roles[0];
  const size_t O = v->obs_dim, U = v->act_dim, first = marl_sequences_next_layer(s);
  const MarlKey step_key = marl_key_fold(v->act_key, (uint64_t)s->steps);
  const uint64_t first_row = (uint64_t)shard * (uint64_t)v->num_rows;
  for (size_t i = 0; i < count; ++i) v->keys[i] = marl_key_fold(step_key, first_row + rows[i]);
  const float *kept = gather(v, count, rows, batch->obs);
  marl_vracer_forward(v, count);
  marl_gaussian_sample(count, (int)U, v->mean, v->log_std, U, v->keys, v->x);
  marl_gaussian_log_prob(count, (int)U, v->mean, v->log_std, U, v->x, v->log_prob);
  marl_policy_action(role, count, v->x, v->action);
  for (size_t i = 0; i < count; ++i) {
    const size_t slot = first + rows[i];
    memcpy(s->obs + slot * O, kept + i * O, O * sizeof(float));
    memcpy(s->x + slot * U, v->x + i * U, U * sizeof(float));
    memcpy(s->mean + slot * U, v->mean + i * U, U * sizeof(float));
    memcpy(s->log_std + slot * U, v->log_std + i * U, U * sizeof(float));
    memcpy(batch->act + rows[i] * U, v->action + i * U, U * sizeof(float));
    s->log_prob[slot] = v->log_prob[i];
    s->value[slot] = v->value[i];
    s->ratio[slot] = 1;
  }
}

MarlCode marl_vracer_act(MarlLearner *learner, int shard, MarlBatch *batch, MarlError *err) {
  Vracer *v = (Vracer *)learner;
  MarlSequences *s = v->shards[shard - v->first_shard];
  size_t count;
  MARL_TRY(list_rows(v, shard, batch, s, &count, err));
  for (size_t at = 0; at < count; at += MARL_MLP_BLOCK) {
    const size_t left = count - at;
    act_block(v, shard, s, left < MARL_MLP_BLOCK ? left : MARL_MLP_BLOCK, v->slots + at, batch);
  }
  return MARL_OK;
}

/* Final observations of the truncated rows, and their values. */
static void keep_finals(Vracer *v, MarlSequences *s, size_t count, const uint32_t *rows,
                        const MarlBatch *batch) {
  const size_t O = v->obs_dim;
  uint32_t slots[MARL_MLP_BLOCK];
  const float *kept = gather(v, count, rows, batch->final_obs);
  for (size_t i = 0; i < count; ++i) {
    slots[i] = (uint32_t)marl_sequences_truncate(s, rows[i]);
    memcpy(s->final_obs + slots[i] * O, kept + i * O, O * sizeof(float));
  }
  marl_vracer_look_at_finals(v, s, count, slots);
}

MarlCode marl_vracer_observe(MarlLearner *learner, int shard, const MarlBatch *batch,
                             MarlError *err) {
  Vracer *v = (Vracer *)learner;
  MarlSequences *s = v->shards[shard - v->first_shard];
  const size_t first = marl_sequences_next_layer(s);
  size_t count = 0;
  for (size_t row = 0; row < v->num_rows; ++row) {
    if (s->end[first + row] == MARL_SEQUENCE_ABSENT) continue;
    s->reward[first + row] = batch->reward[row];
    if (batch->terminated[row]) s->end[first + row] = MARL_SEQUENCE_TERMINATED;
    if (!batch->truncated[row]) continue;
    if (!batch->final_active[row]) return refuse_silence(v, shard, row, err);
    v->slots[count++] = (uint32_t)row;
  }
  for (size_t at = 0; at < count; at += MARL_MLP_BLOCK) {
    const size_t left = count - at;
    keep_finals(v, s, left < MARL_MLP_BLOCK ? left : MARL_MLP_BLOCK, v->slots + at, batch);
  }
  marl_sequences_advance(s);
  return MARL_OK;
}
