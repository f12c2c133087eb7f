/* Which coefficients of a closure an agent sets
 *
 * Coefficient c of an action set is that of one linear damping (physics/damping.h) of the flow:
 *   nu_c(x, y) = C_c(x, y) unit(c), unit(c) the nu_c of C_c = 1 from scales of the flow,
 * and an action a in [-1, 1] gives C = center + scale a.
 *
 * To add a set: envs/turbulence/action_<name>.c, a line in action_table.c, a test; or
 * marl_register_action from a program of your own (docs/plugins.md). */
#ifndef MARL_ENVS_TURBULENCE_ACTION_H
#define MARL_ENVS_TURBULENCE_ACTION_H

#include "envs/turbulence/observation.h"

typedef struct MarlActionTerm {
  MarlDampingTerm damping; /* with the stress -2 nu_c L S, S the strain */
  bool any_sign; /* else C is 0 where it would be negative, at the agents and between them */
  /* Working constants to start from, and how far an action of one moves from them. */
  double center, scale;
} MarlActionTerm;

struct MarlActionOps {
  MARL_PLUGIN; /* formula: what each coefficient is; no options */
  int num_coefficients;
  MarlActionTerm term[MARL_MAX_COEFFICIENTS];
  double (*unit)(const MarlObserver *observer, int c);
};

/* The sets by name (action_table.c) and those that a program has registered. */
extern MarlKind marl_kind_actions;
MarlCode marl_register_action(const MarlActionOps *ops, MarlError *err) MARL_NODISCARD;

#endif
