/* Who may punish whom after a round, and who pays what.
 *
 * Direct: each player judges its partner. Third party: two bystanders, drawn every round and with
 * replacement, judge one player each. Both: all four. A judge of a player either fines it or does
 * not. The fine is just when the player defected, unjust when it cooperated. Prices are signed
 * rewards and nothing else is paid: Dasgupta and Musolesi 2025 pay +2 for a just and -10 for an
 * unjust fine of 3; their costly variant pays -3 for a just one. */
#ifndef MARL_ENVS_DILEMMA_PUNISHMENT_H
#define MARL_ENVS_DILEMMA_PUNISHMENT_H

#include <stdbool.h>

typedef enum MarlPunisher {
  MARL_PUNISHER_NONE,
  MARL_PUNISHER_DIRECT,
  MARL_PUNISHER_THIRD_PARTY,
  MARL_PUNISHER_BOTH,
} MarlPunisher;

/* Names for the option `punishment`, NULL-terminated, in the order of MarlPunisher. */
extern const char *const marl_punisher_names[];

enum { MARL_MAX_JUDGES = 4, MARL_FORGIVE = 0, MARL_PUNISH = 1 };

typedef struct MarlPrices {
  float fine;          /* taken from the punished player, >= 0 */
  float just_reward;   /* to the punisher of a defector; negative is a cost */
  float unjust_reward; /* to the punisher of a cooperator */
} MarlPrices;

static inline bool marl_punishes_directly(MarlPunisher who) {
  return who == MARL_PUNISHER_DIRECT || who == MARL_PUNISHER_BOTH;
}
static inline bool marl_punishes_from_outside(MarlPunisher who) {
  return who == MARL_PUNISHER_THIRD_PARTY || who == MARL_PUNISHER_BOTH;
}

/* Reward of the judge for `decision` about a player that played `action`. */
float marl_judge_reward(const MarlPrices *prices, int decision, int action);

#endif
