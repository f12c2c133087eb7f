/* A reward that is partly everybody's: between every agent for itself and a team.
 *
 *   r_i <- (1 - w) r_i + w mean_j r_j
 *
 * in each role's stream, over the agents j that live: who was out before this step neither gives
 * nor takes, who goes out in it still does. The sum over the agents stays what it was, so the mean
 * returns that are reported are those of the problem itself. w = 1: a common interest (Boutilier
 * 1996). */
#ifndef MARL_LEARN_COMMON_REWARD_H
#define MARL_LEARN_COMMON_REWARD_H

#include "marl/learn/env.h"

/* reward [A, R] in place; `gone` [A] 1 = out before this step; weight in [0, 1]. */
void marl_common_reward(const MarlEnvSpec *spec, double weight, const uint8_t *gone, float *reward);

#endif
