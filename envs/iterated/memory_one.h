/* Exact payoffs of two memory-one strategies: their match is a Markov chain over the last joint
 * action CC, CD, DC, DD (first's action first). Nowak and Sigmund 1990; Press and Dyson 2012. */
#ifndef MARL_ENVS_ITERATED_MEMORY_ONE_H
#define MARL_ENVS_ITERATED_MEMORY_ONE_H

#include "envs/iterated/match.h"

enum { MARL_NUM_JOINT_ACTIONS = 4 };

/* Expected share of each joint action over the first `rules->rounds` rounds, noise included.
 * MARL_EARG unless both strategies are memory-one. */
MarlCode marl_memory_one_expected(const MarlMatchRules *rules, const MarlStrategy *const pair[2],
                                  double share[MARL_NUM_JOINT_ACTIONS],
                                  MarlError *err) MARL_NODISCARD;

/* The same over infinitely many rounds. MARL_ENUMERIC if that depends on the first round (the chain
 * has more than one closed class); any noise makes it unique. */
MarlCode marl_memory_one_stationary(const MarlMatchRules *rules, const MarlStrategy *const pair[2],
                                    double share[MARL_NUM_JOINT_ACTIONS],
                                    MarlError *err) MARL_NODISCARD;

/* Mean payoffs a round of the first and the second. */
void marl_joint_payoffs(const MarlGame *game, const double share[MARL_NUM_JOINT_ACTIONS],
                        double payoff[2]);

#endif
