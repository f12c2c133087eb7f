#include "physics/fft.h"

#include <stdlib.h>
#include <string.h>

#include "physics/pencil.h"

struct MarlFft {
  const MarlGrid *grid;
  MarlPencil *pencil;
};

MarlCode marl_fft_create_kept(const MarlGrid *grid, int kept, MarlFft **out, MarlError *err) {
  *out = NULL;
  if (kept < 1 || kept > grid->nx / 2 + 1)
    return MARL_FAIL(err, MARL_EARG, "%d columns of kx kept out of %d", kept, grid->nx / 2 + 1);
  MarlFft *fft = malloc(sizeof *fft);
  if (fft == NULL) return MARL_FAIL(err, MARL_EMEMORY, "no memory for a transform");
  fft->grid = grid;
  const MarlCode code = marl_pencil_create(grid, grid->nx, grid->ny, kept, &fft->pencil, err);
  if (code != MARL_OK) {
    free(fft);
    return code;
  }
  *out = fft;
  return MARL_OK;
}

MarlCode marl_fft_create(const MarlGrid *grid, MarlFft **out, MarlError *err) {
  return marl_fft_create_kept(grid, grid->nx / 2 + 1, out, err);
}

void marl_fft_destroy(MarlFft **fft) {
  if (*fft == NULL) return;
  marl_pencil_destroy(&(*fft)->pencil);
  free(*fft);
  *fft = NULL;
}

static int smaller(int a, int b) {
  return a < b ? a : b;
}

/* real and imaginary parts; b may be NULL */
static void split(size_t n, const double *restrict z, double *restrict a, double *restrict b) {
  if (b == NULL)
    for (size_t i = 0; i < n; ++i) a[i] = z[2 * i];
  else
    for (size_t i = 0; i < n; ++i) {
      a[i] = z[2 * i];
      b[i] = z[2 * i + 1];
    }
}

void marl_fft_inverse_columns(MarlFft *fft, MarlFftColumn column, const void *context, double *a,
                              double *b) {
  MarlPencil *p = fft->pencil;
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
    marl_pencil_rows_inverse(p, y, n);
    const size_t count = (size_t)n * (size_t)p->mx, at = (size_t)y * (size_t)p->mx;
    split(count, (const double *)p->row_z, a + at, b != NULL ? b + at : NULL);
  }
}

typedef struct FieldPair {
  const MarlComplex *a, *b; /* [nk_local, ny]; b may be NULL */
  int ny;
} FieldPair;

static void pair_column(const void *context, int i, MarlComplex *plus, MarlComplex *minus) {
  const FieldPair *f = context;
  const MarlComplex *a = f->a + (ptrdiff_t)i * f->ny;
  if (f->b == NULL) {
    memcpy(plus, a, (size_t)f->ny * sizeof *a);
    memcpy(minus, a, (size_t)f->ny * sizeof *a);
    return;
  }
  const MarlComplex *b = f->b + (ptrdiff_t)i * f->ny;
  for (int j = 0; j < f->ny; ++j) {
    const MarlComplex ib = CMPLX(-cimag(b[j]), creal(b[j]));
    plus[j] = a[j] + ib;
    minus[j] = a[j] - ib;
  }
}

void marl_fft_inverse_pair(MarlFft *fft, const MarlComplex *a_hat, const MarlComplex *b_hat,
                           double *a, double *b) {
  const FieldPair pair = {.a = a_hat, .b = b_hat, .ny = fft->grid->ny};
  marl_fft_inverse_columns(fft, pair_column, &pair, a, b);
}

void marl_fft_inverse(MarlFft *fft, const MarlComplex *hat, double *physical) {
  marl_fft_inverse_pair(fft, hat, NULL, physical, NULL);
}

/* a_hat = (plus + minus) / 2, b_hat = (plus - minus) / 2i, times 1 / (nx ny) */
static void unpack_column(const MarlPencil *p, const MarlComplex *plus, MarlComplex *a,
                          MarlComplex *b) {
  const MarlComplex *minus = plus + p->my;
  const double half = 0.5 / ((double)p->mx * p->my);
  for (int j = 0; j < p->my; ++j) a[j] = half * (plus[j] + minus[j]);
  if (b == NULL) return;
  for (int j = 0; j < p->my; ++j) {
    const MarlComplex d = plus[j] - minus[j];
    b[j] = CMPLX(half * cimag(d), -half * creal(d));
  }
}

void marl_fft_forward_pair(MarlFft *fft, const double *a, const double *b, MarlComplex *a_hat,
                           MarlComplex *b_hat) {
  MarlPencil *p = fft->pencil;
  for (int y = 0; y < p->rows; y += p->row_block) {
    const int n = smaller(p->row_block, p->rows - y);
    const size_t count = (size_t)n * (size_t)p->mx, at = (size_t)y * (size_t)p->mx;
    for (size_t i = 0; i < count; ++i) p->row_z[i] = CMPLX(a[at + i], b != NULL ? b[at + i] : 0.0);
    marl_pencil_rows_forward(p, y, n);
  }
  marl_pencil_to_columns(p);
  for (int c = 0; c < p->columns; c += p->block) {
    const int n = smaller(p->block, p->columns - c);
    marl_pencil_gather(p, c, n);
    for (int i = 0; i < n; ++i) {
      const ptrdiff_t at = (ptrdiff_t)(c + i) * p->my;
      unpack_column(p, p->column_out + 2 * (ptrdiff_t)i * p->my, a_hat + at,
                    b_hat != NULL ? b_hat + at : NULL);
    }
  }
  const size_t from = (size_t)p->columns * (size_t)p->my;
  const size_t rest = (fft->grid->num_spectral - from) * sizeof *a_hat;
  memset(a_hat + from, 0, rest);
  if (b_hat != NULL) memset(b_hat + from, 0, rest);
}

void marl_fft_forward(MarlFft *fft, const double *physical, MarlComplex *hat) {
  marl_fft_forward_pair(fft, physical, NULL, hat, NULL);
}

double *marl_fft_alloc_physical(const MarlGrid *grid) {
  double *array = fftw_alloc_real(grid->num_physical);
  if (array != NULL) memset(array, 0, grid->num_physical * sizeof *array);
  return array;
}

MarlComplex *marl_fft_alloc_spectral(const MarlGrid *grid) {
  MarlComplex *array = fftw_alloc_complex(grid->num_spectral);
  if (array != NULL) memset(array, 0, grid->num_spectral * sizeof *array);
  return array;
}

void marl_fft_free(void *array) {
  fftw_free(array);
}
