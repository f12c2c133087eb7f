/* Linear damping, the same everywhere: w_hat decays at the rate
 *
 *   D(kx, ky) = nu k^2 + nu_4 k^4 + nu_6 k^6 + nu_c [(|kx|/kx_c)^24 + (|ky|/ky_c)^24]
 *
 * kx_c = 2 pi kept_x/lx and ky_c are the cut: the first wavenumbers that the flow on the grid does
 * not keep (pi nx/lx under padding). The last term acts on the last few wavenumbers of
 * the square that a grid keeps: modes at its edge exchange enstrophy with modes that the grid has
 * not, and an eddy viscosity rises to a cusp there (Kraichnan, J. Atmos. Sci. 33, 1976). A power of
 * |k| cannot stand for it: it is strongest in the corners of the square. */
#ifndef MARL_PHYSICS_DAMPING_H
#define MARL_PHYSICS_DAMPING_H

#include <stdbool.h>

typedef struct MarlDamping {
  double viscosity;   /* nu, L^2/T; negative: backscatter */
  double biharmonic;  /* nu_4, L^4/T */
  double triharmonic; /* nu_6, L^6/T */
  double cutoff;      /* nu_c, 1/T */
} MarlDamping;

/* D [1/T] of a mode with k2 = |k|^2 and edge = grid->edge_x + grid->edge_y */
static inline double marl_damping_rate(MarlDamping damping, double k2, double edge) {
  return k2 * (damping.viscosity + k2 * (damping.biharmonic + k2 * damping.triharmonic)) +
         damping.cutoff * edge;
}

static inline MarlDamping marl_damping_times(MarlDamping damping, double factor) {
  return (MarlDamping){.viscosity = damping.viscosity * factor,
                       .biharmonic = damping.biharmonic * factor,
                       .triharmonic = damping.triharmonic * factor,
                       .cutoff = damping.cutoff * factor};
}

static inline bool marl_damping_equal(MarlDamping a, MarlDamping b) {
  return a.viscosity == b.viscosity && a.biharmonic == b.biharmonic &&
         a.triharmonic == b.triharmonic && a.cutoff == b.cutoff;
}

#endif
