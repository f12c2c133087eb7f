/* Interscale fluxes of energy and enstrophy by advection J = u.grad w
 *
 *   flux_E(K) = sum_{|k| <= K} Re[conj(psi_hat) J_hat],  flux_Z(K) = sum_{|k| <= K} Re[conj(w_hat) J_hat]
 *
 * positive when energy (enstrophy) leaves the wavenumbers up to K for higher ones (Alexakis and
 * Biferale, Phys. Rep. 767, 2018, section 2.3). Shells K - 1/2 < |k| <= K + 1/2 in units of
 * 2 pi / L. Exact when the grid holds the products: 2/3 dealiased fields, or the cut below it. */
#ifndef MARL_PHYSICS_FLUX_H
#define MARL_PHYSICS_FLUX_H

#include "physics/closure.h"

/* What the view has to hold for marl_flux_advection. */
enum { MARL_FLUX_NEEDS = MARL_NEED_VELOCITY | MARL_NEED_GRAD_VORTICITY };

/* J_hat [nk_local, ny] of a view; `product` is scratch [ny_local, nx] of marl_fft_alloc_physical.
 * Collective. */
void marl_flux_advection(const MarlFlow *flow, double *product, MarlComplex *advection);

/* Fluxes through K = 0 .. n-1 into energy [n] and enstrophy [n]. Collective; every rank has them. */
void marl_flux_shells(const MarlFlow *flow, const MarlComplex *advection, int n, double *energy,
                      double *enstrophy);
/* Fluxes out of the square |kx|, |ky| < cut (in units of 2 pi / lx and 2 pi / ly): what an LES of
 * 2 cut points has to hand to its closure. Collective. */
void marl_flux_cut(const MarlFlow *flow, const MarlComplex *advection, int cut, double *energy,
                   double *enstrophy);

#endif
