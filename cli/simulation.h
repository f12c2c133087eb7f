/* A flow that runs from a configuration: solver, closure, statistics and series as one state that
 * can be saved and resumed exactly. */
#ifndef MARL_CLI_SIMULATION_H
#define MARL_CLI_SIMULATION_H

#include "cli/flow_series.h"
#include "marl/core/config.h"
#include "marl/run/folder.h"
#include "physics/initial.h"
#include "physics/statistics.h"

/* What `marl simulate` reads; times in T, 0: never. */
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
  double checkpoint_minutes; /* of the clock */
} MarlSimulationPlan;

/* Claim every section that a simulation may read. */
MarlCode marl_simulation_claim(MarlConfig *config, MarlError *err) MARL_NODISCARD;
/* Claim, check and read. Texts are borrowed from the config. */
MarlCode marl_simulation_plan(MarlConfig *config, MarlSimulationPlan *plan,
                              MarlError *err) MARL_NODISCARD;

typedef struct MarlSimulation {
  const MarlSimulationPlan *plan; /* borrowed */
  MPI_Comm comm;
  MarlSolver *solver;
  MarlClosure *closure;
  MarlStatistics *statistics; /* NULL without statistics_every */
  MarlFlowSeries series;
} MarlSimulation;

/* All are collective over comm. The flow is at rest until a field or a state is loaded. */
MarlCode marl_simulation_init(MarlSimulation *simulation, const MarlSimulationPlan *plan,
                              MPI_Comm comm, MarlError *err) MARL_NODISCARD;
void marl_simulation_clear(MarlSimulation *simulation);

/* Start from the plan's initial field: the first row and the first field are due at time 0. */
MarlCode marl_simulation_start(MarlSimulation *simulation, const MarlRunFolder *folder,
                               MarlError *err) MARL_NODISCARD;
/* Go on for a short stretch, at most to the next time at which anything is due, and do that, files in
 * `folder`. *checkpoint says
 * whether a checkpoint is due too. */
MarlCode marl_simulation_advance(MarlSimulation *simulation, const MarlRunFolder *folder,
                                 bool *checkpoint, MarlError *err) MARL_NODISCARD;
bool marl_simulation_finished(const MarlSimulation *simulation);

/* Exact state; the store is rank 0's, NULL elsewhere. */
MarlCode marl_simulation_save(const MarlSimulation *simulation, MarlStore *to,
                              MarlError *err) MARL_NODISCARD;
MarlCode marl_simulation_load(MarlSimulation *simulation, MarlStore *from,
                              MarlError *err) MARL_NODISCARD;

#endif
