/* Tabular Q-learning for one decider (Watkins and Dayan 1992).
 *
 *   Q(s, k) += rate (reward + discount max_l Q(s', l) - Q(s, k)),
 *
 * with uniform exploration at probability epsilon and ties broken at random. Tables may be slices
 * of a larger block; nothing is allocated here. */
#ifndef MARL_LEARN_TABULAR_Q_H
#define MARL_LEARN_TABULAR_Q_H

#include "marl/core/rng.h"

typedef struct MarlTabularQ {
  int num_states, num_choices;
  float rate, discount;
  float *value; /* [num_states, num_choices], borrowed */
} MarlTabularQ;

enum { MARL_TABULAR_Q_END = -1 }; /* next state of a decision without a future */

/* A draw is a function of (key, index). */
int marl_tabular_q_explore(const MarlTabularQ *q, int state, double epsilon, MarlKey key,
                           uint64_t index);
int marl_tabular_q_greedy(const MarlTabularQ *q, int state); /* the first of equals */
void marl_tabular_q_learn(MarlTabularQ *q, int state, int choice, double reward, int next_state);

#endif
