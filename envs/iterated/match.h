/* Iterated matches of two strategies, many at once.
 *
 * Matches go in blocks of MARL_MATCH_BLOCK that share their two strategies: every step of a round
 * is a loop over the block's matches, which compilers vectorize, and a round takes one keyed draw
 * of 32 bits a player. Noise flips a move with probability `noise`; it is folded into the
 * probability of cooperating, p (1 - 2 noise) + noise, so that it costs nothing. Probabilities are
 * multiples of 2^-30. What happens in match m is a function of (key, m) and the strategies. */
#ifndef MARL_ENVS_ITERATED_MATCH_H
#define MARL_ENVS_ITERATED_MATCH_H

#include "envs/game/strategy.h"
#include "marl/core/rng.h"

enum { MARL_MATCH_BLOCK = 4 * MARL_PHILOX_LANES };

typedef struct MarlMatchRules {
  MarlGame game;
  int rounds; /* 1 .. 2^24, so that counts are exact in float */
  double noise;
} MarlMatchRules;

/* One match: rounds by (first's action, second's action), and the two mean payoffs a round. */
typedef struct MarlMatchOutcome {
  int32_t rounds[MARL_NUM_ACTIONS][MARL_NUM_ACTIONS];
  double payoff[2];
} MarlMatchOutcome;

/* Action values of one learner: [state][action]. */
typedef struct MarlJointTable {
  float value[MARL_JOINT_STATES][MARL_NUM_ACTIONS];
} MarlJointTable;

/* The matches of block `block`: 64 block .. 64 block + 63. tables [2][MARL_MATCH_BLOCK] are the
 * action values of learners, read at the start and written at the end; NULL: zero at the start,
 * forgotten at the end. A learner's first state is MARL_JOINT_START, and what it learns from the last
 * round leads there: its next decision is the first of another match. */
void marl_match_block(const MarlMatchRules *rules, const MarlStrategy *const pair[2], MarlKey key,
                      uint64_t block, MarlJointTable *tables,
                      MarlMatchOutcome outcome[MARL_MATCH_BLOCK]);

MarlCode marl_match_rules_check(const MarlMatchRules *rules, MarlError *err) MARL_NODISCARD;

#endif
