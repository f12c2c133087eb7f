#define _POSIX_C_SOURCE 200809L /* readlink, access */
#include "cli/shipped.h"

#include <stdio.h>
#include <string.h>
#include <sys/types.h>
#include <unistd.h>

#include "marl/core/build_info.h"

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

const char *marl_shipped_file(const char *path, char room[MARL_SHIPPED_SIZE]) {
  char folder[MARL_SHIPPED_SIZE];
  if (path[0] == '/' || access(path, F_OK) == 0 || !marl_shipped_folder(folder)) return path;
  const int length = snprintf(room, MARL_SHIPPED_SIZE, "%s/%s", folder, path);
  return length < MARL_SHIPPED_SIZE && access(room, F_OK) == 0 ? room : path;
}
