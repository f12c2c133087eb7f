/* One-sided one-dimensional spectra, averaged over the x and y directions
 *
 *   s_x(k) = 1/2 sum_ky |q_hat(kx = k, ky)|^2   (and s_y likewise),  s = (s_x + s_y) / 2
 *   s(0) + 2 sum_{k >= 1} s(k) = <q^2> / 2      (Parseval; a test asserts it)
 *
 * the definition of the public codes of Guan et al. and Mojgani et al. (arXiv:2312.00907).
 * k counts wavelengths in the box: k = 1 is 2 pi / L. */
#ifndef MARL_PHYSICS_SPECTRUM_H
#define MARL_PHYSICS_SPECTRUM_H

#include "physics/grid.h"

/* Spectrum of q_hat [nk_local, ny] into s_x [nx/2] and s_y [ny/2] (either may be NULL).
 * Collective over grid->comm; every rank has the sum. */
void marl_spectrum_xy(const MarlGrid *grid, const MarlComplex *q_hat, double *s_x, double *s_y);
/* The average of both into s [nx/2]; needs nx == ny. Collective. */
void marl_spectrum(const MarlGrid *grid, const MarlComplex *q_hat, double *s);
/* Enstrophy and energy at once from the vorticity: |w_hat|^2 and |w_hat|^2/k^2. Collective. */
void marl_spectrum_enstrophy_energy(const MarlGrid *grid, const MarlComplex *w_hat,
                                    double *enstrophy, double *energy);

/* Shell spectra beside them: shell K holds the modes with K - 1/2 < |k| <= K + 1/2 in units of 2 pi / L,
 *   E(K) = 1/2 sum |w_hat|^2 / k^2,  Z(K) = 1/2 sum |w_hat|^2,  sum_K E(K) = <u^2 + v^2>/2,
 * corners included: num_shells of them. enstrophy, energy [num_shells]; nx == ny. Collective. */
int marl_spectrum_num_shells(const MarlGrid *grid);
void marl_spectrum_shells(const MarlGrid *grid, const MarlComplex *w_hat, double *enstrophy,
                          double *energy);

/* Cut or pad coefficients of `from`, whole on this rank [nx/2+1, ny], to the own columns of the grid
 * `to` [nk_local, ny]: modes with |kx|, |ky| below both Nyquist numbers are copied, all others are
 * zero. */
void marl_spectral_resize(const MarlGrid *from, const MarlComplex *q_hat, const MarlGrid *to,
                          MarlComplex *out);

#endif
