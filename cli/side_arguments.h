/* Arguments of the commands that let policies meet (marl/learn/sides.h). */
#ifndef MARL_CLI_SIDE_ARGUMENTS_H
#define MARL_CLI_SIDE_ARGUMENTS_H

#include "cli/arguments.h"
#include "marl/learn/sides.h"

extern const MarlFlag marl_flag_episodes; /* --episodes NUMBER */
extern const MarlFlag marl_flag_discount; /* --discount NUMBER */
extern const MarlFlag marl_flag_sample;   /* --sample */

/* A scripted policy, or with a / or .h5 in `text` a run folder or an exported file. `text` is borrowed;
 * *owned, NULL for a scripted one, is what the caller destroys. */
MarlCode marl_side_open(const char *text, MarlSide *out, MarlPolicy **owned,
                        MarlError *err) MARL_NODISCARD;

/* Claims a training's sections; the world of env and run.seed with these flags. */
MarlCode marl_sides_read(const MarlArguments *arguments, MarlConfig *config, MarlSidesWorld *world,
                         int *episodes, int64_t *seed, MarlError *err) MARL_NODISCARD;

/* compute() on rank 0, with the command's configuration. Collective over comm. */
typedef MarlCode MarlSidesCompute(const MarlArguments *arguments, MarlConfig *config,
                                  MarlError *err);
MarlCode marl_sides_run(const MarlArguments *arguments, MPI_Comm comm, MarlSidesCompute *compute,
                        MarlError *err) MARL_NODISCARD;

#endif
