/* Transforms of vectors of lanes, for a kernel that has defined REAL and WIDTH (lanes_kernel.h)
 *
 * A length n = N1 N2 in two passes (Cooley and Tukey, Math. Comput. 19, 1965): N2 transforms of N1
 * numbers, twiddle factors, N1 transforms of N2 numbers, both by codelets. */
#ifndef MARL_PHYSICS_BATCH_LANES_TRANSFORM_H
#define MARL_PHYSICS_BATCH_LANES_TRANSFORM_H

#include <stdbool.h>
#include <stddef.h>

#include "physics/batch/lanes.h"
#include "physics/fft_codelets.h"

/* Where number e of a side with a gap is; -1: nowhere. A constant `kept` stands for that of modes. */
INLINE ptrdiff_t place(const MarlLanesModes *modes, int kept, int n, int e) {
  const int there = kept > 0 ? kept : modes->kept;
  if (e < there) return 2 * e * modes->step;
  return e > n - there ? 2 * (e - modes->fold) * modes->step : -1;
}

/* All of these are of constants n1, n2, to_points and kept where they are used. Real for imaginary parts, on
 * both sides, is the other direction. */
INLINE void first_pass(int n1, int n2, bool to_points, int kept, int j, const REAL *twiddles,
                       const V *in, const MarlLanesModes *modes, ptrdiff_t step, Z *between) {
  const int n = n1 * n2, re = to_points ? 0 : 1, im = 1 - re;
  Z x[16];
  for (int k = 0; k < n1; ++k) {
    const int e = j + n2 * k;
    const ptrdiff_t at = to_points ? place(modes, kept, n, e) : 2 * e * step;
    x[k] = at < 0 ? (Z){(V){0}, (V){0}} : (Z){in[at + re], in[at + im]};
  }
  transform_of(n1, x);
  between[j] = PARTS(x[0]);
  for (int k = 1; k < n1; ++k) {
    const REAL *factor = twiddles + 2 * (k * n2 + j);
    between[k * n2 + j] = turned(x[k], factor[0], factor[1]);
  }
}

INLINE void second_pass(int n1, int n2, bool to_points, int kept, int k, const Z *between, V *out,
                        const MarlLanesModes *modes, ptrdiff_t step) {
  const int n = n1 * n2, re = to_points ? 0 : 1, im = 1 - re;
  Z x[16];
  for (int j = 0; j < n2; ++j) x[j] = PARTS(between[k * n2 + j]);
  transform_of(n2, x);
  for (int m = 0; m < n2; ++m) {
    const int e = k + n1 * m;
    const ptrdiff_t at = to_points ? 2 * e * step : place(modes, kept, n, e);
    if (at < 0) continue;
    out[at + re] = x[m].re;
    out[at + im] = x[m].im;
  }
}

/* The pass at the side of the modes is written out where `kept` is a constant: what is zero, or not wanted,
 * is then not computed. */
INLINE void two_passes(int n1, int n2, bool to_points, int kept, const REAL *twiddles, const V *in,
                       V *out, const MarlLanesModes *modes, ptrdiff_t step, Z *between) {
  if (to_points && kept > 0) {
#pragma GCC unroll 16
    for (int j = 0; j < n2; ++j)
      first_pass(n1, n2, to_points, kept, j, twiddles, in, modes, step, between);
  } else {
    for (int j = 0; j < n2; ++j)
      first_pass(n1, n2, to_points, kept, j, twiddles, in, modes, step, between);
  }
  if (!to_points && kept > 0) {
#pragma GCC unroll 16
    for (int k = 0; k < n1; ++k) second_pass(n1, n2, to_points, kept, k, between, out, modes, step);
  } else {
    for (int k = 0; k < n1; ++k) second_pass(n1, n2, to_points, kept, k, between, out, modes, step);
  }
}

/* Transforms of the usual parts: a third (dealiased, and what is padded to these points), half (a grid whose
 * products are padded) and a quarter (of that, a test filter). */
#define DIRECTION(N1, N2, NAME, TO_POINTS)                                            \
  static void NAME##_##N1##_##N2(const void *twiddles, const void *in, void *out,     \
                                 MarlLanesModes modes, ptrdiff_t step) {              \
    enum { N = (N1) * (N2), THIRD = (N + 2) / 3 };                                    \
    Z between[N];                                                                     \
    if (N <= 96 && modes.kept == THIRD)                                               \
      two_passes(N1, N2, TO_POINTS, THIRD, twiddles, in, out, &modes, step, between); \
    else if (N <= 64 && modes.kept == N / 2)                                          \
      two_passes(N1, N2, TO_POINTS, N / 2, twiddles, in, out, &modes, step, between); \
    else if (N <= 64 && modes.kept == N / 4)                                          \
      two_passes(N1, N2, TO_POINTS, N / 4, twiddles, in, out, &modes, step, between); \
    else                                                                              \
      two_passes(N1, N2, TO_POINTS, 0, twiddles, in, out, &modes, step, between);     \
  }
#define TRANSFORM(N1, N2)            \
  DIRECTION(N1, N2, to_points, true) \
  DIRECTION(N1, N2, to_modes, false)
TRANSFORM(4, 4)
TRANSFORM(4, 6)
TRANSFORM(4, 8)
TRANSFORM(6, 8)
TRANSFORM(8, 8)
TRANSFORM(6, 12)
TRANSFORM(8, 12)
TRANSFORM(8, 16)
TRANSFORM(12, 12)
TRANSFORM(12, 16)

#endif
