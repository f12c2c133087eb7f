/* Vectors of floats as wide as a register of the machine, and not wider: gcc takes operations on wider
 * ones apart, element by element. A run of MARL_LANES floats is MARL_PARTS of them, so that a sum in
 * lanes has the same order on every machine. */
#ifndef MARL_NN_VECTOR_H
#define MARL_NN_VECTOR_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>

#if defined(__AVX512F__)
enum { MARL_VECTOR_WIDTH = 16 };
#elif defined(__AVX__)
enum { MARL_VECTOR_WIDTH = 8 };
#else
enum { MARL_VECTOR_WIDTH = 4 };
#endif
enum { MARL_LANES = 16, MARL_PARTS = MARL_LANES / MARL_VECTOR_WIDTH };

typedef float MarlVector __attribute__((vector_size(MARL_VECTOR_WIDTH * sizeof(float))));
typedef int32_t MarlVectorMask __attribute__((vector_size(MARL_VECTOR_WIDTH * sizeof(int32_t))));

static inline MarlVector marl_vector_load(const float *from) {
  MarlVector vector;
  memcpy(&vector, from, sizeof vector);
  return vector;
}

static inline void marl_vector_store(float *to, MarlVector vector) {
  memcpy(to, &vector, sizeof vector);
}

/* The first `lanes` of a run of MARL_LANES. */
static inline void marl_vector_store_run(float *to, const MarlVector run[MARL_PARTS],
                                         size_t lanes) {
  if (lanes < MARL_LANES)
    memcpy(to, run, lanes * sizeof *to);
  else
    for (int v = 0; v < MARL_PARTS; ++v) marl_vector_store(to + v * MARL_VECTOR_WIDTH, run[v]);
}

static inline MarlVector marl_vector_spread(float value) {
  return value - (MarlVector){0};
}

#endif
