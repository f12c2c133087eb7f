/* Forcing of the vorticity equation, one column of kx at a time
 *
 * A forcing is steady, or white noise in time, or both.
 *
 * Steady: f_hat, which is on the right-hand side as -f.
 *
 * Noise: every mode of a set of |k| has the same mean energy. A step of dt adds, after everything else,
 *   dw_hat(k) = sqrt(2 injection k^2 dt / M) (g1 + i g2) / sqrt 2,   M modes in the set,
 * with independent standard normal g1, g2, and the mirror mode its conjugate. The noise does not
 * depend on the state, so its Ito and Stratonovich forms are the same process; the mean energy
 * gained by a kick is injection dt exactly (the Ito correction, all of the work: <psi dw> is zero
 * before the kick). Draws are keyed by (step, kx, ky): the same on any number of ranks and at any
 * resolution.
 *
 * To add one: physics/forcing_<name>.c, a line in forcing_table.c, a test; or marl_register_forcing from a
 * program of your own (docs/plugins.md). */
#ifndef MARL_PHYSICS_FORCING_H
#define MARL_PHYSICS_FORCING_H

#include <stdbool.h>

#include "marl/core/plugin.h"
#include "marl/core/rng.h"
#include "physics/fft.h"
#include "physics/grid.h"

typedef struct MarlForcingOps MarlForcingOps;

/* A forcing and its numbers, of which each forcing reads some; what a reference file says of it. */
typedef struct MarlForcing {
  const MarlForcingOps *ops; /* NULL: none */
  bool in_x, in_y;           /* along x, along y; KOLMOGOROV */
  double wavenumber;         /* kf, 1/L */
  double amplitude;          /* KOLMOGOROV: factor of kf, L/T^2; 1 in the papers */
  double width;              /* RING: 1/L */
  double injection;          /* of noise: mean energy injection rate, L^2/T^3 */
} MarlForcing;

/* Those of this folder that need no name to be looked up. */
extern const MarlForcingOps marl_forcing_none, marl_forcing_kolmogorov,
    marl_forcing_kolmogorov_half, marl_forcing_ring;

/* Amplitude and direction of the waves, in the whole box and in half of it. */
enum { MARL_KOLMOGOROV_NUM_OPTIONS = 2 };
extern const MarlOption marl_forcing_kolmogorov_options[MARL_KOLMOGOROV_NUM_OPTIONS];

struct MarlForcingOps {
  /* Options, beside wavenumber, which all have: of amplitude, direction, width and injection those that it
   * reads; they are numbers of MarlForcing, so that a reference file can tell them. */
  MARL_PLUGIN;
  /* MARL_ECONFIG if the forcing does not fit the box or the kept modes |kx| < kept_x, |ky| < kept_y
   * (wave indices). NULL: it always does. */
  MarlCode (*check)(const MarlForcing *forcing, const MarlGrid *grid, int kept_x, int kept_y,
                    MarlError *err);
  /* Add f_hat to column i [ny]. NULL: no steady part. */
  void (*add)(const MarlForcing *forcing, const MarlGrid *grid, int i, MarlComplex *n_hat);
  /* Is a mode with k2 = |k|^2 > 0 in the noise? NULL: there is none. What is forced, counted and booked asks
   * here: equal |k| must answer alike, up to the round-off of the wavenumbers. */
  bool (*in_noise)(const MarlForcing *forcing, double k2);
};

/* The forcings by name (forcing_table.c) and those that a program has registered. */
extern MarlKind marl_kind_forcings;
/* MARL_EARG, too, if it has an option that is no number of MarlForcing. */
MarlCode marl_register_forcing(const MarlForcingOps *ops, MarlError *err) MARL_NODISCARD;

/* MARL_ECONFIG if the forcing does not fit the box or the kept modes. *noise_modes becomes M, 0 without
 * noise. */
MarlCode marl_forcing_check(const MarlForcing *forcing, const MarlGrid *grid, int kept_x,
                            int kept_y, int *noise_modes, MarlError *err) MARL_NODISCARD;

/* Is a mode with k2 = |k|^2 in the noise? */
bool marl_forcing_in_noise(const MarlForcing *forcing, double k2);
bool marl_forcing_has_noise(const MarlForcing *forcing);

/* Add f_hat to column i [ny]: the caller subtracts the sum from the right-hand side. */
void marl_forcing_add(const MarlForcing *forcing, const MarlGrid *grid, int i, MarlComplex *n_hat);

/* Add the kick of step `step` to column i of the vorticity [ny]. */
void marl_forcing_kick(const MarlForcing *forcing, const MarlGrid *grid, int noise_modes,
                       MarlKey key, int64_t step, double dt, int i, MarlComplex *w_hat);

/* Wave index of a wavenumber along a side of length l, or -1 if no whole wave fits. */
int marl_forcing_wave_index(double wavenumber, double l);

#endif
