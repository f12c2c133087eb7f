/* A memory of transitions of one decider, sampled uniformly without replacement.
 *
 * A ring of rows: the newest overwrites the oldest when it is full. Memory is reserved at once and
 * touched as it fills. */
#ifndef MARL_LEARN_REPLAY_H
#define MARL_LEARN_REPLAY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "marl/core/error.h"
#include "marl/core/rng.h"
#include "marl/core/store.h"

enum { MARL_REPLAY_MAX_BATCH = 1024 };

typedef struct MarlReplay {
  size_t obs_dim;  /* O */
  int num_choices; /* of a decision */
  size_t capacity; /* rows */
  size_t size;     /* rows in use */
  size_t next;     /* row that is written next */
  bool masked;     /* rows say which choices are legal next */
  size_t stride;   /* floats of a row: obs [O], next obs [O], reward, choice, terminal, and, masked,
                      1 for each choice that is legal next [num_choices] */
  float *rows;     /* [capacity, stride], owned */
} MarlReplay;

MarlCode marl_replay_create(size_t obs_dim, int num_choices, bool masked, size_t capacity,
                            MarlReplay *out, MarlError *err) MARL_NODISCARD;
void marl_replay_clear(MarlReplay *replay);

void marl_replay_add(MarlReplay *replay, const float *obs, int choice, float reward,
                     const float *next_obs, bool terminal);
/* Which choices are legal next, of the row that was added last; else all are. `mask` [num_choices]. */
void marl_replay_restrict(MarlReplay *replay, const uint8_t *mask);

/* `count` different rows of those in use, count <= size and count <= MARL_REPLAY_MAX_BATCH; the
 * draws are those of `key`. Each row is drawn by 32 bits times size: bias below size 2^-32. */
void marl_replay_sample(const MarlReplay *replay, MarlKey key, size_t count, uint32_t *index);

MarlCode marl_replay_save(const MarlReplay *replay, MarlStore *to, MarlError *err) MARL_NODISCARD;
MarlCode marl_replay_load(MarlReplay *replay, MarlStore *from, MarlError *err) MARL_NODISCARD;

#endif
