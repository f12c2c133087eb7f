/* Strain and vorticity at a node, for blocks of an observation. */
#ifndef MARL_ENVS_TURBULENCE_OBSERVED_STRAIN_H
#define MARL_ENVS_TURBULENCE_OBSERVED_STRAIN_H

#include "envs/turbulence/observation.h"

/* The fields: psi_xy = u_x = s11, psi_xx = -v_x, w. */
#define MARL_OBSERVED_STRAIN                                        \
  {MARL_OF_STREAMFUNCTION, 1, 1}, {MARL_OF_STREAMFUNCTION, 2, 0}, { \
    MARL_OF_VORTICITY, 0, 0                                         \
  }
enum { MARL_OBSERVED_STRAIN_FIELDS = 3 };

/* |S|^2 = 2 S_ij S_ij from their values, 1/T^2 */
static inline double marl_observed_strain2(const double *at) {
  const double s11 = at[0], psi_xx = at[1], w = at[2];
  const double s12 = 0.5 * (-w - 2 * psi_xx); /* (psi_yy - psi_xx)/2, psi_yy = -w - psi_xx */
  return 4 * (s11 * s11 + s12 * s12);
}

#endif
