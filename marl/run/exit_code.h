/* What the program ends with, in one place; documented in docs/runs.md and `marl --help`. */
#ifndef MARL_RUN_EXIT_CODE_H
#define MARL_RUN_EXIT_CODE_H

#include "marl/core/error.h"

typedef enum MarlExit {
  MARL_EXIT_DONE = 0,
  MARL_EXIT_FAILED = 1,       /* a file, memory, a flow that blew up, a killed rank, ... */
  MARL_EXIT_MISTAKE = 2,      /* the command line or a configuration is wrong */
  MARL_EXIT_IN_USE = 3,       /* another program holds the run folder: nothing was touched */
  MARL_EXIT_INTERRUPTED = 75, /* EX_TEMPFAIL: stopped by a signal, saved; the same command with
                                 --continue goes on */
} MarlExit;

MarlExit marl_exit_code(MarlCode code);

#endif
