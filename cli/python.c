#define _POSIX_C_SOURCE 200809L /* setenv, readlink */
#include "cli/python.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli/shipped.h"

enum { PATHS_SIZE = 2 * MARL_SHIPPED_SIZE };

/* The package before all that PYTHONPATH has. */
static MarlCode set_path(MarlError *err) {
  char folder[MARL_SHIPPED_SIZE], paths[PATHS_SIZE];
  const char *before = getenv("PYTHONPATH");
  if (!marl_shipped_folder(folder)) return MARL_OK; /* then it is installed in Python, or missing */
  const bool more = before != NULL && before[0] != '\0';
  const int length =
      snprintf(paths, sizeof paths, "%s/python%s%s", folder, more ? ":" : "", more ? before : "");
  if (length >= (int)sizeof paths || setenv("PYTHONPATH", paths, 1) != 0)
    return MARL_FAIL(err, MARL_EIO, "PYTHONPATH is too long");
  return MARL_OK;
}

/* `marl render` plays an episode with the program that started it. */
static MarlCode tell_program(MarlError *err) {
  char path[MARL_SHIPPED_SIZE];
  const ssize_t length = readlink("/proc/self/exe", path, sizeof path - 1);
  if (length < 1) return MARL_OK; /* no such system: then PATH has it */
  path[length] = '\0';
  if (setenv("MARL_PROGRAM", path, 1) == 0) return MARL_OK;
  return MARL_FAIL(err, MARL_EMEMORY, "no memory for the environment");
}

MarlCode marl_python_become(int count, const char *const *words, MarlError *err) {
  const char *chosen = getenv("MARL_PYTHON");
  const char *python = chosen != NULL ? chosen : "python3";
  char **all = calloc((size_t)count + 4, sizeof *all);
  if (all == NULL) return MARL_FAIL(err, MARL_EMEMORY, "no memory for the command line");
  char *const start[] = {(char *)python, (char *)"-m", (char *)"marl"};
  memcpy(all, start, sizeof start);
  for (int i = 0; i < count; ++i) all[i + 3] = (char *)words[i];
  MarlCode code = set_path(err);
  if (code == MARL_OK) code = tell_program(err);
  if (code == MARL_OK) {
    fflush(NULL);
    execvp(python, all);
    code = MARL_FAIL(err, MARL_EIO, "%s cannot be started: %s; MARL_PYTHON names another Python",
                     python, strerror(errno));
  }
  free(all);
  return code;
}
