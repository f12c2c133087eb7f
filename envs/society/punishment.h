/* Who may punish whom after a round, and who pays what.
 *
 * Pool: every player pays the tax each round, and every defector the fine; nobody decides (the
 * compulsory institution of Sigmund, De Silva, Traulsen and Hauert 2010). Voluntary pool: before
 * they play, both players of a round decide whether to pay the tax; each payer fines its partner if
 * it defects and, with second_order, also if it does not pay. That is their pool punishment in
 * groups of two: a fine for each payer among the others. Paying and playing are decisions of their
 * own here, so that each has a fine of its own where Sigmund et al. fine a type once. Indirect: a neighbor of
 * the player who suffered judges the other one (Wen, He, Shen and Tanimoto 2024).
 * Metanorm, with any judges: who forgave a defector is judged in turn by a bystander, with the
 * same prices (Axelrod 1986). Graduated: the fine grows with each fine and falls by a grade with
 * each cooperation (Ostrom 1990). Adaptive: a judge's fines and prices carry its intensity, which
 * rises toward 1 by a rate when the punished agent's next act cooperates and falls toward 0 when
 * it defects (after the adaptive punishment of Tang, Kong, Lu and Feng 2026, whose formulas are
 * not public: this rule is this project's).
 *
 * Direct: each player judges its partner. Third party: two bystanders, drawn every round and with
 * replacement, judge one player each. Both: all four. A judge of a player either fines it or does
 * not. The fine is just when the player defected, unjust when it cooperated. Prices are signed
 * rewards and nothing else is paid: Dasgupta and Musolesi 2025 pay +2 for a just and -10 for an
 * unjust fine of 3; their costly variant pays -3 for a just one. */
#ifndef MARL_ENVS_SOCIETY_PUNISHMENT_H
#define MARL_ENVS_SOCIETY_PUNISHMENT_H

#include <stdbool.h>

typedef enum MarlPunisher {
  MARL_PUNISHER_NONE,
  MARL_PUNISHER_DIRECT,
  MARL_PUNISHER_THIRD_PARTY,
  MARL_PUNISHER_BOTH,
  MARL_PUNISHER_POOL,
  MARL_PUNISHER_INDIRECT,
  MARL_PUNISHER_VOLUNTARY_POOL,
} MarlPunisher;

/* Names for the option `punishment`, NULL-terminated, in the order of MarlPunisher. */
extern const char *const marl_punisher_names[];

/* four of players, and one of each of these */
enum { MARL_MAX_JUDGES = 8, MARL_FORGIVE = 0, MARL_PUNISH = 1, MARL_MAX_GRADES = 8 };

typedef struct MarlPrices {
  float fine;          /* taken from the punished player, >= 0 */
  float just_reward;   /* to the punisher of a defector; negative is a cost */
  float unjust_reward; /* to the punisher of a cooperator */
  float tax;           /* paid by each player of a round into the pool, or by who joins, >= 0 */
  int num_grades;      /* 0: the fine is always the same */
  float grade[MARL_MAX_GRADES]; /* fines of the first, second, ... punishment */
  float adaptive_rate;          /* 0: intensities stay 1 */
} MarlPrices;

static inline bool marl_punishes_directly(MarlPunisher who) {
  return who == MARL_PUNISHER_DIRECT || who == MARL_PUNISHER_BOTH;
}
static inline bool marl_punishes_from_outside(MarlPunisher who) {
  return who == MARL_PUNISHER_THIRD_PARTY || who == MARL_PUNISHER_BOTH;
}
static inline bool marl_punisher_decides(MarlPunisher who) {
  return who != MARL_PUNISHER_NONE && who != MARL_PUNISHER_POOL;
}

/* Reward of the judge for `decision` about a player that played `action`. */
float marl_judge_reward(const MarlPrices *prices, int decision, int action);

#endif
