#include "physics/closure_field.h"

#include <math.h>

double marl_closure_delta(const MarlGrid *grid) {
  return sqrt((grid->lx / grid->nx) * (grid->ly / grid->ny));
}

double marl_closure_moment(const MarlFlow *flow, int p) {
  const MarlGrid *grid = flow->grid;
  double sum = 0.0;
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
    sum += weight * column_sum;
  }
  MPI_Allreduce(MPI_IN_PLACE, &sum, 1, MPI_DOUBLE, MPI_SUM, grid->comm);
  return sum;
}

double marl_closure_mean(const MarlGrid *grid, const double *field) {
  double sum = 0.0;
  for (size_t i = 0; i < grid->num_physical; ++i) sum += field[i];
  MPI_Allreduce(MPI_IN_PLACE, &sum, 1, MPI_DOUBLE, MPI_SUM, grid->comm);
  return sum / ((double)grid->nx * (double)grid->ny);
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
