/* Checkpoints of a run folder, collectively: rank 0 holds the files. Numbered by anything that rises
 * during the run. */
#ifndef MARL_RUN_SAVING_H
#define MARL_RUN_SAVING_H

#include <stdint.h>

#include "marl/core/store.h"
#include "marl/run/folder.h"

enum { MARL_KEPT_CHECKPOINTS = 2 }; /* of commands without an option for it */

/* *store becomes an open checkpoint to fill on rank 0, NULL on the others. MARL_EBUSY if the folder
 * is no longer this program's, here and when the file is about to take its name. */
MarlCode marl_run_checkpoint_begin(const MarlRunFolder *folder, int64_t number, MPI_Comm comm,
                                   MarlStore **store, MarlError *err) MARL_NODISCARD;
/* `code` says whether filling it succeeded: if not, it is dropped and the code handed on. The newest
 * `keep` files stay. */
MarlCode marl_run_checkpoint_end(const MarlRunFolder *folder, int64_t number, int keep,
                                 MPI_Comm comm, MarlStore **store, MarlCode code,
                                 MarlError *err) MARL_NODISCARD;

/* Collective; `from` is rank 0's, NULL elsewhere. MARL_EIO is the file's own fault. */
typedef MarlCode MarlRunLoad(void *state, MarlStore *from, MarlError *err);

/* Load the newest checkpoint that can be read, each rank opening it itself if `everywhere`, and tell of each that cannot. *found is false if the
 * folder has none (it was killed before the first): the run begins anew, and a note says so. */
MarlCode marl_run_checkpoint_resume(const MarlRunFolder *folder, bool everywhere, MPI_Comm comm,
                                    MarlRunLoad *load, void *state, bool *found,
                                    MarlError *err) MARL_NODISCARD;

/* For a state that every rank holds whole: each rank calls `load` with a copy of rank 0's `from`, an
 * open file or group; NULL elsewhere. Collective; `load` is rank-local here. */
MarlCode marl_run_checkpoint_each(MarlStore *from, MPI_Comm comm, MarlRunLoad *load, void *state,
                                  MarlError *err) MARL_NODISCARD;

/* Has any rank been asked to stop? */
bool marl_run_interrupted(MPI_Comm comm);

/* Checkpoints by rank 0's clock, beside those by the run's own count: a checkpoint never changes what
 * is computed, so when it is written is free. */
typedef struct MarlRunClock {
  double minutes; /* between two checkpoints; 0: never by the clock */
  double last;    /* s of marl_timer_seconds; 0: begins now */
} MarlRunClock;
bool marl_run_clock_due(MarlRunClock *clock, MPI_Comm comm);

#endif
