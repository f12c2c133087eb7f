/* What the two Adams-Bashforth schemes share: the weights of N and N_old, and what ends a column. */
#ifndef MARL_PHYSICS_ADAMS_BASHFORTH_H
#define MARL_PHYSICS_ADAMS_BASHFORTH_H

#include "physics/forcing.h"
#include "physics/solver_internal.h"

/* One step; the context of its update of columns. */
typedef struct MarlAdamsBashforth {
  MarlSolver *s;
  MarlDamping damping; /* of the start of the step */
  MarlRun run[2];
  double newest, oldest; /* weights of N and N_old, times dt; the first step takes N_old = N */
} MarlAdamsBashforth;

static inline void marl_adams_bashforth_step(MarlSolver *s, MarlColumnUpdate update) {
  MarlAdamsBashforth step = {.s = s, .damping = marl_solver_damping(s)};
  step.newest = s->has_memory ? 1.5 * s->dt : s->dt;
  step.oldest = s->has_memory ? 0.5 * s->dt : 0;
  marl_solver_runs(s, step.run);
  marl_advection_advance(s->advection, update, &step);
  s->has_memory = true;
}

/* Column i of the new vorticity: no mean, and its kick. */
static inline const MarlComplex *marl_adams_bashforth_end(const MarlSolver *s, int i,
                                                          MarlComplex *w) {
  if (s->grid->k0 + i == 0) w[0] = 0;
  marl_forcing_kick(&s->params.forcing, s->grid, s->noise_modes, s->params.key, s->steps, s->dt, i,
                    w);
  return w;
}

#endif
