/* The policies of a run on the environment that they were trained on. */
#ifndef MARL_CLI_EVALUATE_POLICY_H
#define MARL_CLI_EVALUATE_POLICY_H

#include <mpi.h>
#include <stdbool.h>

#include "marl/core/config.h"

/* `config` is that of the run folder `run`; every replica meets the same episodes. Prints means with
 * standard errors. Collective. */
MarlCode marl_evaluate_run(const char *run, MarlConfig *config, int episodes, bool greedy,
                           MPI_Comm comm, MarlError *err) MARL_NODISCARD;

#endif
