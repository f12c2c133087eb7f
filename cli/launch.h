/* How MPI begins: `-n RANKS`, the same command again under the MPI launcher this program was built with
 * (inside an allocation of Slurm or PBS that launcher spreads the ranks over its nodes); a launcher
 * that started this process; or none, and this process is alone. */
#ifndef MARL_CLI_LAUNCH_H
#define MARL_CLI_LAUNCH_H

#include <stdbool.h>

#include "cli/arguments.h"

/* Has an MPI launcher started this process? */
bool marl_is_launched(void);

/* Before MPI_Init of a process that none has started: MPI shall not start a daemon for it, nor believe
 * from the variables of an interactive job that srun started it as a rank. MARL_ECONFIG if srun did, as
 * one of several tasks that cannot find each other. */
MarlCode marl_prepare_alone(MarlError *err) MARL_NODISCARD;

/* Of several such tasks, is this the one that speaks? */
bool marl_is_first_task(void);

/* The code with which a rank ends, of the one with which the program is to end: under -n a failure is
 * told from one of the launcher itself. */
int marl_rank_exit_code(int exit_code);

/* Runs the command on `ranks` ranks and waits for its exit code. Before MPI_Init.
 *
 * The launcher runs in a process group of its own. A first of the signals of interrupt.h
 * reaches the ranks as SIGUSR1, which the launcher forwards: they write a checkpoint and end well. (To a
 * SIGTERM of its own OpenMPI's launcher answers by killing the ranks.) A second one ends it. */
MarlCode marl_launch(const MarlArguments *arguments, int ranks, int *exit_code,
                     MarlError *err) MARL_NODISCARD;

#endif
