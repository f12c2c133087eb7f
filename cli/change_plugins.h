/* --set closure.name=NAME, and the like for every kind of plugin: another plugin than the file's starts
 * from its own defaults. An option of the old one means something else, or nothing, to the new one, so
 * what the file says of the options that the old one brought is left out, and a line on standard error
 * says which. What else is given by --set is the new one's. */
#ifndef MARL_CLI_CHANGE_PLUGINS_H
#define MARL_CLI_CHANGE_PLUGINS_H

#include <mpi.h>

#include "marl/core/config.h"

/* settings [count]: "closure.name=NAME", every --set. `config` is what the file says; nothing is claimed
 * yet. Rank 0 speaks. */
void marl_change_plugins(const char *const *settings, int count, MPI_Comm comm, MarlConfig *config);

#endif
