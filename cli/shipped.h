/* Where the data that come with the program are: reference files, policies, configurations. */
#ifndef MARL_CLI_SHIPPED_H
#define MARL_CLI_SHIPPED_H

#include <stdbool.h>

#include "marl/core/error.h"

enum { MARL_SHIPPED_SIZE = 4096 };

/* PREFIX/share/marl of the installation that this program runs from, else the sources that it was
 * built from; false if neither is there. */
bool marl_shipped_folder(char folder[MARL_SHIPPED_SIZE]);

/* The file of a configuration's name: the user's file of that name; or else, of the shipped data, the file of
 * that name ("configs/control/lqr.yaml") or the configuration ("control/lqr"). `path` itself if there is
 * none. `room` holds it. */
const char *marl_shipped_config(const char *path, char room[MARL_SHIPPED_SIZE]);

/* The same of a policy or another file of data, "closure/policies/kf4_n32_cmaes.h5"; what is there under the
 * name, be it a folder, is itself. */
const char *marl_shipped_file(const char *path, char room[MARL_SHIPPED_SIZE]);

/* MARL_ECONFIG: nobody has a configuration of this name, and which shipped one is near. */
MarlCode marl_shipped_no_config(const char *path, MarlError *err) MARL_NODISCARD;

/* Calls with name and path of every shipped configuration, in the order of the alphabet. */
typedef void (*MarlShippedVisit)(void *context, const char *name, const char *path);
void marl_shipped_configs(MarlShippedVisit visit, void *context);

/* The file that this program was started from, "" if the system does not tell. */
void marl_program_path(char path[MARL_SHIPPED_SIZE]);

#endif
