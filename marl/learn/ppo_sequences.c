/* Policies that remember: what is learned from are sequences of decisions, not single ones.
 *
 * A sequence is what an agent decided in a role, one after the other, within an episode and a
 * rollout, at most sequence_length decisions long. It begins with what the agent remembered then,
 * which the rollout keeps; gradients flow back to there (truncated backpropagation through time). */
#include <string.h>

#include "marl/learn/ppo.h"

/* The closed decisions of (row, role), in order, behind those that are there. */
static void list_stream(const Ppo *ppo, PpoShard *shard, size_t row, int role, size_t *samples,
                        size_t *sequences) {
  const MarlRollout *rollout = shard->rollout;
  const size_t rows = rollout->shape.rows, slots = marl_rollout_num_slots(rollout);
  bool follows = false;
  int length = 0;
  for (size_t slot = row; slot < slots; slot += rows) {
    if (rollout->role[slot] != role) continue;
    if (!rollout->closed[slot]) { /* open still, or dropped: the last of its episode */
      follows = false;
      continue;
    }
    if (!follows || length == ppo->params.sequence_length) {
      shard->sequence[(*sequences)++] = (uint32_t)*samples;
      length = 0;
    }
    shard->sample[(*samples)++] = (uint32_t)slot;
    follows = rollout->chained[slot];
    ++length;
  }
}

void marl_ppo_sort_sequences(const Ppo *ppo, PpoShard *shard) {
  size_t samples = 0, sequences = 0;
  for (int g = 0; g < ppo->num_groups; ++g) {
    const PpoGroup *group = &ppo->groups[g];
    shard->first[g] = samples;
    shard->first_sequence[g] = sequences;
    for (size_t i = ppo->first_row[group->set]; i < ppo->first_row[group->set + 1]; ++i)
      list_stream(ppo, shard, ppo->sorted[i], group->role, &samples, &sequences);
  }
  shard->first[ppo->num_groups] = samples;
  shard->first_sequence[ppo->num_groups] = sequences;
  shard->sequence[sequences] = (uint32_t)samples;
}

static uint32_t length_of(const PpoShard *shard, uint32_t sequence) {
  return shard->sequence[sequence + 1] - shard->sequence[sequence];
}

/* The first of `count` sequences that fit into a block, longest first, in the order of steps: slots
 * into ppo->rows, ppo->active. Returns how many it took. */
static size_t pack(Ppo *ppo, const PpoShard *shard, const uint32_t *order, size_t count,
                   size_t *steps) {
  uint32_t *chosen = ppo->chosen;
  size_t taken = 0, rows = 0;
  for (; taken < count; ++taken) {
    const uint32_t length = length_of(shard, order[taken]);
    if (taken > 0 && rows + length > MARL_MLP_BLOCK) break;
    rows += length;
    size_t at = taken; /* insertion: equal lengths stay in order */
    for (; at > 0 && length_of(shard, chosen[at - 1]) < length; --at) chosen[at] = chosen[at - 1];
    chosen[at] = order[taken];
  }
  size_t n = 0, active = taken;
  for (*steps = 0; active > 0; ++*steps) {
    while (active > 0 && length_of(shard, chosen[active - 1]) <= *steps) --active;
    if (active == 0) break;
    for (size_t s = 0; s < active; ++s)
      ppo->block_slots[n++] = shard->sample[shard->sequence[chosen[s]] + *steps];
    ppo->active[*steps] = active;
  }
  return taken;
}

void marl_ppo_add_sequences(Ppo *ppo, const PpoGroup *group, const PpoShard *shard,
                            const uint32_t *order, size_t count, float *grad) {
  while (count > 0) {
    PpoSteps steps = {.active = ppo->active};
    const size_t taken = pack(ppo, shard, order, count, &steps.count);
    /* the sum, not the mean: how many they are is known when all shards are added up */
    marl_ppo_add_gradient(ppo, group, shard->rollout, &steps, ppo->block_slots, 1, grad);
    for (size_t t = 0; t < steps.count; ++t)
      grad[group->policy_params + group->critic_params + PPO_COUNT] += (float)steps.active[t];
    order += taken, count -= taken;
  }
}

void marl_ppo_recall(const Ppo *ppo, size_t count, const uint32_t *at, size_t stride,
                     const float *memory) {
  const size_t units = (size_t)ppo->memory, critic = (size_t)ppo->critic_units;
  for (size_t i = 0; units > 0 && i < count; ++i) {
    const float *from = memory + at[i] * stride;
    memcpy(ppo->policy_memory + i * units, from, units * sizeof *from);
    memcpy(ppo->critic_memory + i * critic, from + units, critic * sizeof *from);
  }
}

void marl_ppo_remember(const Ppo *ppo, PpoShard *shard, int role, size_t count,
                       const uint32_t *rows) {
  const size_t units = (size_t)ppo->memory, critic_units = (size_t)ppo->critic_units;
  const size_t row = units + critic_units, stride = row * (size_t)ppo->num_roles;
  const float *policy = marl_network_memory(ppo->policy->roles[role].net);
  const float *critic = marl_network_memory(ppo->critic->roles[role].net);
  for (size_t i = 0; units > 0 && i < count; ++i) {
    float *to = shard->memory + rows[i] * stride + row * (size_t)role;
    memcpy(to, policy + i * units, units * sizeof *to);
    if (critic_units > 0) memcpy(to + units, critic + i * units, units * sizeof *to);
  }
}

void marl_ppo_forget(const Ppo *ppo, PpoShard *shard, const MarlBatch *batch) {
  const size_t size = (size_t)ppo->remembered * (size_t)ppo->num_roles;
  for (size_t i = 0; size > 0 && i < batch->first_touched[ppo->num_envs]; ++i)
    if (batch->terminated[batch->touched[i]] || batch->truncated[batch->touched[i]])
      memset(shard->memory + batch->touched[i] * size, 0, size * sizeof *shard->memory);
}
