#include "theory/public_goods.h"

/* C(n, k) / C(m, k), 0 for n < k. */
static double ratio_of_choices(int n, int m, int k) {
  double ratio = 1.0;
  for (int i = 0; i < k; ++i) ratio *= n - i > 0 ? (double)(n - i) / (double)(m - i) : 0.0;
  return ratio;
}

void marl_public_goods_payoffs(const MarlPopulationGame *game, const int *counts, double *payoff) {
  const MarlPublicGoods *g = (const MarlPublicGoods *)game;
  int n[MARL_NUM_PUBLIC_GOODS_STRATEGIES] = {0};
  for (int i = 0; i < game->num_strategies; ++i) n[g->strategy[i]] = counts[i];
  const int size = game->population_size, group = g->group_size;
  const int x = n[MARL_CONTRIBUTOR], y = n[MARL_DEFECTOR], z = n[MARL_LONER];
  const int v = n[MARL_POOL_PUNISHER], w = n[MARL_PEER_PUNISHER];
  const double alone = ratio_of_choices(z, size - 1, group - 1);
  const double met = (double)(group - 1) / (double)(size - 1);
  const int others = size - z - 1; /* that take part, beside a player that does */
  const double play = others > 0 ? 1.0 - alone : 0.0;
  const double share = others > 0 ? g->multiplier / others : 0.0;
  const double contribute =
      alone * g->loner_payoff + play * g->contribution * (share * (size - z - y - 1) - 1.0);
  /* the share of groups with a defector in them, in which a failure to punish is seen */
  const double seen =
      g->second_order ? 1.0 - ratio_of_choices(size - y - 2, size - 2, group - 2) : 0.0;
  const double second_pool = g->second_order ? g->pool_fine * met * v : 0.0;
  double all[MARL_NUM_PUBLIC_GOODS_STRATEGIES];
  all[MARL_CONTRIBUTOR] = contribute - second_pool - g->peer_fine * met * w * seen;
  all[MARL_DEFECTOR] = alone * g->loner_payoff + play * g->contribution * share * (size - z - y) -
                       g->pool_fine * met * v - g->peer_fine * met * w;
  all[MARL_LONER] = g->loner_payoff;
  all[MARL_POOL_PUNISHER] = contribute - play * g->pool_fee;
  all[MARL_PEER_PUNISHER] =
      contribute - g->peer_fee * met * y - g->peer_fee * met * x * seen - second_pool;
  for (int i = 0; i < game->num_strategies; ++i) payoff[i] = all[g->strategy[i]];
}
