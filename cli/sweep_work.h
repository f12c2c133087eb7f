/* A sweep under way: its plan, where it is, and what is known of its runs. */
#ifndef MARL_CLI_SWEEP_WORK_H
#define MARL_CLI_SWEEP_WORK_H

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
  MarlSweepResult *results; /* [num_runs], of a population [rounds, num_runs]; of all runs on all
                             * ranks afterwards */
} MarlSweepWork;

/* Everything that a run would refuse of its configuration. Writes nothing. Collective. */
MarlCode marl_sweep_check(const MarlSweepPlan *plan, MPI_Comm comm, MarlError *err) MARL_NODISCARD;

#endif
