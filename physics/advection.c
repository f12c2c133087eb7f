/* The column side of the advection: what goes into the transforms and what comes out. */
#include "physics/advection.h"

#include <stdlib.h>
#include <string.h>

#include "marl/core/arena.h"
#include "physics/modes.h"

static MarlPencilShape shape_of(const MarlAdvection *a, int width, int mx, int my) {
  return (MarlPencilShape){
      .width = width, .mx = mx, .my = my, .kept_x = a->grid->kept_x, .kept_y = a->grid->kept_y};
}

static MarlCode need_pencil(const MarlAdvection *a, MarlPencil **p, MarlError *err) {
  if (*p != NULL) return MARL_OK;
  return marl_pencil_create(a->grid, shape_of(a, 1, a->pencil->mx, a->pencil->my), p, err);
}

static MarlComplex *row_buffer(const MarlPencil *p) {
  const size_t count = (size_t)p->row_block * (size_t)p->mx;
  return (MarlComplex *)marl_arena_alloc(count * sizeof(MarlComplex));
}

static MarlCode need_rows(const MarlAdvection *a, MarlRowPair *pair, MarlError *err) {
  if (pair->in == NULL) pair->in = row_buffer(a->pencil);
  if (pair->z == NULL) pair->z = row_buffer(a->pencil);
  return pair->in != NULL && pair->z != NULL
             ? MARL_OK
             : MARL_FAIL(err, MARL_EMEMORY, "no memory for rows of %d points", a->pencil->mx);
}

MarlCode marl_advection_provide(MarlAdvection *a, unsigned rows, MarlError *err) {
  if (rows != 0) MARL_TRY(need_pencil(a, &a->vorticity, err));
  if ((rows & MARL_NEED_STRAIN) != 0) MARL_TRY(need_rows(a, &a->strain, err));
  if ((rows & MARL_NEED_GRAD_VORTICITY) != 0) {
    MARL_TRY(need_pencil(a, &a->slope, err));
    MARL_TRY(need_rows(a, &a->gradient, err));
  }
  a->rows = rows;
  return MARL_OK;
}

static MarlCode build(MarlAdvection *a, MarlError *err) {
  const MarlGrid *grid = a->grid;
  const bool padded = grid->dealias == MARL_DEALIAS_PADDING;
  const int mx = padded ? 3 * grid->nx / 2 : grid->nx, my = padded ? 3 * grid->ny / 2 : grid->ny;
  a->folds_points = a->form == MARL_ADVECTION_BASDEVANT;
  a->folds_stress = !padded && a->folds_points;
  a->n_column = (MarlComplex *)marl_arena_alloc((size_t)grid->ny * sizeof(MarlComplex));
  if (a->n_column == NULL)
    return MARL_FAIL(err, MARL_EMEMORY, "no memory for a column of %d", grid->ny);
  const bool skew = a->form == MARL_ADVECTION_SKEW_SYMMETRIC;
  MarlPencilShape shape = shape_of(a, 2, mx, my);
  shape.squares = !skew;
  MARL_TRY(marl_pencil_create(grid, shape, &a->pencil, err));
  return skew ? marl_advection_provide(a, MARL_NEED_GRAD_VORTICITY, err) : MARL_OK;
}

MarlCode marl_advection_create(const MarlGrid *grid, MarlAdvectionForm form, MarlAdvection **out,
                               MarlError *err) {
  *out = NULL;
  MarlAdvection *a = calloc(1, sizeof *a);
  if (a == NULL) return MARL_FAIL(err, MARL_EMEMORY, "no memory for the advection");
  a->grid = grid;
  a->form = form;
  const MarlCode code = build(a, err);
  if (code != MARL_OK)
    marl_advection_destroy(&a);
  else
    *out = a;
  return code;
}

void marl_advection_destroy(MarlAdvection **advection) {
  MarlAdvection *a = *advection;
  if (a == NULL) return;
  marl_pencil_destroy(&a->pencil);
  marl_pencil_destroy(&a->vorticity);
  marl_pencil_destroy(&a->slope);
  free(a->n_column);
  free(a->strain.in);
  free(a->strain.z);
  free(a->gradient.in);
  free(a->gradient.z);
  free(a);
  *advection = NULL;
}

/* A run of kept ky: n modes from `grid` of a grid's column and from `pencil` of a pencil's. */
typedef struct Run {
  int n;
  ptrdiff_t grid, pencil;
} Run;

static void runs_of(const MarlAdvection *a, Run run[2]) {
  const int negative = a->grid->kept_y - 1;
  run[0] = (Run){a->grid->kept_y, 0, 0};
  run[1] = (Run){negative, a->grid->ny - negative, a->pencil->my - negative};
}

/* i ky w_hat */
static void slope_modes(int n, const double *restrict ky, const double *restrict w,
                        double *restrict out) {
  for (int j = 0; j < n; ++j) {
    out[2 * j] = -ky[j] * w[2 * j + 1];
    out[2 * j + 1] = ky[j] * w[2 * j];
  }
}

/* The fields of own column i go to place `at` of the block. */
static void begin_column(const MarlAdvection *a, int i, int at, const MarlComplex *w_hat) {
  const ptrdiff_t my = a->pencil->my;
  MarlComplex *plus = a->pencil->column_in + 2 * at * my, *minus = plus + my;
  Run run[2];
  runs_of(a, run);
  for (int r = 0; r < 2; ++r) {
    const int n = run[r].n;
    const double *ky = a->grid->ky + run[r].grid, *w = (const double *)(w_hat + run[r].grid);
    const ptrdiff_t first = run[r].pencil;
    marl_modes_velocity(n, a->grid->kx[i], ky, w, (double *)(plus + first),
                        (double *)(minus + first));
    if (a->rows != 0)
      memcpy(a->vorticity->column_in + at * my + first, w, (size_t)n * sizeof(MarlComplex));
    if ((a->rows & MARL_NEED_GRAD_VORTICITY) != 0)
      slope_modes(n, ky, w, (double *)(a->slope->column_in + at * my + first));
  }
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

/* N_hat = scale / 2 [i kx (plus + minus) / 2 + ky (plus - minus) / 2 + advective] */
static void skew_modes(int n, double scale, double kx, const double *restrict ky,
                       const double *restrict plus, const double *restrict minus,
                       const double *restrict advective, double *restrict n_hat) {
  const double half = 0.5 * scale, quarter = 0.25 * scale;
  for (int j = 0; j < n; ++j) {
    const double re = plus[2 * j], im = plus[2 * j + 1];
    const double minus_re = minus[2 * j], minus_im = minus[2 * j + 1];
    n_hat[2 * j] =
        quarter * (ky[j] * (re - minus_re) - kx * (im + minus_im)) + half * advective[2 * j];
    n_hat[2 * j + 1] =
        quarter * (ky[j] * (im - minus_im) + kx * (re + minus_re)) + half * advective[2 * j + 1];
  }
}

/* N_hat of own column i from place `at` of the block. */
static void finish_column(const MarlAdvection *a, int i, int at, MarlComplex *n_hat) {
  const ptrdiff_t my = a->pencil->my;
  const double scale = 1 / ((double)a->pencil->mx * (double)my), kx = a->grid->kx[i];
  const MarlComplex *plus = a->pencil->column_out + 2 * at * my, *minus = plus + my;
  Run run[2];
  runs_of(a, run);
  for (int r = 0; r < 2; ++r) {
    const int n = run[r].n;
    const double *ky = a->grid->ky + run[r].grid;
    const double *p = (const double *)(plus + run[r].pencil);
    const double *m = (const double *)(minus + run[r].pencil);
    double *out = (double *)(n_hat + run[r].grid);
    if (a->form == MARL_ADVECTION_SKEW_SYMMETRIC)
      skew_modes(n, scale, kx, ky, p, m,
                 (const double *)(a->vorticity->column_out + at * my + run[r].pencil), out);
    else
      curl_modes(n, scale, kx, ky, p, m, out);
  }
}

static int smaller(int a, int b) {
  return a < b ? a : b;
}

static void scatter(MarlAdvection *a, int c, int n) {
  marl_pencil_scatter(a->pencil, c, n);
  if (a->rows != 0) marl_pencil_scatter(a->vorticity, c, n);
  if ((a->rows & MARL_NEED_GRAD_VORTICITY) != 0) marl_pencil_scatter(a->slope, c, n);
}

static void gather(MarlAdvection *a, int c, int n) {
  marl_pencil_gather(a->pencil, c, n);
  if (a->form == MARL_ADVECTION_SKEW_SYMMETRIC) marl_pencil_gather(a->vorticity, c, n);
}

static void to_rows(MarlAdvection *a) {
  marl_pencil_to_rows(a->pencil);
  if (a->rows != 0) marl_pencil_to_rows(a->vorticity);
  if ((a->rows & MARL_NEED_GRAD_VORTICITY) != 0) marl_pencil_to_rows(a->slope);
}

static void to_columns(MarlAdvection *a) {
  marl_pencil_to_columns(a->pencil);
  if (a->form == MARL_ADVECTION_SKEW_SYMMETRIC) marl_pencil_to_columns(a->vorticity);
}

void marl_advection_set(MarlAdvection *a, const MarlComplex *w_hat) {
  const MarlPencil *p = a->pencil;
  for (int c = 0; c < p->columns; c += p->block) {
    const int n = smaller(p->block, p->columns - c);
    for (int i = 0; i < n; ++i) begin_column(a, c + i, i, w_hat + (ptrdiff_t)(c + i) * a->grid->ny);
    scatter(a, c, n);
  }
  to_rows(a);
}

void marl_advection_advance(MarlAdvection *a, MarlColumnUpdate update, void *context) {
  const MarlPencil *p = a->pencil;
  to_columns(a);
  for (int c = 0; c < p->columns; c += p->block) {
    const int n = smaller(p->block, p->columns - c);
    gather(a, c, n);
    for (int i = 0; i < n; ++i) {
      finish_column(a, c + i, i, a->n_column);
      begin_column(a, c + i, i, update(context, c + i, a->n_column));
    }
    scatter(a, c, n);
  }
  to_rows(a);
}
