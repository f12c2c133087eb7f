/* The trainings of a sweep, dealt to ranks as they get free, each in a run folder of its own:
 * DIR/runs/point_0003_seed_1. What a kill leaves, any number of ranks goes on from. */
#ifndef MARL_CLI_SWEEP_RUNS_H
#define MARL_CLI_SWEEP_RUNS_H

#include <mpi.h>

#include "cli/arguments.h"
#include "cli/sweep_plan.h"
#include "marl/core/log.h"

/* What there is to know of a run. Plain bytes; all zero: nothing yet. */
typedef struct MarlSweepResult {
  int64_t updates; /* that it was trained for; 0: not at all */
  int64_t failed;  /* 1: it ended with numbers that are none, and its log.txt says which */
  double score;    /* NaN where no episode ended, or it failed */
} MarlSweepResult;

typedef struct MarlSweepWork {
  const MarlArguments *arguments; /* of the command line, for the runs' records */
  const MarlSweepPlan *plan;
  const char *path, *folder; /* of the configuration; of the sweep */
  int part, parts;           /* runs r with r % parts == part only */
  MarlLog *log;              /* or NULL */
  MPI_Comm comm;
  MarlSweepResult *results; /* [num_runs], of all runs on all ranks afterwards */
} MarlSweepWork;

/* Everything that a run would refuse of its configuration. Writes nothing. Collective. */
MarlCode marl_sweep_check(const MarlSweepPlan *plan, MPI_Comm comm, MarlError *err) MARL_NODISCARD;
/* All runs, rung by rung. Collective. MARL_ESTOPPED, on all ranks, when a signal asked any of them to
 * stop: everything is saved. */
MarlCode marl_sweep_runs_do(const MarlSweepWork *work, MarlError *err) MARL_NODISCARD;
/* Fills in what the runs' folders say; the number of runs that are not at their end. Rank-local. */
int marl_sweep_missing(const MarlSweepWork *work);

/* DIR/sweep.csv: a row a run. Serial. */
MarlCode marl_sweep_write(const MarlSweepWork *work, MarlError *err) MARL_NODISCARD;
/* The point with the best mean score over its seeds, and that mean; -1 where none has a score. */
int marl_sweep_best(const MarlSweepWork *work, double *mean);

#endif
