/* What decisions saw. Observations that begin with planes of bits, as windows on a grid, take a thirty-second of
 * their floats: a rollout of 256 environments of 1,000 steps of seven agents is .33 GB in place of 10. */
#include <string.h>

#include "marl/learn/rollout.h"

enum { WORD = 32 };

size_t marl_rollout_num_words(const MarlRolloutShape *shape) {
  return ((size_t)shape->bits + WORD - 1) / WORD;
}

/* The first `count` numbers, at most 32, as bits of a word, the first lowest; false if there are others. */
static inline bool pack(size_t count, const float *restrict obs, uint32_t *word) {
  uint32_t ones = 0, others = 0;
  for (size_t i = 0; i < count; ++i) {
    ones |= (uint32_t)(obs[i] != 0) << i;
    others |= (uint32_t)(obs[i] != 0 && obs[i] != 1);
  }
  *word = ones;
  return others == 0;
}

static inline void unpack(size_t count, uint32_t word, float *restrict obs) {
  for (size_t i = 0; i < count; ++i) obs[i] = (float)(int32_t)(word >> i & 1);
}

bool marl_rollout_keep_obs(MarlRollout *rollout, size_t slot, size_t dim, const float *obs) {
  const size_t bits = (size_t)rollout->shape.bits, words = marl_rollout_num_words(&rollout->shape);
  uint32_t *word = rollout->obs_bits + slot * words;
  bool whole = true;
  for (size_t w = 0; w < bits / WORD; ++w) whole &= pack(WORD, obs + w * WORD, &word[w]);
  if (bits % WORD > 0) whole &= pack(bits % WORD, obs + bits / WORD * WORD, &word[bits / WORD]);
  memcpy(rollout->obs + slot * ((size_t)rollout->shape.obs_dim - bits), obs + bits,
         (dim - bits) * sizeof *obs);
  return whole;
}

void marl_rollout_read_obs(const MarlRollout *rollout, size_t slot, size_t dim, float *obs) {
  const size_t bits = (size_t)rollout->shape.bits, words = marl_rollout_num_words(&rollout->shape);
  const uint32_t *word = rollout->obs_bits + slot * words;
  for (size_t w = 0; w < bits / WORD; ++w) unpack(WORD, word[w], obs + w * WORD);
  if (bits % WORD > 0) unpack(bits % WORD, word[bits / WORD], obs + bits / WORD * WORD);
  memcpy(obs + bits, rollout->obs + slot * ((size_t)rollout->shape.obs_dim - bits),
         (dim - bits) * sizeof *obs);
}

void marl_rollout_move_obs(MarlRollout *rollout, size_t to, size_t from) {
  const size_t words = marl_rollout_num_words(&rollout->shape);
  const size_t rest = (size_t)(rollout->shape.obs_dim - rollout->shape.bits);
  memmove(rollout->obs + to * rest, rollout->obs + from * rest, rest * sizeof *rollout->obs);
  memmove(rollout->obs_bits + to * words, rollout->obs_bits + from * words,
          words * sizeof *rollout->obs_bits);
}
