/* What a simulation and a reference read from a configuration beside the flow itself. */
#ifndef MARL_PHYSICS_FLOW_SETUP_H
#define MARL_PHYSICS_FLOW_SETUP_H

#include "marl/core/config.h"
#include "marl/core/log.h"
#include "marl/core/plugin.h"
#include "physics/closure.h"
#include "physics/initial.h"
#include "physics/solver.h"
#include "physics/statistics.h"

extern const MarlOptionTable marl_flow_run_options;        /* section "run" */
extern const MarlOptionTable marl_flow_statistics_options; /* section "statistics" */

/* Seed of the run; claims "run". */
MarlCode marl_setup_seed(MarlConfig *config, uint64_t *seed, MarlError *err) MARL_NODISCARD;

/* Claims "closure": its name, one of `closures`, and the options of that closure. */
MarlCode marl_setup_closure(MarlConfig *config, const MarlKind *closures,
                            const MarlClosureOps **ops, const MarlSection **section,
                            MarlError *err) MARL_NODISCARD;

/* Claims "statistics". `n` is the grid's size: cut sizes of the default list that it does not
 * exceed are left out. */
MarlCode marl_setup_statistics(MarlConfig *config, int n, double sample_every,
                               MarlStatisticsParams *out, MarlError *err) MARL_NODISCARD;

/* A list option of whole numbers into out [max]. */
MarlCode marl_setup_ints(const MarlSection *section, const char *key, int max, int *out, int *count,
                         MarlError *err) MARL_NODISCARD;

/* A line of the log if the bins of the vorticity histogram cannot tell its tails (NULL: none). */
void marl_setup_warn_of_bins(const MarlStatistics *statistics, MarlLog *log);

/* Is the flow small enough to be built for a check alone (a second)? Of a larger one only the numbers
 * are checked. */
bool marl_setup_affordable(const MarlSolverParams *flow);

/* Start the flow from the field of a configuration; what was done to a field from a file is a line of
 * the log. Collective. */
MarlCode marl_setup_start(const MarlInitial *initial, MarlSolver *solver, MarlLog *log,
                          MarlError *err) MARL_NODISCARD;
/* A resumed flow goes on with the time.dt that is asked for now, and the log says so if it is another
 * one (marl_solver_take_dt). */
void marl_setup_take_dt(MarlSolver *solver, MarlLog *log);

#endif
