#include "cli/run_folder.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "cli/run_record.h"
#include "cli/run_rule.h"
#include "cli/shipped.h"
#include "marl/core/comm.h"

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

MarlCode marl_run_folder_to_continue(const MarlArguments *arguments, MPI_Comm comm,
                                     const char **out, MarlError *err) {
  const char *resume = marl_arguments_value(arguments, &marl_flag_resume);
  const char *given = marl_arguments_value(arguments, &marl_flag_out);
  const bool either = marl_arguments_has(arguments, &marl_flag_continue);
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

MarlCode marl_run_folder_config(const MarlArguments *arguments, const char *config_path,
                                MPI_Comm comm, MarlConfig **config, MarlError *err) {
  const char *run = NULL;
  char path[MARL_MAX_PATH];
  *config = NULL;
  MARL_TRY(marl_run_folder_to_continue(arguments, comm, &run, err));
  if (config_path != NULL) return marl_arguments_config(arguments, config_path, comm, config, err);
  if (run == NULL)
    return MARL_FAIL(err, MARL_ECONFIG, "a CONFIG file is missing, or --resume DIR of a run");
  MARL_TRY(marl_run_record_path(run, "config.yaml", path, err));
  return marl_arguments_config(arguments, path, comm, config, err);
}

/* "runs/<file name without ending>-<seed>" */
static MarlCode default_path(const char *config_path, int64_t seed, char out[MARL_MAX_PATH],
                             MarlError *err) {
  const char *slash = strrchr(config_path, '/');
  const char *name = slash != NULL ? slash + 1 : config_path;
  const char *dot = strrchr(name, '.');
  const int length = dot != NULL && dot != name ? (int)(dot - name) : (int)strlen(name);
  if (snprintf(out, MARL_MAX_PATH, "runs/%.*s-%" PRId64, length, name, seed) < MARL_MAX_PATH)
    return MARL_OK;
  return MARL_FAIL(err, MARL_ECONFIG, "the name '%.80s...' is too long", name);
}

/* The configuration of the run so far, against the one that it is to go on with. */
static MarlCode check_rule(const MarlRunStart *start, const MarlRunFolder *folder, MarlError *err) {
  char path[MARL_MAX_PATH], shipped[MARL_SHIPPED_SIZE];
  MarlConfig *recorded;
  MARL_TRY(marl_run_record_path(folder->path, "config.yaml", path, err));
  MARL_TRY(marl_config_load(path, &recorded, err));
  MarlCode code = MARL_OK;
  if (marl_shipped_folder(shipped)) code = marl_config_set_shipped(recorded, shipped, err);
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
  const MarlArguments *arguments = start->arguments;
  const char *run = NULL;
  *folder = (MarlRunFolder){.log = NULL};
  MARL_TRY(marl_run_folder_to_continue(arguments, comm, &run, err));
  folder->resumed = run != NULL;
  const char *path = run != NULL ? run : marl_arguments_value(arguments, &marl_flag_out);
  if (path == NULL) /* without a file, the command's name */
    MARL_TRY(default_path(start->config_path != NULL ? start->config_path : arguments->argv[1],
                          start->seed, folder->path, err));
  else if (path[0] == '\0' || snprintf(folder->path, MARL_MAX_PATH, "%s", path) >= MARL_MAX_PATH)
    return MARL_FAIL(err, MARL_ECONFIG, "'%.80s' is no name of a folder", path);
  MarlCode code = MARL_OK;
  if (marl_comm_rank(comm) == 0) code = check_content(start, folder, err);
  return marl_comm_agree(comm, code, err);
}

/* Rank 0. The content again, under the lock: another program may have come in between. */
static MarlCode open_on_root(const MarlRunStart *start, int ranks, MarlRunFolder *folder,
                             MarlError *err) {
  char path[MARL_MAX_PATH], taken_over[256];
  if (!folder->resumed) MARL_TRY(marl_run_record_make(folder->path, err));
  MARL_TRY(marl_run_lock_acquire(folder->path, &folder->lock, taken_over, err));
  MARL_TRY(check_content(start, folder, err));
  if (!folder->resumed)
    MARL_TRY(
        marl_run_record_write(folder->path, start->arguments, start->config, false, ranks, err));
  MARL_TRY(marl_run_record_path(folder->path, "log.txt", path, err));
  const bool quiet = marl_arguments_has(start->arguments, &marl_flag_quiet);
  MARL_TRY(marl_log_create(path, quiet, &folder->log, err));
  if (taken_over[0] != '\0') marl_log_note(folder->log, "%s", taken_over);
  return MARL_OK;
}

MarlCode marl_run_folder_open(const MarlRunStart *start, MPI_Comm comm, MarlRunFolder *folder,
                              MarlError *err) {
  MarlCode code = MARL_OK;
  if (marl_comm_rank(comm) == 0) code = open_on_root(start, marl_comm_size(comm), folder, err);
  code = marl_comm_agree(comm, code, err);
  if (code != MARL_OK) marl_run_folder_end(folder, MARL_OK, NULL);
  return code;
}

MarlCode marl_run_folder_begin(const MarlRunStart *start, MPI_Comm comm, MarlRunFolder *folder,
                               MarlError *err) {
  MARL_TRY(marl_run_folder_choose(start, comm, folder, err));
  return marl_run_folder_open(start, comm, folder, err);
}

MarlCode marl_run_folder_accept(const MarlRunStart *start, MPI_Comm comm,
                                const MarlRunFolder *folder, MarlError *err) {
  MarlCode code = MARL_OK;
  if (folder->resumed && marl_comm_rank(comm) == 0)
    code = marl_run_record_write(folder->path, start->arguments, start->config, true,
                                 marl_comm_size(comm), err);
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
  return marl_run_lock_check(folder->lock, err);
}

MarlCode marl_run_folder_stopped(const MarlRunFolder *folder, const char *command,
                                 const char *where, MarlError *err) {
  return MARL_FAIL(err, MARL_ESTOPPED, "stopped by a signal %s; continue with: marl %s --resume %s",
                   where, command, folder->path);
}

void marl_run_folder_end(MarlRunFolder *folder, MarlCode code, const MarlError *err) {
  marl_log_progress_end(folder->log);
  if (code != MARL_OK && err != NULL && marl_run_folder_check(folder, NULL) == MARL_OK)
    marl_log_write(folder->log, "%s=\"%s\"", code == MARL_ESTOPPED ? "note" : "error",
                   err->message);
  marl_log_destroy(&folder->log);
  marl_run_lock_release(&folder->lock);
}
