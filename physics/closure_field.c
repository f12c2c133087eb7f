#include "physics/closure_field.h"

#include <assert.h>
#include <math.h>
#include <string.h>

#include "physics/exact_sum.h"

double marl_closure_moment(const MarlFlow *flow, int p) {
  const MarlGrid *grid = flow->grid;
  MarlExactSum sum = {.not_finite = 0};
  for (int i = 0; i < grid->nk_local; ++i) {
    const int column = grid->k0 + i;
    // a stored column stands for kx and -kx
    const double weight = column == 0 || column == grid->nx / 2 ? 1.0 : 2.0;
    const size_t first = (size_t)i * (size_t)grid->ny;
    double column_sum = 0.0;
    for (size_t at = first; at < first + (size_t)grid->ny; ++at) {
      const double re = creal(flow->w_hat[at]), im = cimag(flow->w_hat[at]);
      double power = 1.0;
      for (int times = 0; times < p; ++times) power *= grid->k2[at];
      column_sum += power * (re * re + im * im);
    }
    marl_exact_add(&sum, weight * column_sum);
  }
  marl_exact_reduce(&sum, 1, grid->comm);
  return marl_exact_value(&sum);
}

double marl_closure_mean(const MarlGrid *grid, const double *field) {
  MarlExactSum sum = {.not_finite = 0};
  for (int y = 0; y < grid->ny_local; ++y, field += grid->nx) {
    double row = 0.0;
    for (int x = 0; x < grid->nx; ++x) row += field[x];
    marl_exact_add(&sum, row);
  }
  marl_exact_reduce(&sum, 1, grid->comm);
  return marl_exact_value(&sum) / ((double)grid->nx * (double)grid->ny);
}

void marl_closure_strain_rate(const MarlFlow *flow, double *out) {
  for (size_t i = 0; i < flow->grid->num_physical; ++i)
    out[i] = 2.0 * sqrt(flow->s11[i] * flow->s11[i] + flow->s12[i] * flow->s12[i]);
}

void marl_closure_gradient(const MarlFlow *flow, double *out) {
  for (size_t i = 0; i < flow->grid->num_physical; ++i)
    out[i] = sqrt(flow->wx[i] * flow->wx[i] + flow->wy[i] * flow->wy[i]);
}

void marl_closure_eddy_stress(const MarlFlow *flow, const double *viscosity, MarlSubgrid *out) {
  for (size_t i = 0; i < flow->grid->num_physical; ++i) {
    const double nu = viscosity[i];
    out->tau11[i] = -2.0 * nu * flow->s11[i];
    out->tau12[i] = -2.0 * nu * flow->s12[i];
  }
  out->has_stress = true;
}

/* Lengths by themselves first: in one loop the compiler would take each root twice. */
void marl_closure_add_eddy(const MarlPoints *points, const double *rate, double factor,
                           double *sum) {
  double length[MARL_MAX_POINTS];
  const double *restrict strain = points->strain;
  for (int i = 0; i < points->n; ++i)
    length[i] = factor * sqrt(rate[2 * i] * rate[2 * i] + rate[2 * i + 1] * rate[2 * i + 1]);
  for (int i = 0; i < points->n; ++i) {
    sum[2 * i] -= length[i] * strain[2 * i + 1];
    sum[2 * i + 1] += length[i] * strain[2 * i];
  }
}

/* a, b [n] -> (b, -a) [n, 2], NULL if there is no a */
static const double *interleave(int n, const double *a, const double *b,
                                double pairs[2 * MARL_MAX_POINTS]) {
  for (int i = 0; i < n && a != NULL; ++i) {
    pairs[2 * i] = b[i];
    pairs[2 * i + 1] = -a[i];
  }
  return a != NULL ? pairs : NULL;
}

static const double *from(const double *field, size_t at) {
  return field != NULL ? field + at : NULL;
}

MarlCode marl_closure_evaluate_points(MarlClosure *closure, const MarlFlow *flow, MarlSubgrid *out,
                                      MarlError *err) {
  (void)err;
  double strain[2 * MARL_MAX_POINTS], gradient[2 * MARL_MAX_POINTS], sum[2 * MARL_MAX_POINTS];
  for (size_t at = 0; at < flow->grid->num_physical; at += MARL_MAX_POINTS) {
    const size_t left = flow->grid->num_physical - at;
    const int n = left < MARL_MAX_POINTS ? (int)left : MARL_MAX_POINTS;
    const MarlPoints points = {
        .n = n,
        .strain = interleave(n, from(flow->s11, at), from(flow->s12, at), strain),
        .gradient = interleave(n, from(flow->wx, at), from(flow->wy, at), gradient)};
    memset(sum, 0, sizeof sum);
    closure->ops->point_stress(closure, &points, sum);
    for (int i = 0; i < n; ++i) {
      out->tau11[at + (size_t)i] = 0.5 * sum[2 * i];
      out->tau12[at + (size_t)i] = 0.5 * sum[2 * i + 1];
    }
  }
  out->has_stress = true;
  return MARL_OK;
}

MarlCode marl_closure_evaluate_scales(MarlClosure *closure, const MarlFlow *flow, MarlSubgrid *out,
                                      MarlError *err) {
  (void)err;
  const MarlClosureOps *ops = closure->ops;
  MarlFlowScales scales = {0};
  if ((ops->scales & MARL_SCALE_VORTICITY) != 0) scales.vorticity = marl_closure_moment(flow, 0);
  if ((ops->scales & MARL_SCALE_GRADIENT) != 0) scales.gradient = marl_closure_moment(flow, 1);
  assert((ops->scales & MARL_SCALE_GRADIENT_MEAN) ==
         0); /* by the closure itself (closure_leith.c) */
  out->uniform = ops->damping(closure, &scales);
  return MARL_OK;
}

static MarlComplex power(MarlComplex base, int exponent) {
  MarlComplex result = 1.0;
  for (int times = 0; times < exponent; ++times) result *= base;
  return result;
}

void marl_closure_derivative(const MarlFlow *flow, const MarlComplex *q_hat, int px, int py,
                             MarlComplex *hat, double *out) {
  const MarlGrid *grid = flow->grid;
  for (int i = 0; i < grid->nk_local; ++i) {
    const MarlComplex along_x = power(grid->kx[i] * _Complex_I, px);
    for (int j = 0; j < grid->ny; ++j) {
      const size_t at = (size_t)i * (size_t)grid->ny + (size_t)j;
      hat[at] = along_x * power(grid->ky[j] * _Complex_I, py) * q_hat[at];
    }
  }
  marl_fft_inverse(flow->fft, hat, out);
}

void marl_closure_add_divergence(const MarlGrid *grid, const MarlComplex *a, const MarlComplex *b,
                                 const double *factor, MarlComplex *out) {
  for (int i = 0; i < grid->nk_local; ++i)
    for (int j = 0; j < grid->ny; ++j) {
      const size_t at = (size_t)i * (size_t)grid->ny + (size_t)j;
      out[at] += (factor != NULL ? factor[at] : 1) * _Complex_I *
                 (grid->kx[i] * a[at] + grid->ky[j] * b[at]);
    }
}
