#include "cli/gnuplot.h"

#include <sys/types.h>
#include <sys/wait.h>
#include <unistd.h>

enum { NOT_FOUND = 127 }; /* a shell's code for a command that does not exist */

MarlCode marl_gnuplot(const char *folder, const char *script, bool *drawn, MarlError *err) {
  const pid_t child = fork();
  if (child < 0) return MARL_FAIL(err, MARL_EIO, "cannot start gnuplot");
  if (child == 0) {
    if (chdir(folder) == 0) execlp("gnuplot", "gnuplot", script, (char *)NULL);
    _exit(NOT_FOUND);
  }
  int status = 0;
  if (waitpid(child, &status, 0) != child || !WIFEXITED(status))
    return MARL_FAIL(err, MARL_EIO, "gnuplot on %s/%s was interrupted", folder, script);
  *drawn = WEXITSTATUS(status) == 0;
  if (!*drawn && WEXITSTATUS(status) != NOT_FOUND)
    return MARL_FAIL(err, MARL_EIO, "gnuplot cannot draw %s/%s", folder, script);
  return MARL_OK;
}
