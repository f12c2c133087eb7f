/* One large lattice over its cycles: series, checkpoints and where it stands. */
#ifndef MARL_CLI_LATTICE_RUN_H
#define MARL_CLI_LATTICE_RUN_H

#include "cli/lattice_series.h"
#include "marl/run/saving.h"

typedef struct MarlLatticeRun {
  const MarlRunFolder *folder; /* borrowed */
  MPI_Comm comm;
  MarlLatticeParams params;
  MarlLattice *lattice;     /* owned */
  MarlLatticeSeries series; /* rank 0 */
  int64_t seed;
  int cycle, cycles, steps;   /* done; in all; of a cycle */
  MarlLatticeCounts part;     /* of the cycle that is under way: a signal may fall into it */
  int stretch;                /* steps between two looks at signals and the clock */
  int checkpoint_every, keep; /* cycles, 0: at the end only; files */
  MarlRunClock clock;
} MarlLatticeRun;

/* Collective. `run` holds everything but lattice, series and cycle. */
MarlCode marl_lattice_run_init(MarlLatticeRun *run, MarlError *err) MARL_NODISCARD;
void marl_lattice_run_clear(MarlLatticeRun *run);

/* Collective: go on from the folder's newest checkpoint that can be read; without any the run begins
 * anew. MARL_ECONFIG if env.cycles is less than what has been done. */
MarlCode marl_lattice_run_resume(MarlLatticeRun *run, MarlError *err) MARL_NODISCARD;

/* Collective: until the last cycle or a signal (MARL_ESTOPPED), with a checkpoint at either. */
MarlCode marl_lattice_run_follow(MarlLatticeRun *run, MarlError *err) MARL_NODISCARD;

#endif
