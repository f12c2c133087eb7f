/* Linear damping, the same everywhere: w_hat decays at the rate
 *
 *   D(kx, ky) = nu k^2 + nu_4 k^4 + nu_6 k^6 + nu_c [(|kx|/kx_c)^24 + (|ky|/ky_c)^24]
 *               + nu_r [exp(-(kx_c - |kx|) lx/(2 pi d)) + exp(-(ky_c - |ky|) ly/(2 pi d))],  d = MARL_RIM_WIDTH
 *
 * kx_c = 2 pi kept_x/lx and ky_c are the cut: the first wavenumbers that the flow on the grid does
 * not keep (pi nx/lx under padding). The last two terms act on the last few wavenumbers of
 * the square that a grid keeps: modes at its edge exchange enstrophy with modes that the grid has
 * not, and an eddy viscosity rises to a cusp there (Kraichnan, J. Atmos. Sci. 33, 1976). A power of
 * |k| cannot stand for it: it is strongest in the corners of the square.
 * How far the exchange reaches inwards is the wavenumber of what strains the smallest eddies. In an enstrophy
 * cascade these are the largest eddies, whose wavenumber does not know the grid: the rim, which is the same
 * number of wavenumbers wide on every grid, not a part of them as the power is (docs/closures_suite.md). */
#ifndef MARL_PHYSICS_DAMPING_H
#define MARL_PHYSICS_DAMPING_H

#include <stdbool.h>

typedef struct MarlDamping {
  double viscosity;   /* nu, L^2/T; negative: backscatter */
  double biharmonic;  /* nu_4, L^4/T */
  double triharmonic; /* nu_6, L^6/T */
  double cutoff;      /* nu_c, 1/T */
  double rim;         /* nu_r, 1/T */
} MarlDamping;

/* D [1/T] of a mode with k2 = |k|^2, edge = grid->edge_x + grid->edge_y, rim = grid->rim_x + grid->rim_y */
static inline double marl_damping_rate(MarlDamping damping, double k2, double edge, double rim) {
  return k2 * (damping.viscosity + k2 * (damping.biharmonic + k2 * damping.triharmonic)) +
         damping.cutoff * edge + damping.rim * rim;
}

/* The terms of D by themselves: nu_c (x, y) L_c is what a coefficient of one damps with where it varies. */
typedef enum MarlDampingTerm {
  MARL_DAMPING_LAPLACIAN,   /* nu, L^2/T, L = 1 */
  MARL_DAMPING_BIHARMONIC,  /* nu_4, L^4/T, L = -lap */
  MARL_DAMPING_TRIHARMONIC, /* nu_6, L^6/T, L = lap^2 */
  MARL_DAMPING_CUTOFF,      /* nu_c, 1/T, L = E/k^2 of each mode, E its bracket above */
  MARL_DAMPING_RIM,         /* nu_r, 1/T, likewise */
} MarlDampingTerm;
enum { MARL_DAMPING_TERMS = 5 };

/* L of a mode: k^2 L is what the term has in D for a coefficient of one. */
static inline double marl_damping_operator(MarlDampingTerm term, double k2, double edge,
                                           double rim) {
  switch (term) {
    case MARL_DAMPING_LAPLACIAN:
      return 1;
    case MARL_DAMPING_BIHARMONIC:
      return k2;
    case MARL_DAMPING_TRIHARMONIC:
      return k2 * k2;
    case MARL_DAMPING_CUTOFF:
      return k2 > 0 ? edge / k2 : 0;
    case MARL_DAMPING_RIM:
      break;
  }
  return k2 > 0 ? rim / k2 : 0;
}

static inline double *marl_damping_coefficient(MarlDamping *damping, MarlDampingTerm term) {
  double *const members[MARL_DAMPING_TERMS] = {
      [MARL_DAMPING_LAPLACIAN] = &damping->viscosity,
      [MARL_DAMPING_BIHARMONIC] = &damping->biharmonic,
      [MARL_DAMPING_TRIHARMONIC] = &damping->triharmonic,
      [MARL_DAMPING_CUTOFF] = &damping->cutoff,
      [MARL_DAMPING_RIM] = &damping->rim,
  };
  return members[term];
}

static inline MarlDamping marl_damping_times(MarlDamping damping, double factor) {
  return (MarlDamping){.viscosity = damping.viscosity * factor,
                       .biharmonic = damping.biharmonic * factor,
                       .triharmonic = damping.triharmonic * factor,
                       .cutoff = damping.cutoff * factor,
                       .rim = damping.rim * factor};
}

static inline bool marl_damping_equal(MarlDamping a, MarlDamping b) {
  return a.viscosity == b.viscosity && a.biharmonic == b.biharmonic &&
         a.triharmonic == b.triharmonic && a.cutoff == b.cutoff && a.rim == b.rim;
}

#endif
