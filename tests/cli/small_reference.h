/* A reference of a second, for tests of what is held against one. */
#ifndef MARL_TESTS_CLI_SMALL_REFERENCE_H
#define MARL_TESTS_CLI_SMALL_REFERENCE_H

#include "tests/cli/program.h"

/* r/reference.h5 in the program's folder, once. */
static inline void small_reference_make(Program *p) {
  if (program_exists(p, "r/reference.h5")) return;
  program_write(p, "reference.yaml",
                "grid: {n: 32}\n"
                "flow: {reynolds: 2000}\n"
                "time: {dt: 4e-3, spinup: 1, end: 5}\n"
                "statistics: {sizes: [16]}\n"
                "output: {statistics_every: 0.5}\n"
                "reference: {initial_sizes: [16], initial_samples: 4, held_out: 2}\n");
  PROGRAM_SAYS(p, "marl reference reference.yaml --out r --quiet", 0, "");
}

#endif
