/* Strategies of an iterated game of two actions, as rules for the next move.
 *
 *   memory-one   cooperate with probability p[own last][other's last], `first` at the start: AllC,
 *                AllD, TFT (Axelrod 1984), GTFT (Nowak and Sigmund 1992), WSLS (Nowak and Sigmund
 *                1993), random, any vector
 *   frequency    cooperate while the other's cooperations k of t rounds satisfy a k + b t >= 0:
 *                threshold (k >= theta t), grim (k = t, Friedman 1971), greedy (the best reply to
 *                the other's frequencies, fictitious play, Brown 1951; cooperates when indifferent)
 *   conditional  cooperate with probability k / t: matches what the other has contributed so far
 *                (Fischbacher, Gaechter and Fehr 2001)
 *   q_learner    tabular Q-learning over the last joint action (Watkins and Dayan 1992)
 *
 * The last action is the one that was played, after noise. */
#ifndef MARL_ENVS_GAME_STRATEGY_H
#define MARL_ENVS_GAME_STRATEGY_H

#include <stdint.h>

#include "envs/game/game.h"
#include "theory/memory_one.h"

typedef enum MarlStrategyKind {
  MARL_STRATEGY_MEMORY_ONE,
  MARL_STRATEGY_FREQUENCY,
  MARL_STRATEGY_CONDITIONAL,
  MARL_STRATEGY_Q_LEARNER,
} MarlStrategyKind;

/* States of a learner: the last own and other's action, CC CD DC DD, then "no round yet". */
enum { MARL_JOINT_STATES = 5, MARL_JOINT_START = 4 };

enum { MARL_STRATEGY_NAME = 24 }; /* room for a name and its 0 */

typedef struct MarlStrategy {
  char name[MARL_STRATEGY_NAME];
  MarlStrategyKind kind;
  double first; /* probability of cooperating in the first round */
  double cooperate[MARL_NUM_ACTIONS][MARL_NUM_ACTIONS]; /* [own last, other's last] */
  double slope, offset;                                 /* a, b of a frequency rule */
  double learning_rate, gamma, epsilon;                 /* of a learner */
} MarlStrategy;

/* What the named strategies leave open. */
typedef struct MarlStrategyParams {
  double generosity;    /* of GTFT; negative: min(1 - (T-R)/(R-S), (R-P)/(T-P)), Nowak 1990 */
  double threshold;     /* theta */
  double random;        /* probability of cooperating */
  double memory_one[4]; /* p_CC, p_CD, p_DC, p_DD, own action first */
  double memory_one_first;
  double learning_rate, gamma, epsilon;
} MarlStrategyParams;

extern const char *const marl_strategy_names[]; /* NULL-terminated */

MarlStrategyParams marl_strategy_defaults(void);

/* A strategy by its name, or a memory-one strategy with a name of one's own, [a-z0-9_]+:
 * "extort_3: 0.846 0.5 0.269 0 1", the probabilities to cooperate after CC, CD, DC, DD (own action
 * first) and in the first round. MARL_ECONFIG, with the nearest name if there is no such strategy. */
MarlCode marl_strategy_make(const char *name, const MarlStrategyParams *params,
                            const MarlGame *game, MarlStrategy *out, MarlError *err) MARL_NODISCARD;

/* The vector of a memory-one strategy; false if it is none. */
bool marl_strategy_memory_one(const MarlStrategy *strategy, MarlMemoryOne *out);

/* Probability of cooperating after the last actions `own` and `other` (MARL_UNKNOWN_ACTION before a
 * first round), where the other has cooperated in k of t rounds; of strategies that do not learn. */
double marl_strategy_chance(const MarlStrategy *strategy, int own, int other, int64_t k, int64_t t);

/* True if its play against a deterministic strategy never needs a draw. */
bool marl_strategy_deterministic(const MarlStrategy *strategy);

#endif
