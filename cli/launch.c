#define _POSIX_C_SOURCE 200809L /* setenv, readlink, sigtimedwait */
#include "cli/launch.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/types.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>
#ifdef __linux__
#include <sys/prctl.h>
#endif

#include "cli/shipped.h"
#include "marl/core/build_info.h"
#include "marl/run/exit_code.h"
#include "marl/run/interrupt.h"
#include "marl/run/process_identity.h"

enum { NOT_STARTED = 127, RANK_FAILED = 101, NOT_NOTICED = 102 };

/* Seconds that a launcher may leave all of its processes unburied before it is ended. */
enum { PATIENCE = 8 };

/* Under -n, in the environment of every rank. */
static const char mark[] = "MARL_LAUNCHED";

bool marl_is_launched(void) {
  return getenv("OMPI_COMM_WORLD_SIZE") != NULL || getenv("PMI_RANK") != NULL ||
         getenv("PMIX_RANK") != NULL;
}

MarlCode marl_prepare_alone(MarlError *err) {
  const char *step = getenv("SLURM_STEP_ID"), *tasks = getenv("SLURM_STEP_NUM_TASKS");
  setenv("OMPI_MCA_ess_singleton_isolated", "1", 0);
  /* which would be the same folder for all such processes of a user */
  setenv("OMPI_MCA_orte_create_session_dirs", "0", 0);
  if (step == NULL) return MARL_OK;
  if (tasks != NULL && strtol(tasks, NULL, 10) > 1)
    return MARL_FAIL(
        err, MARL_ECONFIG,
        "srun started %s tasks that do not know of each other; say srun --mpi=pmix, or "
        "without srun: marl ... -n %s",
        tasks, tasks);
  unsetenv("SLURM_STEP_ID"); /* OpenMPI would look for srun's PMIx server and end the program */
  return MARL_OK;
}

bool marl_is_first_task(void) {
  const char *task = getenv("SLURM_PROCID");
  return task == NULL || strcmp(task, "0") == 0;
}

int marl_rank_exit_code(int exit_code) {
  return exit_code == MARL_EXIT_FAILED && getenv(mark) != NULL ? RANK_FAILED : exit_code;
}

/* What OpenMPI needs to start more ranks than cores, and to start as root at all. Set only where
 * the user has not decided. */
static void set_environment(int ranks) {
  setenv("OMPI_MCA_rmaps_base_oversubscribe", "1", 0);
  setenv("OMPI_MCA_orte_execute_quiet", "1", 0); /* our own sentence about a rank that fails */
  setenv("OMPI_MCA_hwloc_base_binding_policy", "none", 0);
  if (ranks > sysconf(_SC_NPROCESSORS_ONLN)) setenv("OMPI_MCA_mpi_yield_when_idle", "1", 0);
  setenv(mark, "1", 1);
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

/* The child: the launcher, which must not outlive this process. */
static void become(char *launcher, char **argv, const sigset_t *mask) {
  sigprocmask(SIG_SETMASK, mask, NULL);
  (void)setpgid(0, 0);
#ifdef __linux__
  (void)prctl(PR_SET_PDEATHSIG, SIGTERM);
#endif
  execv(launcher, argv);
  execvp("mpirun", argv);
  _exit(NOT_STARTED);
}

/* Have all processes that the launcher has started here ended, and it has taken no note of it? False where
 * it has none, and where /proc does not tell. */
static bool leaves_its_dead(pid_t launcher) {
  char path[64], children[1 << 16];
  snprintf(path, sizeof path, "/proc/%ld/task/%ld/children", (long)launcher, (long)launcher);
  FILE *file = fopen(path, "r");
  if (file == NULL) return false;
  children[fread(children, 1, sizeof children - 1, file)] = '\0';
  (void)fclose(file);
  int number = 0;
  char *at = children, *end;
  for (long process; (process = strtol(at, &end, 10)) > 0; at = end, ++number)
    if (marl_process_runs(process)) return false;
  return number > 0;
}

/* Waits for the launcher; the signals of `watched` are blocked and arrive here. OpenMPI 4.1 may wait for ever for
 * ranks that have ended, if one was killed while all of them began: it is ended then. */
static int wait_for(pid_t child, const sigset_t *watched) {
  const struct timespec second = {.tv_sec = 1};
  int status = 0, asked = 0, patience = PATIENCE;
  pid_t ended;
  while ((ended = waitpid(child, &status, WNOHANG)) == 0) {
    const int signal_number = sigtimedwait(watched, NULL, &second);
    if (signal_number > 0 && signal_number != SIGCHLD)
      kill(child, asked++ == 0 ? SIGUSR1 : SIGTERM);
    if (signal_number > 0) continue;
    patience = leaves_its_dead(child) ? patience - 1 : PATIENCE;
    if (patience > 0) continue;
    kill(child, SIGKILL);
    (void)waitpid(child, &status, 0);
    return NOT_NOTICED;
  }
  if (ended < 0) return NOT_STARTED;
  return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

/* The launcher ends with a rank's exit code; one that is not ours is that of a killed rank. */
static bool is_ours(int exit_code) {
  return exit_code == MARL_EXIT_DONE || exit_code == MARL_EXIT_FAILED ||
         exit_code == MARL_EXIT_MISTAKE || exit_code == MARL_EXIT_IN_USE ||
         exit_code == MARL_EXIT_INTERRUPTED;
}

static MarlCode explain_kill(const MarlArguments *arguments, int exit_code, MarlError *err) {
  const char *folder = marl_arguments_value(arguments, &marl_flag_resume);
  if (folder == NULL) folder = marl_arguments_value(arguments, &marl_flag_out);
  char cause[32] = "";
  if (exit_code > 128) snprintf(cause, sizeof cause, " by signal %d", exit_code - 128);
  return MARL_FAIL(err, MARL_EIO,
                   "a rank was killed%s (out of memory, or out of time?) and the others with it; "
                   "continue from the last checkpoint with: marl %s --resume %s",
                   cause, arguments->argv[1], folder != NULL ? folder : "DIR, the run's folder");
}

/* The launcher's own failure: it is told not to speak, so that a rank's sentence is the only one. */
static MarlCode explain_launcher(const char *launcher, int ranks, MarlError *err) {
  return MARL_FAIL(err, MARL_EIO,
                   "-n %d: '%s' failed before it had started the ranks, or lost a node; with "
                   "OMPI_MCA_orte_execute_quiet=0 in the environment it says why",
                   ranks, launcher);
}

static MarlCode explain_unnoticed(const char *launcher, int ranks, MarlError *err) {
  return MARL_FAIL(
      err, MARL_EIO,
      "-n %d: all ranks have ended and '%s' did not notice, as when one is killed while they "
      "begin; the same command with --continue goes on",
      ranks, launcher);
}

static MarlCode start(const MarlArguments *arguments, int ranks, char *launcher, char **argv,
                      int *exit_code, MarlError *err) {
  sigset_t watched, before;
  (void)signal(SIGCHLD, SIG_DFL); /* who ignores it gets no exit code */
  marl_interrupt_signals(&watched);
  sigaddset(&watched, SIGCHLD);
  sigprocmask(SIG_BLOCK, &watched, &before);
  const pid_t child = fork();
  if (child < 0) return MARL_FAIL(err, MARL_EIO, "cannot start a process: %s", strerror(errno));
  if (child == 0) become(launcher, argv, &before);
  *exit_code = wait_for(child, &watched);
  if (*exit_code == NOT_STARTED)
    return MARL_FAIL(err, MARL_EIO, "-n: cannot start '%s' or 'mpirun'; is OpenMPI installed?",
                     launcher);
  if (*exit_code == NOT_NOTICED) return explain_unnoticed(launcher, ranks, err);
  if (*exit_code == MARL_EXIT_FAILED) return explain_launcher(launcher, ranks, err);
  if (*exit_code == RANK_FAILED) *exit_code = MARL_EXIT_FAILED;
  return is_ours(*exit_code) ? MARL_OK : explain_kill(arguments, *exit_code, err);
}

MarlCode marl_launch(const MarlArguments *arguments, int ranks, int *exit_code, MarlError *err) {
  char launcher[4096], program[MARL_SHIPPED_SIZE], count[16], flag[] = "-n";
  char export[] = "-x", exported[sizeof mark];
  marl_program_path(program);
  if (program[0] == '\0') snprintf(program, sizeof program, "%s", arguments->program);
  snprintf(launcher, sizeof launcher, "%s", marl_build_mpiexec());
  snprintf(count, sizeof count, "%d", ranks);
  char **argv = calloc((size_t)arguments->argc + 10, sizeof *argv);
  if (argv == NULL) return MARL_FAIL(err, MARL_EMEMORY, "out of memory to start %d ranks", ranks);
  int argc = 0;
  argv[argc++] = launcher;
  argv[argc++] = flag;
  argv[argc++] = count;
#ifdef OPEN_MPI /* which hands only its own variables to other nodes */
  snprintf(exported, sizeof exported, "%s", mark);
  argv[argc++] = export;
  argv[argc++] = exported;
#endif
  argv[argc++] = program;
  for (int i = 1; i < arguments->argc; ++i) {
    bool with_value = false;
    if (!is_ranks_flag(arguments->argv[i], &with_value))
      argv[argc++] = arguments->argv[i];
    else if (!with_value)
      ++i;
  }
  set_environment(ranks);
  const MarlCode code = start(arguments, ranks, launcher, argv, exit_code, err);
  free(argv);
  return code;
}
