/* The dynamic coefficient of Guan et al. (germano.h) of every lane, for lanes_kernel.h alone, which has the
 * transforms of pairs
 *
 * Products are complex lanes as pairs are, and the test filter, a cut of modes that knows no sign, takes a
 * pair as it is: along x, along y, what it keeps, and back. */
#ifndef MARL_PHYSICS_BATCH_LANES_DYNAMIC_H
#define MARL_PHYSICS_BATCH_LANES_DYNAMIC_H

/* Row y of a pair of which the test filter keeps a part, to or from its points. */
INLINE MarlLanesModes test_row(const MarlLanes *l) {
  return (MarlLanesModes){.step = 1, .kept = l->dynamic.kept_x, .fold = l->grid.x.n - l->columns};
}

INLINE void test_row_to_points(const MarlLanes *l, const MarlLanesPair *pair, int y, Z *z) {
  const Z *row = (const Z *)pair->rows + (ptrdiff_t)y * l->columns;
  l->grid.x.to_points(l->grid.x.twiddles, row, z, test_row(l), 1);
}

INLINE void test_row_to_modes(const MarlLanes *l, const MarlLanesPair *pair, int y, const Z *z) {
  Z *row = (Z *)pair->rows + (ptrdiff_t)y * l->columns;
  l->grid.x.to_modes(l->grid.x.twiddles, z, row, test_row(l), 1);
}

/* Columns of products: what F keeps along y. */
static void test_columns(const MarlLanes *l, const MarlLanesPair *pair) {
  const MarlLanesLength *y = &l->grid.y;
  const int kept = l->dynamic.kept_y;
  const MarlLanesModes modes = {.step = 1, .kept = kept, .fold = y->n - (2 * kept - 1)};
  for (int i = 1 - l->dynamic.kept_x; i < l->dynamic.kept_x; ++i) {
    V *column = (V *)pair->rows + 2 * (i < 0 ? l->columns + i : i);
    y->to_modes(y->twiddles, column, l->column, modes, l->columns);
    y->to_points(y->twiddles, l->column, column, modes, l->columns);
  }
}

/* u.grad w + i s lap w into the rows of the wind, s into those of the slope, s the rate. */
static void dynamic_products(MarlLanes *l) {
  const MarlLanesDynamic *d = &l->dynamic;
  const int nx = l->grid.x.n;
  Z *wind = (Z *)l->row + nx, *slope = wind + nx, *laplacian = slope + nx;
  Z *test_wind = laplacian + nx, *test_slope = test_wind + nx, *strain = test_slope + nx;
  const bool of_strain = d->rate == MARL_SCALE_DYNAMIC_STRAIN;
  for (int y = 0; y < l->grid.y.n; ++y) {
    row_to_points(l, &d->wind, &l->grid, y, wind);
    row_to_points(l, &l->slope, &l->grid, y, slope);
    row_to_points(l, &d->laplacian, &l->grid, y, laplacian);
    test_row_to_points(l, &d->test_wind, y, test_wind);
    test_row_to_points(l, &d->test_slope, y, test_slope);
    if (of_strain) row_to_points(l, &d->strain, &l->grid, y, strain);
    V *advection = (V *)d->advection + (ptrdiff_t)y * nx;
    V *test_laplacian = (V *)d->test_laplacian + (ptrdiff_t)y * nx;
    for (int x = 0; x < nx; ++x) {
      const Z s = PARTS(of_strain ? strain[x] : slope[x]);
      const V rate = (REAL)(of_strain ? 2 : 1) * root(s.re * s.re + s.im * s.im);
      advection[x] = test_wind[x].re * test_slope[x].re + test_wind[x].im * test_slope[x].im;
      test_laplacian[x] = laplacian[x].im;
      wind[x] = (Z){wind[x].re * slope[x].re + wind[x].im * slope[x].im, rate * laplacian[x].re};
      slope[x] = (Z){rate, (V){0}};
    }
    test_row_to_modes(l, &d->wind, y, wind);
    test_row_to_modes(l, &l->slope, y, slope);
  }
}

typedef __typeof__((V){0} > (V){0}) Truth;
INLINE V positive(V x) {
  return (V)((Truth)x & (x > (V){0}));
}

/* <max(L M, 0)> / <M M> with M for Delta = 1, which is C Delta^p; 0 where M vanishes. */
static void dynamic_coefficient(MarlLanes *l, double *out) {
  const MarlLanesDynamic *d = &l->dynamic;
  const int nx = l->grid.x.n, ny = l->grid.y.n;
  for (int i = 0; i < l->kept_x; ++i) {
    const Z *w = (const Z *)l->w + (ptrdiff_t)i * l->modes;
    begin_pair(l, &d->wind, &l->grid, i, w);
    begin_pair(l, &l->slope, &l->grid, i, w);
    begin_pair(l, &d->laplacian, &l->grid, i, w);
    if (d->rate == MARL_SCALE_DYNAMIC_STRAIN) begin_pair(l, &d->strain, &l->grid, i, w);
    if (i >= d->kept_x) continue;
    begin_pair(l, &d->test_wind, &l->grid, i, w);
    begin_pair(l, &d->test_slope, &l->grid, i, w);
  }
  dynamic_products(l);
  test_columns(l, &d->wind);
  test_columns(l, &l->slope);
  const REAL scale = (REAL)1 / ((REAL)nx * (REAL)ny);
  const REAL coarse = d->rate == MARL_SCALE_DYNAMIC_STRAIN ? 4 : 8; /* 2^p */
  Z *products = (Z *)l->row + nx, *rate = products + nx;
  double clipped[WIDTH] = {0}, square[WIDTH] = {0};
  for (int y = 0; y < ny; ++y) {
    test_row_to_points(l, &d->wind, y, products);
    test_row_to_points(l, &l->slope, y, rate);
    const V *advection = (const V *)d->advection + (ptrdiff_t)y * nx;
    const V *test_laplacian = (const V *)d->test_laplacian + (ptrdiff_t)y * nx;
    V row_clipped = {0}, row_square = {0};
    for (int x = 0; x < nx; ++x) {
      const V lx = scale * products[x].re - advection[x];
      const V mx = scale * products[x].im - coarse * scale * rate[x].re * test_laplacian[x];
      row_clipped += positive(lx * mx);
      row_square += mx * mx;
    }
    for (int lane = 0; lane < WIDTH; ++lane) {
      clipped[lane] += (double)row_clipped[lane];
      square[lane] += (double)row_square[lane];
    }
  }
  for (int lane = 0; lane < WIDTH; ++lane)
    out[lane] = square[lane] > 0 ? clipped[lane] / square[lane] : 0;
}

#endif
