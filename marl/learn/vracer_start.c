#include "marl/learn/shard_exchange.h"
#include "marl/learn/vracer.h"

static void measure(const Vracer *v, const MarlSequences *s, MarlNormalizer *seen) {
  for (size_t age = marl_sequences_num_layers(s); age-- > 0;) {
    const size_t first = marl_sequences_layer(s, age);
    for (size_t slot = first; slot < first + v->num_rows; ++slot)
      if (s->end[slot] != MARL_SEQUENCE_ABSENT)
        marl_normalizer_update(seen, 1, v->obs_dim, s->obs + slot * v->obs_dim, NULL);
  }
}

/* Apply `look` to slots 0 .. count - 1, a block at a time. */
static void look_at_all(Vracer *v, MarlSequences *s, size_t count,
                        void (*look)(Vracer *, MarlSequences *, size_t, const uint32_t *)) {
  uint32_t slots[MARL_MLP_BLOCK];
  for (size_t at = 0; at < count; at += MARL_MLP_BLOCK) {
    const size_t left = count - at, n = left < MARL_MLP_BLOCK ? left : MARL_MLP_BLOCK;
    for (size_t i = 0; i < n; ++i) slots[i] = (uint32_t)(at + i);
    look(v, s, n, slots);
  }
}

/* Observations in memory as the network will see them, and what it says of them. */
static void rescale_shard(Vracer *v, MarlSequences *s) {
  const size_t O = v->obs_dim, slots = marl_sequences_num_layers(s) * v->num_rows;
  const size_t finals = s->num_finals * v->num_rows;
  marl_policy_normalize(v->policy, 0, 0, slots, O, s->obs, s->obs);
  marl_policy_normalize(v->policy, 0, 0, finals, O, s->final_obs, s->final_obs);
  look_at_all(v, s, slots, marl_vracer_look);
  look_at_all(v, s, finals, marl_vracer_look_at_finals);
}

MarlCode marl_vracer_rescale(Vracer *v, MarlError *err) {
  if (!marl_vracer_is_raw(v)) return MARL_OK;
  const size_t n = 1 + 2 * v->obs_dim;
  for (int s = 0; s < v->own_shards; ++s) {
    MarlNormalizer *seen;
    MARL_TRY(marl_normalizer_create((int)v->obs_dim, &seen, err));
    measure(v, v->shards[s], seen);
    marl_normalizer_pack(seen, v->stats + (size_t)(v->first_shard + s) * n);
    marl_normalizer_destroy(&seen);
  }
  MARL_TRY(marl_shard_exchange(v->comm, v->num_shards, n, v->stats, err));
  for (int shard = 0; shard < v->num_shards; ++shard)
    marl_normalizer_merge_packed(v->policy->roles[0].normalizer[0], v->stats + (size_t)shard * n);
  for (int s = 0; s < v->own_shards; ++s) rescale_shard(v, v->shards[s]);
  return MARL_OK;
}
