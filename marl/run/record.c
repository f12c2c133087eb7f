#define _POSIX_C_SOURCE 200809L /* fsync, fileno */
#include "marl/run/record.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "marl/core/provenance.h"

MarlCode marl_run_record_path(const char *folder, const char *name, char path[MARL_MAX_PATH],
                              MarlError *err) {
  if (snprintf(path, MARL_MAX_PATH, "%s/%s", folder, name) < MARL_MAX_PATH) return MARL_OK;
  return MARL_FAIL(err, MARL_ECONFIG, "the name of the run folder is too long: %.80s...", folder);
}

MarlCode marl_run_record_make(const char *folder, MarlError *err) {
  char part[MARL_MAX_PATH];
  snprintf(part, sizeof part, "%s", folder);
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

static bool ends_in(const char *name, const char *ending) {
  const size_t length = strlen(name), size = strlen(ending);
  return length > size && strcmp(name + length - size, ending) == 0;
}

/* Of the endings that results have; what a user's scheduler leaves (job.out, slurm-1.log) and what a
 * kill left half-made (.part, .tmp) is none. */
static bool is_result(const char *name) {
  return strcmp(name, "config.yaml") == 0 || strcmp(name, "latest") == 0 || ends_in(name, ".h5") ||
         ends_in(name, ".csv");
}

MarlCode marl_run_record_refuse_used(const char *folder, MarlError *err) {
  DIR *directory = opendir(folder);
  if (directory == NULL && errno == ENOENT) return MARL_OK;
  if (directory == NULL)
    return MARL_FAIL(err, MARL_ECONFIG, "'%s' is not a folder that can be used: %s", folder,
                     strerror(errno));
  char found[256] = "";
  bool holds_run = false;
  for (const struct dirent *entry; (entry = readdir(directory)) != NULL;) {
    if (!is_result(entry->d_name)) continue;
    holds_run = holds_run || strcmp(entry->d_name, "config.yaml") == 0;
    snprintf(found, sizeof found, "%s", entry->d_name);
  }
  closedir(directory);
  if (found[0] == '\0') return MARL_OK;
  if (holds_run)
    return MARL_FAIL(err, MARL_ECONFIG,
                     "the folder '%s' holds a run already; continue it with --resume %s (or --out "
                     "%s --continue), or choose another with --out DIR",
                     folder, folder, folder);
  return MARL_FAIL(err, MARL_ECONFIG,
                   "the folder '%s' has no run but a file '%s', which one could overwrite; choose "
                   "another with --out DIR",
                   folder, found);
}

MarlCode marl_run_record_require(const char *folder, MarlError *err) {
  struct stat status;
  if (stat(folder, &status) == 0 && S_ISDIR(status.st_mode)) return MARL_OK;
  return MARL_FAIL(err, MARL_ECONFIG, "--resume %s: there is no such run folder", folder);
}

MarlCode marl_run_record_renew(const char *path, MarlError *err) {
  char part[MARL_MAX_PATH], bytes[4096];
  FILE *from = fopen(path, "rb");
  if (from == NULL && errno == ENOENT) return MARL_OK;
  if (snprintf(part, sizeof part, "%s.part", path) >= MARL_MAX_PATH) part[0] = '\0';
  (void)remove(part);
  FILE *to = from != NULL ? fopen(part, "wb") : NULL;
  bool good = to != NULL;
  for (size_t size; good && (size = fread(bytes, 1, sizeof bytes, from)) > 0;)
    good = fwrite(bytes, 1, size, to) == size;
  good = good && ferror(from) == 0 && fflush(to) == 0 && fsync(fileno(to)) == 0;
  const int reason = errno;
  if (from != NULL) (void)fclose(from);
  if (to != NULL && fclose(to) != 0) good = false;
  if (good && rename(part, path) == 0) return MARL_OK;
  if (to != NULL) (void)remove(part);
  return MARL_FAIL(err, MARL_EIO, "cannot copy '%s': %s", path, strerror(good ? errno : reason));
}

/* The whole text or the file as it was. */
static MarlCode write_file(const char *folder, const char *name, const char *head, const char *text,
                           MarlError *err) {
  char path[MARL_MAX_PATH], temporary[MARL_MAX_PATH];
  MARL_TRY(marl_run_record_path(folder, name, path, err));
  if (snprintf(temporary, sizeof temporary, "%s.part", path) >= MARL_MAX_PATH)
    return marl_run_record_path(path, "too long", temporary, err);
  (void)remove(temporary);
  FILE *file = fopen(temporary, "w");
  bool good = file != NULL && fputs(head, file) >= 0 && fputs(text, file) >= 0 &&
              fflush(file) == 0 && fsync(fileno(file)) == 0;
  const int reason = errno;
  if (file != NULL && fclose(file) != 0) good = false;
  if (good && rename(temporary, path) == 0) return MARL_OK;
  if (file != NULL) (void)remove(temporary);
  return MARL_FAIL(err, MARL_EIO, "cannot write '%s': %s", path, strerror(good ? errno : reason));
}

/* The text of config.yaml, malloc'd; NULL if there is none. */
static MarlCode read_recorded(const char *folder, char **text, MarlError *err) {
  char path[MARL_MAX_PATH];
  struct stat status;
  size_t size;
  *text = NULL;
  MARL_TRY(marl_run_record_path(folder, "config.yaml", path, err));
  if (stat(path, &status) != 0) return MARL_OK;
  return marl_config_read(path, text, &size, err);
}

/* `text` under the next free name. */
static MarlCode keep_older(const char *folder, const char *text, MarlError *err) {
  char name[32], path[MARL_MAX_PATH], head[96], date[MARL_DATE_SIZE];
  struct stat status;
  marl_date_now(date);
  snprintf(head, sizeof head, "# the run's configuration until %s\n", date);
  for (int n = 1;; ++n) {
    snprintf(name, sizeof name, "config-%d.yaml", n);
    MARL_TRY(marl_run_record_path(folder, name, path, err));
    if (stat(path, &status) != 0) return write_file(folder, name, head, text, err);
  }
}

static MarlCode write_config(const char *folder, const char *text, MarlError *err) {
  char *before;
  MARL_TRY(read_recorded(folder, &before, err));
  const bool same = before != NULL && strcmp(before, text) == 0;
  MarlCode code = before != NULL && !same ? keep_older(folder, before, err) : MARL_OK;
  if (code == MARL_OK && !same) code = write_file(folder, "config.yaml", "", text, err);
  free(before);
  return code;
}

static MarlCode append_session(const char *folder, const MarlRunRequest *request, int ranks,
                               bool resumed, MarlError *err) {
  char path[MARL_MAX_PATH];
  MARL_TRY(marl_run_record_path(folder, "provenance.jsonl", path, err));
  FILE *file = fopen(path, "a");
  if (file == NULL) return MARL_FAIL(err, MARL_EIO, "cannot write '%s': %s", path, strerror(errno));
  marl_provenance_print_session(file, resumed ? "resumed" : "started", request->argc, request->argv,
                                ranks);
  if (fclose(file) != 0)
    return MARL_FAIL(err, MARL_EIO, "cannot write '%s': %s", path, strerror(errno));
  return MARL_OK;
}

MarlCode marl_run_record_write(const char *folder, const MarlRunRequest *request,
                               const char *configuration, bool resumed, int ranks, MarlError *err) {
  MARL_TRY(write_config(folder, configuration, err));
  return append_session(folder, request, ranks, resumed, err);
}
