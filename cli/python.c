#define _POSIX_C_SOURCE 200809L /* setenv */
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

MarlCode marl_python_become(int count, const char *const *words, MarlError *err) {
  const char *chosen = getenv("MARL_PYTHON");
  const char *python = chosen != NULL ? chosen : "python3";
  char **all = calloc((size_t)count + 4, sizeof *all);
  if (all == NULL) return MARL_FAIL(err, MARL_EMEMORY, "no memory for the command line");
  char *const start[] = {(char *)python, (char *)"-m", (char *)"marl"};
  memcpy(all, start, sizeof start);
  for (int i = 0; i < count; ++i) all[i + 3] = (char *)words[i];
  MarlCode code = set_path(err);
  if (code == MARL_OK) {
    fflush(NULL);
    execvp(python, all);
    code = MARL_FAIL(err, MARL_EIO, "%s cannot be started: %s; MARL_PYTHON names another Python",
                     python, strerror(errno));
  }
  free(all);
  return code;
}
