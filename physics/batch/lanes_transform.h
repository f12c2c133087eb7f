/* Transforms of vectors of lanes, for a kernel that has defined REAL and WIDTH (lanes_kernel.h)
 *
 * A length n = N1 N2 in two passes (Cooley and Tukey, Math. Comput. 19, 1965): N2 transforms of N1
 * numbers, twiddle factors, N1 transforms of N2 numbers. Those are written out; 6 and 12 by the
 * prime-factor algorithm, which has no factors (Good, J. R. Stat. Soc. B 20, 1958). */
#ifndef MARL_PHYSICS_BATCH_LANES_TRANSFORM_H
#define MARL_PHYSICS_BATCH_LANES_TRANSFORM_H

#include <stdbool.h>
#include <stddef.h>

#include "physics/batch/lanes.h"

#ifndef REAL /* the header by itself */
#define REAL double
#define WIDTH 2
#endif

typedef REAL V __attribute__((vector_size(WIDTH * sizeof(REAL)), may_alias));

typedef struct Z {
  V re, im;
} Z;

#define INLINE static inline __attribute__((always_inline))

/* A copy, part by part: gcc copies a whole Z by halves of a vector, which stalls whoever reads it next. */
#define PARTS(z)   \
  (Z) {            \
    (z).re, (z).im \
  }

INLINE Z plus(Z a, Z b) {
  return (Z){a.re + b.re, a.im + b.im};
}
INLINE Z minus(Z a, Z b) {
  return (Z){a.re - b.re, a.im - b.im};
}
INLINE Z times_i(Z a) {
  return (Z){-a.im, a.re};
}
/* a (c + i s) */
INLINE Z turned(Z a, REAL c, REAL s) {
  return (Z){a.re * c - a.im * s, a.re * s + a.im * c};
}

INLINE void transform_3(Z *x) {
  const REAL half = (REAL)0.5, root = (REAL)0.86602540378443864676;
  const Z t = plus(x[1], x[2]), d = minus(x[1], x[2]);
  const Z m = {x[0].re - half * t.re, x[0].im - half * t.im};
  const Z r = {-root * d.im, root * d.re};
  x[0] = plus(x[0], t);
  x[1] = plus(m, r);
  x[2] = minus(m, r);
}

INLINE void transform_4(Z *x) {
  const Z a = plus(x[0], x[2]), b = minus(x[0], x[2]);
  const Z c = plus(x[1], x[3]), d = times_i(minus(x[1], x[3]));
  x[0] = plus(a, c);
  x[1] = plus(b, d);
  x[2] = minus(a, c);
  x[3] = minus(b, d);
}

INLINE void transform_6(Z *x) {
  Z e[3] = {PARTS(x[0]), PARTS(x[2]), PARTS(x[4])};
  Z o[3] = {PARTS(x[3]), PARTS(x[5]), PARTS(x[1])};
  transform_3(e);
  transform_3(o);
  x[0] = plus(e[0], o[0]);
  x[3] = minus(e[0], o[0]);
  x[4] = plus(e[1], o[1]);
  x[1] = minus(e[1], o[1]);
  x[2] = plus(e[2], o[2]);
  x[5] = minus(e[2], o[2]);
}

INLINE void transform_8(Z *x) {
  const REAL h = (REAL)0.70710678118654752440;
  Z e[4] = {PARTS(x[0]), PARTS(x[2]), PARTS(x[4]), PARTS(x[6])};
  Z o[4] = {PARTS(x[1]), PARTS(x[3]), PARTS(x[5]), PARTS(x[7])};
  transform_4(e);
  transform_4(o);
  const Z o1 = {h * (o[1].re - o[1].im), h * (o[1].im + o[1].re)};
  const Z o2 = times_i(o[2]);
  const Z o3 = {-h * (o[3].re + o[3].im), h * (o[3].re - o[3].im)};
  x[0] = plus(e[0], o[0]);
  x[1] = plus(e[1], o1);
  x[2] = plus(e[2], o2);
  x[3] = plus(e[3], o3);
  x[4] = minus(e[0], o[0]);
  x[5] = minus(e[1], o1);
  x[6] = minus(e[2], o2);
  x[7] = minus(e[3], o3);
}

/* Four numbers, every third of x from j on (modulo 12). */
INLINE void quarter_of_12(const Z *x, int j, Z out[4]) {
  for (int q = 0; q < 4; ++q) out[q] = PARTS(x[(j + 3 * q) % 12]);
  transform_4(out);
}

INLINE void transform_12(Z *x) {
  Z a[4], b[4], c[4];
  quarter_of_12(x, 0, a);
  quarter_of_12(x, 4, b);
  quarter_of_12(x, 8, c);
  for (int q = 0; q < 4; ++q) {
    Z t[3] = {PARTS(a[q]), PARTS(b[q]), PARTS(c[q])};
    transform_3(t);
    for (int r = 0; r < 3; ++r) x[(4 * r + 9 * q) % 12] = PARTS(t[r]);
  }
}

INLINE void transform_16(Z *x) {
  const REAL c1 = (REAL)0.92387953251128675613, s1 = (REAL)0.38268343236508977173;
  const REAL h = (REAL)0.70710678118654752440;
  const REAL cosine[4][4] = {{1, 1, 1, 1}, {1, c1, h, s1}, {1, h, 0, -h}, {1, s1, -h, -c1}};
  const REAL sine[4][4] = {{0, 0, 0, 0}, {0, s1, h, c1}, {0, h, 1, h}, {0, c1, h, -s1}};
  Z t[16];
  for (int j = 0; j < 4; ++j) {
    Z q[4] = {PARTS(x[j]), PARTS(x[j + 4]), PARTS(x[j + 8]), PARTS(x[j + 12])};
    transform_4(q);
    for (int k = 0; k < 4; ++k) t[4 * k + j] = turned(q[k], cosine[k][j], sine[k][j]);
  }
  for (int k = 0; k < 4; ++k) {
    Z q[4] = {PARTS(t[4 * k]), PARTS(t[4 * k + 1]), PARTS(t[4 * k + 2]), PARTS(t[4 * k + 3])};
    transform_4(q);
    for (int m = 0; m < 4; ++m) x[k + 4 * m] = PARTS(q[m]);
  }
}

INLINE void transform_of(int n, Z *x) {
  if (n == 4) transform_4(x);
  if (n == 6) transform_6(x);
  if (n == 8) transform_8(x);
  if (n == 12) transform_12(x);
  if (n == 16) transform_16(x);
}

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
