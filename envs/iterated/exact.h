/* Exact payoffs of strategies of an iterated game, of those that are memory-one. */
#ifndef MARL_ENVS_ITERATED_EXACT_H
#define MARL_ENVS_ITERATED_EXACT_H

#include "envs/iterated/tournament.h"

/* One strategy against another: shares of CC, CD, DC, DD (first's action first), means a round. */
typedef struct MarlExactPair {
  double share[MARL_NUM_JOINT_ACTIONS];
  double payoff[2], cooperation[2];
} MarlExactPair;

/* Over rules->rounds rounds; 0: infinitely many. MARL_ECONFIG if one of the two is not memory-one,
 * MARL_ENUMERIC if the long run depends on the first round. */
MarlCode marl_exact_pair(const MarlMatchRules *rules, const MarlStrategy *const pair[2],
                         MarlExactPair *out, MarlError *err) MARL_NODISCARD;

/* What marl_tournament_run measures, in the mean over all draws. */
MarlCode marl_exact_tournament(const MarlTournament *tournament, MarlTournamentResult *out,
                               MarlError *err) MARL_NODISCARD;

#endif
