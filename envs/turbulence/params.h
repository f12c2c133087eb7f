/* What the turbulence environment and the learned closure share: the LES, the agents, what they
 * see and do, and what they are rewarded for. Section "env" of a configuration.
 *
 * The flow itself (viscosity, drag, beta, forcing, box) is that of the reference file, so that a
 * closure is never trained against statistics of another flow. */
#ifndef MARL_ENVS_TURBULENCE_PARAMS_H
#define MARL_ENVS_TURBULENCE_PARAMS_H

#include "envs/turbulence/interpolation.h"
#include "marl/core/option.h"
#include "physics/batch/flow_batch.h"
#include "physics/reference.h"
#include "physics/solver.h"

typedef struct MarlObservationOps MarlObservationOps; /* observation.h */
typedef struct MarlActionOps MarlActionOps;           /* action.h */
typedef struct MarlRewardOps MarlRewardOps;           /* reward.h */

/* Which spectrum of the reference is the target. */
typedef enum MarlTarget {
  MARL_TARGET_FULL,
  MARL_TARGET_TRUNCATED,
  MARL_TARGET_FILTERED
} MarlTarget;

/* Are flows stepped together, as lanes of vectors (physics/batch/flow_batch.h), and in which precision? */
typedef enum MarlLanesChoice {
  MARL_LANES_OFF,
  MARL_LANES_DOUBLE,
  MARL_LANES_FLOAT
} MarlLanesChoice;
extern const char *const marl_lanes_names[]; /* by value, NULL-terminated */

enum { MARL_MAX_COEFFICIENTS = 4, MARL_MAX_OBSERVATIONS = 16 };

typedef struct MarlTurbulenceParams {
  const char *reference;              /* path, borrowed from the section */
  const char *const *more_references; /* [num_more_references] paths, likewise */
  size_t num_more_references;
  const int *more_n;     /* [num_more_references] grid points a side, borrowed; NULL: n */
  const double *more_dt; /* [num_more_references] T, likewise; NULL: dt */
  int n;                 /* grid points a side */
  double dt;             /* T */
  MarlDealias dealias;
  MarlAdvectionForm advection;
  MarlLanesChoice lanes;
  int agents;   /* a side */
  int interval; /* steps an action is held */
  const MarlInterpolationOps *interpolation;
  const MarlActionOps *action;
  int num_coefficients;
  double center[MARL_MAX_COEFFICIENTS], scale[MARL_MAX_COEFFICIENTS]; /* C = center + scale act */
  int num_observations;
  const MarlObservationOps *observation[MARL_MAX_OBSERVATIONS]; /* in the order of their table */
  MarlTarget target;
  int samples; /* > 0: the target is the mean over so many training fields */
  const MarlRewardOps *reward;
  double reward_window; /* T; 0: instantaneous */
  double reward_pdf;    /* weight of the density's term */
  double reward_after;  /* T from the start of the episode before anything counts */
  double blow_up_reward;
  int max_steps; /* actions */
} MarlTurbulenceParams;

enum { MARL_TURBULENCE_OPTIONS = 25 };
extern const MarlOption marl_turbulence_options[MARL_TURBULENCE_OPTIONS];

/* MARL_ECONFIG if action_center or action_scale has the wrong length or a name is unknown. */
MarlCode marl_turbulence_params(const MarlSection *section, MarlTurbulenceParams *out,
                                MarlError *err) MARL_NODISCARD;

/* Flow number `flow` (0: reference, f: more_references[f - 1]) by itself: its reference, grid and step, and no
 * more flows. An action is held for the same time in all. */
MarlTurbulenceParams marl_turbulence_flow(const MarlTurbulenceParams *params, int flow);

/* A batch for a choice, NULL where it is off. */
MarlCode marl_lanes_create(MarlLanesChoice choice, MarlFlowBatch **out,
                           MarlError *err) MARL_NODISCARD;

/* The LES of a reference's flow: ifab2 with a fixed step, the
 * advection in Basdevant's form. A stochastic forcing needs a key for each run (out->key).
 * MARL_ECONFIG if the file does not say what flow it is of (reference_flow.h). */
MarlCode marl_les_params(const MarlReference *reference, int n, double dt, MarlDealias dealias,
                         MarlSolverParams *out, MarlError *err) MARL_NODISCARD;

#endif
