#include "marl/run/folder.h"
#include "marl/core/path.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "marl/core/build_info.h"
#include "marl/core/comm.h"
#include "marl/run/exit_code.h"
#include "marl/run/record.h"
#include "marl/run/rule.h"

MarlCode marl_run_folder_file(const MarlRunFolder *folder, const char *name,
                              char path[MARL_MAX_PATH], MarlError *err) {
  return marl_run_record_path(folder->path, name, path, err);
}

/* Has the folder the configuration of a run? */
static bool holds_run(const char *folder) {
  char path[MARL_MAX_PATH];
  struct stat status;
  return marl_run_record_path(folder, "config.yaml", path, NULL) == MARL_OK &&
         stat(path, &status) == 0;
}

MarlCode marl_run_folder_to_continue(const MarlRunRequest *request, MPI_Comm comm, const char **out,
                                     MarlError *err) {
  const char *resume = request->resume, *given = request->out;
  const bool either = request->either;
  *out = resume;
  if (resume != NULL && given != NULL)
    return MARL_FAIL(err, MARL_ECONFIG, "--resume continues in its own folder: leave --out away");
  if (resume != NULL && either)
    return MARL_FAIL(err, MARL_ECONFIG, "--resume DIR continues; --continue goes with --out DIR");
  if (either && given == NULL)
    return MARL_FAIL(err, MARL_ECONFIG,
                     "--continue needs --out DIR, the folder that it begins or continues");
  int found = either && marl_comm_rank(comm) == 0 && holds_run(given) ? 1 : 0;
  MPI_Bcast(&found, 1, MPI_INT, 0, comm);
  if (found != 0) *out = given;
  return MARL_OK;
}

/* "runs/<file name without ending>-<seed>" */
static MarlCode default_path(const char *config_path, int64_t seed, char out[MARL_MAX_PATH],
                             MarlError *err) {
  int length;
  const char *name = marl_path_stem(config_path, &length);
  if (snprintf(out, MARL_MAX_PATH, "runs/%.*s-%" PRId64, length, name, seed) < MARL_MAX_PATH)
    return MARL_OK;
  return MARL_FAIL(err, MARL_ECONFIG, "the name '%.80s...' is too long", name);
}

/* The configuration of the run so far, against the one that it is to go on with. */
static MarlCode check_rule(const MarlRunStart *start, const MarlRunFolder *folder, MarlError *err) {
  char path[MARL_MAX_PATH];
  const char *shipped = marl_config_shipped(start->config);
  MarlConfig *recorded;
  MARL_TRY(marl_run_record_path(folder->path, "config.yaml", path, err));
  MARL_TRY(marl_config_load(path, &recorded, err));
  MarlCode code = MARL_OK;
  if (shipped != NULL) code = marl_config_set_shipped(recorded, shipped, err);
  if (code == MARL_OK)
    code = marl_run_rule_check(start->config, recorded, path, start->changeable, err);
  marl_config_destroy(&recorded);
  return code;
}

/* Can this run begin, or go on, in the folder as it is? */
static MarlCode check_content(const MarlRunStart *start, const MarlRunFolder *folder,
                              MarlError *err) {
  if (!folder->resumed) return marl_run_record_refuse_used(folder->path, err);
  MARL_TRY(marl_run_record_require(folder->path, err));
  return check_rule(start, folder, err);
}

MarlCode marl_run_folder_choose(const MarlRunStart *start, MPI_Comm comm, MarlRunFolder *folder,
                                MarlError *err) {
  const MarlRunRequest *request = &start->request;
  const char *run = NULL;
  *folder = (MarlRunFolder){.log = NULL};
  MARL_TRY(marl_run_folder_to_continue(request, comm, &run, err));
  folder->resumed = run != NULL;
  const char *path = run != NULL ? run : request->out;
  if (path == NULL) /* without a file, the command's name */
    MARL_TRY(default_path(start->config_path != NULL ? start->config_path : request->command,
                          start->seed, folder->path, err));
  else if (path[0] == '\0' || snprintf(folder->path, MARL_MAX_PATH, "%s", path) >= MARL_MAX_PATH)
    return MARL_FAIL(err, MARL_ECONFIG, "'%.80s' is no name of a folder", path);
  MarlCode code = MARL_OK;
  if (marl_comm_rank(comm) == 0) code = check_content(start, folder, err);
  return marl_comm_agree(comm, code, err);
}

static MarlCode init_provenance(const MarlRunStart *start, MarlRunFolder *folder, MarlError *err) {
  return marl_provenance_init(&folder->provenance, start->request.command, start->seed,
                              start->config, folder->path, err);
}

/* log.txt alone says when what ran, and how it ended. */
static void tell_session(const MarlRunStart *start, int ranks, const MarlRunFolder *folder) {
  char date[MARL_DATE_SIZE];
  marl_date_now(date);
  marl_log_write(folder->log, "%s=\"%s\" command=\"%s\" ranks=%d commit=\"%s\"",
                 folder->resumed ? "resumed" : "started", date, start->request.command, ranks,
                 marl_build_commit());
}

/* Rank 0. The content again, under the lock: another program may have come in between. */
static MarlCode open_on_root(const MarlRunStart *start, int ranks, MarlRunFolder *folder,
                             MarlError *err) {
  char path[MARL_MAX_PATH], taken_over[256];
  if (!folder->resumed) MARL_TRY(marl_run_record_make(folder->path, err));
  MARL_TRY(
      marl_run_lock_acquire(folder->path, &start->request.claim, &folder->lock, taken_over, err));
  folder->lease = marl_run_lock_lease(folder->lock);
  MARL_TRY(check_content(start, folder, err));
  MARL_TRY(init_provenance(start, folder, err));
  if (!folder->resumed)
    MARL_TRY(marl_run_record_write(folder->path, &start->request, folder->provenance.configuration,
                                   false, ranks, err));
  MARL_TRY(marl_run_record_path(folder->path, "log.txt", path, err));
  MARL_TRY(marl_run_record_renew(path, err));
  MARL_TRY(marl_log_create(path, start->request.quiet, &folder->log, err));
  tell_session(start, ranks, folder);
  if (taken_over[0] != '\0') marl_log_note(folder->log, "%s", taken_over);
  return MARL_OK;
}

MarlCode marl_run_folder_open(const MarlRunStart *start, MPI_Comm comm, MarlRunFolder *folder,
                              MarlError *err) {
  MarlCode code = MARL_OK;
  if (marl_comm_rank(comm) == 0) code = open_on_root(start, marl_comm_size(comm), folder, err);
  code = marl_comm_agree(comm, code, err);
  if (code == MARL_OK) MPI_Bcast(&folder->lease, (int)sizeof folder->lease, MPI_BYTE, 0, comm);
  if (code == MARL_OK && marl_comm_rank(comm) != 0) code = init_provenance(start, folder, err);
  if (code != MARL_OK) marl_run_folder_end(folder, MARL_OK, NULL);
  return code;
}

MarlCode marl_run_folder_accept(const MarlRunStart *start, MPI_Comm comm,
                                const MarlRunFolder *folder, MarlError *err) {
  MarlCode code = MARL_OK;
  if (folder->resumed && marl_comm_rank(comm) == 0)
    code = marl_run_record_write(folder->path, &start->request, folder->provenance.configuration,
                                 true, marl_comm_size(comm), err);
  return marl_comm_agree(comm, code, err);
}

bool marl_run_folder_is_done(const MarlRunFolder *folder, const char *work, const char *result,
                             MPI_Comm comm) {
  char path[2][MARL_MAX_PATH];
  struct stat status;
  int done = 0;
  if (folder->resumed && marl_comm_rank(comm) == 0)
    done = marl_run_folder_file(folder, work, path[0], NULL) == MARL_OK &&
           marl_run_folder_file(folder, result, path[1], NULL) == MARL_OK &&
           stat(path[0], &status) != 0 && stat(path[1], &status) == 0;
  MPI_Bcast(&done, 1, MPI_INT, 0, comm);
  return done != 0;
}

MarlCode marl_run_folder_check(const MarlRunFolder *folder, MarlError *err) {
  return marl_run_lease_check(folder->path, &folder->lease, err);
}

MarlCode marl_run_folder_check_often(const MarlRunFolder *folder, double *checked, MarlError *err) {
  const double now = marl_timer_seconds();
  if (*checked > 0 && now - *checked < 1.0) return MARL_OK;
  *checked = now;
  return marl_run_folder_check(folder, err);
}

MarlCode marl_run_folder_create(const MarlRunFolder *folder, const char *name, MarlStore **out,
                                MarlError *err) {
  char path[MARL_MAX_PATH];
  *out = NULL;
  MARL_TRY(marl_run_folder_check(folder, err));
  MARL_TRY(marl_run_folder_file(folder, name, path, err));
  if (folder->lease.number > 0) marl_store_put_aside(path);
  MARL_TRY(marl_store_create(path, out, err));
  const MarlCode code = marl_provenance_write(&folder->provenance, *out, err);
  if (code != MARL_OK) marl_store_close(out);
  return code;
}

MarlCode marl_run_folder_stopped(const MarlRunFolder *folder, const char *command,
                                 const char *where, MarlError *err) {
  return MARL_FAIL(err, MARL_ESTOPPED, "stopped by a signal %s; continue with: marl %s --resume %s",
                   where, command, folder->path);
}

MarlCode marl_run_folder_cause(const MarlRunFolder *folder, MPI_Comm comm, MarlCode code,
                               MarlError *err) {
  if (code == MARL_OK || code == MARL_EBUSY) return code;
  MarlError taken = {.code = MARL_OK};
  const MarlCode held = marl_comm_rank(comm) == 0 ? marl_run_folder_check(folder, &taken) : MARL_OK;
  if (marl_comm_agree(comm, held, &taken) == MARL_OK) return code;
  if (err != NULL) *err = taken;
  return MARL_EBUSY;
}

void marl_run_folder_end(MarlRunFolder *folder, MarlCode code, const MarlError *err) {
  char date[MARL_DATE_SIZE];
  marl_log_progress_end(folder->log);
  const bool own = folder->log != NULL && marl_run_folder_check(folder, NULL) == MARL_OK;
  if (own && code != MARL_OK && err != NULL)
    marl_log_write(folder->log, "%s=\"%s\"", code == MARL_ESTOPPED ? "note" : "error",
                   err->message);
  if (own) {
    marl_date_now(date);
    marl_log_write(folder->log, "ended=\"%s\" code=%d", date, (int)marl_exit_code(code));
  }
  marl_log_destroy(&folder->log);
  marl_provenance_clear(&folder->provenance);
  marl_run_lock_release(&folder->lock);
}
