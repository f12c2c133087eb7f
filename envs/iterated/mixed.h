/* A mixed population of N: fixed strategies and tabular learners that meet at random.
 *
 * In a cycle everybody is paired with one other at random (with N odd one sits out) and plays a
 * match of rules.rounds rounds. Learners keep their tables from match to match, and the last round
 * of a match leads to the first of the next. Pairs of the same two strategies share blocks of
 * matches, so that a cycle costs about what its matches cost. */
#ifndef MARL_ENVS_ITERATED_MIXED_H
#define MARL_ENVS_ITERATED_MIXED_H

#include "envs/iterated/match.h"
#include "marl/core/store.h"

enum { MARL_MAX_MIXED = 16 };

typedef struct MarlMixedParams {
  MarlMatchRules rules;
  int num_agents; /* 2 .. 2^30 */
  int num_strategies;
  MarlStrategy strategy[MARL_MAX_MIXED];
  double share[MARL_MAX_MIXED]; /* of the agents, sum 1 */
} MarlMixedParams;

/* Of one cycle, means over the rounds of a strategy's agents; 0 where nobody played. */
typedef struct MarlMixedResult {
  double payoff[MARL_MAX_MIXED], cooperation[MARL_MAX_MIXED];
  int64_t players[MARL_MAX_MIXED]; /* agents that played */
} MarlMixedResult;

typedef struct MarlMixed MarlMixed;

MarlCode marl_mixed_check(const MarlMixedParams *params, MarlError *err) MARL_NODISCARD;
MarlCode marl_mixed_create(const MarlMixedParams *params, MarlKey key, MarlMixed **out,
                           MarlError *err) MARL_NODISCARD;
void marl_mixed_destroy(MarlMixed **mixed);

void marl_mixed_cycle(MarlMixed *mixed, MarlMixedResult *result);

/* The next `cycles` on a copy whose learners neither explore nor learn; means over them. */
MarlCode marl_mixed_greedy(const MarlMixed *mixed, int cycles, MarlMixedResult *result,
                           MarlError *err) MARL_NODISCARD;

/* Between two cycles, bit for bit; loaded into one of the same parameters and key. */
MarlCode marl_mixed_save(const MarlMixed *mixed, MarlStore *to, MarlError *err) MARL_NODISCARD;
MarlCode marl_mixed_load(MarlMixed *mixed, MarlStore *from, MarlError *err) MARL_NODISCARD;

/* Over everybody who played. */
double marl_mixed_cooperation(const MarlMixedResult *result);
double marl_mixed_payoff(const MarlMixedResult *result);

#endif
