/* Where the data that come with the program are: reference files, policies, configurations. */
#ifndef MARL_CLI_SHIPPED_H
#define MARL_CLI_SHIPPED_H

#include <stdbool.h>

#include "marl/core/error.h"

enum { MARL_SHIPPED_SIZE = 4096 };

/* PREFIX/share/marl of the installation that this program runs from, else the sources that it was
 * built from; false if neither is there. */
bool marl_shipped_folder(char folder[MARL_SHIPPED_SIZE]);

/* The file of the user's name, or, if there is none and the shipped data have one of that name, that:
 * "configs/control/lqr.yaml" works from any folder. `room` holds it. */
const char *marl_shipped_file(const char *path, char room[MARL_SHIPPED_SIZE]);

/* The file that this program was started from, "" if the system does not tell. */
void marl_program_path(char path[MARL_SHIPPED_SIZE]);

#endif
