/* Run a plot script where gnuplot is installed. */
#ifndef MARL_CLI_GNUPLOT_H
#define MARL_CLI_GNUPLOT_H

#include <stdbool.h>

#include "marl/core/error.h"

/* Runs `gnuplot SCRIPT` in FOLDER. *drawn is false when there is no gnuplot on the path; MARL_EIO
 * when it fails. */
MarlCode marl_gnuplot(const char *folder, const char *script, bool *drawn,
                      MarlError *err) MARL_NODISCARD;

#endif
