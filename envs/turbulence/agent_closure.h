/* The closure whose coefficients come from outside: from a learner's actions or from a policy
 *
 * An agent's action a in [-1, 1] per coefficient gives C = center + scale a, C is interpolated to the
 * grid (coefficients that are damping only are 0 where they would be negative, at the agents and between
 * them), and the coefficient field is nu_c(x, y) = C_c(x, y) unit(c) (action.h), held until the next
 * action. The stress is
 *   tau = -2 sum_c nu_c L_c S,
 * for uniform coefficients the linear damping of physics/damping.h. The domain means of nu_c are handed to
 * the solver as uniform coefficients (exact in time), the rest as stress. */
#ifndef MARL_ENVS_TURBULENCE_AGENT_CLOSURE_H
#define MARL_ENVS_TURBULENCE_AGENT_CLOSURE_H

#include "envs/turbulence/action.h"
#include "envs/turbulence/params.h"
#include "marl/run/picture.h"
#include "physics/closure.h"

typedef struct MarlAgentClosure {
  MarlClosure base;
  const MarlGrid *grid; /* borrowed */
  int num_coefficients;
  double center[MARL_MAX_COEFFICIENTS], scale[MARL_MAX_COEFFICIENTS];
  const MarlActionOps *action;
  MarlInterpolation *map;
  bool uniform;                       /* the coefficient fields are constants */
  double mean[MARL_MAX_COEFFICIENTS]; /* of nu_c */
  double *rest;                       /* [num_coefficients, n, n] nu_c - mean */
  double *lattice;                    /* [agents, agents] */
  double *coefficient;                /* [num_coefficients, agents, agents] C_c as set last; not
                                         part of a restart: zeros until the next action */
  double *strain[2];                  /* [n, n] (-lap)^c of s11 and s12 */
} MarlAgentClosure;

/* Starts with the coefficients zero. The grid is square, on one rank. */
MarlCode marl_agent_closure_create(const MarlTurbulenceParams *params, const MarlGrid *grid,
                                   MarlAgentClosure **out, MarlError *err) MARL_NODISCARD;
void marl_agent_closure_destroy(MarlAgentClosure **closure);

/* Take actions act [agents^2, num_coefficients], with the scales of the flow that `observer` looked
 * at last. */
void marl_agent_closure_set(MarlAgentClosure *closure, const MarlObserver *observer,
                            const float *act);

/* C_c as set last, interpolated to field [n, n]. */
void marl_agent_closure_coefficient(const MarlAgentClosure *closure, int c, double *field);

/* C_c as set last, at the agents, as panels of a picture. */
MarlCode marl_agent_closure_look(const MarlAgentClosure *closure, MarlPicture *picture,
                                 MarlError *err) MARL_NODISCARD;

/* For the ops of another closure that is built on this one. */
MarlCode marl_agent_closure_evaluate(MarlAgentClosure *closure, const MarlFlow *flow,
                                     MarlSubgrid *out);
/* The same coefficients as `held` of MarlClosureOps gives them, for good. */
void marl_agent_closure_held(const MarlAgentClosure *closure, MarlHeldDamping *out);
MarlCode marl_agent_closure_save(const MarlAgentClosure *closure, MarlStore *to,
                                 MarlError *err) MARL_NODISCARD;
MarlCode marl_agent_closure_load(MarlAgentClosure *closure, MarlStore *from,
                                 MarlError *err) MARL_NODISCARD;

#endif
