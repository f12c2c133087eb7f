#include "physics/germano_lilly.h"

#include <math.h>

#include "physics/closure_field.h"
#include "physics/exact_sum.h"
#include "physics/germano.h"

/* Of the filtered flow, then of the identity. */
enum { U, V, S11, S12, WX, WY, RATE, PRODUCT, L11, L12, M11, M12 };

MarlCode marl_germano_lilly_init(MarlGermanoLilly *lilly, const MarlGrid *grid, MarlError *err) {
  bool whole = true;
  for (int f = 0; f < MARL_GERMANO_LILLY_FIELDS; ++f) {
    lilly->field[f] = marl_fft_alloc_physical(grid);
    whole = whole && lilly->field[f] != NULL;
  }
  lilly->hat = marl_fft_alloc_spectral(grid);
  lilly->w_hat = marl_fft_alloc_spectral(grid);
  lilly->psi_hat = marl_fft_alloc_spectral(grid);
  if (whole && lilly->hat != NULL && lilly->w_hat != NULL && lilly->psi_hat != NULL) return MARL_OK;
  marl_germano_lilly_clear(lilly);
  return MARL_FAIL(err, MARL_EMEMORY, "no memory for a dynamic closure of %d x %d points", grid->nx,
                   grid->ny);
}

void marl_germano_lilly_clear(MarlGermanoLilly *lilly) {
  for (int f = 0; f < MARL_GERMANO_LILLY_FIELDS; ++f) marl_fft_free(lilly->field[f]);
  marl_fft_free(lilly->hat);
  marl_fft_free(lilly->w_hat);
  marl_fft_free(lilly->psi_hat);
  *lilly = (MarlGermanoLilly){.hat = NULL};
}

MarlFlow marl_germano_lilly_filtered(MarlGermanoLilly *lilly, const MarlFlow *flow) {
  double **f = lilly->field;
  const size_t n = flow->grid->num_physical;
  marl_germano_filter(flow->grid, flow->w_hat, lilly->w_hat);
  marl_germano_filter(flow->grid, flow->psi_hat, lilly->psi_hat);
  marl_closure_derivative(flow, lilly->psi_hat, 0, 1, lilly->hat, f[U]);
  marl_closure_derivative(flow, lilly->psi_hat, 1, 0, lilly->hat, f[V]);
  marl_closure_derivative(flow, lilly->psi_hat, 1, 1, lilly->hat, f[S11]);
  marl_closure_derivative(flow, lilly->psi_hat, 0, 2, lilly->hat, f[S12]);
  marl_closure_derivative(flow, lilly->psi_hat, 2, 0, lilly->hat, f[PRODUCT]);
  marl_closure_derivative(flow, lilly->w_hat, 1, 0, lilly->hat, f[WX]);
  marl_closure_derivative(flow, lilly->w_hat, 0, 1, lilly->hat, f[WY]);
  for (size_t i = 0; i < n; ++i) {
    f[V][i] = -f[V][i];
    f[S12][i] = 0.5 * (f[S12][i] - f[PRODUCT][i]);
  }
  return (MarlFlow){.grid = flow->grid,
                    .fft = flow->fft,
                    .w_hat = lilly->w_hat,
                    .psi_hat = lilly->psi_hat,
                    .u = f[U],
                    .v = f[V],
                    .s11 = f[S11],
                    .s12 = f[S12],
                    .wx = f[WX],
                    .wy = f[WY]};
}

/* field = F[field] */
static void filter(MarlGermanoLilly *lilly, const MarlFlow *flow, double *field) {
  marl_fft_forward(flow->fft, field, lilly->hat);
  marl_germano_filter(flow->grid, lilly->hat, lilly->hat);
  marl_fft_inverse(flow->fft, lilly->hat, field);
}

/* Deviator: L11 = -L22. */
static void fill_l(MarlGermanoLilly *lilly, const MarlFlow *flow) {
  double **f = lilly->field;
  const size_t n = flow->grid->num_physical;
  for (size_t i = 0; i < n; ++i) {
    f[L11][i] = 0.5 * (flow->u[i] * flow->u[i] - flow->v[i] * flow->v[i]);
    f[L12][i] = flow->u[i] * flow->v[i];
  }
  filter(lilly, flow, f[L11]);
  filter(lilly, flow, f[L12]);
  for (size_t i = 0; i < n; ++i) {
    f[L11][i] -= 0.5 * (f[U][i] * f[U][i] - f[V][i] * f[V][i]);
    f[L12][i] -= f[U][i] * f[V][i];
  }
}

double marl_germano_lilly_coefficient(MarlGermanoLilly *lilly, const MarlFlow *flow,
                                      void (*rate)(const MarlFlow *flow, double *out), double delta,
                                      int p) {
  double **f = lilly->field;
  const size_t n = flow->grid->num_physical;
  const double fine = 2 * pow(delta, p), coarse = 2 * pow(2 * delta, p);
  const MarlFlow filtered = marl_germano_lilly_filtered(lilly, flow);
  fill_l(lilly, flow);
  rate(flow, f[RATE]);
  for (size_t i = 0; i < n; ++i) {
    f[M11][i] = f[RATE][i] * flow->s11[i];
    f[M12][i] = f[RATE][i] * flow->s12[i];
  }
  filter(lilly, flow, f[M11]);
  filter(lilly, flow, f[M12]);
  rate(&filtered, f[RATE]);
  MarlExactSum exact[2] = {{.not_finite = 0}};
  const size_t nx = (size_t)flow->grid->nx;
  for (size_t start = 0; start < n; start += nx) {
    double row[2] = {0, 0};
    for (size_t i = start; i < start + nx; ++i) {
      const double m11 = fine * f[M11][i] - coarse * f[RATE][i] * f[S11][i];
      const double m12 = fine * f[M12][i] - coarse * f[RATE][i] * f[S12][i];
      row[0] += f[L11][i] * m11 + f[L12][i] * m12;
      row[1] += m11 * m11 + m12 * m12;
    }
    for (int r = 0; r < 2; ++r) marl_exact_add(&exact[r], row[r]);
  }
  marl_exact_reduce(exact, 2, flow->grid->comm);
  const double sum[2] = {marl_exact_value(&exact[0]), marl_exact_value(&exact[1])};
  return sum[1] > 0 ? sum[0] / sum[1] : 0;
}

double *marl_germano_lilly_scratch(MarlGermanoLilly *lilly) {
  return lilly->field[RATE];
}
