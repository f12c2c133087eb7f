#include "physics/timeline.h"

#include <math.h>

/* Round-off of a sum of steps, relative to the interval that is counted. */
static const double slack = 1e-6;

MarlCode marl_timeline_advance(MarlSolver *solver, double until, MarlError *err) {
  const MarlSolverParams *params = marl_solver_params(solver);
  const double tolerance = slack * params->dt;
  for (;;) {
    const double left = until - marl_solver_time(solver);
    if (!(left > tolerance)) return MARL_OK;
    const double steps = params->cfl > 0.0 ? 1.0 : ceil((left - tolerance) / params->dt);
    MARL_TRY(marl_solver_step(solver, (int64_t)fmax(steps, 1.0), err));
  }
}

int64_t marl_timeline_count(double time, double every) {
  return (int64_t)floor(time / every + slack);
}

double marl_timeline_next(double time, double every) {
  if (!(every > 0.0)) return (double)INFINITY;
  return (double)(marl_timeline_count(time, every) + 1) * every;
}

bool marl_timeline_due(double before, double after, double every) {
  return every > 0.0 && marl_timeline_count(after, every) > marl_timeline_count(before, every);
}
