/* The runs of a comparison, dealt to ranks as they get free, with everything that a kill must not lose in
 * DIR/jobs: cell_<cell>_rank_<rank>.h5 has the finished runs that a rank knows of a cell, and
 * run_<job>.h5 a run under way. Any number of ranks goes on from them. */
#ifndef MARL_CLI_COMPARE_JOBS_H
#define MARL_CLI_COMPARE_JOBS_H

#include "marl/compare/report.h"
#include "marl/run/folder.h"

typedef struct MarlCompareWork {
  const MarlComparison *comparison;
  const MarlComparisonResults *results; /* all of them on rank 0 afterwards */
  const MarlRunFolder *folder;
  MPI_Comm comm;
} MarlCompareWork;

/* Collective. MARL_ESTOPPED on all ranks when a signal asked any of them to stop: what there is is then
 * saved. */
MarlCode marl_compare_jobs_do(const MarlCompareWork *work, MarlError *err) MARL_NODISCARD;
/* DIR/jobs is no longer needed. Serial. */
void marl_compare_jobs_remove(const MarlRunFolder *folder);

#endif
