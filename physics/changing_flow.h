/* A flow that changes: a sequence of phases, each with its own forcing, drag, viscosity and beta
 *
 * Phase p holds from its start [T] to that of the next. What a change takes effect on is the first step that begins
 * at its time or later; steps do not carry a tendency of the phase before (marl_solver_change_flow). A
 * change is written TIME:SECTION.KEY=VALUE[:SECTION.KEY=VALUE]... with keys of the sections flow and
 * forcing, e.g. 30:forcing.wavenumber=4, and stays until another change of the same key. */
#ifndef MARL_PHYSICS_CHANGING_FLOW_H
#define MARL_PHYSICS_CHANGING_FLOW_H

#include "marl/core/config.h"
#include "physics/solver.h"

enum { MARL_MAX_PHASES = 16 };

typedef struct MarlChangingFlow {
  int num_phases;                          /* at least 1 */
  double start[MARL_MAX_PHASES];           /* T, rising; the first is 0 */
  MarlSolverParams phase[MARL_MAX_PHASES]; /* all on one grid with one integrator */
} MarlChangingFlow;

/* The phase of the configuration itself, then one a change. MARL_ECONFIG names a change that is wrong: its
 * form, its time, a key of another section. `config` is not claimed. */
MarlCode marl_changing_flow_read(const MarlConfig *config, const char *const *changes,
                                 size_t num_changes, uint64_t seed, MarlChangingFlow *out,
                                 MarlError *err) MARL_NODISCARD;

/* The phase that a time belongs to, up to round-off. */
int marl_changing_flow_phase(const MarlChangingFlow *flow, double time);

/* marl_solver_step_until of a solver that was made of phase[0] and is at *phase; goes through the phases that
 * begin before `until` or at it, and leaves *phase as the current one. Collective. */
MarlCode marl_changing_flow_step_until(const MarlChangingFlow *flow, MarlSolver *solver, int *phase,
                                       double until, MarlError *err) MARL_NODISCARD;

#endif
