#define _POSIX_C_SOURCE 200809L /* fsync, fileno */
#include "cli/run_folder.h"

#include <dirent.h>
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cli/provenance.h"
#include "marl/core/comm.h"

static MarlCode join(char out[MARL_MAX_PATH], const char *folder, const char *name,
                     MarlError *err) {
  if (snprintf(out, MARL_MAX_PATH, "%s/%s", folder, name) < MARL_MAX_PATH) return MARL_OK;
  return MARL_FAIL(err, MARL_ECONFIG, "the name of the run folder is too long: %.80s...", folder);
}

MarlCode marl_run_folder_config(const MarlArguments *arguments, const char *config_path,
                                MPI_Comm comm, MarlConfig **config, MarlError *err) {
  *config = NULL;
  const char *resume = marl_arguments_value(arguments, &marl_flag_resume);
  if (resume != NULL && marl_arguments_has(arguments, &marl_flag_out))
    return MARL_FAIL(err, MARL_ECONFIG, "--resume continues in its own folder: leave --out away");
  if (config_path != NULL) return marl_arguments_config(arguments, config_path, comm, config, err);
  if (resume == NULL)
    return MARL_FAIL(err, MARL_ECONFIG, "a CONFIG file is missing, or --resume DIR of a run");
  char path[MARL_MAX_PATH];
  MARL_TRY(join(path, resume, "config.yaml", err));
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

static MarlCode make_folder(const char *path, MarlError *err) {
  char part[MARL_MAX_PATH];
  snprintf(part, sizeof part, "%s", path);
  for (char *at = part + 1;; ++at) {
    const char kept = *at;
    if (kept != '/' && kept != '\0') continue;
    *at = '\0';
    if (mkdir(part, 0777) != 0 && errno != EEXIST)
      return MARL_FAIL(err, MARL_EIO, "cannot make the folder '%s': %s", part, strerror(errno));
    *at = kept;
    if (kept == '\0') return MARL_OK;
  }
}

static MarlCode refuse_used(const char *path, MarlError *err) {
  DIR *folder = opendir(path);
  if (folder == NULL && errno == ENOENT) return MARL_OK;
  if (folder == NULL)
    return MARL_FAIL(err, MARL_ECONFIG, "'%s' is not a folder that can be used: %s", path,
                     strerror(errno));
  int entries = 0;
  while (readdir(folder) != NULL) ++entries; /* "." and ".." are two */
  closedir(folder);
  if (entries <= 2) return MARL_OK;
  return MARL_FAIL(err, MARL_ECONFIG,
                   "the folder '%s' holds a run already; continue it with --resume %s or choose "
                   "another with --out DIR",
                   path, path);
}

static MarlCode require_folder(const char *path, MarlError *err) {
  struct stat status;
  if (stat(path, &status) == 0 && S_ISDIR(status.st_mode)) return MARL_OK;
  return MARL_FAIL(err, MARL_ECONFIG, "--resume %s: there is no such run folder", path);
}

/* The whole text or the file as it was. */
static MarlCode write_file(const char *folder, const char *name, const char *text, MarlError *err) {
  char path[MARL_MAX_PATH], temporary[MARL_MAX_PATH];
  MARL_TRY(join(path, folder, name, err));
  if (snprintf(temporary, sizeof temporary, "%s.part", path) >= MARL_MAX_PATH)
    return join(temporary, path, "too long", err);
  FILE *file = fopen(temporary, "w");
  bool good =
      file != NULL && fputs(text, file) >= 0 && fflush(file) == 0 && fsync(fileno(file)) == 0;
  const int reason = errno;
  if (file != NULL && fclose(file) != 0) good = false;
  if (good && rename(temporary, path) == 0) return MARL_OK;
  if (file != NULL) (void)remove(temporary);
  return MARL_FAIL(err, MARL_EIO, "cannot write '%s': %s", path, strerror(good ? errno : reason));
}

static MarlCode append_meta(const char *folder, const MarlArguments *arguments, MPI_Comm comm,
                            bool resumed, MarlError *err) {
  char path[MARL_MAX_PATH];
  MARL_TRY(join(path, folder, "meta.txt", err));
  FILE *file = fopen(path, "a");
  if (file == NULL) return MARL_FAIL(err, MARL_EIO, "cannot write '%s': %s", path, strerror(errno));
  fprintf(file, "%s\n", resumed ? "[resumed]" : "[started]");
  marl_provenance_print(file, arguments->argc, arguments->argv, marl_comm_size(comm));
  if (fclose(file) != 0)
    return MARL_FAIL(err, MARL_EIO, "cannot write '%s': %s", path, strerror(errno));
  return MARL_OK;
}

MarlCode marl_run_folder_choose(const MarlArguments *arguments, const char *config_path,
                                int64_t seed, MPI_Comm comm, MarlRunFolder *folder,
                                MarlError *err) {
  *folder = (MarlRunFolder){.resumed = marl_arguments_has(arguments, &marl_flag_resume)};
  const char *path =
      marl_arguments_value(arguments, folder->resumed ? &marl_flag_resume : &marl_flag_out);
  if (path == NULL)
    MARL_TRY(default_path(config_path != NULL ? config_path : arguments->argv[1], seed,
                          folder->path, err)); /* without a file, the command's name */
  else if (path[0] == '\0' || snprintf(folder->path, MARL_MAX_PATH, "%s", path) >= MARL_MAX_PATH)
    return MARL_FAIL(err, MARL_ECONFIG, "'%.80s' is no name of a folder", path);
  MarlCode code = MARL_OK;
  if (marl_comm_rank(comm) == 0)
    code = folder->resumed ? require_folder(folder->path, err) : refuse_used(folder->path, err);
  return marl_comm_agree(comm, code, err);
}

static MarlCode record(const MarlRunFolder *folder, const MarlArguments *arguments,
                       const MarlConfig *config, MPI_Comm comm, MarlError *err) {
  MARL_TRY(make_folder(folder->path, err));
  char *text;
  MARL_TRY(marl_config_resolved(config, &text, err));
  const MarlCode code = write_file(folder->path, "config.yaml", text, err);
  free(text);
  return code != MARL_OK ? code : append_meta(folder->path, arguments, comm, folder->resumed, err);
}

MarlCode marl_run_folder_record(const MarlRunFolder *folder, const MarlArguments *arguments,
                                const MarlConfig *config, MPI_Comm comm, MarlError *err) {
  MarlCode code = MARL_OK;
  if (marl_comm_rank(comm) == 0) code = record(folder, arguments, config, comm, err);
  return marl_comm_agree(comm, code, err);
}

MarlCode marl_run_folder_open_log(MarlRunFolder *folder, const MarlArguments *arguments,
                                  MPI_Comm comm, MarlError *err) {
  MarlCode code = MARL_OK;
  if (marl_comm_rank(comm) == 0) {
    char path[MARL_MAX_PATH];
    code = join(path, folder->path, "log.txt", err);
    const bool quiet = marl_arguments_has(arguments, &marl_flag_quiet);
    if (code == MARL_OK) code = marl_log_create(path, quiet, &folder->log, err);
  }
  return marl_comm_agree(comm, code, err);
}

MarlCode marl_run_folder_begin(const MarlArguments *arguments, const char *config_path,
                               int64_t seed, const MarlConfig *config, MPI_Comm comm,
                               MarlRunFolder *folder, MarlError *err) {
  MARL_TRY(marl_run_folder_choose(arguments, config_path, seed, comm, folder, err));
  MARL_TRY(marl_run_folder_record(folder, arguments, config, comm, err));
  return marl_run_folder_open_log(folder, arguments, comm, err);
}

void marl_run_folder_end(MarlRunFolder *folder) {
  marl_log_destroy(&folder->log);
}
