/* `-n RANKS`: the same command again, under the MPI launcher this program was built with. */
#ifndef MARL_CLI_LAUNCH_H
#define MARL_CLI_LAUNCH_H

#include <stdbool.h>

#include "cli/arguments.h"

/* Has an MPI launcher started this process? */
bool marl_is_launched(void);

/* Runs the command on `ranks` ranks and waits for its exit code. Before MPI_Init.
 *
 * The launcher runs in a process group of its own. A first of the signals of interrupt.h
 * reaches the ranks as SIGUSR1, which the launcher forwards: they write a checkpoint and end well. (To a
 * SIGTERM of its own OpenMPI's launcher answers by killing the ranks.) A second one ends it. */
MarlCode marl_launch(const MarlArguments *arguments, int ranks, int *exit_code,
                     MarlError *err) MARL_NODISCARD;

#endif
