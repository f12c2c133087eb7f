#include "physics/flux.h"

#include <math.h>

#include "physics/in_turn.h"

static const double pi = 3.14159265358979323846;

void marl_flux_advection(const MarlFlow *flow, double *product, MarlComplex *advection) {
  const size_t n = flow->grid->num_physical;
  for (size_t i = 0; i < n; ++i) product[i] = flow->u[i] * flow->wx[i] + flow->v[i] * flow->wy[i];
  marl_fft_forward(flow->fft, product, advection);
}

/* A stored column stands for kx and -kx, but for kx = 0 and the Nyquist column. */
static double column_weight(const MarlGrid *grid, int column) {
  return column == 0 || column == grid->nx / 2 ? 1.0 : 2.0;
}

static double real_product(MarlComplex a, MarlComplex b) {
  return creal(a) * creal(b) + cimag(a) * cimag(b);
}

void marl_flux_shells(const MarlFlow *flow, const MarlComplex *advection, int n, double *energy,
                      double *enstrophy) {
  const MarlGrid *grid = flow->grid;
  const double unit = 2.0 * pi / grid->lx;
  for (int k = 0; k < n; ++k) energy[k] = enstrophy[k] = 0.0;
  marl_in_turn_begin(grid->comm, n, energy);
  marl_in_turn_begin(grid->comm, n, enstrophy);
  for (int i = 0; i < grid->nk_local; ++i) {
    const double weight = column_weight(grid, grid->k0 + i);
    for (int j = 0; j < grid->ny; ++j) {
      const size_t at = (size_t)i * (size_t)grid->ny + (size_t)j;
      const int shell = (int)ceil(sqrt(grid->k2[at]) / unit - 0.5);
      if (shell >= n) continue;
      energy[shell] += weight * real_product(flow->psi_hat[at], advection[at]);
      enstrophy[shell] += weight * real_product(flow->w_hat[at], advection[at]);
    }
  }
  marl_in_turn_pass_on(grid->comm, n, energy);
  marl_in_turn_pass_on(grid->comm, n, enstrophy);
  marl_in_turn_share(grid->comm, n, energy);
  marl_in_turn_share(grid->comm, n, enstrophy);
  for (int k = 1; k < n; ++k) {
    energy[k] += energy[k - 1];
    enstrophy[k] += enstrophy[k - 1];
  }
}

void marl_flux_cut(const MarlFlow *flow, const MarlComplex *advection, int cut, double *energy,
                   double *enstrophy) {
  const MarlGrid *grid = flow->grid;
  double sums[2] = {0.0, 0.0};
  marl_in_turn_begin(grid->comm, 2, sums);
  for (int i = 0; i < grid->nk_local && grid->k0 + i < cut; ++i) {
    const double weight = column_weight(grid, grid->k0 + i);
    for (int j = 0; j < grid->ny; ++j) {
      const int row = j <= grid->ny / 2 ? j : grid->ny - j;
      if (row >= cut) continue;
      const size_t at = (size_t)i * (size_t)grid->ny + (size_t)j;
      sums[0] += weight * real_product(flow->psi_hat[at], advection[at]);
      sums[1] += weight * real_product(flow->w_hat[at], advection[at]);
    }
  }
  marl_in_turn_end(grid->comm, 2, sums);
  *energy = sums[0];
  *enstrophy = sums[1];
}
