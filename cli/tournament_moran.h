/* The players of a tournament as the kinds of a population that is born and dies.
 *
 * The payoff of kind i against j is the mean return of player i against j, what an episode pays; Moran's
 * process with fitness exp(s payoff), s per unit of return (theory/selection.h). Printed and written are exact
 * for these payoffs: the probability that one mutant takes over a population of another kind, and the shares
 * of time of the kinds when mutations are rare (theory/fixation.h). What episodes leave open is a bootstrap
 * interval of 95 % over episodes: all pairs of an episode are drawn together, as for Elo. */
#ifndef MARL_CLI_TOURNAMENT_MORAN_H
#define MARL_CLI_TOURNAMENT_MORAN_H

#include <stdio.h>

#include "marl/core/store.h"
#include "marl/learn/round_robin.h"

typedef struct MarlTournamentMoran {
  int population_size;
  double intensity;                   /* s, per unit of return */
  double share[MARL_MAX_CONTESTANTS]; /* of time, rare mutation */
  MarlInterval share_interval[MARL_MAX_CONTESTANTS];
  /* [i][j]: of one i among population_size - 1 of j, times population_size: 1 is neutral; NaN for i = j */
  double fixation[MARL_MAX_CONTESTANTS][MARL_MAX_CONTESTANTS];
  MarlInterval fixation_interval[MARL_MAX_CONTESTANTS][MARL_MAX_CONTESTANTS];
} MarlTournamentMoran;

/* out->population_size, 2 or more, and out->intensity are given. `returns` as task->returns has them after
 * marl_round_robin. MARL_ENUMERIC where the shares depend on the start. */
MarlCode marl_tournament_moran(const MarlRoundRobin *task, const MarlRoundRobinResult *result,
                               MarlTournamentMoran *out, MarlError *err) MARL_NODISCARD;

void marl_tournament_moran_print(FILE *out, const MarlRoundRobin *task,
                                 const MarlTournamentMoran *moran);
/* PATH_shares.csv, a row a player; PATH_fixation.csv, a row a mutant and resident. */
MarlCode marl_tournament_moran_write_csv(const MarlRoundRobin *task,
                                         const MarlTournamentMoran *moran, const char *path,
                                         MarlError *err) MARL_NODISCARD;
/* share over player, fixation over player and opponent, into the tournament's file. */
MarlCode marl_tournament_moran_write_store(const MarlRoundRobin *task,
                                           const MarlTournamentMoran *moran, MarlStore *store,
                                           MarlError *err) MARL_NODISCARD;

#endif
