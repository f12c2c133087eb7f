#include "marl/run/saving.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "marl/core/comm.h"
#include "marl/core/store_shared.h"
#include "marl/run/checkpoint.h"
#include "marl/run/interrupt.h"

MarlCode marl_run_checkpoint_begin(const MarlRunFolder *folder, int64_t number, MPI_Comm comm,
                                   MarlStore **store, MarlError *err) {
  MarlCode code = MARL_OK;
  *store = NULL;
  if (marl_comm_rank(comm) == 0) {
    code = marl_run_folder_check(folder, err);
    if (code == MARL_OK)
      code = marl_checkpoint_create(folder->path, number, &folder->provenance, store, err);
  }
  return marl_comm_agree(comm, code, err);
}

MarlCode marl_run_checkpoint_end(const MarlRunFolder *folder, int64_t number, int keep,
                                 MPI_Comm comm, MarlStore **store, MarlCode code, MarlError *err) {
  if (*store != NULL && code == MARL_OK) code = marl_run_folder_check(folder, err);
  const bool writes = *store != NULL;
  if (writes && code == MARL_OK) code = marl_store_commit(store, err);
  if (writes && code == MARL_OK)
    code = marl_run_folder_check(folder, err); /* the disk took a while */
  if (writes && code == MARL_OK) code = marl_checkpoint_announce(folder->path, number, keep, err);
  if (*store != NULL) marl_store_close(store);
  return marl_comm_agree(comm, code, err);
}

/* Base first: rank 0 reads the file, and all load it, or it leaves the reading to others. */
typedef struct Opener {
  MarlCheckpointReader base;
  const MarlRunFolder *folder;
  bool everywhere;
  MPI_Comm comm;
  MarlRunLoad *load;
  void *state;
  char unlike[MARL_PROVENANCE_UNLIKE]; /* of the file that was opened last */
} Opener;

static MarlCode open_and_load(MarlCheckpointReader *reader, const char *path, MarlError *err) {
  Opener *opener = (Opener *)reader;
  MarlStore *store = NULL;
  MarlCode code = MARL_OK;
  if (opener->everywhere) MARL_TRY(marl_store_share(path, opener->comm, err));
  if (opener->everywhere || marl_comm_rank(opener->comm) == 0)
    code = marl_checkpoint_open(path, &store, err);
  if (code == MARL_OK && store != NULL) marl_provenance_unlike(store, opener->unlike);
  code = marl_comm_agree(opener->comm, code, err);
  if (code == MARL_OK) code = opener->load(opener->state, store, err);
  if (store != NULL) marl_store_close(&store);
  if (opener->everywhere) marl_store_unshare(path);
  return code;
}

static void note(MarlCheckpointReader *reader, const char *sentence) {
  marl_log_note(((Opener *)reader)->folder->log, "%s", sentence);
}

MarlCode marl_run_checkpoint_resume(const MarlRunFolder *folder, bool everywhere, MPI_Comm comm,
                                    MarlRunLoad *load, void *state, bool *found, MarlError *err) {
  Opener opener = {{open_and_load, note}, folder, everywhere, comm, load, state, ""};
  MARL_TRY(marl_checkpoint_resume(folder->path, &opener.base, comm, found, err));
  if (!*found) marl_log_note(folder->log, "there is no checkpoint yet: the run begins anew");
  if (*found && opener.unlike[0] != '\0')
    marl_log_note(folder->log,
                  "the checkpoint is of another %s: what follows may differ by round-off from a "
                  "run that was never "
                  "stopped",
                  opener.unlike);
  return MARL_OK;
}

/* Bytes of `from` as a file in memory that holds it as the group "state"; malloc'd. */
static MarlCode pack(MarlStore *from, void **bytes, size_t *size, MarlError *err) {
  MarlStore *memory;
  MARL_TRY(marl_store_create_memory(&memory, err));
  MarlCode code = marl_store_copy(from, memory, "state", err);
  if (code == MARL_OK) code = marl_store_image(memory, bytes, size, err);
  marl_store_close(&memory);
  return code;
}

static MarlCode unpack(const void *bytes, size_t size, MarlRunLoad *load, void *state,
                       MarlError *err) {
  MarlStore *memory, *group;
  MARL_TRY(marl_store_open_image(bytes, size, &memory, err));
  MarlCode code = marl_store_group_open(memory, "state", &group, err);
  if (code == MARL_OK) {
    code = load(state, group, err);
    marl_store_close(&group);
  }
  marl_store_close(&memory);
  return code;
}

MarlCode marl_run_checkpoint_each(MarlStore *from, MPI_Comm comm, MarlRunLoad *load, void *state,
                                  MarlError *err) {
  void *bytes = NULL;
  size_t size = 0;
  MarlCode code = from == NULL ? MARL_OK : pack(from, &bytes, &size, err);
  MARL_TRY(marl_comm_agree(comm, code, err));
  uint64_t shared = size;
  MPI_Bcast(&shared, 1, MPI_UINT64_T, 0, comm);
  if (from == NULL && (bytes = malloc((size_t)shared)) == NULL)
    code = MARL_FAIL(err, MARL_EMEMORY, "no memory for a checkpoint of %zu bytes", (size_t)shared);
  code = marl_comm_agree(comm, code, err);
  if (code == MARL_OK) {
    MPI_Bcast(bytes, (int)shared, MPI_BYTE, 0, comm);
    code = unpack(bytes, (size_t)shared, load, state, err);
    code = marl_comm_agree(comm, code, err);
  }
  free(bytes);
  return code;
}

bool marl_run_interrupted(MPI_Comm comm) {
  int requested = marl_interrupt_requested() ? 1 : 0;
  MPI_Allreduce(MPI_IN_PLACE, &requested, 1, MPI_INT, MPI_MAX, comm);
  return requested != 0;
}

bool marl_run_clock_due(MarlRunClock *clock, MPI_Comm comm) {
  if (!(clock->minutes > 0)) return false;
  const double now = marl_timer_seconds();
  if (clock->last == 0) clock->last = now;
  int due = now - clock->last >= 60 * clock->minutes ? 1 : 0;
  MPI_Bcast(&due, 1, MPI_INT, 0, comm);
  if (due != 0) clock->last = now;
  return due != 0;
}
