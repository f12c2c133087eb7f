#include "physics/products.h"

#include <stdlib.h>
#include <string.h>

#include "marl/core/arena.h"
#include "physics/pencil.h"

struct MarlProducts {
  const MarlGrid *grid;
  MarlPencil *pencil; /* of two fields */
  size_t num_points;
  double *field[MARL_PRODUCT_FIELDS];
};

MarlCode marl_products_create(const MarlGrid *grid, MarlProducts **out, MarlError *err) {
  *out = NULL;
  MarlProducts *made = calloc(1, sizeof *made);
  if (made == NULL) return MARL_FAIL(err, MARL_EMEMORY, "no memory for products");
  const bool padded = grid->dealias == MARL_DEALIAS_PADDING;
  const int mx = padded ? 3 * grid->nx / 2 : grid->nx, my = padded ? 3 * grid->ny / 2 : grid->ny;
  made->grid = grid;
  const MarlPencilShape shape = {
      .width = 2, .mx = mx, .my = my, .kept_x = grid->kept_x, .kept_y = grid->kept_y};
  const MarlCode code = marl_pencil_create(grid, shape, &made->pencil, err);
  if (code != MARL_OK) {
    marl_products_destroy(&made);
    return code;
  }
  made->num_points = (size_t)made->pencil->rows * (size_t)mx;
  bool whole = true;
  for (int f = 0; f < MARL_PRODUCT_FIELDS; ++f) {
    made->field[f] = (double *)marl_arena_alloc(made->num_points * sizeof(double));
    whole = whole && made->field[f] != NULL;
  }
  if (!whole) {
    marl_products_destroy(&made);
    return MARL_FAIL(err, MARL_EMEMORY, "no memory for products on %d x %d points", mx, my);
  }
  *out = made;
  return MARL_OK;
}

void marl_products_destroy(MarlProducts **products) {
  MarlProducts *made = *products;
  if (made == NULL) return;
  marl_pencil_destroy(&made->pencil);
  for (int f = 0; f < MARL_PRODUCT_FIELDS; ++f) free(made->field[f]);
  free(made);
  *products = NULL;
}

size_t marl_products_num_points(const MarlProducts *products) {
  return products->num_points;
}

double *marl_products_field(MarlProducts *products, int number) {
  return products->field[number];
}

/* A run of kept ky: n modes from `grid` of the grid's column and from `pencil` of the pencil's. */
typedef struct Run {
  int n;
  ptrdiff_t grid, pencil;
} Run;

static void runs_of(const MarlProducts *p, Run run[2]) {
  const int kept = p->grid->kept_y;
  run[0] = (Run){kept, 0, 0};
  run[1] = (Run){kept - 1, p->grid->ny - kept + 1, p->pencil->my - kept + 1};
}

static int smaller(int a, int b) {
  return a < b ? a : b;
}

static MarlComplex times(MarlComplex a, MarlComplex b) {
  return CMPLX(creal(a) * creal(b) - cimag(a) * cimag(b),
               creal(a) * cimag(b) + cimag(a) * creal(b));
}

static double power(double base, int exponent) {
  double result = 1;
  for (int e = 0; e < exponent; ++e) result *= base;
  return result;
}

/* (i kx)^px (i ky)^py */
static MarlComplex factor_of(const MarlDerivative *d, double kx, double ky) {
  static const double re[] = {1, 0, -1, 0}, im[] = {0, 1, 0, -1};
  const double size = power(kx, d->px) * power(ky, d->py);
  const int turn = (d->px + d->py) % 4;
  return CMPLX(size * re[turn], size * im[turn]);
}

/* plus = a + i b, minus = a - i b of own column c, into place `at` of the block. */
static void begin_column(MarlProducts *p, const Run run[2], int c, int at, const MarlDerivative *a,
                         const MarlDerivative *b) {
  const MarlGrid *grid = p->grid;
  const ptrdiff_t my = p->pencil->my, column = (ptrdiff_t)c * grid->ny;
  MarlComplex *plus = p->pencil->column_in + 2 * at * my, *minus = plus + my;
  for (int r = 0; r < 2; ++r)
    for (int j = 0; j < run[r].n; ++j) {
      const ptrdiff_t from = column + run[r].grid + j, to = run[r].pencil + j;
      const double kx = grid->kx[c], ky = grid->ky[run[r].grid + j];
      const MarlComplex x = times(factor_of(a, kx, ky), a->hat[from]);
      const MarlComplex y = times(factor_of(b, kx, ky), b->hat[from]);
      plus[to] = CMPLX(creal(x) - cimag(y), cimag(x) + creal(y));
      minus[to] = CMPLX(creal(x) + cimag(y), cimag(x) - creal(y));
    }
}

void marl_products_derivatives(MarlProducts *p, MarlDerivative a, MarlDerivative b, double *a_field,
                               double *b_field) {
  MarlPencil *pencil = p->pencil;
  Run run[2];
  runs_of(p, run);
  for (int c = 0; c < pencil->columns; c += pencil->block) {
    const int n = smaller(pencil->block, pencil->columns - c);
    for (int i = 0; i < n; ++i) begin_column(p, run, c + i, i, &a, &b);
    marl_pencil_scatter(pencil, c, n);
  }
  marl_pencil_to_rows(pencil);
  for (int y = 0; y < pencil->rows; y += pencil->row_block) {
    const int n = smaller(pencil->row_block, pencil->rows - y);
    const size_t at = (size_t)y * (size_t)pencil->mx, count = (size_t)n * (size_t)pencil->mx;
    marl_pencil_rows_inverse(pencil, y, n);
    for (size_t i = 0; i < count; ++i) {
      a_field[at + i] = creal(pencil->row_z[i]);
      b_field[at + i] = cimag(pencil->row_z[i]);
    }
  }
}

/* a = (plus + minus)/2, b = (plus - minus)/2i, times 1/(mx my) */
static void finish_column(const MarlProducts *p, const Run run[2], int c, int at,
                          MarlComplex *a_hat, MarlComplex *b_hat) {
  const ptrdiff_t my = p->pencil->my, column = (ptrdiff_t)c * p->grid->ny;
  const double half = 0.5 / ((double)p->pencil->mx * (double)my);
  const MarlComplex *plus = p->pencil->column_out + 2 * at * my, *minus = plus + my;
  for (int r = 0; r < 2; ++r)
    for (int j = 0; j < run[r].n; ++j) {
      const ptrdiff_t from = run[r].pencil + j, to = column + run[r].grid + j;
      const MarlComplex d = plus[from] - minus[from];
      a_hat[to] = half * (plus[from] + minus[from]);
      if (b_hat != NULL) b_hat[to] = CMPLX(half * cimag(d), -half * creal(d));
    }
}

void marl_products_forward(MarlProducts *p, const double *a, const double *b, MarlComplex *a_hat,
                           MarlComplex *b_hat) {
  MarlPencil *pencil = p->pencil;
  Run run[2];
  runs_of(p, run);
  for (int y = 0; y < pencil->rows; y += pencil->row_block) {
    const int n = smaller(pencil->row_block, pencil->rows - y);
    const size_t at = (size_t)y * (size_t)pencil->mx, count = (size_t)n * (size_t)pencil->mx;
    for (size_t i = 0; i < count; ++i)
      pencil->row_z[i] = CMPLX(a[at + i], b != NULL ? b[at + i] : 0);
    marl_pencil_rows_forward(pencil, y, n);
  }
  marl_pencil_to_columns(pencil);
  memset(a_hat, 0, p->grid->num_spectral * sizeof *a_hat);
  if (b_hat != NULL) memset(b_hat, 0, p->grid->num_spectral * sizeof *b_hat);
  for (int c = 0; c < pencil->columns; c += pencil->block) {
    const int n = smaller(pencil->block, pencil->columns - c);
    marl_pencil_gather(pencil, c, n);
    for (int i = 0; i < n; ++i) finish_column(p, run, c + i, i, a_hat, b_hat);
  }
}

/* (a, b) -> pairs (b, -a), the order of MarlPoints */
static void interleave(int n, const double *a, const double *b, double *pairs) {
  for (int i = 0; i < n; ++i) {
    pairs[2 * i] = b[i];
    pairs[2 * i + 1] = -a[i];
  }
}

void marl_products_point_stress(MarlProducts *p, const MarlClosure *closure, const MarlFlow *flow,
                                MarlComplex *tau11_hat, MarlComplex *tau12_hat) {
  double **f = p->field; /* s11, s12, w_x, w_y, tau11, tau12 */
  const MarlComplex *psi = flow->psi_hat, *w = flow->w_hat;
  marl_products_derivatives(p, (MarlDerivative){psi, 1, 1}, (MarlDerivative){psi, 0, 2}, f[0],
                            f[1]);
  marl_products_derivatives(p, (MarlDerivative){w, 1, 0}, (MarlDerivative){w, 0, 1}, f[2], f[3]);
  marl_products_derivatives(p, (MarlDerivative){psi, 2, 0}, (MarlDerivative){psi, 2, 0}, f[4],
                            f[5]);
  for (size_t i = 0; i < p->num_points; ++i) f[1][i] = 0.5 * (f[1][i] - f[4][i]);
  double strain[2 * MARL_MAX_POINTS], gradient[2 * MARL_MAX_POINTS], sum[2 * MARL_MAX_POINTS];
  for (size_t at = 0; at < p->num_points; at += MARL_MAX_POINTS) {
    const size_t left = p->num_points - at;
    const MarlPoints points = {.n = left < MARL_MAX_POINTS ? (int)left : MARL_MAX_POINTS,
                               .strain = strain,
                               .gradient = gradient};
    interleave(points.n, f[0] + at, f[1] + at, strain);
    interleave(points.n, f[2] + at, f[3] + at, gradient);
    memset(sum, 0, sizeof sum);
    closure->ops->point_stress(closure, &points, sum);
    for (int i = 0; i < points.n; ++i) {
      f[4][at + (size_t)i] = 0.5 * sum[2 * i];
      f[5][at + (size_t)i] = 0.5 * sum[2 * i + 1];
    }
  }
  marl_products_forward(p, f[4], f[5], tau11_hat, tau12_hat);
}
