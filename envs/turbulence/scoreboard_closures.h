/* The closures of a scoreboard: specifications, and the policies of a training. */
#ifndef MARL_ENVS_TURBULENCE_SCOREBOARD_CLOSURES_H
#define MARL_ENVS_TURBULENCE_SCOREBOARD_CLOSURES_H

#include "envs/turbulence/scoreboard.h"

/* Replicas that the training of a run folder has. */
MarlCode marl_scoreboard_count_replicas(const char *run, int *count, MarlError *err) MARL_NODISCARD;

/* Closure, options and label of the rows 0 .. num_closures-1: specifications, then `replicas` policies
 * of `run`. */
MarlCode marl_scoreboard_fill_closures(MarlScoreboard *board, const char *const *closures,
                                       const char *run, int replicas,
                                       MarlError *err) MARL_NODISCARD;

#endif
