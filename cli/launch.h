/* `-n RANKS`: the same command again, under the MPI launcher this program was built with. */
#ifndef MARL_CLI_LAUNCH_H
#define MARL_CLI_LAUNCH_H

#include <stdbool.h>

#include "cli/arguments.h"

/* Has an MPI launcher started this process? */
bool marl_is_launched(void);

/* Replaces this process; returns only on failure. Before MPI_Init. */
MarlCode marl_launch(const MarlArguments *arguments, int ranks, MarlError *err) MARL_NODISCARD;

#endif
