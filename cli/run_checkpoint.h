/* Checkpoints of a run folder, collectively: rank 0 holds the files. Numbered by anything that rises
 * during the run. And what a configuration must share with the checkpoint it resumes. */
#ifndef MARL_CLI_RUN_CHECKPOINT_H
#define MARL_CLI_RUN_CHECKPOINT_H

#include <stdint.h>

#include "cli/run_folder.h"
#include "marl/core/store.h"

enum { MARL_KEPT_CHECKPOINTS = 2 }; /* of commands without an option for it */

/* *store becomes an open checkpoint to fill on rank 0, NULL on the others. */
MarlCode marl_run_checkpoint_begin(const MarlRunFolder *folder, int64_t number, MPI_Comm comm,
                                   MarlStore **store, MarlError *err) MARL_NODISCARD;
/* `code` says whether filling it succeeded: if not, it is dropped and the code handed on. The newest
 * `keep` files stay. */
MarlCode marl_run_checkpoint_end(const MarlRunFolder *folder, int64_t number, int keep,
                                 MPI_Comm comm, MarlStore **store, MarlCode code,
                                 MarlError *err) MARL_NODISCARD;

/* The newest whole checkpoint on rank 0, NULL on the others; close it with marl_store_close. Tells
 * of each that is not whole. MARL_EIO if there is none. */
MarlCode marl_run_checkpoint_newest(const MarlRunFolder *folder, MPI_Comm comm, MarlStore **store,
                                    MarlError *err) MARL_NODISCARD;

/* Every value of the configuration but those of the options `changeable` ("env.cycles", ...,
 * NULL-terminated), as attributes. Serial. */
MarlCode marl_run_identity_save(const MarlConfig *config, const char *const *changeable,
                                MarlStore *to, MarlError *err) MARL_NODISCARD;
/* MARL_ECONFIG that names the first value which is not the one of the checkpoint. */
MarlCode marl_run_identity_check(const MarlConfig *config, const char *const *changeable,
                                 MarlStore *from, MarlError *err) MARL_NODISCARD;

/* Has any rank been asked to stop? */
bool marl_run_interrupted(MPI_Comm comm);

#endif
