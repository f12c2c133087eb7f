#include "envs/dilemma/public_goods.h"
#include "tests/unit.h"

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
  UNIT_OK(marl_imitation_stationary(&game.base, 1.0, share, &err));
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
  UNIT_NEAR(marl_imitation_fixation(&game.base, 0.0, 1, 0), 0.01, 1e-15);
  MarlError err;
  double share[3];
  UNIT_OK(marl_imitation_stationary(&game.base, 0.0, share, &err));
  for (int i = 0; i < 3; ++i) UNIT_NEAR(share[i], 1.0 / 3, 1e-14); /* round-off */
}

static CU_TestInfo tests[] = {
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
