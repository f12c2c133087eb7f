/* From values at a lattice of agents to a field on the grid, periodic and exact at the agents
 *
 * Agent (j, i) of the A x A lattice sits on grid node (j N/A, i N/A), where A divides N. The
 * field is separable, f(y, x) = sum_ji W[y, j] W[x, i] c[j, i], with cardinal functions
 * of a kind (`marl list interpolations` prints them). Each W[., j] is W[., 0] shifted by j N/A nodes, so a
 * shifted set of values gives the field shifted by whole cells, bit for bit up to summation order.
 *
 * To add a kind: envs/turbulence/interpolation_<name>.c, a line in interpolation_table.c, a test; or
 * marl_register_interpolation from a program of your own (docs/plugins.md). */
#ifndef MARL_ENVS_TURBULENCE_INTERPOLATION_H
#define MARL_ENVS_TURBULENCE_INTERPOLATION_H

#include "marl/core/plugin.h"

typedef struct MarlInterpolationOps {
  MARL_PLUGIN; /* no options */
  /* Period `agents` >= 2 in d, the distance in agent spacings: 1 at d = 0, 0 at the other agents. */
  double (*cardinal)(double d, int agents);
} MarlInterpolationOps;

/* The kinds by name (interpolation_table.c) and those that a program has registered. */
extern MarlKind marl_kind_interpolations;
MarlCode marl_register_interpolation(const MarlInterpolationOps *ops,
                                     MarlError *err) MARL_NODISCARD;

/* Sum of f over the periodic images of distance d, period `agents`. */
double marl_interpolation_periodic(double (*f)(double), double d, int agents);

typedef struct MarlInterpolation {
  int n;           /* grid nodes a side */
  int agents;      /* agents a side, a divisor of n */
  double *weight;  /* [n, agents] */
  double *scratch; /* [agents, n] */
} MarlInterpolation;

/* MARL_ECONFIG if agents does not divide n. */
MarlCode marl_interpolation_create(const MarlInterpolationOps *ops, int n, int agents,
                                   MarlInterpolation **out, MarlError *err) MARL_NODISCARD;
void marl_interpolation_destroy(MarlInterpolation **interpolation);

/* field [n, n] from values [agents, agents]; y slowest in both. */
void marl_interpolation_apply(const MarlInterpolation *interpolation, const double *restrict values,
                              double *restrict field);

#endif
