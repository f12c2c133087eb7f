#define _POSIX_C_SOURCE 200809L /* setenv, readlink */
#include "cli/launch.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli/build_info.h"

bool marl_is_launched(void) {
  return getenv("OMPI_COMM_WORLD_SIZE") != NULL || getenv("PMI_RANK") != NULL ||
         getenv("PMIX_RANK") != NULL;
}

/* What OpenMPI needs to start more ranks than cores, and to start as root at all. Set only where
 * the user has not decided. */
static void set_environment(int ranks) {
  setenv("OMPI_MCA_rmaps_base_oversubscribe", "1", 0);
  setenv("OMPI_MCA_hwloc_base_binding_policy", "none", 0);
  if (ranks > sysconf(_SC_NPROCESSORS_ONLN)) setenv("OMPI_MCA_mpi_yield_when_idle", "1", 0);
  if (geteuid() == 0) {
    setenv("OMPI_ALLOW_RUN_AS_ROOT", "1", 0);
    setenv("OMPI_ALLOW_RUN_AS_ROOT_CONFIRM", "1", 0);
  }
}

/* The flag's own words: "-n 4" takes two arguments, "-n=4" one. */
static bool is_ranks_flag(const char *argument, bool *with_value) {
  const size_t length = strlen(marl_flag_ranks.name);
  if (strncmp(argument, marl_flag_ranks.name, length) != 0) return false;
  *with_value = argument[length] == '=';
  return argument[length] == '\0' || argument[length] == '=';
}

MarlCode marl_launch(const MarlArguments *arguments, int ranks, MarlError *err) {
  char launcher[4096], program[4096], count[16], flag[] = "-n";
  const ssize_t length = readlink("/proc/self/exe", program, sizeof program - 1);
  if (length > 0)
    program[length] = '\0';
  else
    snprintf(program, sizeof program, "%s", arguments->program);
  snprintf(launcher, sizeof launcher, "%s", marl_build_mpiexec());
  snprintf(count, sizeof count, "%d", ranks);
  char **argv = calloc((size_t)arguments->argc + 8, sizeof *argv);
  if (argv == NULL) return MARL_FAIL(err, MARL_EMEMORY, "out of memory to start %d ranks", ranks);
  int argc = 0;
  argv[argc++] = launcher;
  argv[argc++] = flag;
  argv[argc++] = count;
  argv[argc++] = program;
  for (int i = 1; i < arguments->argc; ++i) {
    bool with_value = false;
    if (!is_ranks_flag(arguments->argv[i], &with_value))
      argv[argc++] = arguments->argv[i];
    else if (!with_value)
      ++i;
  }
  set_environment(ranks);
  execv(launcher, argv);
  execvp("mpirun", argv);
  free(argv);
  return MARL_FAIL(err, MARL_EIO, "cannot start '%s' or 'mpirun' for -n %d: %s", launcher, ranks,
                   strerror(errno));
}
