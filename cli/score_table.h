/* The scoreboard for people: a table on the terminal, and CSV. Rank 0 only. */
#ifndef MARL_CLI_SCORE_TABLE_H
#define MARL_CLI_SCORE_TABLE_H

#include <stdio.h>

#include "envs/turbulence/scoreboard.h"

/* A table with "value +- error" of the figures that judge a closure. */
void marl_score_table_print(FILE *out, const MarlScoreboard *board);
/* FOLDER/scores.csv: all figures and their errors. */
MarlCode marl_score_table_csv(const MarlScoreboard *board, const char *folder,
                              MarlError *err) MARL_NODISCARD;
#endif
