#include "marl/nn/mlp_sparse.h"

#include <stdint.h>
#include <stdlib.h>
#if defined(__AVX__)
#include <immintrin.h>
#endif

#include "marl/nn/vector.h"

enum { WIDTH = MARL_VECTOR_WIDTH, BITS = 64, LEAST_INPUTS = 64, DENSEST = 4 /* one in so many */ };
enum { MOST = 8 }; /* vectors that are summed in registers at once */

struct MarlSparse {
  size_t in, out, words;
  uint64_t *there; /* [max_rows, words] inputs that are not 0 */
  uint64_t *ones;  /* [max_rows, words] of those, 1 */
  uint8_t *taken;  /* [max_rows] is the block that begins here sparse? */
};

bool marl_sparse_fits(size_t in, size_t out) {
  return in >= LEAST_INPUTS && out % MARL_LANES == 0;
}

MarlCode marl_sparse_create(size_t in, size_t out, size_t max_rows, MarlSparse **out_sparse,
                            MarlError *err) {
  MarlSparse *s = calloc(1, sizeof *s);
  *out_sparse = NULL;
  if (s == NULL) return MARL_FAIL(err, MARL_EMEMORY, "no memory for a network");
  s->in = in;
  s->out = out;
  s->words = (in + BITS - 1) / BITS;
  s->there = malloc(max_rows * s->words * sizeof *s->there);
  s->ones = malloc(max_rows * s->words * sizeof *s->ones);
  s->taken = malloc(max_rows);
  if (s->there != NULL && s->ones != NULL && s->taken != NULL) {
    *out_sparse = s;
    return MARL_OK;
  }
  marl_sparse_destroy(&s);
  return MARL_FAIL(err, MARL_EMEMORY, "no memory for %zu rows of a network", max_rows);
}

void marl_sparse_destroy(MarlSparse **sparse) {
  MarlSparse *s = *sparse;
  if (s == NULL) return;
  free(s->there);
  free(s->ones);
  free(s->taken);
  free(s);
  *sparse = NULL;
}

/* A bit for each lane that differs from `from`; a NaN does. */
static inline uint64_t differing(MarlVector x, float from) {
#if defined(__AVX512F__)
  return _mm512_cmp_ps_mask((__m512)x, _mm512_set1_ps(from), _CMP_NEQ_UQ);
#elif defined(__AVX__)
  return (uint64_t)(uint32_t)_mm256_movemask_ps(
      _mm256_cmp_ps((__m256)x, _mm256_set1_ps(from), _CMP_NEQ_UQ));
#else
  uint64_t bits = 0;
  for (int i = 0; i < WIDTH; ++i) bits |= (uint64_t)(x[i] != from) << i;
  return bits;
#endif
}

/* The words of one row; returns how many inputs are not 0. */
static size_t read_row(const MarlSparse *s, const float *x, uint64_t *there, uint64_t *ones) {
  size_t count = 0;
  for (size_t w = 0; w < s->words; ++w) {
    const size_t first = w * BITS, n = s->in - first < BITS ? s->in - first : BITS;
    float last[BITS] = {0};
    const float *from = n < BITS ? memcpy(last, x + first, n * sizeof *x) : x + first;
    uint64_t some = 0, strange = 0;
    for (int i = 0; i < BITS; i += WIDTH) {
      const MarlVector v = marl_vector_load(from + i);
      some |= differing(v, 0.0f) << i;
      strange |= differing(v, 1.0f) << i;
    }
    there[w] = some;
    ones[w] = ~strange;
    count += (size_t)__builtin_popcountll(some);
  }
  return count;
}

/* `vectors`, a constant where it is called, of one row of y: what the inputs of one word add. */
static inline __attribute__((always_inline)) void add_word(uint64_t left, size_t out,
                                                           const float *weights, const float *x,
                                                           int vectors, float *y) {
  MarlVector sum[MOST];
  for (int v = 0; v < vectors; ++v) sum[v] = marl_vector_load(y + v * WIDTH);
  for (; left != 0; left &= left - 1) {
    const size_t i = (size_t)__builtin_ctzll(left);
    const MarlVector value = marl_vector_spread(x[i]);
    for (int v = 0; v < vectors; ++v)
      sum[v] += value * marl_vector_load(weights + i * out + v * WIDTH);
  }
  for (int v = 0; v < vectors; ++v) marl_vector_store(y + v * WIDTH, sum[v]);
}

/* Few rows at a time, word by word: their outputs and the weights of a word's inputs stay in the first-level cache. */
static void forward_some(const MarlSparse *s, const uint64_t *there, size_t rows,
                         const float *weights, const float *x, float *y) {
  memset(y, 0, rows * s->out * sizeof *y);
  for (size_t w = 0; w < s->words; ++w)
    for (size_t r = 0; r < rows; ++r) {
      const uint64_t bits = there[r * s->words + w];
      if (bits == 0) continue;
      const float *own = weights + w * BITS * s->out, *from = x + r * s->in + w * BITS;
      float *to = y + r * s->out;
      size_t at = 0;
      for (; at + 8 * WIDTH <= s->out; at += 8 * WIDTH)
        add_word(bits, s->out, own + at, from, 8, to + at);
      for (; at + 4 * WIDTH <= s->out; at += 4 * WIDTH)
        add_word(bits, s->out, own + at, from, 4, to + at);
      for (; at < s->out; at += WIDTH) add_word(bits, s->out, own + at, from, 1, to + at);
    }
}

bool marl_sparse_forward(MarlSparse *s, size_t at, size_t rows, const float *weights,
                         const float *x, float *y) {
  enum { FEW = 32 };
  size_t count = 0;
  for (size_t r = 0; r < rows; ++r)
    count +=
        read_row(s, x + r * s->in, s->there + (at + r) * s->words, s->ones + (at + r) * s->words);
  s->taken[at] = count * DENSEST <= rows * s->in;
  for (size_t r = 0; s->taken[at] && r < rows; r += FEW)
    forward_some(s, s->there + (at + r) * s->words, rows - r < FEW ? rows - r : FEW, weights,
                 x + r * s->in, y + r * s->out);
  return s->taken[at];
}

/* Bit c of word r becomes bit r of word c: halves, quarters, ... change places (Warren 2012, 7-3). */
static void turn(uint64_t m[BITS]) {
  uint64_t mask = UINT64_C(0x00000000ffffffff);
  for (int half = 32; half > 0; half /= 2, mask ^= mask << half)
    for (int block = 0; block < BITS; block += 2 * half)
      for (int i = block; i < block + half; ++i) {
        const uint64_t swap = (m[i] >> half ^ m[i + half]) & mask;
        m[i] ^= swap << half;
        m[i + half] ^= swap;
      }
}

/* `vectors` of one row of the gradient: what the deltas of the rows in `left` add to it. */
static inline __attribute__((always_inline)) void add_rows(uint64_t left, size_t in, size_t out,
                                                           const float *x, const float *delta,
                                                           bool ones, int vectors, float *grad) {
  MarlVector sum[MOST];
  for (int v = 0; v < vectors; ++v) sum[v] = marl_vector_load(grad + v * WIDTH);
  for (; left != 0; left &= left - 1) {
    const size_t r = (size_t)__builtin_ctzll(left);
    const float *row = delta + r * out;
    if (ones) {
      for (int v = 0; v < vectors; ++v) sum[v] += marl_vector_load(row + v * WIDTH);
      continue;
    }
    const MarlVector value = marl_vector_spread(x[r * in]);
    for (int v = 0; v < vectors; ++v) sum[v] += value * marl_vector_load(row + v * WIDTH);
  }
  for (int v = 0; v < vectors; ++v) marl_vector_store(grad + v * WIDTH, sum[v]);
}

static void add_input(const MarlSparse *s, uint64_t rows, const float *x, const float *delta,
                      bool ones, float *grad) {
  size_t at = 0;
  for (; at + 8 * WIDTH <= s->out; at += 8 * WIDTH) {
    if (ones)
      add_rows(rows, s->in, s->out, x, delta + at, true, 8, grad + at);
    else
      add_rows(rows, s->in, s->out, x, delta + at, false, 8, grad + at);
  }
  for (; at + 4 * WIDTH <= s->out; at += 4 * WIDTH)
    add_rows(rows, s->in, s->out, x, delta + at, ones, 4, grad + at);
  for (; at < s->out; at += WIDTH) add_rows(rows, s->in, s->out, x, delta + at, ones, 1, grad + at);
}

/* At most 64 rows, whose words begin at `first`. */
static void add_some(const MarlSparse *s, size_t first, size_t rows, const float *x,
                     const float *delta, float *grad) {
  for (size_t w = 0; w < s->words; ++w) {
    uint64_t column[BITS] = {0}, strange = 0;
    for (size_t r = 0; r < rows; ++r) {
      const size_t word = (first + r) * s->words + w;
      column[r] = s->there[word];
      strange |= s->there[word] & ~s->ones[word];
    }
    turn(column);
    for (size_t c = 0; c < BITS; ++c)
      if (column[c] != 0)
        add_input(s, column[c], x + w * BITS + c, delta, (strange >> c & 1) == 0,
                  grad + (w * BITS + c) * s->out);
  }
}

bool marl_sparse_add_gradient(const MarlSparse *s, size_t at, size_t rows, const float *x,
                              const float *delta, float *weights_grad) {
  for (size_t r = 0; s->taken[at] && r < rows; r += BITS)
    add_some(s, at + r, rows - r < BITS ? rows - r : BITS, x + r * s->in, delta + r * s->out,
             weights_grad);
  return s->taken[at];
}
