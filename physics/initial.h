/* Initial vorticity fields
 *
 * - rest: w = 0
 * - random: E(k) = A k^4 exp(-(k/peak)^2), A = 4 peak^-5 / (3 pi), random phases: the start of
 *   the simulations of Guan et al. (J. Comput. Phys. 458, 2022). |w_hat|^2 = k E(k) / pi in a box
 *   of 2 pi. Phases are keyed by (kx, ky): the same field at every resolution.
 * - taylor_green: w = 2 k cos(k x) cos(k y), k = waves times 2 pi / L
 * - dipole: Lamb-Chaplygin, w = -2 U q J1(q r) sin(theta) / J0(q R) inside r < R, q R = 3.8317...,
 *   in the middle of the box, moving along +x at U (Lamb, Hydrodynamics, art. 165)
 * - shear_layer: u = +-tanh((y - y_i) / thickness) at y_i = ly/4, 3 ly/4, v = 0.05 sin(2 pi x/lx)
 *   (Bell, Colella and Glaz, J. Comput. Phys. 85, 1989)
 * - file: a dataset [y, x] or [sample, y, x] of an HDF5 file, cut or padded spectrally
 *   (initial_file.h) */
#ifndef MARL_PHYSICS_INITIAL_H
#define MARL_PHYSICS_INITIAL_H

#include "physics/solver.h"

typedef enum MarlInitialKind {
  MARL_INITIAL_REST,
  MARL_INITIAL_RANDOM,
  MARL_INITIAL_TAYLOR_GREEN,
  MARL_INITIAL_DIPOLE,
  MARL_INITIAL_SHEAR_LAYER,
  MARL_INITIAL_FILE,
} MarlInitialKind;

enum { MARL_INITIAL_NOTE = 400 };

typedef struct MarlInitial {
  MarlInitialKind kind;
  double peak;         /* RANDOM, 1/L */
  MarlKey key;         /* RANDOM */
  int waves;           /* TAYLOR_GREEN: waves along each side */
  double radius;       /* DIPOLE: R, L */
  double speed;        /* DIPOLE: U, L/T */
  double thickness;    /* SHEAR_LAYER, L */
  const char *file;    /* FILE, borrowed */
  const char *dataset; /* FILE, borrowed; "initial/n64" */
  int sample;          /* FILE: index along the first axis of [sample, y, x] */
  char *note; /* FILE: NULL or [MARL_INITIAL_NOTE], borrowed; on rank 0 one line on what was
                          done to the field (cut, padded, transposed, unpacked, mean removed), or "" */
} MarlInitial;

/* Start `solver` from the field: time 0, step 0. Collective. */
MarlCode marl_initial_apply(const MarlInitial *initial, MarlSolver *solver,
                            MarlError *err) MARL_NODISCARD;

#endif
