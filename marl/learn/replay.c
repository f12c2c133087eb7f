#include "marl/learn/replay.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

MarlCode marl_replay_create(size_t obs_dim, int num_choices, bool masked, size_t capacity,
                            MarlReplay *out, MarlError *err) {
  *out = (MarlReplay){.obs_dim = obs_dim,
                      .num_choices = num_choices,
                      .capacity = capacity,
                      .masked = masked,
                      .stride = 2 * obs_dim + 3 + (masked ? (size_t)num_choices : 0)};
  out->rows = calloc(capacity, out->stride * sizeof *out->rows);
  if (out->rows == NULL)
    return MARL_FAIL(err, MARL_EMEMORY, "replay: no memory for %zu transitions", capacity);
  return MARL_OK;
}

void marl_replay_clear(MarlReplay *replay) {
  free(replay->rows);
  *replay = (MarlReplay){0};
}

void marl_replay_add(MarlReplay *replay, const float *obs, int choice, float reward,
                     const float *next_obs, bool terminal) {
  float *row = replay->rows + replay->next * replay->stride;
  memcpy(row, obs, replay->obs_dim * sizeof *row);
  memcpy(row + replay->obs_dim, next_obs, replay->obs_dim * sizeof *row);
  float *tail = row + 2 * replay->obs_dim;
  tail[0] = reward;
  tail[1] = (float)choice;
  tail[2] = terminal ? 1.0f : 0.0f;
  for (int k = 0; replay->masked && k < replay->num_choices; ++k) tail[3 + k] = 1;
  replay->next = replay->next + 1 == replay->capacity ? 0 : replay->next + 1;
  if (replay->size < replay->capacity) ++replay->size;
}

void marl_replay_restrict(MarlReplay *replay, const uint8_t *mask) {
  const size_t last = (replay->next == 0 ? replay->capacity : replay->next) - 1;
  float *legal = replay->rows + last * replay->stride + 2 * replay->obs_dim + 3;
  for (int k = 0; replay->masked && k < replay->num_choices; ++k) legal[k] = mask[k];
}

enum { SLOTS = 2 * MARL_REPLAY_MAX_BATCH };

/* Open addressing; false if the row was there already. */
static bool insert(uint32_t *slots, uint32_t row) {
  uint32_t at = row * 2654435769u >> 21; /* Fibonacci hashing to 11 bits */
  while (slots[at] != UINT32_MAX) {
    if (slots[at] == row) return false;
    at = (at + 1) % SLOTS;
  }
  slots[at] = row;
  return true;
}

void marl_replay_sample(const MarlReplay *replay, MarlKey key, size_t count, uint32_t *index) {
  assert(count <= replay->size && count <= MARL_REPLAY_MAX_BATCH);
  _Static_assert(SLOTS == 1 << 11, "insert() hashes to 11 bits");
  uint32_t slots[SLOTS];
  memset(slots, 0xff, sizeof slots);
  size_t found = 0;
  for (uint64_t block = 0; found < count; ++block) {
    uint32_t word[4];
    marl_philox(key, block, word);
    for (int i = 0; i < 4 && found < count; ++i) {
      const uint32_t row = (uint32_t)((uint64_t)word[i] * replay->size >> 32);
      if (!insert(slots, row)) continue;
      index[found++] = row;
      /* a large memory lies in no cache: begin to fetch the row, while the others are drawn */
      const float *first = replay->rows + row * replay->stride;
      __builtin_prefetch(first);
      __builtin_prefetch(first + replay->stride - 1);
    }
  }
}

MarlCode marl_replay_save(const MarlReplay *replay, MarlStore *to, MarlError *err) {
  const int64_t state[2] = {(int64_t)replay->size, (int64_t)replay->next};
  const MarlArray pair = {.type = MARL_I64, .rank = 1, .shape = {2}};
  const MarlArray rows = {.type = MARL_F32, .rank = 2, .shape = {replay->size, replay->stride}};
  MARL_TRY(marl_store_write(to, "replay", &pair, state, err));
  if (replay->size == 0) return MARL_OK;
  return marl_store_write(to, "transitions", &rows, replay->rows, err);
}

/* A stored choice becomes an index of the network's outputs. */
static MarlCode check_choices(const MarlReplay *replay, MarlStore *from, MarlError *err) {
  for (size_t i = 0; i < replay->size; ++i) {
    const float choice = replay->rows[i * replay->stride + 2 * replay->obs_dim + 1];
    if (!(choice >= 0 && choice < (float)replay->num_choices))
      return MARL_FAIL(err, MARL_EIO,
                       "%s: choice of transition %zu is %g, expected 0 to %d: the file is damaged",
                       marl_store_path(from), i, (double)choice, replay->num_choices - 1);
  }
  return MARL_OK;
}

MarlCode marl_replay_load(MarlReplay *replay, MarlStore *from, MarlError *err) {
  int64_t state[2];
  MARL_TRY(marl_store_read(from, "replay", MARL_I64, 2, state, err));
  if (state[0] < 0 || (size_t)state[0] > replay->capacity || state[1] < 0 ||
      (size_t)state[1] >= replay->capacity)
    return MARL_FAIL(err, MARL_EIO, "%s: %lld transitions do not fit a replay of %zu",
                     marl_store_path(from), (long long)state[0], replay->capacity);
  replay->size = (size_t)state[0], replay->next = (size_t)state[1];
  if (replay->size == 0) return MARL_OK;
  MARL_TRY(marl_store_read(from, "transitions", MARL_F32, replay->size * replay->stride,
                           replay->rows, err));
  return check_choices(replay, from, err);
}
