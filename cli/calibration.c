#define _XOPEN_SOURCE 700 /* nftw */
#define _DEFAULT_SOURCE   /* wait4 */
#include "cli/calibration.h"

#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>
#ifdef __linux__
#include <sys/prctl.h>
#endif

#include "marl/core/log.h"
#include "marl/run/exit_code.h"
#include "marl/run/interrupt.h"

enum { PATH_SIZE = 512, LINE_SIZE = 1024 };

static int remove_entry(const char *path, const struct stat *status, int kind, struct FTW *place) {
  (void)status, (void)kind, (void)place;
  return remove(path);
}

static const double patience = 30.0; /* s that a run has to save itself when it is asked to stop */

/* Waits for the child, asks it to stop after `seconds` or at a signal, and kills it if it does not. */
static int wait_for(pid_t child, double seconds, struct rusage *used) {
  const struct timespec pause = {.tv_nsec = 20000000};
  const double began = marl_timer_seconds();
  double end = seconds;
  int status = 0;
  bool asked = false;
  pid_t ended;
  while ((ended = wait4(child, &status, WNOHANG, used)) == 0) {
    const double now = marl_timer_seconds() - began;
    if (marl_interrupt_requested() && now < end) end = now;
    if (now >= end && !asked) asked = kill(child, SIGUSR1) == 0;
    if (now >= end + patience) (void)kill(child, SIGKILL);
    (void)nanosleep(&pause, NULL);
  }
  if (ended < 0) return MARL_EXIT_FAILED;
  if (WIFEXITED(status)) return WEXITSTATUS(status);
  return asked ? MARL_EXIT_INTERRUPTED : MARL_EXIT_FAILED; /* it had not begun to listen */
}

/* The child: what is tried, which must not outlive this process. */
static void become(char **argv, const char *said) {
#ifdef __linux__
  (void)prctl(PR_SET_PDEATHSIG, SIGTERM);
#endif
  const int null = open("/dev/null", O_WRONLY), file = open(said, O_CREAT | O_WRONLY, 0666);
  if (null >= 0) (void)dup2(null, STDOUT_FILENO);
  if (file >= 0) (void)dup2(file, STDERR_FILENO);
  execv(argv[0], argv);
  fprintf(stderr, "marl: cannot start '%s': %s\n", argv[0], strerror(errno));
  _exit(MARL_EXIT_FAILED);
}

/* The last line of progress that the run wrote of itself. */
static double share_done(const char *folder) {
  char path[PATH_SIZE + 16], line[LINE_SIZE];
  double share = 0;
  snprintf(path, sizeof path, "%s/run/log.txt", folder);
  FILE *file = fopen(path, "r");
  while (file != NULL && fgets(line, sizeof line, file) != NULL) {
    const char *done = strstr(line, " done="), *total = strstr(line, " total=");
    if (strncmp(line, "progress=", 9) != 0 || done == NULL || total == NULL) continue;
    const double whole = strtod(total + 7, NULL);
    if (whole > 0) share = strtod(done + 6, NULL) / whole;
  }
  if (file != NULL) (void)fclose(file);
  return share;
}

/* The last sentence: notes come before it. */
static MarlCode explain(const char *said, int exit_code, MarlError *err) {
  char line[LINE_SIZE], sentence[LINE_SIZE] = "";
  FILE *file = fopen(said, "r");
  while (file != NULL && fgets(line, sizeof line, file) != NULL) {
    line[strcspn(line, "\n")] = '\0';
    if (strncmp(line, "marl: ", 6) == 0) memcpy(sentence, line + 6, sizeof line - 6);
  }
  if (file != NULL) (void)fclose(file);
  return MARL_FAIL(err, exit_code == MARL_EXIT_MISTAKE ? MARL_ECONFIG : MARL_EIO, "%s",
                   sentence[0] != '\0' ? sentence : "the run ended at once and did not say why");
}

MarlCode marl_calibrate(char **argv, int argc, double seconds, MarlCalibration *out,
                        MarlError *err) {
  char folder[PATH_SIZE], run[PATH_SIZE + 8], said[PATH_SIZE + 8];
  char out_flag[] = "--out", quiet[] = "--quiet";
  const char *temporary = getenv("TMPDIR");
  struct rusage used = {.ru_maxrss = 0};
  char **all = calloc((size_t)argc + 4, sizeof *all);
  if (all == NULL) return MARL_FAIL(err, MARL_EMEMORY, "no memory to try the run");
  if (temporary == NULL || temporary[0] == '\0') temporary = "/tmp";
  if (snprintf(folder, sizeof folder, "%s/marl-submit-XXXXXX", temporary) >= (int)sizeof folder)
    errno = ENAMETOOLONG, folder[0] = '\0';
  if (folder[0] == '\0' || mkdtemp(folder) == NULL) {
    free(all);
    return MARL_FAIL(err, MARL_EIO, "cannot make a folder in '%s' (TMPDIR): %s", temporary,
                     strerror(errno));
  }
  snprintf(run, sizeof run, "%s/run", folder);
  snprintf(said, sizeof said, "%s/said", folder);
  memcpy(all, argv, (size_t)argc * sizeof *all);
  all[argc] = out_flag, all[argc + 1] = run, all[argc + 2] = quiet;
  const double began = marl_timer_seconds();
  (void)signal(SIGCHLD, SIG_DFL); /* who ignores it gets no exit code */
  marl_interrupt_listen();
  const pid_t child = fork();
  if (child == 0) become(all, said);
  const int exit_code = child > 0 ? wait_for(child, seconds, &used) : MARL_EXIT_FAILED;
  const bool good = exit_code == MARL_EXIT_DONE || exit_code == MARL_EXIT_INTERRUPTED;
  *out = (MarlCalibration){marl_timer_seconds() - began,
                           exit_code == MARL_EXIT_DONE ? 1.0 : share_done(folder),
                           child > 0 ? (double)used.ru_maxrss / 1024 : 0};
  MarlCode code = MARL_OK;
  if (marl_interrupt_requested())
    code = MARL_FAIL(err, MARL_ESTOPPED, "stopped by a signal; nothing was submitted");
  else if (!good)
    code = explain(said, exit_code, err);
  (void)nftw(folder, remove_entry, 8, FTW_DEPTH | FTW_PHYS);
  free(all);
  return code;
}
