#define _POSIX_C_SOURCE 200809L /* readlink, access, scandir, strdup */
#include "cli/shipped.h"

#include <dirent.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/types.h>
#include <unistd.h>

#include "marl/core/build_info.h"
#include "marl/core/nearest.h"

void marl_program_path(char path[MARL_SHIPPED_SIZE]) {
  const ssize_t length = readlink("/proc/self/exe", path, MARL_SHIPPED_SIZE - 1);
  path[length > 0 ? length : 0] = '\0';
}

static bool holds_data(const char *folder) {
  char path[MARL_SHIPPED_SIZE + 16];
  snprintf(path, sizeof path, "%s/configs", folder);
  return access(path, F_OK) == 0;
}

bool marl_shipped_folder(char folder[MARL_SHIPPED_SIZE]) {
  char program[MARL_SHIPPED_SIZE];
  marl_program_path(program);
  for (int up = 0; up < 2; ++up) { /* PREFIX/bin/marl */
    char *slash = strrchr(program, '/');
    if (slash != NULL) *slash = '\0';
  }
  const int length = snprintf(folder, MARL_SHIPPED_SIZE, "%s/%s/marl", program, marl_build_data());
  if (length < MARL_SHIPPED_SIZE && holds_data(folder)) return true;
  snprintf(folder, MARL_SHIPPED_SIZE, "%s", marl_build_source());
  return holds_data(folder);
}

static bool is_file(const char *path) {
  struct stat status;
  return stat(path, &status) == 0 && !S_ISDIR(status.st_mode);
}

/* The first of `forms` that a name may have among the shipped data; `path` itself if there is none. */
static const char *find(const char *path, int forms, char room[MARL_SHIPPED_SIZE]) {
  static const char *const before[] = {"", "configs/", "configs/"};
  static const char *const behind[] = {"", "", ".yaml"};
  char folder[MARL_SHIPPED_SIZE];
  if (path[0] == '/' || !marl_shipped_folder(folder)) return path;
  for (int f = 0; f < forms; ++f) {
    const int length =
        snprintf(room, MARL_SHIPPED_SIZE, "%s/%s%s%s", folder, before[f], path, behind[f]);
    if (length < MARL_SHIPPED_SIZE && is_file(room)) return room;
  }
  return path;
}

const char *marl_shipped_config(const char *path, char room[MARL_SHIPPED_SIZE]) {
  return is_file(path) ? path : find(path, 3, room);
}

const char *marl_shipped_file(const char *path, char room[MARL_SHIPPED_SIZE]) {
  return access(path, F_OK) == 0 ? path : find(path, 2, room);
}

/* Those of one folder of configs/ */
static void visit_folder(const char *configs, const char *folder, MarlShippedVisit visit,
                         void *context) {
  char path[MARL_SHIPPED_SIZE], name[2 * NAME_MAX + 2];
  struct dirent **entries;
  if (snprintf(path, sizeof path, "%s/%s", configs, folder) >= (int)sizeof path) return;
  const int count = scandir(path, &entries, NULL, alphasort);
  for (int i = 0; i < count; ++i) {
    const char *dot = strrchr(entries[i]->d_name, '.');
    if (dot != NULL && strcmp(dot, ".yaml") == 0) {
      snprintf(name, sizeof name, "%s/%.*s", folder, (int)(dot - entries[i]->d_name),
               entries[i]->d_name);
      if (snprintf(path, sizeof path, "%s/%s.yaml", configs, name) < (int)sizeof path)
        visit(context, name, path);
    }
    free(entries[i]);
  }
  if (count >= 0) free(entries);
}

void marl_shipped_configs(MarlShippedVisit visit, void *context) {
  char folder[MARL_SHIPPED_SIZE], configs[MARL_SHIPPED_SIZE];
  struct dirent **entries;
  if (!marl_shipped_folder(folder)) return;
  if (snprintf(configs, sizeof configs, "%s/configs", folder) >= (int)sizeof configs) return;
  const int count = scandir(configs, &entries, NULL, alphasort);
  for (int i = 0; i < count; ++i) {
    if (entries[i]->d_name[0] != '.') visit_folder(configs, entries[i]->d_name, visit, context);
    free(entries[i]);
  }
  if (count >= 0) free(entries);
}

enum { MAX_CONFIGS = 512 };

typedef struct Names {
  size_t count;
  char *name[MAX_CONFIGS];
} Names;

static void keep_name(void *context, const char *name, const char *path) {
  Names *names = context;
  (void)path;
  if (names->count == MAX_CONFIGS) return;
  names->name[names->count] = strdup(name);
  if (names->name[names->count] != NULL) ++names->count;
}

MarlCode marl_shipped_no_config(const char *path, MarlError *err) {
  Names names = {.count = 0};
  marl_shipped_configs(keep_name, &names);
  const char *near = marl_nearest(path, (const char *const *)names.name, names.count);
  const MarlCode code =
      near != NULL
          ? MARL_FAIL(err, MARL_ECONFIG,
                      "cannot open the configuration '%s': there is no such file, and none of "
                      "that name is shipped; did you mean '%s'? (marl list configs)",
                      path, near)
          : MARL_FAIL(err, MARL_ECONFIG,
                      "cannot open the configuration '%s': there is no such file, and none of "
                      "that name is shipped (marl list configs)",
                      path);
  for (size_t i = 0; i < names.count; ++i) free(names.name[i]);
  return code;
}
