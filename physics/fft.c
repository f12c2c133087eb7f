#include "physics/fft.h"

#include <stdlib.h>
#include <string.h>

#include "marl/core/arena.h"
#include "physics/pencil.h"

struct MarlFft {
  const MarlGrid *grid;
  MarlPencil *pair;   /* of two fields */
  MarlPencil *single; /* of one */
};

/* `lender`: another transform, or NULL. */
static MarlCode create(const MarlGrid *grid, int kept, const MarlFft *lender, MarlFft **out,
                       MarlError *err) {
  *out = NULL;
  if (kept < 1 || kept > grid->nx / 2 + 1)
    return MARL_FAIL(err, MARL_EARG, "%d columns of kx kept out of %d", kept, grid->nx / 2 + 1);
  MarlFft *fft = malloc(sizeof *fft);
  if (fft == NULL) return MARL_FAIL(err, MARL_EMEMORY, "no memory for a transform");
  fft->grid = grid;
  fft->pair = fft->single = NULL;
  const int nx = grid->nx, ny = grid->ny;
  MarlPencilShape shape = {.width = 2, .mx = nx, .my = ny, .kept_x = kept, .kept_y = ny / 2 + 1};
  if (lender != NULL) shape.lender = lender->pair;
  MarlCode code = marl_pencil_create(grid, shape, &fft->pair, err);
  shape.width = 1;
  if (lender == NULL) shape.lender = fft->pair;
  if (code == MARL_OK) code = marl_pencil_create(grid, shape, &fft->single, err);
  if (code != MARL_OK)
    marl_fft_destroy(&fft);
  else
    *out = fft;
  return code;
}

MarlCode marl_fft_create(const MarlGrid *grid, MarlFft **out, MarlError *err) {
  return create(grid, grid->nx / 2 + 1, NULL, out, err);
}

MarlCode marl_fft_create_kept(const MarlFft *whole, int kept, MarlFft **out, MarlError *err) {
  return create(whole->grid, kept, whole, out, err);
}

void marl_fft_destroy(MarlFft **fft) {
  if (*fft == NULL) return;
  marl_pencil_destroy(&(*fft)->single); /* in the memory of pair */
  marl_pencil_destroy(&(*fft)->pair);
  free(*fft);
  *fft = NULL;
}

static int smaller(int a, int b) {
  return a < b ? a : b;
}

static void split(size_t n, const double *restrict z, double *restrict re, double *restrict im) {
  for (size_t i = 0; i < n; ++i) {
    re[i] = z[2 * i];
    im[i] = z[2 * i + 1];
  }
}

static void join(size_t n, const double *restrict re, const double *restrict im,
                 double *restrict z) {
  for (size_t i = 0; i < n; ++i) {
    z[2 * i] = re[i];
    z[2 * i + 1] = im[i];
  }
}

void marl_fft_inverse_columns(MarlFft *fft, MarlFftColumn column, const void *context, double *a,
                              double *b) {
  MarlPencil *p = fft->pair;
  for (int c = 0; c < p->columns; c += p->block) {
    const int n = smaller(p->block, p->columns - c);
    for (int i = 0; i < n; ++i) {
      MarlComplex *plus = p->column_in + 2 * (ptrdiff_t)i * p->my;
      column(context, c + i, plus, plus + p->my);
    }
    marl_pencil_scatter(p, c, n);
  }
  marl_pencil_to_rows(p);
  for (int y = 0; y < p->rows; y += p->row_block) {
    const int n = smaller(p->row_block, p->rows - y);
    const size_t at = (size_t)y * (size_t)p->mx;
    marl_pencil_rows_inverse(p, y, n);
    split((size_t)n * (size_t)p->mx, (const double *)p->row_z, a + at, b + at);
  }
}

typedef struct FieldPair {
  const MarlComplex *a, *b; /* [nk_local, ny] */
  int ny;
} FieldPair;

static void pair_column(const void *context, int i, MarlComplex *plus, MarlComplex *minus) {
  const FieldPair *f = context;
  const ptrdiff_t at = (ptrdiff_t)i * f->ny;
  const double *restrict a = (const double *)(f->a + at), *restrict b = (const double *)(f->b + at);
  double *restrict p = (double *)plus, *restrict m = (double *)minus;
  for (int j = 0; j < f->ny; ++j) {
    p[2 * j] = a[2 * j] - b[2 * j + 1];
    p[2 * j + 1] = a[2 * j + 1] + b[2 * j];
    m[2 * j] = a[2 * j] + b[2 * j + 1];
    m[2 * j + 1] = a[2 * j + 1] - b[2 * j];
  }
}

void marl_fft_inverse_pair(MarlFft *fft, const MarlComplex *a_hat, const MarlComplex *b_hat,
                           double *a, double *b) {
  const FieldPair pair = {.a = a_hat, .b = b_hat, .ny = fft->grid->ny};
  marl_fft_inverse_columns(fft, pair_column, &pair, a, b);
}

void marl_fft_inverse(MarlFft *fft, const MarlComplex *hat, double *physical) {
  MarlPencil *p = fft->single;
  const size_t ny = (size_t)p->my, nx = (size_t)p->mx;
  for (int c = 0; c < p->columns; c += p->block) {
    const int n = smaller(p->block, p->columns - c);
    memcpy(p->column_in, hat + (size_t)c * ny, (size_t)n * ny * sizeof *hat);
    marl_pencil_scatter(p, c, n);
  }
  marl_pencil_to_rows(p);
  for (int y = 0; y < p->rows; y += p->row_block) {
    const int n = smaller(p->row_block, p->rows - y);
    marl_pencil_rows_inverse(p, y, n);
    double *row = physical + (size_t)y * nx;
    for (int r = 0; r + 1 < n; r += 2, row += 2 * nx)
      split(nx, (const double *)(p->row_z + (size_t)(r / 2) * nx), row, row + nx);
    if (n % 2 == 1)
      for (size_t i = 0; i < nx; ++i) row[i] = creal(p->row_z[(size_t)(n / 2) * nx + i]);
  }
}

/* the columns that are not kept */
static void clear_rest(const MarlFft *fft, MarlComplex *hat) {
  const size_t from = (size_t)fft->pair->columns * (size_t)fft->pair->my;
  memset(hat + from, 0, (fft->grid->num_spectral - from) * sizeof *hat);
}

/* a_hat = (plus + minus) / 2, b_hat = (plus - minus) / 2i, times 1 / (nx ny) */
static void unpack_column(const MarlPencil *p, const MarlComplex *plus, MarlComplex *a,
                          MarlComplex *b) {
  const MarlComplex *minus = plus + p->my;
  const double half = 0.5 / ((double)p->mx * p->my);
  for (int j = 0; j < p->my; ++j) {
    const MarlComplex d = plus[j] - minus[j];
    a[j] = half * (plus[j] + minus[j]);
    b[j] = CMPLX(half * cimag(d), -half * creal(d));
  }
}

void marl_fft_forward_pair(MarlFft *fft, const double *a, const double *b, MarlComplex *a_hat,
                           MarlComplex *b_hat) {
  MarlPencil *p = fft->pair;
  for (int y = 0; y < p->rows; y += p->row_block) {
    const int n = smaller(p->row_block, p->rows - y);
    const size_t at = (size_t)y * (size_t)p->mx;
    join((size_t)n * (size_t)p->mx, a + at, b + at, (double *)p->row_z);
    marl_pencil_rows_forward(p, y, n);
  }
  marl_pencil_to_columns(p);
  for (int c = 0; c < p->columns; c += p->block) {
    const int n = smaller(p->block, p->columns - c);
    marl_pencil_gather(p, c, n);
    for (int i = 0; i < n; ++i) {
      const ptrdiff_t at = (ptrdiff_t)(c + i) * p->my;
      unpack_column(p, p->column_out + 2 * (ptrdiff_t)i * p->my, a_hat + at, b_hat + at);
    }
  }
  clear_rest(fft, a_hat);
  clear_rest(fft, b_hat);
}

void marl_fft_forward(MarlFft *fft, const double *physical, MarlComplex *hat) {
  MarlPencil *p = fft->single;
  const size_t ny = (size_t)p->my, nx = (size_t)p->mx;
  const double scale = 1 / ((double)nx * (double)ny);
  for (int y = 0; y < p->rows; y += p->row_block) {
    const int n = smaller(p->row_block, p->rows - y);
    const double *row = physical + (size_t)y * nx;
    for (int r = 0; r + 1 < n; r += 2, row += 2 * nx)
      join(nx, row, row + nx, (double *)(p->row_z + (size_t)(r / 2) * nx));
    if (n % 2 == 1)
      for (size_t i = 0; i < nx; ++i) p->row_z[(size_t)(n / 2) * nx + i] = row[i];
    marl_pencil_rows_forward(p, y, n);
  }
  marl_pencil_to_columns(p);
  for (int c = 0; c < p->columns; c += p->block) {
    const int n = smaller(p->block, p->columns - c);
    marl_pencil_gather(p, c, n);
    const size_t count = (size_t)n * ny;
    for (size_t i = 0; i < count; ++i) hat[(size_t)c * ny + i] = scale * p->column_out[i];
  }
  clear_rest(fft, hat);
}

double *marl_fft_alloc_physical(const MarlGrid *grid) {
  return (double *)marl_arena_alloc(grid->num_physical * sizeof(double));
}

MarlComplex *marl_fft_alloc_spectral(const MarlGrid *grid) {
  return (MarlComplex *)marl_arena_alloc(grid->num_spectral * sizeof(MarlComplex));
}

void marl_fft_free(void *array) {
  free(array);
}
