/* Runs the program ($MARL_PROGRAM) in a scratch folder and keeps what it said. */
#ifndef MARL_TESTS_CLI_PROGRAM_H
#define MARL_TESTS_CLI_PROGRAM_H

#include <sys/stat.h>
#include <sys/wait.h>

#include "tests/unit.h"

enum { PROGRAM_TEXT = 1 << 16, PROGRAM_PATH = 256, PROGRAM_COMMAND = 4096 };

typedef struct Program {
  char folder[PROGRAM_PATH]; /* its working folder */
  int code;                  /* exit code; 128 + signal if it was killed */
  char out[PROGRAM_TEXT], err[PROGRAM_TEXT];
} Program;

static inline void program_read(const Program *p, const char *name, char text[PROGRAM_TEXT]) {
  char path[2 * PROGRAM_PATH];
  snprintf(path, sizeof path, "%s/%s", p->folder, name);
  text[0] = '\0';
  FILE *file = fopen(path, "r");
  if (file == NULL) return;
  text[fread(text, 1, PROGRAM_TEXT - 1, file)] = '\0';
  (void)fclose(file);
}

/* For a suite's set-up and tear-down, where CUnit takes no assertions: 0 is success. */
static inline int program_begin(Program *p) {
  snprintf(p->folder, sizeof p->folder, "/tmp/marl_cli_XXXXXX");
  return mkdtemp(p->folder) == NULL;
}

static inline int program_end(const Program *p) {
  char command[PROGRAM_COMMAND];
  snprintf(command, sizeof command, "rm -rf %s", p->folder);
  return system(command);
}

static inline void program_write(const Program *p, const char *name, const char *text) {
  char path[2 * PROGRAM_PATH];
  snprintf(path, sizeof path, "%s/%s", p->folder, name);
  FILE *file = fopen(path, "w");
  CU_ASSERT_PTR_NOT_NULL_FATAL(file);
  fputs(text, file);
  CU_ASSERT_EQUAL(fclose(file), 0);
}

static inline bool program_exists(const Program *p, const char *name) {
  char path[2 * PROGRAM_PATH];
  struct stat status;
  snprintf(path, sizeof path, "%s/%s", p->folder, name);
  return stat(path, &status) == 0;
}

/* A shell line in which "marl" is the program, $MARL its path and $MARL_SOURCE the source tree. The environment is a fresh one: this test has
 * started MPI, and its variables would make the program believe that a launcher started it. */
static inline int program_run(Program *p, const char *line) {
  const char *program = getenv("MARL_PROGRAM"), *path = getenv("PATH");
  const char *asan = getenv("ASAN_OPTIONS"), *source = getenv("MARL_SOURCE");
  CU_ASSERT_PTR_NOT_NULL_FATAL(program);
  char command[PROGRAM_COMMAND];
  program_write(p, ".script", line);
  snprintf(
      command, sizeof command,
      "cd %s && { echo 'MARL=\"%s\"; MARL_SOURCE=\"%s\"; marl() { \"$MARL\" \"$@\"; }'; cat "
      ".script; } >.sh && "
      "env -i PATH='%s' HOME=/tmp ASAN_OPTIONS='%s' MALLOC_PERTURB_=165 OMPI_ALLOW_RUN_AS_ROOT=1 "
      "OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1 OMPI_MCA_rmaps_base_oversubscribe=1 "
      "OMPI_MCA_hwloc_base_binding_policy=none OMPI_MCA_mpi_yield_when_idle=1 "
      "sh .sh >.out 2>.err",
      p->folder, program, source != NULL ? source : "", path, asan != NULL ? asan : "");
  const int status = system(command);
  p->code = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
  program_read(p, ".out", p->out);
  program_read(p, ".err", p->err);
  return p->code;
}

/* The line ends with `code` and says `words` on standard error, on one line, or with code 0 on
 * standard output. */
#define PROGRAM_SAYS(p, line, code, words) \
  program_says((p), (line), (code), (words), __FILE__, __LINE__)
static inline void program_says(Program *p, const char *line, int code, const char *words,
                                const char *file, int at) {
  program_run(p, line);
  const char *said = code == 0 ? p->out : p->err;
  const char *newline = strchr(p->err, '\n');
  const bool one_line = code == 0 || (newline != NULL && newline[1] == '\0');
  const bool good = p->code == code && strstr(said, words) != NULL && one_line;
  if (!good)
    printf("\n    %s:%d: %s: exit code %d, out \"%s\", err \"%s\"; expected %d and \"%s\"", file,
           at, line, p->code, p->out, p->err, code, words);
  CU_assertImplementation(good ? CU_TRUE : CU_FALSE, (unsigned)at, line, file, "", CU_FALSE);
}

#endif
