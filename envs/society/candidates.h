/* Whom an agent may choose as its partner: all its neighbors, or a list of some of them.
 *
 * With env.candidates = K > 0 the list has K neighbors, drawn anew for every agent and cycle, each set
 * of K as likely as any other, in index order (Floyd's sampling, Bentley 1987); all of them where
 * there are no more than K. So a society of any size has selectors of one size. It is a function of
 * the cycle's key and the agent: nothing is stored. */
#ifndef MARL_ENVS_SOCIETY_CANDIDATES_H
#define MARL_ENVS_SOCIETY_CANDIDATES_H

#include "envs/society/rules.h"

/* Of a cycle, which the key is of. */
typedef struct MarlCandidates {
  const MarlDilemmaRules *rules;
  const MarlGraph *graph;
  MarlKey key;
} MarlCandidates;

int marl_candidates_count(const MarlDilemmaRules *rules, const MarlGraph *graph, int agent);

/* Places of the candidates in the agent's list of neighbors, ascending; `place` [count]. Only where
 * the agent has more neighbors than env.candidates > 0. */
void marl_candidates_draw(const MarlCandidates *candidates, int agent, int *place);

/* The place of candidate number `choice`. */
int marl_candidates_place(const MarlCandidates *candidates, int agent, int choice);

#endif
