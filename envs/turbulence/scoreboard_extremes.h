/* Return periods of max |w| in the rows of a scoreboard; a part of scoreboard.c. */
#ifndef MARL_ENVS_TURBULENCE_SCOREBOARD_EXTREMES_H
#define MARL_ENVS_TURBULENCE_SCOREBOARD_EXTREMES_H

#include "envs/turbulence/scoreboard.h"

/* Levels in steps of a quarter of a standard deviation of the reference from two on. */
void marl_scoreboard_plan_extremes(const MarlSection *section, MarlScoreboard *board);
/* Of the reference's rows, where its file has series of maxima sampled at least as often. */
MarlCode marl_scoreboard_reference_extremes(MarlScoreboard *board, MarlError *err) MARL_NODISCARD;
/* Of closure c from maxima [num_fields, num_samples] of its runs. */
MarlCode marl_scoreboard_row_extremes(MarlScoreboard *board, int c, const double *maxima,
                                      MarlError *err) MARL_NODISCARD;

#endif
