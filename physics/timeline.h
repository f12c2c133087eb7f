/* Things that are due at regular times
 *
 * What is due follows from the times before and after a stretch alone, so that a resumed run does
 * the same things at the same steps. */
#ifndef MARL_PHYSICS_TIMELINE_H
#define MARL_PHYSICS_TIMELINE_H

#include <stdbool.h>
#include <stdint.h>
#include "physics/solver.h"

/* How many multiples of `every` (> 0) lie in (0, time], up to round-off. */
int64_t marl_timeline_count(double time, double every);
/* The first multiple of `every` after `time`; infinity if every is 0 (never). */
double marl_timeline_next(double time, double every);
/* Has a multiple of `every` passed between two times? false if every is 0. */
bool marl_timeline_due(double before, double after, double every);

/* A time a short stretch of computing ahead, some seconds at most: whoever has to look at signals
 * steps no farther at once. Where a stretch ends changes no step (marl_solver_step_until). */
double marl_timeline_stretch(const MarlSolver *solver);

#endif
