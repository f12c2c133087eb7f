/* A high-resolution run that becomes a reference file (reference.h)
 *
 * Three phases: spin-up on a coarser grid, spin-up on the grid itself, and sampling, in which
 * statistics are taken every sample_every and initial fields spread over all of them. The
 * whole state can be saved between two stretches; a resumed run gives the same file bit for bit,
 * also when it had ended and is now to be longer. */
#ifndef MARL_PHYSICS_REFERENCE_RUN_H
#define MARL_PHYSICS_REFERENCE_RUN_H

#include "physics/statistics.h"

enum { MARL_REFERENCE_MAX_INITIAL = 8, MARL_REFERENCE_MAX_SAMPLES = 1024 };

typedef struct MarlReferenceRunParams {
  MarlSolverParams flow;
  int coarse_n;        /* grid of the first phase; 0: none */
  double coarse_time;  /* T */
  double spinup;       /* T, on the grid itself */
  double sampling;     /* T, length of the sampling phase */
  double sample_every; /* T */
  MarlStatisticsParams statistics;
  int num_initial_sizes;
  int initial_sizes[MARL_REFERENCE_MAX_INITIAL];
  int initial_samples; /* of each size */
  int held_out;        /* the last ones of them */
} MarlReferenceRunParams;

typedef enum MarlReferencePhase {
  MARL_REFERENCE_COARSE,
  MARL_REFERENCE_SPINUP,
  MARL_REFERENCE_SAMPLING,
  MARL_REFERENCE_DONE,
} MarlReferencePhase;

typedef struct MarlReferenceRun MarlReferenceRun;

/* Collective over comm, as are all others. The flow is at rest: set the vorticity of
 * marl_reference_run_solver, unless a state is loaded. */
MarlCode marl_reference_run_create(const MarlReferenceRunParams *params, MPI_Comm comm,
                                   MarlReferenceRun **out, MarlError *err) MARL_NODISCARD;
void marl_reference_run_destroy(MarlReferenceRun **run);

MarlReferencePhase marl_reference_run_phase(const MarlReferenceRun *run);
MarlSolver *marl_reference_run_solver(MarlReferenceRun *run); /* of the current phase */
const MarlStatistics *marl_reference_run_statistics(const MarlReferenceRun *run);
/* Flow time over all phases, and their sum. */
double marl_reference_run_time(const MarlReferenceRun *run);
double marl_reference_run_end(const MarlReferenceRun *run);

/* Go on for a short stretch (timeline.h), at most to the next sample or the end of the phase. */
MarlCode marl_reference_run_advance(MarlReferenceRun *run, MarlError *err) MARL_NODISCARD;

/* Exact state. `to` is NULL on other ranks than 0, as for the solver; `from` likewise. Loading may
 * be into a run of another length: MARL_ECONFIG if it was sampled beyond its end already. */
MarlCode marl_reference_run_save(const MarlReferenceRun *run, MarlStore *to,
                                 MarlError *err) MARL_NODISCARD;
MarlCode marl_reference_run_load(MarlReferenceRun *run, MarlStore *from,
                                 MarlError *err) MARL_NODISCARD;

/* Statistics, initial fields and the attributes of the flow into the root group of a file. Serial:
 * rank 0. */
MarlCode marl_reference_run_write(const MarlReferenceRun *run, MarlStore *to,
                                  MarlError *err) MARL_NODISCARD;

#endif
