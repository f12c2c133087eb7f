/* Forcing of the vorticity equation, one column of kx at a time
 *
 * KOLMOGOROV: f = amplitude kf [cos(kf x) + cos(kf y)], on the right-hand side as -f.
 *
 * RING: white noise in time on the modes kf - width/2 <= |k| <= kf + width/2, every mode with the
 * same mean energy. A step of dt adds, after everything else,
 *   dw_hat(k) = sqrt(2 injection k^2 dt / M) (g1 + i g2) / sqrt 2,   M modes in the ring,
 * with independent standard normal g1, g2, and the mirror mode its conjugate. The noise does not
 * depend on the state, so its Ito and Stratonovich forms are the same process; the mean energy
 * gained by a kick is injection dt exactly (the Ito correction, all of the work: <psi dw> is zero
 * before the kick). Draws are keyed by (step, kx, ky): the same on any number of ranks and at any
 * resolution. */
#ifndef MARL_PHYSICS_FORCING_H
#define MARL_PHYSICS_FORCING_H

#include <stdbool.h>

#include "marl/core/rng.h"
#include "physics/fft.h"
#include "physics/grid.h"

typedef enum MarlForcingKind {
  MARL_FORCING_NONE,
  MARL_FORCING_KOLMOGOROV, /* f = amplitude kf [cos(kf x) if in_x + cos(kf y) if in_y] */
  MARL_FORCING_RING,       /* white in time, kf - width/2 <= |k| <= kf + width/2 */
} MarlForcingKind;

typedef struct MarlForcing {
  MarlForcingKind kind;
  bool in_x, in_y;   /* KOLMOGOROV */
  double wavenumber; /* kf, 1/L */
  double amplitude;  /* KOLMOGOROV: factor of kf, L/T^2; 1 in the papers */
  double width;      /* RING: 1/L */
  double injection;  /* RING: mean energy injection rate, L^2/T^3 */
} MarlForcing;

/* MARL_ECONFIG if the forcing does not fit the box or the kept modes |kx| < kept_x, |ky| < kept_y
 * (wave indices). *ring_modes becomes M, 0 without a ring. */
MarlCode marl_forcing_check(const MarlForcing *forcing, const MarlGrid *grid, int kept_x,
                            int kept_y, int *ring_modes, MarlError *err) MARL_NODISCARD;

/* Is a mode with k2 = |k|^2 in the ring [kf - width/2, kf + width/2], up to the round-off of the
 * wavenumbers? What is forced, counted and booked asks here. */
bool marl_forcing_in_ring(const MarlForcing *forcing, double k2);

/* Add f_hat to column i [ny]: the caller subtracts the sum from the right-hand side. */
void marl_forcing_add(const MarlForcing *forcing, const MarlGrid *grid, int i, MarlComplex *n_hat);

/* Add the kick of step `step` to column i of the vorticity [ny]. */
void marl_forcing_kick(const MarlForcing *forcing, const MarlGrid *grid, int ring_modes,
                       MarlKey key, int64_t step, double dt, int i, MarlComplex *w_hat);

#endif
