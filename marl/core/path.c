#define _XOPEN_SOURCE 700 /* realpath, strdup */
#include "marl/core/path.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static char *joined(const char *folder, const char *name) {
  const size_t size = strlen(folder) + strlen(name) + 2;
  char *path = malloc(size);
  if (path != NULL) snprintf(path, size, "%s/%s", folder, name);
  return path;
}

char *marl_path_folder(const char *file) {
  const char *slash = strrchr(file, '/');
  if (slash == NULL) return strdup(".");
  return slash == file ? strdup("/") : strndup(file, (size_t)(slash - file));
}

const char *marl_path_name(const char *path, int *length) {
  size_t end = strlen(path);
  while (end > 1 && path[end - 1] == '/') --end;
  size_t begin = end;
  while (begin > 0 && path[begin - 1] != '/') --begin;
  *length = (int)(end - begin);
  return path + begin;
}

const char *marl_path_stem(const char *path, int *length) {
  const char *name = marl_path_name(path, length);
  for (int i = *length - 1; i > 0; --i) {
    if (name[i] != '.') continue;
    *length = i;
    break;
  }
  return name;
}

/* Take "." and ".." out of an absolute path, in place. */
static void tidy(char *path) {
  char *to = path;
  for (const char *at = path; *at != '\0';) {
    while (*at == '/') ++at;
    const size_t length = strcspn(at, "/");
    if (length == 2 && strncmp(at, "..", 2) == 0) {
      while (to > path && *--to != '/') continue;
    } else if (length > 0 && !(length == 1 && *at == '.')) {
      *to++ = '/';
      memmove(to, at, length);
      to += length;
    }
    at += length;
  }
  if (to == path) *to++ = '/';
  *to = '\0';
}

/* Of a file that is not there (yet) the part of the name that is. */
char *marl_path_absolute(const char *path) {
  char *real = realpath(path, NULL);
  if (real != NULL) return real;
  char *whole = NULL;
  if (path[0] == '/') {
    whole = strdup(path);
  } else {
    char here[4096];
    if (getcwd(here, sizeof here) == NULL) return strdup(path);
    whole = joined(here, path);
  }
  if (whole != NULL) tidy(whole);
  return whole;
}

static char *find_in(const char *folder, const char *name) {
  if (folder == NULL) return NULL;
  char *path = joined(folder, name);
  if (path != NULL && access(path, F_OK) == 0) return path;
  free(path);
  return NULL;
}

char *marl_path_find(const MarlPlaces *places, const char *name) {
  if (name[0] == '\0') return strdup("");
  const bool is_default = places->beside == NULL;
  const char *first = is_default ? places->shipped : places->beside;
  const char *second = is_default || places->shipped == NULL ? "." : places->shipped;
  char *found = name[0] == '/' ? strdup(name) : find_in(first, name);
  if (found == NULL) found = find_in(second, name);
  if (found == NULL) found = joined(first != NULL ? first : ".", name);
  char *absolute = found != NULL ? marl_path_absolute(found) : NULL;
  free(found);
  return absolute;
}

char *marl_path_relative(const char *path, const char *folder) {
  size_t common = 0, up = 0, i = 0;
  for (; path[i] != '\0' && path[i] == folder[i]; ++i)
    if (path[i] == '/') common = i;
  if (folder[i] == '\0' && path[i] == '/') common = i;
  for (const char *at = folder + common; *at != '\0'; ++at)
    if (*at == '/' && at[1] != '\0') ++up;
  const char *rest = path + common + (path[common] == '/');
  const size_t size = 3 * up + strlen(rest) + 1;
  char *out = malloc(size), *to = out;
  if (out == NULL) return NULL;
  for (size_t u = 0; u < up; ++u, to += 3) memcpy(to, "../", 3);
  memcpy(to, rest, strlen(rest) + 1);
  return out;
}
