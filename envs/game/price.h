/* What a punishment pays, in rewards: one price list for every environment with punishment.
 *
 * A punisher either fines somebody or does not. The fine is just when the punished one did what the
 * rules count as an offense (defected), unjust when it did not. Prices are signed rewards and nothing
 * else is paid: Dasgupta and Musolesi 2025 pay +2 for a just and -10 for an unjust fine of 3; their
 * costly variant pays -3 for a just one. */
#ifndef MARL_ENVS_GAME_PRICE_H
#define MARL_ENVS_GAME_PRICE_H

#include "marl/core/option.h"

enum { MARL_FORGIVE = 0, MARL_PUNISH = 1 };

typedef struct MarlPrices {
  float fine;          /* taken from the punished, >= 0 */
  float just_reward;   /* to the punisher of an offense; negative is a cost */
  float unjust_reward; /* to the punisher of somebody innocent */
  float tax;           /* paid each round into a pool, >= 0 */
} MarlPrices;

/* The lines of an option table that an environment with these prices puts into its own. */
/* clang-format off */
#define MARL_PRICE_OPTIONS                                                                       \
  {"fine", MARL_OPTION_REAL, "3", 0, 1e6, NULL, "reward", "taken from a punished player"},       \
  {"just_reward", MARL_OPTION_REAL, "2", -1e6, 1e6, NULL, "reward",                              \
   "to the punisher of a defector; negative is a cost"},                                         \
  {"unjust_reward", MARL_OPTION_REAL, "-10", -1e6, 1e6, NULL, "reward",                          \
   "to the punisher of a cooperator; negative is a cost"},                                       \
  {"tax", MARL_OPTION_REAL, "1", 0, 1e6, NULL, "reward",                                         \
   "paid by each player each round under mechanism pool, by who joins a voluntary_pool"}
/* clang-format on */

void marl_prices_read(const MarlSection *config, MarlPrices *out);

/* Reward of the punisher for `decision` about somebody; `offense`: it had done wrong. */
float marl_price_of_verdict(const MarlPrices *prices, int decision, bool offense);

#endif
