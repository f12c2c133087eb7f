/* A flow that runs from a configuration into a run folder: series, fields, statistics, checkpoints.
 *
 *   MarlSimulation simulation;
 *   marl_simulation_init(&simulation, &marl_kind_closures, comm);
 *   marl_job_run(&simulation.base, config, NULL, &request, err);
 *
 * As a job (marl/run/job.h) it is stopped by signals, goes on after any kill and gives the same files
 * then. `marl simulate` is this with the learned closure among the closures. */
#ifndef MARL_PHYSICS_SIMULATION_H
#define MARL_PHYSICS_SIMULATION_H

#include "marl/core/config.h"
#include "marl/core/plugin.h"
#include "marl/run/job.h"
#include "physics/closure_table.h"
#include "physics/flow_series.h"
#include "physics/initial.h"
#include "physics/statistics.h"

/* What the configuration says; times in T, 0: never. */
typedef struct MarlSimulationPlan {
  uint64_t seed;
  MarlSolverParams flow;
  MarlInitial initial;
  const MarlClosureOps *closure;
  const MarlSection *closure_options;
  MarlStatisticsParams statistics;
  double spinup, end;
  unsigned fields; /* MARL_FIELD_ bits of the files of fields */
  double fields_every, series_every, statistics_every, checkpoint_every;
  double checkpoint_minutes, frame_seconds; /* of the clock */
} MarlSimulationPlan;

/* Claim every section that a simulation may read; `closures` are those that it may have. */
MarlCode marl_simulation_claim(MarlConfig *config, const MarlKind *closures,
                               MarlError *err) MARL_NODISCARD;
/* Claim, check and read. Texts are borrowed from the config. */
MarlCode marl_simulation_plan(MarlConfig *config, const MarlKind *closures,
                              MarlSimulationPlan *plan, MarlError *err) MARL_NODISCARD;

/* Base first. */
typedef struct MarlSimulation {
  MarlJob base;
  const MarlKind *closures; /* borrowed */
  MarlSimulationPlan plan;
  MarlSolver *solver;
  MarlClosure *closure;
  MarlStatistics *statistics; /* NULL without statistics_every */
  MarlFlowSeries series;
} MarlSimulation;

extern const MarlJobOps marl_simulation_job;
extern const char *const marl_simulation_changeable[];
void marl_simulation_init(MarlSimulation *simulation, const MarlKind *closures, MPI_Comm comm);

/* Exact state; the store is rank 0's, NULL elsewhere. Collective. */
MarlCode marl_simulation_save(MarlSimulation *simulation, MarlStore *to,
                              MarlError *err) MARL_NODISCARD;
MarlCode marl_simulation_load(MarlSimulation *simulation, MarlStore *from,
                              MarlError *err) MARL_NODISCARD;

#endif
