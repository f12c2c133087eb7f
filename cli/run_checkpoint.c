#include "cli/flow_checkpoint.h"

#include <stdlib.h>

#include "cli/interrupt.h"
#include "marl/core/comm.h"
#include "marl/learn/checkpoint.h"

enum { KEPT_CHECKPOINTS = 2 };

MarlCode marl_flow_checkpoint_begin(const MarlRunFolder *folder, int64_t number, MPI_Comm comm,
                                    MarlStore **store, MarlError *err) {
  MarlCode code = MARL_OK;
  *store = NULL;
  if (marl_comm_rank(comm) == 0) code = marl_checkpoint_create(folder->path, number, store, err);
  return marl_comm_agree(comm, code, err);
}

MarlCode marl_flow_checkpoint_end(const MarlRunFolder *folder, int64_t number, MPI_Comm comm,
                                  MarlStore **store, MarlCode code, MarlError *err) {
  if (*store != NULL && code == MARL_OK)
    code = marl_checkpoint_commit(store, folder->path, number, KEPT_CHECKPOINTS, err);
  if (*store != NULL) marl_store_close(store);
  return marl_comm_agree(comm, code, err);
}

static MarlCode open_newest(const MarlRunFolder *folder, MarlStore **store, MarlError *err) {
  int64_t *numbers;
  size_t count;
  MARL_TRY(marl_checkpoint_list(folder->path, &numbers, &count, err));
  for (size_t i = 0; i < count && *store == NULL; ++i) {
    MarlError broken;
    char *path = marl_checkpoint_path(folder->path, numbers[i]);
    if (path != NULL && marl_checkpoint_open(path, store, &broken) != MARL_OK)
      marl_log_note(folder->log, "%s; trying the one before", broken.message);
    free(path);
  }
  free(numbers);
  if (*store != NULL) return MARL_OK;
  return MARL_FAIL(err, MARL_EIO, "%s holds no whole checkpoint; start the run anew", folder->path);
}

MarlCode marl_flow_checkpoint_newest(const MarlRunFolder *folder, MPI_Comm comm, MarlStore **store,
                                     MarlError *err) {
  MarlCode code = MARL_OK;
  *store = NULL;
  if (marl_comm_rank(comm) == 0) code = open_newest(folder, store, err);
  return marl_comm_agree(comm, code, err);
}

bool marl_flow_interrupted(MPI_Comm comm) {
  int requested = marl_interrupt_requested() ? 1 : 0;
  MPI_Allreduce(MPI_IN_PLACE, &requested, 1, MPI_INT, MPI_MAX, comm);
  return requested != 0;
}
