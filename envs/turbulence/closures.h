/* Every closure there is: those of physics/ and the learned one, which needs a policy and
 * therefore lives here. */
#ifndef MARL_ENVS_TURBULENCE_CLOSURES_H
#define MARL_ENVS_TURBULENCE_CLOSURES_H

#include "physics/closure.h"

extern const MarlClosureOps marl_closure_learned;

/* The agents of a closure that is the learned one, with what they set last; else NULL. */
struct MarlAgentClosure;
const struct MarlAgentClosure *marl_closure_agents(const MarlClosure *closure);

/* T for which a learned closure's policy held an action in its training, where closure.interval is 0 and as many
 * steps of *steps are held here, however long they are; 0: it is said, or another closure. */
double marl_closure_trained_hold(const MarlClosure *closure, int *steps);

/* Those of marl_kind_closures, registered ones too, and the learned closure. */
extern MarlKind marl_kind_all_closures;
MarlCode marl_register_closure(const MarlClosureOps *ops, MarlError *err) MARL_NODISCARD;

/* MARL_ECONFIG, with the known names and the nearest one, when there is no such closure. */
MarlCode marl_all_closures_find(const char *name, const MarlClosureOps **out,
                                MarlError *err) MARL_NODISCARD;

#endif
