/* Shell lines about two lattice runs, with a function same FOLDER: its files have the bytes of those
 * in the folder a. */
#ifndef MARL_TESTS_CLI_SAME_LATTICE_H
#define MARL_TESTS_CLI_SAME_LATTICE_H

#include "tests/cli/program.h"

static inline void same_lattice_says(Program *p, const char *lines, int code, const char *words) {
  char script[PROGRAM_COMMAND];
  snprintf(script, sizeof script,
           "same() { for file in series.csv pattern.h5 latest $(cat a/latest); do\n"
           "  cmp a/$file $1/$file || exit 9\ndone; }\n%s",
           lines);
  PROGRAM_SAYS(p, script, code, words);
}

#endif
