#define _POSIX_C_SOURCE 200809L /* fsync, dirent */
#include "marl/run/checkpoint.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "marl/core/comm.h"

static const char format_name[] = "marl checkpoint 1";

static char *join(const char *folder, const char *name) {
  const size_t size = strlen(folder) + strlen(name) + 2;
  char *path = malloc(size);
  if (path != NULL) snprintf(path, size, "%s/%s", folder, name);
  return path;
}

enum { NAME_SIZE = 48 };
static void file_name(char name[NAME_SIZE], int64_t update) {
  snprintf(name, NAME_SIZE, "checkpoint_%06lld.h5", (long long)update);
}

/* The update of a checkpoint's name, -1 for any other name. */
static int64_t parse_name(const char *name) {
  static const char prefix[] = "checkpoint_";
  char again[NAME_SIZE];
  if (strncmp(name, prefix, sizeof prefix - 1) != 0) return -1;
  const int64_t update = strtoll(name + sizeof prefix - 1, NULL, 10);
  file_name(again, update);
  return update >= 0 && strcmp(name, again) == 0 ? update : -1;
}

char *marl_checkpoint_path(const char *folder, int64_t update) {
  char name[NAME_SIZE];
  file_name(name, update);
  return join(folder, name);
}

/* The update that `latest` names, -1 if there is no such file. */
static int64_t read_latest(const char *folder) {
  char *path = join(folder, "latest");
  FILE *file = path != NULL ? fopen(path, "r") : NULL;
  free(path);
  if (file == NULL) return -1;
  char line[NAME_SIZE] = "";
  const bool read = fgets(line, sizeof line, file) != NULL;
  fclose(file);
  line[strcspn(line, "\n")] = '\0';
  return read ? parse_name(line) : -1;
}

static int newest_first(const void *a, const void *b) {
  const int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
  return (x < y) - (x > y);
}

static void move_to_front(int64_t *updates, size_t count, int64_t update) {
  for (size_t i = 0; i < count; ++i) {
    if (updates[i] != update) continue;
    memmove(updates + 1, updates, i * sizeof *updates);
    updates[0] = update;
    return;
  }
}

MarlCode marl_checkpoint_list(const char *folder, int64_t **updates, size_t *count,
                              MarlError *err) {
  *updates = NULL;
  *count = 0;
  DIR *directory = opendir(folder);
  if (directory == NULL)
    return MARL_FAIL(err, MARL_EIO, "%s: cannot read the run folder: %s", folder, strerror(errno));
  size_t capacity = 0;
  for (const struct dirent *entry; (entry = readdir(directory)) != NULL;) {
    const int64_t update = parse_name(entry->d_name);
    if (update < 0) continue;
    if (*count == capacity) {
      capacity = 2 * capacity + 16;
      int64_t *grown = realloc(*updates, capacity * sizeof *grown);
      if (grown == NULL) {
        closedir(directory);
        free(*updates);
        *updates = NULL;
        return MARL_FAIL(err, MARL_EMEMORY, "%s: out of memory for its list", folder);
      }
      *updates = grown;
    }
    (*updates)[(*count)++] = update;
  }
  closedir(directory);
  if (*count == 0) return MARL_OK;
  qsort(*updates, *count, sizeof **updates, newest_first);
  move_to_front(*updates, *count, read_latest(folder));
  return MARL_OK;
}

static MarlCode open_file(const char *path, MarlStore **out, MarlError *err) {
  MARL_TRY(marl_store_open(path, out, err));
  char *format = NULL;
  MarlError inner;
  const MarlCode code = marl_store_get_text(*out, NULL, "format", &format, &inner);
  const bool ours = code == MARL_OK && strcmp(format, format_name) == 0;
  free(format);
  if (ours) return MARL_OK;
  marl_store_close(out);
  return MARL_FAIL(err, MARL_EIO, "%s is an HDF5 file, but not a checkpoint of this program", path);
}

MarlCode marl_checkpoint_open(const char *path, MarlStore **out, MarlError *err) {
  *out = NULL;
  struct stat status;
  if (stat(path, &status) != 0 || !S_ISDIR(status.st_mode)) return open_file(path, out, err);
  int64_t *updates;
  size_t count;
  MARL_TRY(marl_checkpoint_list(path, &updates, &count, err));
  char *file = count > 0 ? marl_checkpoint_path(path, updates[0]) : NULL;
  free(updates);
  if (file == NULL) return MARL_FAIL(err, MARL_EIO, "%s: no checkpoint in this folder", path);
  const MarlCode code = open_file(file, out, err);
  free(file);
  return code;
}

/* Replace `latest` the way the checkpoint itself was: temporary name, fsync, rename. */
static MarlCode write_latest(const char *folder, int64_t update, MarlError *err) {
  MarlCode code = MARL_OK;
  char *path = join(folder, "latest"), *temporary = join(folder, "latest.tmp");
  if (temporary != NULL) (void)remove(temporary);
  FILE *file = path != NULL && temporary != NULL ? fopen(temporary, "w") : NULL;
  char name[NAME_SIZE];
  file_name(name, update);
  bool good = file != NULL && fprintf(file, "%s\n", name) > 0 && fflush(file) == 0 &&
              fsync(fileno(file)) == 0;
  if (file != NULL) good = fclose(file) == 0 && good;
  if (!good || rename(temporary, path) != 0) {
    code = MARL_FAIL(err, MARL_EIO, "%s: cannot write `latest`: %s", folder, strerror(errno));
    if (temporary != NULL) unlink(temporary);
  }
  free(path);
  free(temporary);
  return code;
}

/* Only a file's own fault lets an older one stand in. */
static MarlCode load_first(const char *folder, const int64_t *updates, size_t count,
                           MarlCheckpointReader *reader, MPI_Comm comm, MarlError *err) {
  MarlError why = {.message = ""};
  for (size_t i = 0; i < count; ++i) {
    char *path = marl_checkpoint_path(folder, updates[i]);
    MarlCode code = path == NULL ? MARL_FAIL(&why, MARL_EMEMORY, "out of memory for a path")
                                 : reader->load(reader, path, &why);
    free(path);
    code = marl_comm_agree(comm, code, &why);
    /* a kill came between the two; if it cannot be written now, the next checkpoint does it */
    if (code == MARL_OK && marl_comm_rank(comm) == 0 && read_latest(folder) < 0)
      (void)!write_latest(folder, updates[i], &why);
    if (code == MARL_OK) return MARL_OK;
    if (code != MARL_EIO) return MARL_FAIL(err, code, "%s", why.message);
    if (i + 1 == count || reader->note == NULL || marl_comm_rank(comm) != 0) continue;
    char sentence[sizeof why.message + 64];
    snprintf(sentence, sizeof sentence, "%s; falling back to the checkpoint before it",
             why.message);
    reader->note(reader, sentence);
  }
  return MARL_FAIL(err, MARL_EIO, "%s: no checkpoint to resume from; %s", folder, why.message);
}

MarlCode marl_checkpoint_resume(const char *folder, MarlCheckpointReader *reader, MPI_Comm comm,
                                bool *found, MarlError *err) {
  int64_t *updates = NULL;
  size_t count = 0;
  MarlCode code = marl_checkpoint_list(folder, &updates, &count, err);
  code = marl_comm_agree(comm, code, err);
  *found = count > 0;
  if (code == MARL_OK && *found) code = load_first(folder, updates, count, reader, comm, err);
  free(updates);
  return code;
}

MarlCode marl_checkpoint_begin(const char *path, const MarlProvenance *provenance, MarlStore **out,
                               MarlError *err) {
  *out = NULL;
  MARL_TRY(marl_store_create(path, out, err));
  MarlCode code = marl_store_set_text(*out, NULL, "format", format_name, err);
  if (code == MARL_OK) code = marl_provenance_write(provenance, *out, err);
  if (code != MARL_OK) marl_store_close(out);
  return code;
}

MarlCode marl_checkpoint_create(const char *folder, int64_t update,
                                const MarlProvenance *provenance, MarlStore **out, MarlError *err) {
  *out = NULL;
  char *path = marl_checkpoint_path(folder, update);
  if (path == NULL) return MARL_FAIL(err, MARL_EMEMORY, "out of memory for a checkpoint");
  marl_store_put_aside(path);
  MarlCode code = marl_checkpoint_begin(path, provenance, out, err);
  free(path);
  if (code == MARL_OK) code = marl_store_set_int(*out, NULL, "update", update, err);
  if (code != MARL_OK && *out != NULL) marl_store_close(out);
  return code;
}

/* A file that cannot be removed is left: it harms nobody. */
static MarlCode prune(const char *folder, int keep, MarlError *err) {
  int64_t *updates;
  size_t count;
  MARL_TRY(marl_checkpoint_list(folder, &updates, &count, err));
  for (size_t i = (size_t)keep; updates != NULL && i < count; ++i) {
    char *path = marl_checkpoint_path(folder, updates[i]);
    if (path != NULL) unlink(path);
    free(path);
  }
  free(updates);
  return MARL_OK;
}

MarlCode marl_checkpoint_announce(const char *folder, int64_t update, int keep, MarlError *err) {
  MARL_TRY(write_latest(folder, update, err));
  return prune(folder, keep, err);
}
