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
  MarlConfig *config; /* of the training; params borrow from it */
  MarlTurbulenceParams params;
  MarlReference *reference;
  int role;                                   /* of the policy, that sets coefficients */
  int kept;                                   /* wave indices below it are in the flow */
  double length;                              /* of a side of the box, L */
  double delta;                               /* resolved scale, L */
  int band_edge[MARL_OBSERVATION_BANDS + 1];  /* wavenumbers of the bands */
  double band_target[MARL_OBSERVATION_BANDS]; /* target enstrophy of each, 1/T^2 */
  double *weight;                             /* [n] interpolation at p points from an agent */
} MarlClosureDescription;

/* Of the policy that was opened from `path`; `shipped` is the folder of the shipped data, or NULL.
 * MARL_ECONFIG if it is not a closure's, if its reference is not there, or if it is one that closure_learned.c
 * refuses. */
MarlCode marl_closure_describe(const char *path, const MarlPolicy *policy, const char *shipped,
                               MarlClosureDescription *out, MarlError *err) MARL_NODISCARD;
void marl_closure_description_clear(MarlClosureDescription *closure);

/* Columns of an observation. */
int marl_closure_description_columns(const MarlClosureDescription *closure);

#endif
