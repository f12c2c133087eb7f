#include "physics/germano.h"

#include <math.h>

#include "physics/closure_field.h"
#include "physics/exact_sum.h"

MarlCode marl_germano_init(MarlGermano *germano, const MarlGrid *grid, MarlError *err) {
  germano->l = marl_fft_alloc_physical(grid);
  germano->m = marl_fft_alloc_physical(grid);
  germano->a = marl_fft_alloc_physical(grid);
  germano->b = marl_fft_alloc_physical(grid);
  germano->hat = marl_fft_alloc_spectral(grid);
  germano->w_hat = marl_fft_alloc_spectral(grid);
  germano->psi_hat = marl_fft_alloc_spectral(grid);
  if (germano->l != NULL && germano->m != NULL && germano->a != NULL && germano->b != NULL &&
      germano->hat != NULL && germano->w_hat != NULL && germano->psi_hat != NULL)
    return MARL_OK;
  marl_germano_clear(germano);
  return MARL_FAIL(err, MARL_EMEMORY, "no memory for a dynamic closure of %d x %d points", grid->nx,
                   grid->ny);
}

void marl_germano_clear(MarlGermano *germano) {
  marl_fft_free(germano->l);
  marl_fft_free(germano->m);
  marl_fft_free(germano->a);
  marl_fft_free(germano->b);
  marl_fft_free(germano->hat);
  marl_fft_free(germano->w_hat);
  marl_fft_free(germano->psi_hat);
  *germano = (MarlGermano){.l = NULL};
}

void marl_germano_filter(const MarlGrid *grid, const MarlComplex *in, MarlComplex *out) {
  for (int i = 0; i < grid->nk_local; ++i)
    for (int j = 0; j < grid->ny; ++j) {
      const size_t at = (size_t)i * (size_t)grid->ny + (size_t)j;
      const int row = j <= grid->ny / 2 ? j : grid->ny - j;
      const bool keep = 2 * (grid->k0 + i) < grid->kept_x && 2 * row < grid->kept_y;
      out[at] = keep ? in[at] : 0.0;
    }
}

/* out = F[in] for physical fields; out may be in. */
static void filter_field(MarlGermano *germano, const MarlFlow *flow, const double *in,
                         double *out) {
  marl_fft_forward(flow->fft, in, germano->hat);
  marl_germano_filter(flow->grid, germano->hat, germano->hat);
  marl_fft_inverse(flow->fft, germano->hat, out);
}

static void laplacian(MarlGermano *germano, const MarlFlow *flow, const MarlComplex *q_hat,
                      double *out) {
  for (size_t at = 0; at < flow->grid->num_spectral; ++at)
    germano->hat[at] = -flow->grid->k2[at] * q_hat[at];
  marl_fft_inverse(flow->fft, germano->hat, out);
}

/* L = F[u.grad w] - F[u].grad F[w] */
static void compute_l(MarlGermano *germano, const MarlFlow *flow) {
  const size_t n = flow->grid->num_physical;
  double *l = germano->l, *a = germano->a, *b = germano->b;
  for (size_t i = 0; i < n; ++i) l[i] = flow->u[i] * flow->wx[i] + flow->v[i] * flow->wy[i];
  filter_field(germano, flow, l, l);
  marl_closure_derivative(flow, germano->psi_hat, 0, 1, germano->hat, a);
  marl_closure_derivative(flow, germano->w_hat, 1, 0, germano->hat, b);
  for (size_t i = 0; i < n; ++i) l[i] -= a[i] * b[i];
  // v = -psi_x
  marl_closure_derivative(flow, germano->psi_hat, 1, 0, germano->hat, a);
  marl_closure_derivative(flow, germano->w_hat, 0, 1, germano->hat, b);
  for (size_t i = 0; i < n; ++i) l[i] += a[i] * b[i];
}

void marl_germano_compute(MarlGermano *germano, const MarlFlow *flow, const double *scale,
                          const double *test_scale, double delta, int p) {
  const size_t n = flow->grid->num_physical;
  const double fine = pow(delta, p), coarse = pow(2.0 * delta, p);
  double *m = germano->m, *a = germano->a, *b = germano->b;
  marl_germano_filter(flow->grid, flow->w_hat, germano->w_hat);
  marl_germano_filter(flow->grid, flow->psi_hat, germano->psi_hat);
  compute_l(germano, flow);

  laplacian(germano, flow, flow->w_hat, m);
  for (size_t i = 0; i < n; ++i) m[i] *= scale[i];
  filter_field(germano, flow, m, m);
  if (test_scale == NULL) {
    filter_field(germano, flow, scale, a);
    test_scale = a;
  }
  laplacian(germano, flow, germano->w_hat, b);
  for (size_t i = 0; i < n; ++i) m[i] = fine * m[i] - coarse * test_scale[i] * b[i];
}

/* Sums of max(L M, 0), M M and L M over the domain. */
enum { CLIPPED, SQUARE, PLAIN, NUM_SUMS };
static void sums(const MarlGermano *germano, const MarlGrid *grid, double out[NUM_SUMS]) {
  MarlExactSum sum[NUM_SUMS] = {{.not_finite = 0}};
  for (int y = 0; y < grid->ny_local; ++y) {
    const size_t at = (size_t)y * (size_t)grid->nx;
    const double *l = germano->l + at, *m = germano->m + at;
    double row[NUM_SUMS] = {0.0};
    for (int x = 0; x < grid->nx; ++x) {
      const double lm = l[x] * m[x];
      row[CLIPPED] += fmax(lm, 0.0);
      row[SQUARE] += m[x] * m[x];
      row[PLAIN] += lm;
    }
    for (int i = 0; i < NUM_SUMS; ++i) marl_exact_add(&sum[i], row[i]);
  }
  marl_exact_reduce(sum, NUM_SUMS, grid->comm);
  for (int i = 0; i < NUM_SUMS; ++i) out[i] = marl_exact_value(&sum[i]);
}

double marl_germano_coefficient(const MarlGermano *germano, const MarlGrid *grid) {
  double sum[NUM_SUMS];
  sums(germano, grid, sum);
  return sum[SQUARE] > 0.0 ? sum[CLIPPED] / sum[SQUARE] : 0.0;
}

double marl_germano_least_squares(const MarlGermano *germano, const MarlGrid *grid) {
  double sum[NUM_SUMS];
  sums(germano, grid, sum);
  return sum[SQUARE] > 0.0 ? sum[PLAIN] / sum[SQUARE] : 0.0;
}

void marl_germano_local(const MarlGermano *germano, const MarlGrid *grid, double *out) {
  double sum[NUM_SUMS];
  sums(germano, grid, sum);
  const double mean = sum[SQUARE] / ((double)grid->nx * (double)grid->ny);
  for (size_t i = 0; i < grid->num_physical; ++i)
    out[i] = mean > 0.0 ? fmax(germano->l[i] * germano->m[i], 0.0) / mean : 0.0;
}
