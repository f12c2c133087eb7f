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

/* Where number e of a side with a gap is; -1: nowhere. */
INLINE ptrdiff_t place(const MarlLanesModes *modes, int n, int e) {
  if (e < modes->kept) return 2 * e * modes->step;
  return e > n - modes->kept ? 2 * (e - modes->fold) * modes->step : -1;
}

/* n1, n2 and to_points are constants where this is used. Real for imaginary parts, on both sides, is the
 * other direction. */
INLINE void two_passes(int n1, int n2, bool to_points, const REAL *twiddles, const V *in, V *out,
                       const MarlLanesModes *modes, ptrdiff_t step, Z *between) {
  const int n = n1 * n2, re = to_points ? 0 : 1, im = 1 - re;
  for (int j = 0; j < n2; ++j) {
    Z x[16];
    for (int k = 0; k < n1; ++k) {
      const int e = j + n2 * k;
      const ptrdiff_t at = to_points ? place(modes, n, e) : 2 * e * step;
      x[k] = at < 0 ? (Z){(V){0}, (V){0}} : (Z){in[at + re], in[at + im]};
    }
    transform_of(n1, x);
    between[j] = PARTS(x[0]);
    for (int k = 1; k < n1; ++k) {
      const REAL *factor = twiddles + 2 * (k * n2 + j);
      between[k * n2 + j] = turned(x[k], factor[0], factor[1]);
    }
  }
  for (int k = 0; k < n1; ++k) {
    Z x[16];
    for (int j = 0; j < n2; ++j) x[j] = PARTS(between[k * n2 + j]);
    transform_of(n2, x);
    for (int m = 0; m < n2; ++m) {
      const int e = k + n1 * m;
      const ptrdiff_t at = to_points ? 2 * e * step : place(modes, n, e);
      if (at < 0) continue;
      out[at + re] = x[m].re;
      out[at + im] = x[m].im;
    }
  }
}

#define DIRECTION(N1, N2, NAME, TO_POINTS)                                        \
  static void NAME##_##N1##_##N2(const void *twiddles, const void *in, void *out, \
                                 MarlLanesModes modes, ptrdiff_t step) {          \
    Z between[(N1) * (N2)];                                                       \
    two_passes(N1, N2, TO_POINTS, twiddles, in, out, &modes, step, between);      \
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
