#include "marl/compare/text_file.h"

#include <errno.h>
#include <string.h>

enum { PATH_SIZE = 4096 };

MarlCode marl_text_open(const char *folder, const char *name, FILE **out, MarlError *err) {
  char path[PATH_SIZE];
  if (snprintf(path, sizeof path, "%s/%s", folder, name) >= (int)sizeof path)
    return MARL_FAIL(err, MARL_ECONFIG, "the folder's name is too long: %s", folder);
  *out = fopen(path, "w");
  if (*out == NULL)
    return MARL_FAIL(err, MARL_EIO, "%s: cannot be written: %s", path, strerror(errno));
  return MARL_OK;
}

MarlCode marl_text_close(FILE *file, const char *folder, const char *name, MarlError *err) {
  if (file == NULL) return MARL_OK;
  const int failed = ferror(file), closed = fclose(file);
  if (failed == 0 && closed == 0) return MARL_OK;
  return MARL_FAIL(err, MARL_EIO, "%s/%s: could not be written: %s", folder, name, strerror(errno));
}
