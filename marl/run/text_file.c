#define _POSIX_C_SOURCE 200809L /* lstat */
#include "marl/run/text_file.h"

#include <errno.h>
#include <stdbool.h>
#include <string.h>
#include <sys/stat.h>

enum { PATH_SIZE = 4096, PART_SIZE = PATH_SIZE + 8 };

static bool name_part(const char *path, char part[PART_SIZE]) {
  return snprintf(part, PART_SIZE, "%s.part", path) < PART_SIZE;
}

static bool name_file(const char *folder, const char *name, char path[PATH_SIZE]) {
  return snprintf(path, PATH_SIZE, "%s/%s", folder, name) < PATH_SIZE;
}

static MarlCode too_long(const char *name, MarlError *err) {
  return MARL_FAIL(err, MARL_ECONFIG, "the name is too long: %.80s...", name);
}

static MarlCode open_named(const char *name, FILE **out, MarlError *err) {
  *out = fopen(name, "w");
  if (*out != NULL) return MARL_OK;
  return MARL_FAIL(err, MARL_EIO, "%s: cannot be written: %s", name, strerror(errno));
}

/* part: what is renamed to path when it is whole, or NULL: the file is path. */
static MarlCode end(FILE *file, const char *part, const char *path, MarlError *err) {
  errno = 0;
  bool whole = fflush(file) == 0 && ferror(file) == 0;
  int reason = errno;
  if (fclose(file) != 0 && whole) whole = false, reason = errno;
  if (whole && part != NULL && rename(part, path) != 0) whole = false, reason = errno;
  if (whole) return MARL_OK;
  if (part != NULL) (void)remove(part);
  return MARL_FAIL(err, MARL_EIO, "%s: could not be written%s%s", path, reason != 0 ? ": " : "",
                   reason != 0 ? strerror(reason) : "");
}

MarlCode marl_text_open(const char *folder, const char *name, FILE **out, MarlError *err) {
  char path[PATH_SIZE], part[PART_SIZE];
  if (!name_file(folder, name, path) || !name_part(path, part)) return too_long(folder, err);
  (void)remove(part); /* an earlier program may have it open (marl/run/lock.h) */
  return open_named(part, out, err);
}

MarlCode marl_text_close(FILE *file, const char *folder, const char *name, MarlError *err) {
  char path[PATH_SIZE], part[PART_SIZE];
  if (file == NULL) return MARL_OK;
  (void)!name_file(folder, name, path); /* as when it was opened */
  (void)!name_part(path, part);
  return end(file, part, path, err);
}

static bool is_special(const char *path) {
  struct stat status;
  return lstat(path, &status) == 0 && !S_ISREG(status.st_mode);
}

MarlCode marl_text_begin(const char *path, FILE **out, MarlError *err) {
  char part[PART_SIZE];
  if (!name_part(path, part)) return too_long(path, err);
  return open_named(is_special(path) ? path : part, out, err);
}

MarlCode marl_text_end(FILE *file, const char *path, MarlCode code, MarlError *err) {
  char part[PART_SIZE];
  const bool special = is_special(path);
  (void)!name_part(path, part);
  if (code == MARL_OK) return end(file, special ? NULL : part, path, err);
  (void)fclose(file);
  if (!special) (void)remove(part);
  return code;
}
