/* What a tuning shows: a row a candidate, those that sampling noise cannot tell from the best, and how
 * far the searches agree. */
#ifndef MARL_CLI_TUNE_TABLE_H
#define MARL_CLI_TUNE_TABLE_H

#include <stdio.h>

#include "envs/turbulence/tuning.h"

enum { MARL_TUNE_CELL = 48 };
/* "objective +- error" of a candidate, or that it blew up. */
const char *marl_tune_cell(const MarlCandidate *candidate, char cell[MARL_TUNE_CELL]);

/* Rows of tune.csv. */
void marl_tune_print_header(FILE *csv);
void marl_tune_print_candidate(FILE *csv, const MarlTuning *tuning, const MarlCandidate *candidate);

/* Candidates whose objective is within two standard errors of the difference of the best one: what
 * sampling noise, and not the closure, tells from it. */
void marl_tune_print_equals(FILE *out, const MarlTuning *tuning);
/* How far the searches agree on held-out fields, and the best of what they found; row 0 of the board
 * is the start. */
void marl_tune_print_spread(FILE *out, const MarlTuning *tuning, const MarlScoreboard *board);

#endif
