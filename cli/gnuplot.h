/* Run a plot script where gnuplot is installed. */
#ifndef MARL_CLI_GNUPLOT_H
#define MARL_CLI_GNUPLOT_H

#include <stdbool.h>

#include "marl/core/log.h"

/* Runs `gnuplot SCRIPT` in FOLDER. The script begins with marl_write_gnuplot_start; its figures are
 * drawn in FOLDER/figures.part and take their place when all are whole. Returns whether they are
 * there. Where gnuplot is missing or fails there is none of them and the log says why: the data and
 * the script stay, and figures are no reason for a run to fail. */
bool marl_gnuplot(const char *folder, const char *script, MarlLog *log);

#endif
