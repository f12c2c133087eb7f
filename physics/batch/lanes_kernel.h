/* The kernel of one kind of vectors: a source file defines REAL, WIDTH, KERNEL (the name of its
 * MarlLanesOps), KERNEL_NAME, FUSED and HERE (can this machine run it?) and includes this. lanes.h says what the
 * arrays are. */
#ifndef MARL_PHYSICS_BATCH_LANES_KERNEL_H
#define MARL_PHYSICS_BATCH_LANES_KERNEL_H

#include <math.h>
#include <stdint.h>
#include <string.h>

#include "physics/batch/lanes.h"
#include "physics/batch/lanes_transform.h"

#define BOTH(N1, N2) \
  { N1, N2, to_points_##N1##_##N2, to_modes_##N1##_##N2 }
static bool find(int n, int *first, int *second, MarlLanesTransform *to_points,
                 MarlLanesTransform *to_modes) {
  static const struct {
    int first, second;
    MarlLanesTransform to_points, to_modes;
  } all[] = {BOTH(4, 4),  BOTH(4, 6),  BOTH(4, 8),  BOTH(6, 8),   BOTH(8, 8),
             BOTH(6, 12), BOTH(8, 12), BOTH(8, 16), BOTH(12, 12), BOTH(12, 16)};
  for (size_t i = 0; i < sizeof all / sizeof all[0]; ++i)
    if (all[i].first * all[i].second == n) {
      *first = all[i].first;
      *second = all[i].second;
      *to_points = all[i].to_points;
      *to_modes = all[i].to_modes;
      return true;
    }
  return false;
}

INLINE V spread(REAL x) {
  return x - (V){0};
}

/* Column i of w into the rows of a pair: both signs of kx. */
INLINE void begin_pair(const MarlLanes *l, const MarlLanesPair *pair, const MarlLanesPoints *points,
                       int i, const Z *w) {
  const int n = points->y.n, kept = l->kept_y, modes = l->modes;
  const REAL *f = (const REAL *)pair->factors + (ptrdiff_t)2 * i * modes;
  const REAL sign = (REAL)pair->sign;
  Z *up = l->column, *down = up + n;
  V *rows = pair->rows;
  for (int j = 0; j < modes; ++j) {
    const int mirror = j > 0 ? modes - j : 0;
    const REAL a = f[2 * j], c = f[2 * j + 1];
    const V a_re = a * w[j].re, a_im = a * w[j].im;
    const V c_re = c * w[j].re, c_im = c * w[j].im;
    up[j] = (Z){a_re - c_im, a_im + c_re};
    down[mirror] = (Z){sign * (a_re + c_im), sign * (c_re - a_im)};
  }
  const MarlLanesModes all = {.step = 1, .kept = kept, .fold = n - modes};
  points->y.to_points(points->y.twiddles, up, rows + 2 * i, all, l->columns);
  if (i > 0)
    points->y.to_points(points->y.twiddles, down, rows + 2 * (l->columns - i), all, l->columns);
}

/* Not inlined: there is one copy, so that a flow begins with the same bits that a step leaves. */
static __attribute__((noinline)) void begin_column(const MarlLanes *l, int i) {
  const Z *w = (const Z *)l->w + (ptrdiff_t)i * l->modes;
  begin_pair(l, &l->velocity, &l->product, i, w);
  if (l->strain.used) begin_pair(l, &l->strain, &l->product, i, w);
  if (l->gradient.used) begin_pair(l, &l->gradient, &l->product, i, w);
  for (int t = 0; t < l->num_terms; ++t) begin_pair(l, &l->term[t], &l->grid, i, w);
}

static void begin(MarlLanes *l) {
  for (int i = 0; i < l->kept_x; ++i) begin_column(l, i);
}

INLINE MarlLanesModes row_modes(const MarlLanes *l, const MarlLanesPoints *points) {
  return (MarlLanesModes){.step = 1, .kept = l->kept_x, .fold = points->x.n - l->columns};
}

/* Row y of a pair to its points. */
INLINE void row_to_points(const MarlLanes *l, const MarlLanesPair *pair,
                          const MarlLanesPoints *points, int y, Z *z) {
  const Z *row = (const Z *)pair->rows + (ptrdiff_t)y * l->columns;
  points->x.to_points(points->x.twiddles, row, z, row_modes(l, points), 1);
}

/* And back. */
INLINE void row_to_modes(const MarlLanes *l, const MarlLanesPair *pair,
                         const MarlLanesPoints *points, int y, const Z *z) {
  Z *row = (Z *)pair->rows + (ptrdiff_t)y * l->columns;
  points->x.to_modes(points->x.twiddles, z, row, row_modes(l, points), 1);
}

/* z += 2 tau11 + 2 i tau12 of the held coefficients in row y of the grid, tau = -2 nu L S */
INLINE void add_held(const MarlLanes *l, int y, Z *z) {
  const int n = l->grid.x.n;
  Z *s = (Z *)l->row + n;
  for (int t = 0; t < l->num_terms; ++t) {
    const V *nu = (const V *)l->field[t] + (ptrdiff_t)y * n;
    row_to_points(l, &l->term[t], &l->grid, y, s);
    for (int x = 0; x < n; ++x) {
      const V factor = (REAL)-4 * nu[x];
      z[x].re += factor * s[x].re;
      z[x].im += factor * s[x].im;
    }
  }
}

/* (re, im) of n points of a lane -> (im, -re): a pair s11, s12 or w_x, w_y in the order of MarlPoints. */
static void take_points(const Z *pair, int lane, int n, double *out) {
  const REAL *re = (const REAL *)pair + lane, *im = re + WIDTH;
  for (int x = 0; x < n; ++x) {
    out[2 * x] = (double)im[2 * WIDTH * x];
    out[2 * x + 1] = -(double)re[2 * WIDTH * x];
  }
}

/* The closures are asked lane by lane, in doubles. */
static void add_points(const MarlLanes *l, int n, const Z *strain, const Z *gradient, Z *z) {
  double *s = l->point, *g = s + 2 * n, *sum = g + 2 * n;
  const MarlPoints points = {
      .n = n, .strain = l->strain.used ? s : NULL, .gradient = l->gradient.used ? g : NULL};
  for (int lane = 0; lane < WIDTH; ++lane) {
    const MarlClosure *closure = l->closure[lane];
    if (closure == NULL) continue;
    if (l->strain.used) take_points(strain, lane, n, s);
    if (l->gradient.used) take_points(gradient, lane, n, g);
    memset(sum, 0, 2 * (size_t)n * sizeof *sum);
    closure->ops->point_stress(closure, &points, sum);
    REAL *to = (REAL *)z + lane;
    for (int i = 0; i < 2 * n; ++i) to[WIDTH * i] += (REAL)sum[i];
  }
}

typedef __typeof__((V){0} > (V){0}) Truth;
INLINE V larger(V a, V b) {
  const Truth more = a > b;
  return (V)(((Truth)a & more) | ((Truth)b & ~more));
}

/* A NaN does not show in the largest, but in the sum. */
INLINE void measure_row(const MarlLanes *l, int n, const Z *z, V *largest, V *sum) {
  const REAL per_dx = (REAL)l->per_dx, per_dy = (REAL)l->per_dy;
  for (int x = 0; x < n; ++x) {
    const V u = z[x].re, v = z[x].im;
    const V speed = larger(u, -u) * per_dx + larger(v, -v) * per_dy;
    *largest = larger(speed, *largest);
    *sum += speed;
  }
}

static void products(MarlLanes *l, bool measure) {
  const int nx = l->product.x.n, ny = l->product.y.n;
  Z *z = (Z *)l->row + 2 * nx, *strain = z + nx, *gradient = strain + nx;
  const bool points = l->strain.used || l->gradient.used;
  V largest = {0}, sum = {0};
  for (int y = 0; y < ny; ++y) {
    row_to_points(l, &l->velocity, &l->product, y, z);
    if (l->strain.used) row_to_points(l, &l->strain, &l->product, y, strain);
    if (l->gradient.used) row_to_points(l, &l->gradient, &l->product, y, gradient);
    if (measure) measure_row(l, nx, z, &largest, &sum);
    for (int x = 0; x < nx; ++x) {
      const V u = z[x].re, v = z[x].im;
      z[x] = (Z){u * u - v * v, (REAL)2 * u * v};
    }
    if (points) add_points(l, nx, strain, gradient, z);
    if (l->same_points) add_held(l, y, z);
    row_to_modes(l, &l->velocity, &l->product, y, z);
  }
  for (int lane = 0; lane < WIDTH && measure; ++lane)
    l->speed[lane] = isfinite(sum[lane]) ? (double)largest[lane] : (double)INFINITY;
  if (l->num_terms == 0 || l->same_points) return;
  Z *tau = (Z *)l->row + 2 * l->grid.x.n;
  for (int y = 0; y < l->grid.y.n; ++y) {
    memset(tau, 0, (size_t)l->grid.x.n * sizeof *tau);
    add_held(l, y, tau);
    row_to_modes(l, &l->term[0], &l->grid, y, tau);
  }
}

/* Column i of a pair of products: N_hat (+)= g plus + conj(g) minus (advection.c). */
INLINE void finish_pair(const MarlLanes *l, const MarlLanesPair *pair,
                        const MarlLanesPoints *points, int i, bool add, Z *n_hat) {
  const int n = points->y.n, kept = l->kept_y, modes = l->modes;
  const REAL *g = (const REAL *)points->curl + (ptrdiff_t)2 * i * modes;
  const V *rows = pair->rows;
  Z *up = l->column, *down = i > 0 ? up + n : up;
  const MarlLanesModes all = {.step = 1, .kept = kept, .fold = n - modes};
  points->y.to_modes(points->y.twiddles, rows + 2 * i, up, all, l->columns);
  if (i > 0)
    points->y.to_modes(points->y.twiddles, rows + 2 * (l->columns - i), down, all, l->columns);
  for (int j = 0; j < modes; ++j) {
    const Z *p = &up[j], *q = &down[j > 0 ? modes - j : 0]; /* minus: conj(q) */
    const REAL re = g[2 * j], im = g[2 * j + 1];
    const V v_re = re * (p->re + q->re) - im * (p->im + q->im);
    const V v_im = re * (p->im - q->im) + im * (p->re - q->re);
    n_hat[j] = add ? (Z){n_hat[j].re + v_re, n_hat[j].im + v_im} : (Z){v_re, v_im};
  }
}

INLINE void update_column(const MarlLanes *l, int i, const Z *n_hat) {
  const int kept = l->kept_y, modes = l->modes;
  const V newest = *(const V *)l->newest, oldest = *(const V *)l->oldest;
  const V *decay = (const V *)l->decay + (ptrdiff_t)i * kept;
  Z *w = (Z *)l->w + (ptrdiff_t)i * modes, *old = (Z *)l->old + (ptrdiff_t)i * modes;
  const Z *turn = (const Z *)l->rotation + (ptrdiff_t)i * modes;
  for (int j = 0; j < modes; ++j) {
    const V d = decay[j < kept ? j : modes - j];
    Z before = PARTS(old[j]);
    if (l->rotation != NULL)
      before = (Z){turn[j].re * before.re - turn[j].im * before.im,
                   turn[j].im * before.re + turn[j].re * before.im};
    const V re = d * (d * w[j].re - newest * n_hat[j].re + oldest * before.re);
    const V im = d * (d * w[j].im - newest * n_hat[j].im + oldest * before.im);
    w[j] = (Z){re, im};
    if (l->rotation != NULL)
      w[j] = (Z){turn[j].re * re - turn[j].im * im, turn[j].im * re + turn[j].re * im};
    old[j] = PARTS(n_hat[j]);
  }
  if (i == 0) w[0] = (Z){spread(0), spread(0)};
}

/* target += the listed values of column i, from position *next of the list on. */
INLINE void add_listed(const MarlLanes *l, int i, int count, const int *list, const void *values,
                       int *next, Z *target) {
  for (; *next < count && list[*next] < (i + 1) * l->modes; ++*next) {
    Z *at = target + list[*next] - i * l->modes;
    *at = plus(*at, ((const Z *)values)[*next]);
  }
}

/* Lines of the next column are asked for while this one is worked on: they lie a row apart, where no
 * machine looks ahead by itself. */
INLINE void fetch_column(const MarlLanes *l, const MarlLanesPair *pair,
                         const MarlLanesPoints *points, int i) {
  const char *up = (const char *)((const Z *)pair->rows + i);
  const char *down = (const char *)((const Z *)pair->rows + l->columns - i);
  const ptrdiff_t row = l->columns * (ptrdiff_t)sizeof(Z);
  for (int y = 0; y < points->y.n; ++y)
    for (size_t at = 0; at < sizeof(Z); at += 64) {
      __builtin_prefetch(up + y * row + at, 1);
      __builtin_prefetch(down + y * row + at, 1);
    }
}

static void fetch(const MarlLanes *l, int i) {
  if (i == l->kept_x) return;
  fetch_column(l, &l->velocity, &l->product, i);
  if (l->strain.used) fetch_column(l, &l->strain, &l->product, i);
  if (l->gradient.used) fetch_column(l, &l->gradient, &l->product, i);
  for (int t = 0; t < l->num_terms; ++t) fetch_column(l, &l->term[t], &l->grid, i);
}

static void advance(MarlLanes *l) {
  int forced = 0, noisy = 0;
  Z *n_hat = (Z *)l->column + 2 * (l->product.y.n > l->grid.y.n ? l->product.y.n : l->grid.y.n);
  for (int i = 0; i < l->kept_x; ++i) {
    fetch(l, i + 1);
    finish_pair(l, &l->velocity, &l->product, i, false, n_hat);
    if (l->num_terms > 0 && !l->same_points) finish_pair(l, &l->term[0], &l->grid, i, true, n_hat);
    add_listed(l, i, l->num_forced, l->forced, l->force, &forced, n_hat);
    update_column(l, i, n_hat);
    add_listed(l, i, l->num_noisy, l->noisy, l->kicks, &noisy, (Z *)l->w + i * l->modes);
    begin_column(l, i);
  }
}

/* sum of |k|^(2p) |w_hat|^2; columns kx > 0 stand for -kx, too. */
static void moment(const MarlLanes *l, bool gradient, double *out) {
  V sum = {0};
  for (int i = 0; i < l->kept_x; ++i) {
    const Z *w = (const Z *)l->w + (ptrdiff_t)i * l->modes;
    const REAL *k2 = (const REAL *)l->k2 + (ptrdiff_t)i * l->modes;
    V column = {0};
    for (int j = 0; j < l->modes; ++j) {
      column += (gradient ? k2[j] : 1) * (w[j].re * w[j].re + w[j].im * w[j].im);
    }
    sum += (REAL)(i == 0 ? 1 : 2) * column;
  }
  for (int lane = 0; lane < WIDTH; ++lane) out[lane] = (double)sum[lane];
}

INLINE V root(V square) {
  V out = square;
  for (int lane = 0; lane < WIDTH; ++lane)
    out[lane] = _Generic((REAL)0, float : sqrtf, default : sqrt)(square[lane]);
  return out;
}

/* Not inlined, as begin_column: <|grad w|> has the same bits with a dynamic coefficient and without. */
static __attribute__((noinline)) void begin_slope(const MarlLanes *l, int i) {
  begin_pair(l, &l->slope, &l->grid, i, (const Z *)l->w + (ptrdiff_t)i * l->modes);
}

static __attribute__((noinline)) void magnitudes(const Z *z, int n, V *out) {
  for (int x = 0; x < n; ++x) out[x] = root(z[x].re * z[x].re + z[x].im * z[x].im);
}

static __attribute__((noinline)) void add_row(const V *numbers, int n, double *sum) {
  V row = {0};
  for (int x = 0; x < n; ++x) row += numbers[x];
  for (int lane = 0; lane < WIDTH; ++lane) sum[lane] += (double)row[lane];
}

static void gradient_mean(MarlLanes *l, double *out) {
  const int nx = l->grid.x.n, ny = l->grid.y.n;
  Z *z = (Z *)l->row + nx;
  double sum[WIDTH] = {0};
  for (int i = 0; i < l->kept_x; ++i) begin_slope(l, i);
  for (int y = 0; y < ny; ++y) {
    row_to_points(l, &l->slope, &l->grid, y, z);
    magnitudes(z, nx, l->column);
    add_row(l->column, nx, sum);
  }
  for (int lane = 0; lane < WIDTH; ++lane) out[lane] = sum[lane] / ((double)nx * (double)ny);
}

#include "physics/batch/lanes_dynamic.h"

static void scales(MarlLanes *l, unsigned which) {
  if ((which & MARL_SCALE_VORTICITY) != 0) moment(l, false, l->scale);
  if ((which & MARL_SCALE_GRADIENT) != 0) moment(l, true, l->scale + WIDTH);
  if (l->dynamic.rates != 0)
    dynamic_coefficients(l, l->scale + 2 * WIDTH);
  else if ((which & MARL_SCALE_GRADIENT_MEAN) != 0)
    gradient_mean(l, l->scale + 2 * WIDTH);
}

static void put(void *array, int lane, size_t count, const double *from, ptrdiff_t step) {
  REAL *to = (REAL *)array + lane;
  for (size_t i = 0; i < count; ++i) to[i * WIDTH] = (REAL)from[(ptrdiff_t)i * step];
}

static void get(const void *array, int lane, size_t count, double *to, ptrdiff_t step) {
  const REAL *from = (const REAL *)array + lane;
  for (size_t i = 0; i < count; ++i) to[(ptrdiff_t)i * step] = (double)from[i * WIDTH];
}

static bool here(void) {
  return HERE;
}

extern const MarlLanesOps KERNEL;
const MarlLanesOps KERNEL = {
    .name = KERNEL_NAME,
    .width = WIDTH,
    .size = sizeof(REAL),
    .fused = FUSED,
    .here = here,
    .find = find,
    .begin = begin,
    .products = products,
    .advance = advance,
    .scales = scales,
    .put = put,
    .get = get,
};

#endif
