/* Random numbers of one step: words of Philox under the key of the episode, 64 at a time. What a step
 * draws depends on the episode's key and on what happened in it, on nothing else. */
#ifndef MARL_ENVS_GRID_DRAWS_H
#define MARL_ENVS_GRID_DRAWS_H

#include "marl/core/rng.h"

enum { MARL_GRID_WORDS = 4 * MARL_PHILOX_LANES };

typedef struct MarlGridDraws {
  MarlKey key;
  uint64_t next; /* block */
  int left;      /* words not yet used */
  uint32_t word[MARL_GRID_WORDS];
} MarlGridDraws;

/* For step `step` of the episode, the reset being step 0. */
static inline void marl_grid_draws_begin(MarlGridDraws *draws, MarlKey key, int step) {
  draws->key = key;
  draws->next = (uint64_t)step << 32;
  draws->left = 0;
}

static inline uint32_t marl_grid_draw(MarlGridDraws *draws) {
  if (draws->left == 0) {
    marl_philox_lanes(draws->key, draws->next, draws->word);
    draws->next += MARL_PHILOX_LANES;
    draws->left = MARL_GRID_WORDS;
  }
  return draws->word[--draws->left];
}

/* Uniform in [0, n), n < 2^16; bias below n 2^-32. */
static inline int marl_grid_below(MarlGridDraws *draws, int n) {
  return (int)(((uint64_t)marl_grid_draw(draws) * (uint64_t)n) >> 32);
}

/* True with probability p, to 2^-32. */
static inline int marl_grid_chance(MarlGridDraws *draws, double p) {
  return (double)marl_grid_draw(draws) < p * 0x1p32;
}

/* Each bit 1 with probability 2^-halvings, independently. */
static inline uint32_t marl_grid_rare(MarlGridDraws *draws, int halvings) {
  uint32_t bits = UINT32_MAX;
  for (int i = 0; i < halvings && bits != 0; ++i) bits &= marl_grid_draw(draws);
  return bits;
}

/* A random order of 0 .. n-1, n <= 16: digits of one number in the factorial base (Fisher-Yates).
 * order has room for 16, all written: a count that the compiler knows is one vector. */
static inline void marl_grid_order(MarlGridDraws *draws, int n, uint8_t *order) {
  const uint64_t high = marl_grid_draw(draws);
  uint64_t x = high << 32 | marl_grid_draw(draws);
  for (int i = 0; i < 16; ++i) order[i] = (uint8_t)i;
  for (int i = n; i > 1; --i) {
    __extension__ typedef unsigned __int128 Wide;
    const Wide wide = (Wide)x * (unsigned)i;
    const int j = (int)(wide >> 64);
    x = (uint64_t)wide;
    const uint8_t swap = order[i - 1];
    order[i - 1] = order[j];
    order[j] = swap;
  }
}

#endif
