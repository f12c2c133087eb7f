/* A learned closure as numbers: all that another program needs to know of it beside its network
 *
 * What closure_learned.c builds from a policy's configuration and reference, for `marl export`. */
#ifndef MARL_ENVS_TURBULENCE_CLOSURE_DESCRIPTION_H
#define MARL_ENVS_TURBULENCE_CLOSURE_DESCRIPTION_H

#include "envs/turbulence/action.h"
#include "envs/turbulence/observation.h"
#include "envs/turbulence/params.h"
#include "marl/core/config.h"
#include "marl/learn/policy.h"
#include "physics/reference.h"

typedef struct MarlClosureDescription {
  MarlConfig *config;          /* of the training; params borrow from it */
  MarlTurbulenceParams params; /* of the one flow */
  int num_flows;               /* that the policy was trained on */
  MarlReference *reference;
  int role;                                   /* of the policy, that sets coefficients */
  int kept;                                   /* wave indices below it are in the flow */
  double length;                              /* of a side of the box, L */
  double delta;                               /* resolved scale, L */
  int band_edge[MARL_OBSERVATION_BANDS + 1];  /* wavenumbers of the bands */
  double band_target[MARL_OBSERVATION_BANDS]; /* target enstrophy of each, 1/T^2 */
  double *weight;                             /* [n] interpolation at p points from an agent */
} MarlClosureDescription;

/* Of the policy that was opened from `path`, on flow number `flow` of those that it was trained on
 * (marl_turbulence_flow); `shipped` is the folder of the shipped data, or NULL.
 * MARL_ECONFIG if it is not a closure's, if there is no such flow, if its reference is not there, or if it is one
 * that closure_learned.c refuses. */
MarlCode marl_closure_describe(const char *path, const MarlPolicy *policy, const char *shipped,
                               int flow, MarlClosureDescription *out,
                               MarlError *err) MARL_NODISCARD;
void marl_closure_description_clear(MarlClosureDescription *closure);

#endif
