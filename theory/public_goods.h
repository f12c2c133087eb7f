/* The linear public goods game in sampled groups, with punishers of two kinds, as a population
 * game: contributors X, defectors Y, loners Z, pool-punishers V, peer-punishers W
 * (Sigmund, De Silva, Traulsen, Hauert 2010). Groups of N are drawn from M; others-only: a
 * contribution c is multiplied by r and shared among the N - 1 others. */
#ifndef MARL_THEORY_PUBLIC_GOODS_H
#define MARL_THEORY_PUBLIC_GOODS_H

#include <stdbool.h>

#include "theory/population_game.h"

typedef enum MarlPublicGoodsStrategy {
  MARL_CONTRIBUTOR,
  MARL_DEFECTOR,
  MARL_LONER,
  MARL_POOL_PUNISHER,
  MARL_PEER_PUNISHER,
  MARL_NUM_PUBLIC_GOODS_STRATEGIES,
} MarlPublicGoodsStrategy;

typedef struct MarlPublicGoods {
  MarlPopulationGame base;
  MarlPublicGoodsStrategy strategy[MARL_NUM_PUBLIC_GOODS_STRATEGIES]; /* those that take part */
  int group_size;                                                     /* N */
  double contribution, multiplier;                                    /* c, r */
  double loner_payoff;                                                /* sigma */
  double pool_fine, pool_fee; /* B per pool-punisher met, G */
  double peer_fine, peer_fee; /* beta, gamma per pair met */
  bool second_order;          /* who contributes but does not punish is punished too */
} MarlPublicGoods;

/* For base.payoffs. */
void marl_public_goods_payoffs(const MarlPopulationGame *game, const int *counts, double *payoff);

#endif
