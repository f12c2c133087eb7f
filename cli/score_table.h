/* The scoreboard for people: a table on the terminal, CSV, and plots by gnuplot. Rank 0 only. */
#ifndef MARL_CLI_SCORE_TABLE_H
#define MARL_CLI_SCORE_TABLE_H

#include <stdio.h>

#include "envs/turbulence/scoreboard.h"

/* A table with "value +- error" of the figures that judge a closure. */
void marl_score_table_print(FILE *out, const MarlScoreboard *board);
/* FOLDER/scores.csv: all figures and their errors. */
MarlCode marl_score_table_csv(const MarlScoreboard *board, const char *folder,
                              MarlError *err) MARL_NODISCARD;
/* Data in FOLDER and the script plot.gp, which draws spectra, pdf, extremes and snapshots as PNG and
 * SVG. */
MarlCode marl_score_plots(const MarlScoreboard *board, const char *folder,
                          MarlError *err) MARL_NODISCARD;

#endif
