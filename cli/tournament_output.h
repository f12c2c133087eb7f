/* What a tournament has found: on the terminal, as CSV and as HDF5. Rank 0. */
#ifndef MARL_CLI_TOURNAMENT_OUTPUT_H
#define MARL_CLI_TOURNAMENT_OUTPUT_H

#include <stdio.h>

#include "cli/tournament_moran.h"
#include "marl/core/provenance.h"
#include "marl/learn/round_robin.h"

void marl_tournament_print(FILE *out, const MarlRoundRobin *task,
                           const MarlRoundRobinResult *result);
/* PATH.csv, a row a player; PATH_pairs.csv, a row a player and opponent. */
MarlCode marl_tournament_write_csv(const MarlRoundRobin *task, const MarlRoundRobinResult *result,
                                   const char *path, MarlError *err) MARL_NODISCARD;
/* PATH.h5: the same over player [P], and over player and opponent [P, P]; moran or NULL. */
MarlCode marl_tournament_write_store(const MarlRoundRobin *task, const MarlRoundRobinResult *result,
                                     const MarlTournamentMoran *moran,
                                     const MarlProvenance *provenance, const char *path,
                                     MarlError *err) MARL_NODISCARD;

#endif
