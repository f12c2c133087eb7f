/* Passes of a transform of vectors of lanes, for a kernel that has defined REAL and WIDTH
 * (fft_lines_kernel.h)
 *
 * n = R M (Cooley and Tukey, Math. Comput. 19, 1965): the first pass is M transforms of R numbers and
 * twiddle factors, the others are R transforms of M numbers. Real for imaginary parts, on both sides, is
 * the other direction. A pass reads and writes complex lanes in order, or a number of WIDTH columns in a
 * row of a pencil, where lane 2 i is column i and lane 2 i + 1 is column i + WIDTH / 2: that is what one
 * shuffle makes of two vectors of (re, im). */
#ifndef MARL_PHYSICS_FFT_LINES_PASSES_H
#define MARL_PHYSICS_FFT_LINES_PASSES_H

#include <stddef.h>

#include "physics/fft_codelets.h"

/* (re, im) numbers wherever they lie. */
typedef REAL Loose __attribute__((vector_size(WIDTH * sizeof(REAL)), aligned(8), may_alias));

#if defined(__clang__) || __GNUC__ >= 12
#define SHUFFLE(a, b, ...) __builtin_shufflevector(a, b, __VA_ARGS__)
#else
typedef long long Places __attribute__((vector_size(WIDTH * 8)));
#define SHUFFLE(a, b, ...) __builtin_shuffle(a, b, (Places){__VA_ARGS__})
#endif

#if WIDTH == 4
#define EVEN(a, b) SHUFFLE(a, b, 0, 4, 2, 6)
#define ODD(a, b) SHUFFLE(a, b, 1, 5, 3, 7)
#else
#define EVEN(a, b) SHUFFLE(a, b, 0, 2)
#define ODD(a, b) SHUFFLE(a, b, 1, 3)
#endif

INLINE V load(const double *at) {
  return (V) * (const Loose *)at;
}

INLINE void store(double *at, V v) {
  *(Loose *)at = (Loose)v;
}

/* v[i] of lane j and v[j] of lane i change places. */
INLINE void transpose(V *v) {
  V a[WIDTH];
  for (int i = 0; i < WIDTH; i += 2) {
    a[i] = EVEN(v[i], v[i + 1]);
    a[i + 1] = ODD(v[i], v[i + 1]);
  }
#if WIDTH == 4
  for (int j = 0; j < 2; ++j) {
    v[j] = SHUFFLE(a[j], a[2 + j], 0, 1, 4, 5);
    v[2 + j] = SHUFFLE(a[j], a[2 + j], 2, 3, 6, 7);
  }
#else
  for (int i = 0; i < WIDTH; ++i) v[i] = a[i];
#endif
}

/* A side of lanes: element e is at re[2 e step], im[2 e step]. */
typedef struct Lanes {
  V *re, *im;
  ptrdiff_t step;
} Lanes;

/* A side of rows: element e of columns 0 .. WIDTH/2-1 at at[e stride], of the others `second` doubles on;
 * 0: there are no others. */
typedef struct Rows {
  double *at;
  ptrdiff_t stride, second;
} Rows;

INLINE Z from_lanes(const Lanes *lanes, ptrdiff_t e) {
  return (Z){lanes->re[2 * e * lanes->step], lanes->im[2 * e * lanes->step]};
}

INLINE void into_lanes(const Lanes *lanes, ptrdiff_t e, Z z) {
  lanes->re[2 * e * lanes->step] = z.re;
  lanes->im[2 * e * lanes->step] = z.im;
}

/* Real for imaginary parts: rows are read for exp(-...) alone. */
INLINE Z from_rows(const Rows *rows, ptrdiff_t e) {
  const double *at = rows->at + e * rows->stride;
  const V low = load(at), high = load(at + rows->second);
  return (Z){ODD(low, high), EVEN(low, high)};
}

INLINE void into_rows(const Rows *rows, ptrdiff_t e, Z z) {
  double *at = rows->at + e * rows->stride;
  store(at + rows->second, ODD(z.re, z.im));
  store(at, EVEN(z.re, z.im));
}

/* Numbers from one part to the next between two passes: an odd number, so that those of a power of two do
 * not share a set of the cache. */
INLINE ptrdiff_t pitch(ptrdiff_t m) {
  return m | 1;
}

INLINE void turn_all(int radix, ptrdiff_t m, ptrdiff_t j, const REAL *twiddles, const Z *x,
                     Z *out) {
  out[j] = PARTS(x[0]);
  for (int k = 1; k < radix; ++k) {
    const REAL *factor = twiddles + 2 * (k * m + j);
    out[k * pitch(m) + j] = turned(x[k], factor[0], factor[1]);
  }
}

/* First passes: element j + m k of the input, j < m; `out` is
 * [radix, pitch(m)]. */
typedef void (*FirstOfLanes)(const REAL *twiddles, ptrdiff_t m, Lanes in, Z *out);
typedef void (*FirstOfRows)(const REAL *twiddles, ptrdiff_t m, Rows in, Z *out);
/* Last passes: `in` is [count, pitch(radix)]; element k + count j of the output. */
typedef void (*LastIntoLanes)(const Z *in, ptrdiff_t count, Lanes out);
typedef void (*LastIntoRows)(const Z *in, ptrdiff_t count, Rows out);

/* |x|, and the larger of two numbers, lane by lane */
typedef long long Mask __attribute__((vector_size(WIDTH * sizeof(REAL)), may_alias));
INLINE V size_of(V x) {
  return (V)((Mask)x & 0x7fffffffffffffff);
}
INLINE V larger(V a, V b) {
  const Mask more = a > b;
  return (V)((more & (Mask)a) | (~more & (Mask)b));
}

/* fft_lines.h, lane by lane */
typedef struct Speed {
  REAL per_re, per_im;
  V largest, sum;
} Speed;

INLINE void measure(Z z, Speed *speed) {
  const V here = size_of(z.re) * speed->per_re + size_of(z.im) * speed->per_im;
  speed->largest = larger(here, speed->largest);
  speed->sum += here;
}

/* The last pass, the square of every number z, and the first pass of the transform back, which has the
 * same radix, so that the numbers that it needs at once are those that one codelet gives: numbers
 * from + k step, k < count, of m. `out` is [radix, pitch(m)]. */
typedef struct Squares {
  const REAL *twiddles; /* [radix, m, 2] */
  ptrdiff_t m, from, step, count;
  Z *out;
  Speed *speed; /* NULL: not asked for */
} Squares;
typedef void (*LastIntoSquares)(const Z *in, const Squares *squares);

/* Parts change places for the direction back. */
INLINE Z squared(Z z) {
  return (Z){(REAL)2 * z.re * z.im, z.re * z.re - z.im * z.im};
}

#define FIRST(RADIX, SIDE, READ)                                                              \
  static void first_of_##READ##_##RADIX(const REAL *twiddles, ptrdiff_t m, SIDE in, Z *out) { \
    for (ptrdiff_t j = 0; j < m; ++j) {                                                       \
      Z x[RADIX];                                                                             \
      for (int k = 0; k < (RADIX); ++k) x[k] = from_##READ(&in, j + m * k);                   \
      transform_##RADIX(x);                                                                   \
      turn_all(RADIX, m, j, twiddles, x, out);                                                \
    }                                                                                         \
  }
#define LAST(RADIX, SIDE, WRITE)                                                    \
  static void last_into_##WRITE##_##RADIX(const Z *in, ptrdiff_t count, SIDE out) { \
    for (ptrdiff_t k = 0; k < count; ++k) {                                         \
      Z x[RADIX];                                                                   \
      for (int j = 0; j < (RADIX); ++j) x[j] = PARTS(in[k * pitch(RADIX) + j]);     \
      transform_##RADIX(x);                                                         \
      for (int j = 0; j < (RADIX); ++j) into_##WRITE(&out, k + count * j, x[j]);    \
    }                                                                               \
  }
#define SQUARE(RADIX)                                                           \
  static void last_into_squares_##RADIX(const Z *in, const Squares *s) {        \
    for (ptrdiff_t k = 0; k < s->count; ++k) {                                  \
      Z x[RADIX];                                                               \
      for (int j = 0; j < (RADIX); ++j) x[j] = PARTS(in[k * pitch(RADIX) + j]); \
      transform_##RADIX(x);                                                     \
      if (s->speed != NULL)                                                     \
        for (int j = 0; j < (RADIX); ++j) measure(x[j], s->speed);              \
      for (int j = 0; j < (RADIX); ++j) x[j] = squared(x[j]);                   \
      transform_##RADIX(x);                                                     \
      turn_all(RADIX, s->m, s->from + k * s->step, s->twiddles, x, s->out);     \
    }                                                                           \
  }
#define PASSES(RADIX)        \
  SQUARE(RADIX)              \
  FIRST(RADIX, Lanes, lanes) \
  FIRST(RADIX, Rows, rows)   \
  LAST(RADIX, Lanes, lanes)  \
  LAST(RADIX, Rows, rows)
PASSES(4)
PASSES(6)
PASSES(8)
PASSES(12)
PASSES(16)

/* by radix / 2 */
static const FirstOfLanes first_of_lanes[] = {[2] = first_of_lanes_4,
                                              [3] = first_of_lanes_6,
                                              [4] = first_of_lanes_8,
                                              [6] = first_of_lanes_12,
                                              [8] = first_of_lanes_16};
static const FirstOfRows first_of_rows[] = {[2] = first_of_rows_4,
                                            [3] = first_of_rows_6,
                                            [4] = first_of_rows_8,
                                            [6] = first_of_rows_12,
                                            [8] = first_of_rows_16};
static const LastIntoLanes last_into_lanes[] = {[2] = last_into_lanes_4,
                                                [3] = last_into_lanes_6,
                                                [4] = last_into_lanes_8,
                                                [6] = last_into_lanes_12,
                                                [8] = last_into_lanes_16};
static const LastIntoRows last_into_rows[] = {[2] = last_into_rows_4,
                                              [3] = last_into_rows_6,
                                              [4] = last_into_rows_8,
                                              [6] = last_into_rows_12,
                                              [8] = last_into_rows_16};

static const LastIntoSquares last_into_squares[] = {[2] = last_into_squares_4,
                                                    [3] = last_into_squares_6,
                                                    [4] = last_into_squares_8,
                                                    [6] = last_into_squares_12,
                                                    [8] = last_into_squares_16};

#endif
