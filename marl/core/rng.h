/* Keyed, counter-based random numbers (Philox4x32-10 of Random123).
 * Salmon, Moraes, Dror, Shaw, "Parallel random numbers: as easy as 1, 2, 3", SC'11.
 *
 * There is no generator state. A draw is a pure function of (key, index), so results do not
 * depend on the number of ranks, the batch layout or the order of evaluation.
 * Derive keys by meaning: seed -> stream -> replica -> environment -> episode -> step. */
#ifndef MARL_CORE_RNG_H
#define MARL_CORE_RNG_H

#include <stddef.h>
#include <stdint.h>

typedef struct MarlKey {
  uint32_t k[2];
} MarlKey;

/* Streams keep independent uses of one seed apart. Append only: numbers are part of a result. */
typedef enum MarlStream {
  MARL_STREAM_ENV = 1,
  MARL_STREAM_POLICY,
  MARL_STREAM_INIT,
  MARL_STREAM_SHUFFLE,
  MARL_STREAM_FORCING,
  MARL_STREAM_REPLAY,
  MARL_STREAM_SEARCH,
  MARL_STREAM_BOOTSTRAP,
  MARL_STREAM_SWEEP,
  MARL_STREAM_EXPLOIT,
} MarlStream;

MarlKey marl_key(uint64_t seed, MarlStream stream);
MarlKey marl_key_fold(MarlKey key, uint64_t data); /* child key, e.g. of environment `data` */
/* Child key of the bytes of a text, the same on every machine. */
MarlKey marl_key_fold_text(MarlKey key, const char *text);

/* Raw block: ten Philox rounds of counter {index, 0} under key. */
void marl_philox(MarlKey key, uint64_t index, uint32_t out[4]);

/* Sixteen blocks at once, many times faster each: out[16 w + i] is word w of block first + i. */
enum { MARL_PHILOX_LANES = 16 };
void marl_philox_lanes(MarlKey key, uint64_t first, uint32_t out[4 * MARL_PHILOX_LANES]);

double marl_uniform(MarlKey key, uint64_t index); /* in (0, 1), 52 bits */
double marl_normal(MarlKey key, uint64_t index);  /* N(0, 1), Box-Muller */

/* Uniform integer in [0, n), n >= 1; multiply-shift on 64 bits, bias below n 2^-64. */
uint64_t marl_below(MarlKey key, uint64_t index, uint64_t n);

void marl_normal_fill(MarlKey key, uint64_t first, size_t n, float *out); /* N(0, 1), out[n] */

/* Fisher-Yates permutation of 0..n-1 into out[n]. */
void marl_permutation(MarlKey key, uint32_t n, uint32_t *out);

#endif
