/* Filters of the filtered vorticity equation, as transfer functions on spectral coefficients
 *
 *   gaussian       G(k) = exp(-|k|^2 D^2 / 24)
 *   box            G(k) = sinc(kx D / 2) sinc(ky D / 2),  sinc(x) = sin(x) / x
 *   sharp_circle   G(k) = 1 for |k| < 2 pi / D, else 0
 *   sharp_square   G(k) = 1 for |kx|, |ky| < 2 pi / D, else 0
 *
 * (Pope, Turbulent Flows, 2000, table 13.2; Guan et al., J. Comput. Phys. 458, 2022.) D is the
 * filter width [L]. For an LES grid of N points over L the papers use D = 2 L / N, for which the
 * sharp cut is the Nyquist wavenumber pi N / L. */
#ifndef MARL_PHYSICS_FILTER_H
#define MARL_PHYSICS_FILTER_H

#include "physics/grid.h"

typedef enum MarlFilter {
  MARL_FILTER_GAUSSIAN,
  MARL_FILTER_BOX,
  MARL_FILTER_SHARP_CIRCLE,
  MARL_FILTER_SHARP_SQUARE,
} MarlFilter;

/* G at wavenumber (kx, ky) [1/L]. */
double marl_filter_transfer(MarlFilter filter, double width, double kx, double ky);

/* out = G in, both [nk_local, ny]; out may be in. */
void marl_filter_apply(const MarlGrid *grid, MarlFilter filter, double width, const MarlComplex *in,
                       MarlComplex *out);

/* Cut q_hat [nk_local, ny] of `grid` to the modes |kx| < kx_Nyquist, |ky| < ky_Nyquist of `cut`,
 * a grid of one rank (MPI_COMM_SELF), not finer than `grid`: every rank gets all of out
 * [cut->nx/2 + 1, cut->ny], Nyquist row and column zero. Collective over grid->comm. */
void marl_filter_truncate(const MarlGrid *grid, const MarlComplex *q_hat, const MarlGrid *cut,
                          MarlComplex *out);

#endif
