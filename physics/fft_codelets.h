/* Discrete transforms of a few numbers, written out, for a file that has defined REAL and WIDTH
 *
 * X_k = sum_j x_j exp(2 pi i j k / n) of vectors of lanes; nothing mixes lanes. 6 and 12 by the
 * prime-factor algorithm, which has no factors (Good, J. R. Stat. Soc. B 20, 1958). */
#ifndef MARL_PHYSICS_FFT_CODELETS_H
#define MARL_PHYSICS_FFT_CODELETS_H

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

/* a exp(2 pi i / 8), and three times as far */
INLINE Z turned_by_8th(Z a) {
  const REAL h = (REAL)0.70710678118654752440;
  return (Z){h * (a.re - a.im), h * (a.im + a.re)};
}
INLINE Z turned_by_3_8ths(Z a) {
  const REAL h = (REAL)0.70710678118654752440;
  return (Z){-h * (a.re + a.im), h * (a.re - a.im)};
}

INLINE void transform_8(Z *x) {
  Z e[4] = {PARTS(x[0]), PARTS(x[2]), PARTS(x[4]), PARTS(x[6])};
  Z o[4] = {PARTS(x[1]), PARTS(x[3]), PARTS(x[5]), PARTS(x[7])};
  transform_4(e);
  transform_4(o);
  const Z o1 = turned_by_8th(o[1]), o2 = times_i(o[2]), o3 = turned_by_3_8ths(o[3]);
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

/* Four numbers, every fourth of x from j on. */
INLINE void quarter_of_16(const Z *x, int j, Z out[4]) {
  for (int q = 0; q < 4; ++q) out[q] = PARTS(x[j + 4 * q]);
  transform_4(out);
}

INLINE void into_quarter_of_16(Z in[4], int k, Z *x) {
  transform_4(in);
  for (int m = 0; m < 4; ++m) x[k + 4 * m] = PARTS(in[m]);
}

/* Written out: gcc does not unroll a loop over tables of factors. */
INLINE void transform_16(Z *x) {
  const REAL c = (REAL)0.92387953251128675613, s = (REAL)0.38268343236508977173; /* of 2 pi / 16 */
  Z a[4], b[4], d[4], e[4];
  quarter_of_16(x, 0, a);
  quarter_of_16(x, 1, b);
  quarter_of_16(x, 2, d);
  quarter_of_16(x, 3, e);
  Z b1[4] = {PARTS(a[1]), turned(b[1], c, s), turned_by_8th(d[1]), turned(e[1], s, c)};
  Z b2[4] = {PARTS(a[2]), turned_by_8th(b[2]), times_i(d[2]), turned_by_3_8ths(e[2])};
  Z b3[4] = {PARTS(a[3]), turned(b[3], s, c), turned_by_3_8ths(d[3]), turned(e[3], -c, -s)};
  Z b0[4] = {PARTS(a[0]), PARTS(b[0]), PARTS(d[0]), PARTS(e[0])};
  into_quarter_of_16(b0, 0, x);
  into_quarter_of_16(b1, 1, x);
  into_quarter_of_16(b2, 2, x);
  into_quarter_of_16(b3, 3, x);
}

INLINE void transform_of(int n, Z *x) {
  if (n == 4) transform_4(x);
  if (n == 6) transform_6(x);
  if (n == 8) transform_8(x);
  if (n == 12) transform_12(x);
  if (n == 16) transform_16(x);
}

#endif
