/* Exact payoffs of two memory-one strategies: their match is a Markov chain over the last joint
 * action CC, CD, DC, DD (first's action first). Nowak and Sigmund 1990; Press and Dyson 2012. */
#ifndef MARL_THEORY_MEMORY_ONE_H
#define MARL_THEORY_MEMORY_ONE_H

#include "marl/core/error.h"

enum { MARL_NUM_JOINT_ACTIONS = 4 };

/* Probabilities to cooperate; 0 is cooperation, 1 defection. */
typedef struct MarlMemoryOne {
  double first;           /* in the first round */
  double cooperate[2][2]; /* [own last, other's last] */
} MarlMemoryOne;

/* Expected share of each joint action over the first `rounds` rounds; `noise` flips each move. */
void marl_memory_one_expected(const MarlMemoryOne *const pair[2], double noise, int rounds,
                              double share[MARL_NUM_JOINT_ACTIONS]);

/* The same over infinitely many rounds. MARL_ENUMERIC if that depends on the first round (the chain
 * has more than one closed class); any noise makes it unique. */
MarlCode marl_memory_one_stationary(const MarlMemoryOne *const pair[2], double noise,
                                    double share[MARL_NUM_JOINT_ACTIONS],
                                    MarlError *err) MARL_NODISCARD;

/* Mean payoffs a round of the first and the second; payoff: who plays own gets R, S, T, P after CC,
 * CD, DC, DD, own action first. */
void marl_joint_payoffs(const double payoff[MARL_NUM_JOINT_ACTIONS],
                        const double share[MARL_NUM_JOINT_ACTIONS], double mean[2]);

#endif
