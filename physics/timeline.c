#include "physics/timeline.h"

#include <math.h>

/* A multiple counts when the time is below it by its rounding alone: a few 2^-53 of the time, and a
 * thousand-millionth of the interval, which is less than any step. */
static double slack(double intervals) {
  return 1e-9 + 0x1p-50 * intervals;
}

int64_t marl_timeline_count(double time, double every) {
  const double intervals = time / every;
  return (int64_t)floor(intervals + slack(intervals));
}

double marl_timeline_next(double time, double every) {
  if (!(every > 0.0)) return (double)INFINITY;
  return (double)(marl_timeline_count(time, every) + 1) * every;
}

bool marl_timeline_due(double before, double after, double every) {
  return every > 0.0 && marl_timeline_count(after, every) > marl_timeline_count(before, every);
}

double marl_timeline_stretch(const MarlSolver *solver) {
  const double points = 2e7; /* about a second of one core */
  const MarlGrid *grid = marl_solver_grid(solver);
  const double steps = floor(points / ((double)grid->nx * (double)grid->ny));
  return marl_solver_time(solver) + fmin(fmax(steps, 1.0), 1000.0) * marl_solver_dt(solver);
}
