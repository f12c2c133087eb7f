/* Checkpoints of a flow's run folder, collectively: rank 0 holds the files. Numbered by anything
 * that rises during the run. */
#ifndef MARL_CLI_FLOW_CHECKPOINT_H
#define MARL_CLI_FLOW_CHECKPOINT_H

#include <stdint.h>

#include "cli/run_folder.h"
#include "marl/core/store.h"

/* *store becomes an open checkpoint to fill on rank 0, NULL on the others. */
MarlCode marl_flow_checkpoint_begin(const MarlRunFolder *folder, int64_t number, MPI_Comm comm,
                                    MarlStore **store, MarlError *err) MARL_NODISCARD;
/* `code` says whether filling it succeeded: if not, it is dropped and the code handed on. */
MarlCode marl_flow_checkpoint_end(const MarlRunFolder *folder, int64_t number, MPI_Comm comm,
                                  MarlStore **store, MarlCode code, MarlError *err) MARL_NODISCARD;

/* The newest whole checkpoint on rank 0, NULL on the others; close it with marl_store_close. Tells
 * of each that is not whole. MARL_EIO if there is none. */
MarlCode marl_flow_checkpoint_newest(const MarlRunFolder *folder, MPI_Comm comm, MarlStore **store,
                                     MarlError *err) MARL_NODISCARD;

/* Has any rank been asked to stop? */
bool marl_flow_interrupted(MPI_Comm comm);

#endif
