/* What the turbulence environment and the learned closure share: the LES, the agents, what they
 * see and do, and what they are rewarded for. Section "env" of a configuration.
 *
 * The flow itself (viscosity, drag, beta, forcing, box) is that of the reference file, so that a
 * closure is never trained against statistics of another flow. */
#ifndef MARL_ENVS_TURBULENCE_PARAMS_H
#define MARL_ENVS_TURBULENCE_PARAMS_H

#include "envs/turbulence/interpolation.h"
#include "marl/core/option.h"
#include "physics/reference.h"
#include "physics/solver.h"

/* Coefficients C_1, C_2, C_3 of an agent, Delta of marl_grid_delta, <.> the domain mean:
 *   leith                 nu_e = C_1 Delta^3 <|grad w|>           (C_1 = c_l^3, any sign)
 *   smagorinsky           nu_e = C_1 Delta^2 <|S|^2>^(1/2)        (C_1 = c_s^2, any sign)
 *   leith_biharmonic      nu_e = C_1 Delta^3 G, nu_4 = C_2 Delta^5 G, C_2 >= 0,
 *                         G = <|grad w|^2>^(1/2): the closure free_constants with varying constants
 *   leith_biharmonic_k6   and nu_6 = C_3 Delta^7 G, C_3 >= 0
 *   leith_biharmonic_cutoff   instead nu_c = C_3 Delta G, C_3 >= 0, on the last wavenumbers
 *                         (physics/damping.h)
 * The first two are those of Mojgani et al. (arXiv:2312.00907) at the dissipative sign. */
typedef enum MarlActionSet {
  MARL_ACTION_LEITH,
  MARL_ACTION_SMAGORINSKY,
  MARL_ACTION_LEITH_BIHARMONIC,
  MARL_ACTION_LEITH_BIHARMONIC_K6,
  MARL_ACTION_LEITH_BIHARMONIC_CUTOFF,
} MarlActionSet;

/* Blocks of an observation; all numbers are dimensionless. */
typedef enum MarlObservationBlock {
  MARL_OBSERVE_VELOCITY_GRADIENT = 1 << 0,  /* |S|/S_rms - 1, |w|/w_rms - 1 at the agent */
  MARL_OBSERVE_OKUBO_WEISS = 1 << 1,        /* (|S|^2 - w^2) / (|S|^2 + w^2 + <w^2>) */
  MARL_OBSERVE_VORTICITY_GRADIENT = 1 << 2, /* |grad w| / rms - 1 */
  /* of the tensor grad grad u, that is of all third derivatives of psi, what neither a turn nor a
   * mirror of the axes changes: with H_1 = (d_x + i d_y) lap psi and H_3 = (d_x + i d_y)^3 psi, both
   * of the rms G of grad w, |H_1|/G, |H_3|/G, Re(H_1^3 H_3^*) / (|H_1|^2 + |H_3|^2 + G^2)^2 */
  MARL_OBSERVE_SECOND_INVARIANTS = 1 << 3,
  /* the public code's numbers, which change with the axes: tr S, sqrt(tr S^2), sqrt(-tr R^2) of
   * B = [[u_xx, v_xx], [u_yy, v_yy]] = S + R, over G */
  MARL_OBSERVE_SECOND_PUBLIC_CODE = 1 << 4,
  MARL_OBSERVE_LOG_SPECTRUM = 1 << 5, /* log(2 K eps(k) / <w^2>), k = 0 .. K-1 kept, all alike */
  MARL_OBSERVE_BAND_RATIOS = 1 << 6,  /* log of eps over the target's, summed in 6 bands */
  MARL_OBSERVE_DISSIPATION = 1 << 7,  /* log(Delta^2 <|grad w|^2>/<w^2>), log(w_rms Delta^2/nu) */
} MarlObservationBlock;

/* Which spectrum of the reference is the target. */
typedef enum MarlTarget {
  MARL_TARGET_FULL,
  MARL_TARGET_TRUNCATED,
  MARL_TARGET_FILTERED
} MarlTarget;

/* reward.h has the formulas. */
typedef enum MarlRewardKind {
  MARL_REWARD_INVERSE_LOG_ERROR,
  MARL_REWARD_WEIGHTED_ERROR,
  MARL_REWARD_LOG_LIKELIHOOD,
  MARL_REWARD_EPISODE_LOG_ERROR,
} MarlRewardKind;

enum { MARL_MAX_COEFFICIENTS = 3 };

typedef struct MarlTurbulenceParams {
  const char *reference;              /* path, borrowed from the section */
  const char *const *more_references; /* [num_more_references] paths, likewise */
  size_t num_more_references;
  int n;     /* grid points a side */
  double dt; /* T */
  MarlDealias dealias;
  MarlAdvectionForm advection;
  int agents;   /* a side */
  int interval; /* steps an action is held */
  MarlInterpolationKind interpolation;
  MarlActionSet action;
  int num_coefficients;
  double center[MARL_MAX_COEFFICIENTS], scale[MARL_MAX_COEFFICIENTS]; /* C = center + scale act */
  unsigned observation; /* MarlObservationBlock bits */
  MarlTarget target;
  int samples; /* > 0: the target is the mean over so many training fields */
  MarlRewardKind reward;
  double reward_window; /* T; 0: instantaneous */
  double reward_pdf;    /* weight of the density's term */
  double reward_after;  /* T from the start of the episode before anything counts */
  double blow_up_reward;
  int max_steps; /* actions */
} MarlTurbulenceParams;

enum { MARL_TURBULENCE_OPTIONS = 21 };
extern const MarlOption marl_turbulence_options[MARL_TURBULENCE_OPTIONS];

/* MARL_ECONFIG if action_center or action_scale has the wrong length or an observation block is
 * unknown. */
MarlCode marl_turbulence_params(const MarlSection *section, MarlTurbulenceParams *out,
                                MarlError *err) MARL_NODISCARD;

/* The LES of a reference's flow: ifab2 with a fixed step, the
 * advection in Basdevant's form. A stochastic forcing needs a key for each run (out->key).
 * MARL_ECONFIG if the file does not say what flow it is of (reference_flow.h). */
MarlCode marl_les_params(const MarlReference *reference, int n, double dt, MarlDealias dealias,
                         MarlSolverParams *out, MarlError *err) MARL_NODISCARD;

#endif
