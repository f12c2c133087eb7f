/* The dynamic coefficients of Guan et al. (germano.h) of every lane, for lanes_kernel.h alone, which has the
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

/* s lap w + i s in place of a pair at its points, s = factor times its magnitude. */
static void rate_row(int n, const V *magnitude, const Z *laplacian, REAL factor, Z *pair) {
  for (int x = 0; x < n; ++x) {
    const V rate = factor * magnitude[x];
    pair[x] = (Z){rate * laplacian[x].re, rate};
  }
}

/* u.grad w into the rows of the wind, s lap w + i s of each rate s into those of its pair; slopes += |grad w| */
static void dynamic_products(MarlLanes *l, double *slopes) {
  const MarlLanesDynamic *d = &l->dynamic;
  const int nx = l->grid.x.n;
  Z *wind = (Z *)l->row + nx, *slope = wind + nx, *laplacian = slope + nx;
  Z *test_wind = laplacian + nx, *test_slope = test_wind + nx, *strain = test_slope + nx;
  V *magnitude = l->column;
  for (int y = 0; y < l->grid.y.n; ++y) {
    row_to_points(l, &d->wind, &l->grid, y, wind);
    row_to_points(l, &l->slope, &l->grid, y, slope);
    row_to_points(l, &d->laplacian, &l->grid, y, laplacian);
    test_row_to_points(l, &d->test_wind, y, test_wind);
    test_row_to_points(l, &d->test_slope, y, test_slope);
    V *advection = (V *)d->advection + (ptrdiff_t)y * nx;
    V *test_laplacian = (V *)d->test_laplacian + (ptrdiff_t)y * nx;
    for (int x = 0; x < nx; ++x) {
      advection[x] = test_wind[x].re * test_slope[x].re + test_wind[x].im * test_slope[x].im;
      test_laplacian[x] = laplacian[x].im;
      wind[x] = (Z){wind[x].re * slope[x].re + wind[x].im * slope[x].im, (V){0}};
    }
    test_row_to_modes(l, &d->wind, y, wind);
    magnitudes(slope, nx, magnitude);
    add_row(magnitude, nx, slopes);
    if ((d->rates & MARL_SCALE_DYNAMIC_GRADIENT) != 0) {
      rate_row(nx, magnitude, laplacian, 1, slope);
      test_row_to_modes(l, &l->slope, y, slope);
    }
    if ((d->rates & MARL_SCALE_DYNAMIC_STRAIN) != 0) {
      row_to_points(l, &d->strain, &l->grid, y, strain);
      magnitudes(strain, nx, magnitude);
      rate_row(nx, magnitude, laplacian, 2, strain);
      test_row_to_modes(l, &d->strain, y, strain);
    }
  }
}

INLINE V positive(V x) {
  return (V)((Truth)x & (x > (V){0}));
}

/* <max(L M, 0)> / <M M> with M for Delta = 1, which is C Delta^p, coarse = 2^p; 0 where M vanishes. Of the rate
 * whose products are in the rows of `pair`. */
static void coefficient(MarlLanes *l, const MarlLanesPair *pair, REAL coarse, double *out) {
  const MarlLanesDynamic *d = &l->dynamic;
  const int nx = l->grid.x.n, ny = l->grid.y.n;
  const REAL scale = (REAL)1 / ((REAL)nx * (REAL)ny);
  Z *wind = (Z *)l->row + nx, *rate = wind + nx;
  double clipped[WIDTH] = {0}, square[WIDTH] = {0};
  test_columns(l, pair);
  for (int y = 0; y < ny; ++y) {
    test_row_to_points(l, &d->wind, y, wind);
    test_row_to_points(l, pair, y, rate);
    const V *advection = (const V *)d->advection + (ptrdiff_t)y * nx;
    const V *test_laplacian = (const V *)d->test_laplacian + (ptrdiff_t)y * nx;
    V row_clipped = {0}, row_square = {0};
    for (int x = 0; x < nx; ++x) {
      const V lx = scale * wind[x].re - advection[x];
      const V mx = scale * rate[x].re - coarse * scale * rate[x].im * test_laplacian[x];
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

/* out [3, lane]: <|grad w|>, the coefficients of strain and of gradient. */
static void dynamic_coefficients(MarlLanes *l, double *out) {
  const MarlLanesDynamic *d = &l->dynamic;
  const bool of_strain = (d->rates & MARL_SCALE_DYNAMIC_STRAIN) != 0;
  double slopes[WIDTH] = {0};
  for (int i = 0; i < l->kept_x; ++i) {
    const Z *w = (const Z *)l->w + (ptrdiff_t)i * l->modes;
    begin_pair(l, &d->wind, &l->grid, i, w);
    begin_slope(l, i);
    begin_pair(l, &d->laplacian, &l->grid, i, w);
    if (of_strain) begin_pair(l, &d->strain, &l->grid, i, w);
    if (i >= d->kept_x) continue;
    begin_pair(l, &d->test_wind, &l->grid, i, w);
    begin_pair(l, &d->test_slope, &l->grid, i, w);
  }
  dynamic_products(l, slopes);
  for (int lane = 0; lane < WIDTH; ++lane)
    out[lane] = slopes[lane] / ((double)l->grid.x.n * (double)l->grid.y.n);
  test_columns(l, &d->wind);
  if (of_strain) coefficient(l, &d->strain, 4, out + WIDTH);
  if ((d->rates & MARL_SCALE_DYNAMIC_GRADIENT) != 0) coefficient(l, &l->slope, 8, out + 2 * WIDTH);
}

#endif
