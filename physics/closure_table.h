/* The closures of this folder. */
#ifndef MARL_PHYSICS_CLOSURE_TABLE_H
#define MARL_PHYSICS_CLOSURE_TABLE_H

#include "physics/closure.h"

extern const MarlClosureOps marl_closure_none;
extern const MarlClosureOps marl_closure_smagorinsky;
extern const MarlClosureOps marl_closure_leith;
extern const MarlClosureOps marl_closure_dynamic_smagorinsky;
extern const MarlClosureOps marl_closure_dynamic_leith;
extern const MarlClosureOps marl_closure_jansen_held;
extern const MarlClosureOps marl_closure_free_constants;
extern const MarlClosureOps marl_closure_gradient2;
extern const MarlClosureOps marl_closure_gradient4;
extern const MarlClosureOps marl_closure_anticipated;
extern const MarlClosureOps marl_closure_subgrid_enstrophy;

#endif
