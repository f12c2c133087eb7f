/* The folder that holds one run: config.yaml (resolved), provenance.jsonl (what ran where), log.txt,
 * a lock (lock.h) and whatever the command adds. A run never overwrites another one.
 *
 *   (claim and check everything)
 *   marl_run_folder_choose(...)   which; a resumed one is checked (rule.h)
 *   marl_run_folder_open(...)     lock; a new run is recorded
 *   (load the newest checkpoint)
 *   marl_run_folder_accept(...)   the configuration of a resumed run is recorded
 *   ... marl_run_folder_check(...) before whatever is written
 *   marl_run_folder_end(...)
 *
 * `--resume DIR` continues a run; `--out DIR --continue` begins one or continues it, whichever is
 * due. A run that resumes with another configuration than before (as far as its command allows)
 * keeps the older one as config-<n>.yaml, with the date until which it was in force.
 *
 * All functions are collective over comm, unless it says otherwise; rank 0 touches the files. */
#ifndef MARL_RUN_FOLDER_H
#define MARL_RUN_FOLDER_H

#include <mpi.h>

#include "marl/core/log.h"
#include "marl/core/provenance.h"
#include "marl/run/lock.h"
#include "marl/run/record.h"

typedef struct MarlRunFolder {
  char path[MARL_MAX_PATH];
  bool resumed;
  MarlProvenance provenance; /* of every file that goes into the folder */
  MarlLog *log;              /* owned; NULL on other ranks than 0: every log function takes that */
  MarlRunLock *lock;         /* owned, rank 0 */
  MarlRunLease lease;        /* of the lock, on every rank */
} MarlRunFolder;

/* What a command knows of its run. All is borrowed. */
typedef struct MarlRunStart {
  MarlRunRequest request;
  const MarlConfig *config;
  const char *config_path;       /* NULL: there was no file */
  int64_t seed;                  /* of the folder's default name */
  const char *const *changeable; /* options that may change on resume, NULL-terminated */
} MarlRunStart;

/* *out becomes the folder of the run that is to be continued (borrowed from the request), NULL if
 * one begins. */
MarlCode marl_run_folder_to_continue(const MarlRunRequest *request, MPI_Comm comm, const char **out,
                                     MarlError *err) MARL_NODISCARD;

/* Call once the configuration is checked (marl_config_finish), so that a mistake leaves nothing behind.
 * The folder is --resume DIR, or --out DIR, or runs/<name of config_path>-<seed>. A new run needs it
 * to be without files that a run could overwrite (MARL_ECONFIG names one); others, such as a
 * scheduler's log, do no harm; the configuration of one that is resumed is checked (rule.h).
 * Writes nothing. */
MarlCode marl_run_folder_choose(const MarlRunStart *start, MPI_Comm comm, MarlRunFolder *folder,
                                MarlError *err) MARL_NODISCARD;
/* Locks it (MARL_EBUSY if another program holds it), checks again, opens the log; a new run is
 * recorded. */
MarlCode marl_run_folder_open(const MarlRunStart *start, MPI_Comm comm, MarlRunFolder *folder,
                              MarlError *err) MARL_NODISCARD;
/* Records the configuration of a run that resumes, once its state has been loaded: one that the
 * state does not go with must not replace the run's own. Nothing for a new run. */
MarlCode marl_run_folder_accept(const MarlRunStart *start, MPI_Comm comm,
                                const MarlRunFolder *folder, MarlError *err) MARL_NODISCARD;

/* Of a run whose work files are removed last: has an earlier command finished all of it? True if the
 * resumed folder has `result` and no `work` any more. */
bool marl_run_folder_is_done(const MarlRunFolder *folder, const char *work, const char *result,
                             MPI_Comm comm);

/* Before anything is written: is the folder still this program's? MARL_EBUSY if not. Rank-local: a rank
 * that was cut off from the others is asked as well. */
MarlCode marl_run_folder_check(const MarlRunFolder *folder, MarlError *err) MARL_NODISCARD;
/* The same before a row that is appended, of which there may be many a second: the file server is asked
 * once a second at most. *checked is the caller's, 0 at first. */
MarlCode marl_run_folder_check_often(const MarlRunFolder *folder, double *checked,
                                     MarlError *err) MARL_NODISCARD;
/* folder/name. MARL_ECONFIG if that is too long. Rank-local. */
MarlCode marl_run_folder_file(const MarlRunFolder *folder, const char *name,
                              char path[MARL_MAX_PATH], MarlError *err) MARL_NODISCARD;

/* Begin the file `name` of the folder, with its provenance; marl_store_commit ends it. MARL_EBUSY if
 * the folder is no longer this program's. Rank-local. */
MarlCode marl_run_folder_create(const MarlRunFolder *folder, const char *name, MarlStore **out,
                                MarlError *err) MARL_NODISCARD;

/* The end of a run that a signal stopped: MARL_ESTOPPED, with the command that goes on. `where` says
 * how far it came: "at time 3.5". Rank-local. */
MarlCode marl_run_folder_stopped(const MarlRunFolder *folder, const char *command,
                                 const char *where, MarlError *err) MARL_NODISCARD;

/* The code and error with which a run ends whose work has ended with `code`: a failure in a folder that
 * another program has taken over (a file that it removed, say) is that: MARL_EBUSY. */
MarlCode marl_run_folder_cause(const MarlRunFolder *folder, MPI_Comm comm, MarlCode code,
                               MarlError *err) MARL_NODISCARD;
/* Releases the lock; a failure is noted in log.txt. Rank-local. */
void marl_run_folder_end(MarlRunFolder *folder, MarlCode code, const MarlError *err);

#endif
