/* Checkpoint files of a run folder: checkpoint_<update>.h5, and `latest`, a text file with the name
 * of the newest. A checkpoint is whole or absent (marl/core/store.h); `latest` changes after it. */
#ifndef MARL_RUN_CHECKPOINT_H
#define MARL_RUN_CHECKPOINT_H

#include <mpi.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "marl/core/provenance.h"

/* Open for reading: a checkpoint file, or a run folder's newest. MARL_EIO that names the file if
 * it is absent, truncated, or not a checkpoint of this program. */
MarlCode marl_checkpoint_open(const char *path, MarlStore **out, MarlError *err) MARL_NODISCARD;

/* Begin a file of this format outside a run folder; marl_store_commit ends it. `provenance` may be
 * NULL (marl_provenance_write). */
MarlCode marl_checkpoint_begin(const char *path, const MarlProvenance *provenance, MarlStore **out,
                               MarlError *err) MARL_NODISCARD;

/* Begin checkpoint `update` of a folder; fill it, marl_store_commit it, then announce it: `latest`
 * names it, and all but the newest `keep` files are removed. */
MarlCode marl_checkpoint_create(const char *folder, int64_t update,
                                const MarlProvenance *provenance, MarlStore **out,
                                MarlError *err) MARL_NODISCARD;
MarlCode marl_checkpoint_announce(const char *folder, int64_t update, int keep,
                                  MarlError *err) MARL_NODISCARD;

/* Updates that the folder has a checkpoint file of, newest first; what `latest` names comes before
 * all. Malloc'd, caller frees; *count may be 0. */
MarlCode marl_checkpoint_list(const char *folder, int64_t **updates, size_t *count,
                              MarlError *err) MARL_NODISCARD;

/* What resumes from a folder. Extend it base first. */
typedef struct MarlCheckpointReader MarlCheckpointReader;
struct MarlCheckpointReader {
  /* Takes the checkpoint file over, on every rank. MARL_EIO is the file's own fault: an older one
   * may stand in and overwrites what this one left. */
  MarlCode (*load)(MarlCheckpointReader *reader, const char *path, MarlError *err);
  /* On rank 0, with a sentence about a file that is passed over; NULL: nobody listens. */
  void (*note)(MarlCheckpointReader *reader, const char *sentence);
};

/* The folder's newest checkpoint that can be read, or an older one if it is damaged. Collective over
 * comm; *found is false if the folder has none, MARL_EIO if none can be read. */
MarlCode marl_checkpoint_resume(const char *folder, MarlCheckpointReader *reader, MPI_Comm comm,
                                bool *found, MarlError *err) MARL_NODISCARD;

/* Malloc'd path of a checkpoint file, NULL if out of memory. */
char *marl_checkpoint_path(const char *folder, int64_t update);

#endif
