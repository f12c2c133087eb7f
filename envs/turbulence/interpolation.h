/* From values at a lattice of agents to a field on the grid, periodic and exact at the agents
 *
 * Agent (j, i) of the A x A lattice sits on grid node (j N/A, i N/A), where A divides N. The
 * field is separable, f(y, x) = sum_ji W[y, j] W[x, i] c[j, i], with cardinal functions
 *   bilinear     W = hat of width N/A
 *   biquadratic  quadratic spline with knots half way between the agents (the degree of the
 *                public code of Mojgani et al., arXiv:2312.00907, here periodic)
 *   spectral     trigonometric interpolation; for even A the highest mode is a cosine
 * Each W[., j] is W[., 0] shifted by j N/A nodes, so a shifted set of values gives the field
 * shifted by whole cells, bit for bit up to summation order. */
#ifndef MARL_ENVS_TURBULENCE_INTERPOLATION_H
#define MARL_ENVS_TURBULENCE_INTERPOLATION_H

#include "marl/core/error.h"

typedef enum MarlInterpolationKind {
  MARL_INTERPOLATION_BILINEAR,
  MARL_INTERPOLATION_BIQUADRATIC,
  MARL_INTERPOLATION_SPECTRAL,
} MarlInterpolationKind;

typedef struct MarlInterpolation {
  int n;           /* grid nodes a side */
  int agents;      /* agents a side, a divisor of n */
  double *weight;  /* [n, agents] */
  double *scratch; /* [agents, n] */
} MarlInterpolation;

/* MARL_ECONFIG if agents does not divide n. */
MarlCode marl_interpolation_create(MarlInterpolationKind kind, int n, int agents,
                                   MarlInterpolation **out, MarlError *err) MARL_NODISCARD;
void marl_interpolation_destroy(MarlInterpolation **interpolation);

/* field [n, n] from values [agents, agents]; y slowest in both. */
void marl_interpolation_apply(const MarlInterpolation *interpolation, const double *restrict values,
                              double *restrict field);

#endif
