/* Elo ratings of players who met in pairs.
 *
 * A player i beats j with probability pi_i / (pi_i + pi_j) (Zermelo 1929; Bradley and Terry 1952); a
 * tie is half a win for each. The rating is 400 log10 pi_i (Elo 1978), 0 in the mean over players: 400
 * more are ten wins to one. Maximum likelihood, with one drawn game added to each pair: who never lost,
 * or never won, has no finite maximum of its own (Ford 1957), and in deterministic games that is usual. */
#ifndef MARL_LEARN_ELO_H
#define MARL_LEARN_ELO_H

#include "marl/core/error.h"
#include "marl/core/rng.h"
#include "marl/learn/interval.h"

enum { MARL_ELO_MAX_PLAYERS = 32, MARL_ELO_RESAMPLES = 999 };

/* won [num_players, num_players]: [i, j] is how many games i has won against j, ties half; the diagonal is
 * not read. rating [num_players]. num_players from 2 to MARL_ELO_MAX_PLAYERS. Sums run in the order
 * of the players. */
void marl_elo(int num_players, const double *won, double *rating);

/* Percentile intervals, 95 %, of MARL_ELO_RESAMPLES bootstrap samples of whole episodes (Efron 1979):
 * won [num_episodes, num_players, num_players] as above, of each; out [num_players]. All pairs of an
 * episode are drawn together: they may share a world. MARL_EMEMORY. */
MarlCode marl_elo_intervals(int num_players, int num_episodes, const double *won, MarlKey key,
                            MarlInterval *out, MarlError *err) MARL_NODISCARD;

#endif
