#include "theory/public_goods.h"

#include "tests/unit.h"
#include "theory/fixation.h"

static const MarlSelection unit = {.rule = MARL_SELECTION_FERMI, .intensity = 1.0};
static const MarlSelection neutral = {.rule = MARL_SELECTION_FERMI};

#define X MARL_CONTRIBUTOR
#define Y MARL_DEFECTOR
#define Z MARL_LONER
#define V MARL_POOL_PUNISHER
#define W MARL_PEER_PUNISHER

/* M = 100, N = 5, c = 1, r = 3, sigma = 1, all fines and fees 0.7: Sigmund et al. 2010 */
static MarlPublicGoods make(int n, const MarlPublicGoodsStrategy *strategies, bool second_order) {
  MarlPublicGoods g = {.base = {n, 100, marl_public_goods_payoffs},
                       .group_size = 5,
                       .contribution = 1,
                       .multiplier = 3,
                       .loner_payoff = 1,
                       .pool_fine = 0.7,
                       .pool_fee = 0.7,
                       .peer_fine = 0.7,
                       .peer_fee = 0.7,
                       .second_order = second_order};
  for (int i = 0; i < n; ++i) g.strategy[i] = strategies[i];
  return g;
}

static void expect(int n, const MarlPublicGoodsStrategy *strategies, bool second_order,
                   const double *expected) {
  MarlError err;
  double share[MARL_NUM_PUBLIC_GOODS_STRATEGIES];
  const MarlPublicGoods game = make(n, strategies, second_order);
  UNIT_OK(marl_rare_mutation_shares(&game.base, &unit, share, &err));
  for (int i = 0; i < n; ++i) UNIT_NEAR(share[i], expected[i], 5.1e-5); /* four printed digits */
}

static void test_peer_punishers_win_a_voluntary_game(void) {
  expect(4, (const MarlPublicGoodsStrategy[]){X, Y, Z, W}, false,
         (const double[]){.0266, .0271, .0641, .8822});
}

static void test_pool_punishers_need_second_order_punishment(void) {
  const MarlPublicGoodsStrategy pool[] = {X, Y, Z, V};
  expect(4, pool, false, (const double[]){.1799, .1831, .5541, .0829});
  expect(4, pool, true, (const double[]){0, 0, 0, 1});
}

static void test_a_compulsory_game_ends_in_defection(void) {
  expect(3, (const MarlPublicGoodsStrategy[]){X, Y, W}, false, (const double[]){0, 1, 0});
  expect(3, (const MarlPublicGoodsStrategy[]){X, Y, V}, false, (const double[]){0, 1, 0});
}

static void test_second_order_punishment_turns_the_competition_of_peer_and_pool(void) {
  const MarlPublicGoodsStrategy all[] = {X, Y, Z, V, W};
  expect(5, all, false, (const double[]){.0269, .0274, .0505, .0038, .8915});
  expect(5, all, true, (const double[]){0, 0, 0, 1, 0});
}

/* Neutral selection: everybody fixates with probability 1 / M. */
static void test_without_selection_all_are_alike(void) {
  const MarlPublicGoods game = make(3, (const MarlPublicGoodsStrategy[]){X, Y, Z}, false);
  UNIT_NEAR(exp(marl_log_fixation(&game.base, &neutral, 1, 0)), 0.01, 1e-15);
  MarlError err;
  double share[3];
  UNIT_OK(marl_rare_mutation_shares(&game.base, &neutral, share, &err));
  for (int i = 0; i < 3; ++i) UNIT_NEAR(share[i], 1.0 / 3, 1e-14); /* round-off */
}

enum { ALL = 9, GROUP = 4, KINDS = MARL_NUM_PUBLIC_GOODS_STRATEGIES };

/* What one member of a group earns, by the rules of the game: `n` members of each kind with it. */
static double earned_in_group(const MarlPublicGoods *g, int own, const int n[KINDS]) {
  const int others = n[X] + n[Y] + n[V] + n[W] - 1;
  if (own == Z || others == 0) return g->loner_payoff;
  const bool gives = own != Y;
  const double given = n[X] + n[V] + n[W] - gives;
  double payoff = g->contribution * (g->multiplier * given / others - gives);
  if (own == V) payoff -= g->pool_fee;
  if (own == Y) payoff -= g->pool_fine * n[V] + g->peer_fine * n[W];
  if (own == W) payoff -= g->peer_fee * n[Y];
  if (!g->second_order) return payoff;
  if (own == X || own == W) payoff -= g->pool_fine * n[V];
  if (own == X && n[Y] > 0) payoff -= g->peer_fine * n[W]; /* a failure to punish is seen */
  if (own == W && n[Y] > 0) payoff -= g->peer_fee * n[X];
  return payoff;
}

/* The formulas are means over all groups that can be drawn: nine players, groups of four. */
static void test_payoffs_are_means_over_all_groups(void) {
  static const MarlPublicGoodsStrategy kinds[KINDS] = {X, Y, Z, V, W};
  static const int populations[][KINDS] = {{2, 2, 2, 1, 2}, {1, 3, 1, 2, 2}, {3, 1, 3, 1, 1}};
  for (int k = 0; k < 6; ++k) {
    const int *counts = populations[k / 2];
    MarlPublicGoods g = make(KINDS, kinds, k % 2 == 1);
    g.base.population_size = ALL;
    g.group_size = GROUP;
    g.pool_fee = 0.5, g.peer_fee = 0.3; /* apart from the fines */
    int kind_of[ALL], player = 0;
    for (int i = 0; i < KINDS; ++i)
      for (int c = 0; c < counts[i]; ++c) kind_of[player++] = i;
    double sum[KINDS] = {0}, payoff[KINDS];
    int groups[KINDS] = {0};
    for (unsigned set = 0; set < 1u << ALL; ++set) {
      int n[KINDS] = {0}, size = 0;
      for (int i = 0; i < ALL; ++i)
        if (set >> i & 1u) ++n[kind_of[i]], ++size;
      for (int i = 0; size == GROUP && i < KINDS; ++i) {
        sum[i] += n[i] > 0 ? n[i] * earned_in_group(&g, i, n) : 0.0;
        groups[i] += n[i];
      }
    }
    marl_public_goods_payoffs(&g.base, counts, payoff);
    for (int i = 0; i < KINDS; ++i) UNIT_NEAR(payoff[i], sum[i] / groups[i], 1e-12);
  }
}

static CU_TestInfo tests[] = {
    {"payoffs are means over all groups", test_payoffs_are_means_over_all_groups},
    {"peer punishers win a voluntary game", test_peer_punishers_win_a_voluntary_game},
    {"pool punishers need second-order punishment",
     test_pool_punishers_need_second_order_punishment},
    {"a compulsory game ends in defection", test_a_compulsory_game_ends_in_defection},
    {"second-order punishment turns the competition of peer and pool",
     test_second_order_punishment_turns_the_competition_of_peer_and_pool},
    {"without selection all are alike", test_without_selection_all_are_alike},
    CU_TEST_INFO_NULL,
};
static CU_SuiteInfo suites[] = {{"public goods", NULL, NULL, NULL, NULL, tests},
                                CU_SUITE_INFO_NULL};
UNIT_MAIN(suites)
