#include "marl/run/text_file.h"

#include <errno.h>
#include <stdbool.h>
#include <string.h>

enum { PATH_SIZE = 4096 };

static bool name_part(const char *folder, const char *name, char path[PATH_SIZE]) {
  return snprintf(path, PATH_SIZE, "%s/%s.part", folder, name) < PATH_SIZE;
}

MarlCode marl_text_open(const char *folder, const char *name, FILE **out, MarlError *err) {
  char path[PATH_SIZE];
  if (!name_part(folder, name, path))
    return MARL_FAIL(err, MARL_ECONFIG, "the folder's name is too long: %s", folder);
  (void)remove(path); /* an earlier program may have it open (marl/run/lock.h) */
  *out = fopen(path, "w");
  if (*out == NULL)
    return MARL_FAIL(err, MARL_EIO, "%s: cannot be written: %s", path, strerror(errno));
  return MARL_OK;
}

MarlCode marl_text_close(FILE *file, const char *folder, const char *name, MarlError *err) {
  if (file == NULL) return MARL_OK;
  const int failed = ferror(file), closed = fclose(file);
  char path[PATH_SIZE], part[PATH_SIZE];
  snprintf(path, sizeof path, "%s/%s", folder, name);
  if (name_part(folder, name, part) && failed == 0 && closed == 0 && rename(part, path) == 0)
    return MARL_OK;
  return MARL_FAIL(err, MARL_EIO, "%s/%s: could not be written: %s", folder, name, strerror(errno));
}
