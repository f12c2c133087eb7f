#include "physics/anticipated_flux.h"

#include <math.h>
#include <stdlib.h>

#include "physics/closure_field.h"

void marl_anticipated_flux_clear(MarlAnticipatedFlux *flux) {
  free(flux->small);
  marl_fft_free(flux->psi);
  marl_fft_free(flux->w);
  marl_fft_free(flux->fx);
  marl_fft_free(flux->fy);
  *flux = (MarlAnticipatedFlux){.coefficient = 0};
}

MarlCode marl_anticipated_flux_init(MarlAnticipatedFlux *flux, const MarlGrid *grid,
                                    const MarlSection *config, MarlError *err) {
  const double delta = marl_grid_delta(grid), w = marl_section_real(config, "width") * delta;
  const double power = marl_section_real(config, "power");
  *flux = (MarlAnticipatedFlux){.coefficient = marl_section_real(config, "coefficient"),
                                .small = calloc(2 * grid->num_spectral + 1, sizeof *flux->small),
                                .psi = marl_fft_alloc_spectral(grid),
                                .w = marl_fft_alloc_spectral(grid),
                                .fx = marl_fft_alloc_spectral(grid),
                                .fy = marl_fft_alloc_spectral(grid)};
  if (flux->small == NULL || flux->psi == NULL || flux->w == NULL || flux->fx == NULL ||
      flux->fy == NULL) {
    marl_anticipated_flux_clear(flux);
    return MARL_FAIL(err, MARL_EMEMORY, "no memory for a closure");
  }
  flux->sharp = flux->small + grid->num_spectral;
  for (size_t i = 0; i < grid->num_spectral; ++i) {
    flux->small[i] = 1 - exp(-grid->k2[i] * w * w / 24);
    flux->sharp[i] = pow(sqrt(grid->k2[i]) * delta / 3.14159265358979323846, power);
  }
  return MARL_OK;
}

void marl_anticipated_flux_add(MarlAnticipatedFlux *flux, MarlProducts *p, const MarlFlow *flow,
                               MarlComplex *tendency, double *drain) {
  const MarlGrid *grid = flow->grid;
  const double square = marl_closure_moment(flow, 0);
  if (!(square > 0)) return; /* at rest */
  for (size_t i = 0; i < grid->num_spectral; ++i) {
    flux->psi[i] = flux->small[i] * flow->psi_hat[i];
    flux->w[i] = flux->sharp[i] * flow->w_hat[i];
  }
  double *wx = marl_products_field(p, 0), *wy = marl_products_field(p, 1);
  double *u = marl_products_field(p, 2), *minus_v = marl_products_field(p, 3);
  marl_products_derivatives(p, (MarlDerivative){flux->w, 1, 0}, (MarlDerivative){flux->w, 0, 1}, wx,
                            wy);
  marl_products_derivatives(p, (MarlDerivative){flux->psi, 0, 1}, (MarlDerivative){flux->psi, 1, 0},
                            u, minus_v);
  const double theta = flux->coefficient / sqrt(square);
  for (size_t i = 0; i < marl_products_num_points(p); ++i) {
    const double along = u[i] * wx[i] - minus_v[i] * wy[i];
    if (drain != NULL) drain[i] += theta * along * along;
    wx[i] = theta * along * u[i];
    wy[i] = -theta * along * minus_v[i];
  }
  marl_products_forward(p, wx, wy, flux->fx, flux->fy);
  marl_closure_add_divergence(grid, flux->fx, flux->fy, flux->sharp, tendency);
}
