#include "marl/nn/conv_bits.h"

#include <stdint.h>
#include <stdlib.h>

#include "marl/nn/vector.h"

enum { LANES = MARL_LANES, PARTS = MARL_PARTS, WIDTH = MARL_VECTOR_WIDTH };
enum { WORDS = MARL_CONV_BITS_WORDS };
enum { SLOT_BITS = 12, SLOTS = 1 << SLOT_BITS }; /* of a hash table: hardly any two words meet */

struct MarlConvBits {
  MarlConvPlan plan;
  size_t taps, cells, chunks; /* cells with the border */
  const float *packed;        /* borrowed */
  int num_words;
  uint32_t word[WORDS];
  int16_t slot[SLOTS]; /* number of a word, -1: free */
  uint32_t *cell; /* [max_images, cells] number of its word times taps LANES; the border's is 0 */
  uint8_t *bytes; /* [inputs, and a word behind them] of an image */
  bool *taken;    /* [max_images] */
  float *table, *sums; /* [chunks, WORDS, taps, LANES] */
};

_Static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__, "gather_word reads bytes in this order");

static size_t chunk_floats(const MarlConvBits *b) {
  return WORDS * b->taps * LANES;
}

MarlCode marl_conv_bits_create(const MarlConvPlan *plan, size_t max_images, MarlConvBits **out,
                               MarlError *err) {
  *out = NULL;
  MarlConvBits *b = calloc(1, sizeof *b);
  if (b == NULL) return MARL_FAIL(err, MARL_EMEMORY, "no memory for a convolution");
  b->plan = *plan;
  b->taps = (size_t)plan->kernel * (size_t)plan->kernel;
  b->cells = marl_conv_plan_bordered(plan) / (size_t)plan->in;
  b->chunks = ((size_t)plan->out + LANES - 1) / LANES;
  b->cell = calloc(max_images * b->cells, sizeof *b->cell);
  b->taken = calloc(max_images, sizeof *b->taken);
  b->bytes = calloc(marl_conv_plan_inputs(plan) + sizeof(uint64_t), 1);
  b->table = malloc(b->chunks * chunk_floats(b) * sizeof(float));
  b->sums = malloc(b->chunks * chunk_floats(b) * sizeof(float));
  if (b->cell != NULL && b->taken != NULL && b->bytes != NULL && b->table != NULL &&
      b->sums != NULL) {
    *out = b;
    return MARL_OK;
  }
  marl_conv_bits_destroy(&b);
  return MARL_FAIL(err, MARL_EMEMORY, "no memory for a convolution of %zu images", max_images);
}

void marl_conv_bits_destroy(MarlConvBits **bits) {
  if (*bits == NULL) return;
  free((*bits)->cell);
  free((*bits)->taken);
  free((*bits)->bytes);
  free((*bits)->table);
  free((*bits)->sums);
  free(*bits);
  *bits = NULL;
}

/* The row of the table of word number n: sums of the kernel's rows, in the order of the planes. */
static __attribute__((noinline)) void fill_table(MarlConvBits *b, int n) {
  const size_t in = (size_t)b->plan.in, rows = (size_t)b->plan.patch + 1;
  for (size_t chunk = 0; chunk < b->chunks; ++chunk)
    for (size_t tap = 0; tap < b->taps; ++tap) {
      float *to = b->table + chunk * chunk_floats(b) + ((size_t)n * b->taps + tap) * LANES;
      memset(to, 0, LANES * sizeof *to);
      for (uint32_t left = b->word[n]; left != 0; left &= left - 1) {
        const size_t row = chunk * rows + tap * in + (size_t)__builtin_ctz(left);
        for (size_t l = 0; l < LANES; ++l) to[l] += b->packed[row * LANES + l];
      }
    }
}

/* The number of a word, a new one if need be; -1: no room. */
static inline int number_of(MarlConvBits *b, uint32_t word) {
  uint32_t at = word * UINT32_C(2654435769) >> (32 - SLOT_BITS); /* Knuth's multiplicative hash */
  for (;; ++at) {
    int16_t *slot = &b->slot[at % SLOTS];
    if (*slot >= 0 && b->word[*slot] == word) return *slot;
    if (*slot >= 0) continue;
    if (b->num_words == WORDS) return -1;
    *slot = (int16_t)b->num_words;
    b->word[b->num_words] = word;
    fill_table(b, b->num_words);
    return b->num_words++;
  }
}

void marl_conv_bits_begin(MarlConvBits *b, const float *packed) {
  b->packed = packed;
  b->num_words = 0;
  memset(b->slot, -1, sizeof b->slot);
  (void)number_of(b, 0); /* number 0: nothing there, or the border */
}

/* bytes [n] of x [n], whose bits are those of 0.0 or 1.0; false: there are others. */
static bool read_bytes(size_t n, const float *restrict x, uint8_t *restrict bytes) {
  uint32_t strange = 0;
  for (size_t i = 0; i < n; ++i) {
    uint32_t u;
    memcpy(&u, x + i, sizeof u);
    strange |= (uint32_t)((u != 0) & (u != UINT32_C(0x3f800000)));
    bytes[i] = (uint8_t)(u >> 23 & 1); /* the exponent of 1 is odd */
  }
  return strange == 0;
}

/* Byte k as bit k: eight bytes b_k 2^(8 k) times the sum of 2^(56 - 7 j) have b_k as bit 56 + k, and no two of the
 * products meet. */
static inline uint32_t gather_eight(const uint8_t *bytes) {
  uint64_t eight;
  memcpy(&eight, bytes, sizeof eight);
  return (uint32_t)(eight * UINT64_C(0x0102040810204080) >> 56);
}

/* The word whose bit k is byte k of `count`, which are 31 at most; without a loop, of which gcc makes vectors. */
static inline uint32_t gather_word(const uint8_t *bytes, int count) {
  uint32_t word = gather_eight(bytes);
  if (count > 8) word |= gather_eight(bytes + 8) << 8;
  if (count > 16) word |= gather_eight(bytes + 16) << 16;
  if (count > 24) word |= gather_eight(bytes + 24) << 24;
  return word & ((UINT32_C(1) << count) - 1);
}

/* The cells of an image, in its border; false: it is not taken. */
static bool read_cells(MarlConvBits *b, const float *image, uint32_t *cell) {
  const MarlConvPlan *p = &b->plan;
  const size_t pad = (size_t)p->padding, rows = (size_t)p->rows, cols = (size_t)p->cols;
  const int in = p->in; /* read once: for all that the compiler knows, a cell lies in b */
  const uint32_t row = (uint32_t)(b->taps * LANES);
  if (!read_bytes(marl_conv_plan_inputs(p), image, b->bytes)) return false;
  const uint8_t *bytes = b->bytes;
  for (size_t r = 0; r < rows; ++r) {
    uint32_t *to = cell + (r + pad) * (cols + 2 * pad) + pad;
    for (size_t c = 0; c < cols; ++c, bytes += in) {
      const int number = number_of(b, gather_word(bytes, in));
      if (number < 0) return false;
      to[c] = (uint32_t)number * row;
    }
  }
  return true;
}

/* One chunk of the outputs of an image. */
typedef struct Chunk {
  const MarlConvPlan *plan;
  const uint32_t *cell; /* of the image */
  size_t first, lanes;  /* its channels */
} Chunk;

static Chunk chunk_of(const MarlConvBits *b, size_t at, size_t chunk) {
  const size_t first = chunk * LANES, left = (size_t)b->plan.out - first;
  return (Chunk){&b->plan, b->cell + at * b->cells, first, left < LANES ? left : LANES};
}

/* What the rows of the table that an output sees add up to. A kernel whose width the compiler knows is unrolled. */
static inline __attribute__((always_inline)) void sum_seen(const float *table, const uint32_t *seen,
                                                           size_t cols, size_t kernel,
                                                           MarlVector sum[PARTS]) {
  for (size_t i = 0; i < kernel; ++i, seen += cols)
    for (size_t j = 0; j < kernel; ++j) {
      const float *row = table + seen[j] + (i * kernel + j) * LANES;
      for (int v = 0; v < PARTS; ++v) sum[v] += marl_vector_load(row + v * WIDTH);
    }
}

static inline __attribute__((always_inline)) void add_up(const Chunk *k, const float *table,
                                                         const float *bias, size_t kernel,
                                                         float *y) {
  const MarlConvPlan *p = k->plan;
  const size_t cols = (size_t)p->cols + 2 * (size_t)p->padding, out = (size_t)p->out;
  const size_t step = (size_t)p->stride, across = (size_t)p->out_cols, lanes = k->lanes;
  MarlVector start[PARTS];
  for (int v = 0; v < PARTS; ++v) start[v] = marl_vector_load(bias + v * WIDTH);
  for (size_t r = 0; r < (size_t)p->out_rows; ++r) {
    const uint32_t *seen = k->cell + r * cols * step, *end = seen + across * step;
    for (float *to = y + r * across * out + k->first; seen < end; seen += step, to += out) {
      MarlVector sum[PARTS];
      for (int v = 0; v < PARTS; ++v) sum[v] = start[v];
      sum_seen(table, seen, cols, kernel, sum);
      marl_vector_store_run(to, sum, lanes);
    }
  }
}

/* Functions of their own, so that the table is one base and a tap's row a constant distance from it. */
static __attribute__((noinline)) void add_up_3(const Chunk *k, const float *table,
                                               const float *bias, float *y) {
  add_up(k, table, bias, 3, y);
}
static __attribute__((noinline)) void add_up_5(const Chunk *k, const float *table,
                                               const float *bias, float *y) {
  add_up(k, table, bias, 5, y);
}

bool marl_conv_bits_forward(MarlConvBits *b, size_t at, const float *image, float *y) {
  b->taken[at] = read_cells(b, image, b->cell + at * b->cells);
  for (size_t chunk = 0; b->taken[at] && chunk < b->chunks; ++chunk) {
    const Chunk k = chunk_of(b, at, chunk);
    const float *table = b->table + chunk * chunk_floats(b);
    const size_t patch = (size_t)b->plan.patch;
    const float *bias = b->packed + (chunk * (patch + 1) + patch) * LANES;
    if (b->plan.kernel == 3)
      add_up_3(&k, table, bias, y);
    else if (b->plan.kernel == 5)
      add_up_5(&k, table, bias, y);
    else
      add_up(&k, table, bias, (size_t)b->plan.kernel, y);
  }
  return b->taken[at];
}

void marl_conv_bits_begin_gradient(MarlConvBits *b) {
  for (size_t chunk = 0; chunk < b->chunks; ++chunk)
    memset(b->sums + chunk * chunk_floats(b), 0,
           (size_t)b->num_words * b->taps * LANES * sizeof *b->sums);
}

static inline void load_run(const float *from, size_t lanes, MarlVector run[PARTS]) {
  float padded[LANES] = {0};
  if (lanes < LANES) from = memcpy(padded, from, lanes * sizeof *from);
  for (int v = 0; v < PARTS; ++v) run[v] = marl_vector_load(from + v * WIDTH);
}

static inline __attribute__((always_inline)) void give_seen(float *sums, const uint32_t *seen,
                                                            size_t cols, size_t kernel,
                                                            const MarlVector delta[PARTS]) {
  for (size_t i = 0; i < kernel; ++i, seen += cols)
    for (size_t j = 0; j < kernel; ++j) {
      float *row = sums + seen[j] + (i * kernel + j) * LANES;
      for (int v = 0; v < PARTS; ++v)
        marl_vector_store(row + v * WIDTH, marl_vector_load(row + v * WIDTH) + delta[v]);
    }
}

static inline __attribute__((always_inline)) void give_back(const Chunk *k, float *sums,
                                                            size_t kernel, const float *delta) {
  const MarlConvPlan *p = k->plan;
  const size_t cols = (size_t)p->cols + 2 * (size_t)p->padding, out = (size_t)p->out;
  const size_t step = (size_t)p->stride, across = (size_t)p->out_cols;
  for (size_t r = 0; r < (size_t)p->out_rows; ++r) {
    const uint32_t *seen = k->cell + r * cols * step, *end = seen + across * step;
    const float *from = delta + r * across * out + k->first;
    for (; seen < end; seen += step, from += out) {
      MarlVector d[PARTS];
      load_run(from, k->lanes, d);
      give_seen(sums, seen, cols, kernel, d);
    }
  }
}

static __attribute__((noinline)) void give_back_3(const Chunk *k, float *sums, const float *delta) {
  give_back(k, sums, 3, delta);
}
static __attribute__((noinline)) void give_back_5(const Chunk *k, float *sums, const float *delta) {
  give_back(k, sums, 5, delta);
}

bool marl_conv_bits_add(MarlConvBits *b, size_t at, const float *delta) {
  for (size_t chunk = 0; b->taken[at] && chunk < b->chunks; ++chunk) {
    const Chunk k = chunk_of(b, at, chunk);
    float *sums = b->sums + chunk * chunk_floats(b);
    if (b->plan.kernel == 3)
      give_back_3(&k, sums, delta);
    else if (b->plan.kernel == 5)
      give_back_5(&k, sums, delta);
    else
      give_back(&k, sums, (size_t)b->plan.kernel, delta);
  }
  return b->taken[at];
}

void marl_conv_bits_end_gradient(const MarlConvBits *b, float *params_grad) {
  const size_t in = (size_t)b->plan.in, out = (size_t)b->plan.out;
  for (size_t n = 0; n < (size_t)b->num_words; ++n)
    for (size_t tap = 0; tap < b->taps; ++tap)
      for (uint32_t word = b->word[n]; word != 0; word &= word - 1) {
        float *row = params_grad + (tap * in + (size_t)__builtin_ctz(word)) * out;
        for (size_t c = 0; c < out; ++c)
          row[c] += b->sums[c / LANES * chunk_floats(b) + (n * b->taps + tap) * LANES + c % LANES];
      }
}
