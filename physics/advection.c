#include "physics/advection.h"

#include <math.h>
#include <stdlib.h>

static int kept(int n, MarlDealias dealias) {
  return dealias == MARL_DEALIAS_TWO_THIRDS ? (n + 2) / 3 : n / 2;
}

MarlCode marl_advection_create(const MarlGrid *grid, MarlDealias dealias, MarlAdvection **out,
                               MarlError *err) {
  *out = NULL;
  MarlAdvection *a = calloc(1, sizeof *a);
  if (a == NULL) return MARL_FAIL(err, MARL_EMEMORY, "no memory for the advection");
  a->grid = grid;
  a->kept_x = kept(grid->nx, dealias);
  a->kept_y = kept(grid->ny, dealias);
  a->same_grid = dealias != MARL_DEALIAS_PADDING;
  const int mx = a->same_grid ? grid->nx : 3 * grid->nx / 2;
  const int my = a->same_grid ? grid->ny : 3 * grid->ny / 2;
  a->n_column = fftw_alloc_complex((size_t)grid->ny);
  MarlCode code = a->n_column != NULL
                      ? MARL_OK
                      : MARL_FAIL(err, MARL_EMEMORY, "no memory for a column of %d", grid->ny);
  if (code == MARL_OK) code = marl_pencil_create(grid, 2, mx, my, a->kept_x, &a->pencil, err);
  if (code != MARL_OK)
    marl_advection_destroy(&a);
  else
    *out = a;
  return code;
}

void marl_advection_destroy(MarlAdvection **advection) {
  if (*advection == NULL) return;
  marl_pencil_destroy(&(*advection)->pencil);
  fftw_free((*advection)->n_column);
  free(*advection);
  *advection = NULL;
}

/* plus = (kx + i ky) psi_hat, minus = (-kx + i ky) psi_hat, psi_hat = w_hat / k^2, for n values of
 * ky; all arrays are (re, im) pairs */
static void velocity_modes(int n, double kx, const double *restrict ky, const double *restrict w,
                           double *restrict plus, double *restrict minus) {
  for (int j = 0; j < n; ++j) {
    const double k2 = kx * kx + ky[j] * ky[j];
    const double scale = 1 / (k2 > 0 ? k2 : 1); /* the mean has no velocity: kx = ky = 0 */
    const double re = scale * w[2 * j], im = scale * w[2 * j + 1];
    plus[2 * j] = kx * re - ky[j] * im;
    plus[2 * j + 1] = kx * im + ky[j] * re;
    minus[2 * j] = -kx * re - ky[j] * im;
    minus[2 * j + 1] = -kx * im + ky[j] * re;
  }
}

static void velocity_column(const MarlAdvection *a, int i, const MarlComplex *w_hat,
                            MarlComplex *plus) {
  const MarlGrid *grid = a->grid;
  MarlComplex *minus = plus + a->pencil->my;
  const int negative = a->kept_y - 1, ny = grid->ny, my = a->pencil->my;
  velocity_modes(a->kept_y, grid->kx[i], grid->ky, (const double *)w_hat, (double *)plus,
                 (double *)minus);
  velocity_modes(negative, grid->kx[i], grid->ky + ny - negative,
                 (const double *)(w_hat + ny - negative), (double *)(plus + my - negative),
                 (double *)(minus + my - negative));
}

/* N_hat = g plus + conj(g) minus, g = scale [2 kx ky + i (kx^2 - ky^2)] / 4 */
static void curl_modes(int n, double scale, double kx, const double *restrict ky,
                       const double *restrict plus, const double *restrict minus,
                       double *restrict n_hat) {
  for (int j = 0; j < n; ++j) {
    const double re = 0.5 * scale * kx * ky[j], im = 0.25 * scale * (kx * kx - ky[j] * ky[j]);
    n_hat[2 * j] = re * (plus[2 * j] + minus[2 * j]) - im * (plus[2 * j + 1] - minus[2 * j + 1]);
    n_hat[2 * j + 1] =
        re * (plus[2 * j + 1] + minus[2 * j + 1]) + im * (plus[2 * j] - minus[2 * j]);
  }
}

static void curl_column(const MarlAdvection *a, int i, const MarlComplex *plus,
                        MarlComplex *n_hat) {
  const MarlGrid *grid = a->grid;
  const MarlComplex *minus = plus + a->pencil->my;
  const int negative = a->kept_y - 1, ny = grid->ny, my = a->pencil->my;
  const double scale = 1 / ((double)a->pencil->mx * my);
  curl_modes(a->kept_y, scale, grid->kx[i], grid->ky, (const double *)plus, (const double *)minus,
             (double *)n_hat);
  curl_modes(negative, scale, grid->kx[i], grid->ky + ny - negative,
             (const double *)(plus + my - negative), (const double *)(minus + my - negative),
             (double *)(n_hat + ny - negative));
}

static int smaller(int a, int b) {
  return a < b ? a : b;
}

void marl_advection_set(MarlAdvection *a, const MarlComplex *w_hat) {
  MarlPencil *p = a->pencil;
  for (int c = 0; c < p->columns; c += p->block) {
    const int n = smaller(p->block, p->columns - c);
    for (int i = 0; i < n; ++i)
      velocity_column(a, c + i, w_hat + (ptrdiff_t)(c + i) * a->grid->ny,
                      p->column_in + 2 * (ptrdiff_t)i * p->my);
    marl_pencil_scatter(p, c, n);
  }
  marl_pencil_to_rows(p);
}

void marl_advection_advance(MarlAdvection *a, MarlColumnUpdate update, void *context) {
  MarlPencil *p = a->pencil;
  marl_pencil_to_columns(p);
  for (int c = 0; c < p->columns; c += p->block) {
    const int n = smaller(p->block, p->columns - c);
    marl_pencil_gather(p, c, n);
    for (int i = 0; i < n; ++i) {
      const ptrdiff_t at = 2 * (ptrdiff_t)i * p->my;
      curl_column(a, c + i, p->column_out + at, a->n_column);
      velocity_column(a, c + i, update(context, c + i, a->n_column), p->column_in + at);
    }
    marl_pencil_scatter(p, c, n);
  }
  marl_pencil_to_rows(p);
}

/* Eight lanes, so that maximum and sum are vectors. A NaN does not show in the largest, but in the
 * sum. */
static void measure(const MarlPencil *p, const MarlGrid *grid, int n, double *largest,
                    double *sum) {
  enum { LANES = 8 };
  const double per_dx = grid->nx / grid->lx, per_dy = grid->ny / grid->ly;
  const double *z = (const double *)p->row_z;
  const int count = n * p->mx;
  double most[LANES] = {0}, total[LANES] = {0};
  for (int i = 0; i < count; i += LANES) {
    const int lanes = count - i < LANES ? count - i : LANES;
    for (int l = 0; l < lanes; ++l) {
      const double *uv = z + 2 * (i + l);
      const double speed = fabs(uv[0]) * per_dx + fabs(uv[1]) * per_dy;
      most[l] = speed > most[l] ? speed : most[l];
      total[l] += speed;
    }
  }
  for (int l = 0; l < LANES; ++l) {
    *largest = most[l] > *largest ? most[l] : *largest;
    *sum += total[l];
  }
}

static void square(int n, double *z) {
  for (int i = 0; i < n; ++i) {
    const double u = z[2 * i], v = z[2 * i + 1];
    z[2 * i] = u * u - v * v;
    z[2 * i + 1] = 2 * u * v;
  }
}

static void add_stress(int n, const double *restrict tau11, const double *restrict tau12,
                       double *restrict z) {
  for (int i = 0; i < n; ++i) {
    z[2 * i] += 2 * tau11[i];
    z[2 * i + 1] += 2 * tau12[i];
  }
}

void marl_advection_products(MarlAdvection *a, const double *tau11, const double *tau12,
                             double *speed) {
  MarlPencil *p = a->pencil;
  double largest = 0, sum = 0;
  for (int y = 0; y < p->rows; y += p->row_block) {
    const int n = smaller(p->row_block, p->rows - y);
    const ptrdiff_t at = (ptrdiff_t)y * p->mx;
    marl_pencil_rows_inverse(p, y, n);
    if (speed != NULL) measure(p, a->grid, n, &largest, &sum);
    square(n * p->mx, (double *)p->row_z);
    if (tau11 != NULL) add_stress(n * p->mx, tau11 + at, tau12 + at, (double *)p->row_z);
    marl_pencil_rows_forward(p, y, n);
  }
  if (speed != NULL) *speed = isfinite(sum) ? largest : INFINITY;
}
