#include "theory/memory_one.h"

#include "envs/iterated/match.h"
#include "tests/unit.h"

static const double noise_levels[] = {0.0, 0.01, 0.1};

/* Strategies drawn at random from the unit cube, and the named ones. */
static MarlStrategy drawn(MarlKey key, uint64_t number) {
  MarlStrategy s = {.name = "drawn", .kind = MARL_STRATEGY_MEMORY_ONE};
  s.first = marl_uniform(key, 5 * number);
  for (int i = 0; i < 4; ++i)
    s.cooperate[i / 2][i % 2] = marl_uniform(key, 5 * number + 1 + (uint64_t)i);
  return s;
}

/* Of two strategies that are memory-one. */
static void vectors(const MarlStrategy *const pair[2], MarlMemoryOne out[2]) {
  for (int side = 0; side < 2; ++side)
    CU_ASSERT_TRUE(marl_strategy_memory_one(pair[side], &out[side]));
}

static void expected_shares(const MarlMatchRules *rules, const MarlStrategy *const pair[2],
                            double share[MARL_NUM_JOINT_ACTIONS]) {
  MarlMemoryOne vector[2];
  vectors(pair, vector);
  const MarlMemoryOne *const both[2] = {&vector[0], &vector[1]};
  marl_memory_one_expected(both, rules->noise, rules->rounds, share);
}

static MarlCode stationary_shares(const MarlMatchRules *rules, const MarlStrategy *const pair[2],
                                  double share[MARL_NUM_JOINT_ACTIONS], MarlError *err) {
  MarlMemoryOne vector[2];
  vectors(pair, vector);
  const MarlMemoryOne *const both[2] = {&vector[0], &vector[1]};
  return marl_memory_one_stationary(both, rules->noise, share, err);
}

static void payoffs_of(const MarlGame *game, const double share[MARL_NUM_JOINT_ACTIONS],
                       double mean[2]) {
  double payoff[4];
  for (int i = 0; i < 4; ++i) payoff[i] = (double)game->payoff[i / 2][i % 2];
  marl_joint_payoffs(payoff, share, mean);
}

/* 64 x 8 matches of 500 rounds against the chain's exact expectation. The share of a joint action
 * in a match varies by at most 1/2 around its mean, rounds within a match are correlated over some
 * ten rounds: 4 sigma < 4 sqrt(0.25 x 20 / (512 x 500)) = 0.018. */
static void test_simulated_shares_are_the_chains(void) {
  enum { BLOCKS = 8 };
  const MarlKey key = marl_key(1, MARL_STREAM_ENV);
  for (uint64_t n = 0; n < 6; ++n) {
    const MarlMatchRules rules = {marl_game_named("prisoners_dilemma"), 500, noise_levels[n % 3]};
    const MarlStrategy a = drawn(key, 2 * n), b = drawn(key, 2 * n + 1);
    const MarlStrategy *const pair[2] = {&a, &b};
    double expected[MARL_NUM_JOINT_ACTIONS], share[MARL_NUM_JOINT_ACTIONS] = {0}, exact[2];
    double payoff[2] = {0, 0};
    expected_shares(&rules, pair, expected);
    payoffs_of(&rules.game, expected, exact);
    for (uint64_t block = 0; block < BLOCKS; ++block) {
      MarlMatchOutcome outcome[MARL_MATCH_BLOCK];
      marl_match_block(&rules, pair, marl_key_fold(key, n), block, NULL, outcome);
      for (int m = 0; m < MARL_MATCH_BLOCK; ++m) {
        for (int j = 0; j < MARL_NUM_JOINT_ACTIONS; ++j)
          share[j] += outcome[m].rounds[j / 2][j % 2] / (500.0 * BLOCKS * MARL_MATCH_BLOCK);
        for (int side = 0; side < 2; ++side)
          payoff[side] += outcome[m].payoff[side] / (BLOCKS * MARL_MATCH_BLOCK);
      }
    }
    for (int j = 0; j < MARL_NUM_JOINT_ACTIONS; ++j) UNIT_NEAR(share[j], expected[j], 0.018);
    for (int side = 0; side < 2; ++side) UNIT_NEAR(payoff[side], exact[side], 4 * 0.018);
  }
}

/* The stationary shares are left alone by one more step and are the limit of many rounds, which
 * comes at 1 / rounds: 10^5 rounds leave 1e-5 times the few rounds of relaxation. */
static void test_stationary_shares_are_the_limit(void) {
  const MarlKey key = marl_key(2, MARL_STREAM_ENV);
  for (uint64_t n = 0; n < 20; ++n) {
    MarlError err;
    const MarlMatchRules rules = {marl_game_named("prisoners_dilemma"), 100000,
                                  noise_levels[n % 3]};
    const MarlStrategy a = drawn(key, 2 * n), b = drawn(key, 2 * n + 1);
    const MarlStrategy *const pair[2] = {&a, &b};
    double limit[MARL_NUM_JOINT_ACTIONS], many[MARL_NUM_JOINT_ACTIONS];
    UNIT_OK(stationary_shares(&rules, pair, limit, &err));
    expected_shares(&rules, pair, many);
    for (int j = 0; j < MARL_NUM_JOINT_ACTIONS; ++j) UNIT_NEAR(many[j], limit[j], 1e-3);
  }
}

static MarlStrategy named(const char *name, const MarlGame *game) {
  MarlError err;
  MarlStrategy s;
  const MarlStrategyParams params = marl_strategy_defaults();
  UNIT_OK(marl_strategy_make(name, &params, game, &s, &err));
  return s;
}

/* Under noise TFT against itself spends a quarter of the time in each state whatever the noise
 * (Nowak and Sigmund 1992), and WSLS against itself cooperates: of its chain, an error costs DC or
 * CD, then DD, then back; to first order in the noise n, CC has 1 - 6 n (1 - CC states: two kinds of
 * single errors at rate 2 n, each followed by one round of DD, and the round itself). */
static void test_noisy_reciprocators(void) {
  MarlError err;
  const double noise = 1e-4;
  const MarlMatchRules rules = {marl_game_make(3, 0, 5, 1), 1, noise};
  const MarlStrategy tft = named("TFT", &rules.game), wsls = named("WSLS", &rules.game);
  const MarlStrategy *const tits[2] = {&tft, &tft}, *const shifts[2] = {&wsls, &wsls};
  double share[MARL_NUM_JOINT_ACTIONS];
  UNIT_OK(stationary_shares(&rules, tits, share, &err));
  for (int j = 0; j < MARL_NUM_JOINT_ACTIONS; ++j) UNIT_NEAR(share[j], 0.25, 1e-9);
  UNIT_OK(stationary_shares(&rules, shifts, share, &err));
  UNIT_NEAR(share[0], 1 - 4 * noise, 20 * noise * noise);
  UNIT_NEAR(share[3], 2 * noise, 20 * noise * noise);
}

/* Press and Dyson 2012: with p = (11/13, 1/2, 7/26, 0) in R, S, T, P = 3, 0, 5, 1 the extortioner's
 * surplus is three times its co-player's, whoever that is: s_X - P = 3 (s_Y - P). */
static void test_an_extortioner_enforces_its_share(void) {
  const MarlKey key = marl_key(3, MARL_STREAM_ENV);
  const MarlMatchRules rules = {marl_game_make(3, 0, 5, 1), 1, 0};
  const MarlStrategy extortioner = {.name = "extort-3",
                                    .kind = MARL_STRATEGY_MEMORY_ONE,
                                    .first = 1,
                                    .cooperate = {{11.0 / 13, 0.5}, {7.0 / 26, 0}}};
  for (uint64_t n = 0; n < 50; ++n) {
    MarlError err;
    const MarlStrategy other = drawn(key, n);
    const MarlStrategy *const pair[2] = {&extortioner, &other};
    double share[MARL_NUM_JOINT_ACTIONS], payoff[2];
    UNIT_OK(stationary_shares(&rules, pair, share, &err));
    payoffs_of(&rules.game, share, payoff);
    UNIT_NEAR(payoff[0] - 1, 3 * (payoff[1] - 1), 1e-10); /* rounding of a 4 x 4 elimination */
  }
}

static void test_what_has_no_answer_is_refused(void) {
  MarlError err;
  double share[MARL_NUM_JOINT_ACTIONS];
  MarlMemoryOne vector;
  const MarlMatchRules rules = {marl_game_named("prisoners_dilemma"), 10, 0};
  const MarlStrategy tft = named("TFT", &rules.game), grim = named("grim", &rules.game);
  const MarlStrategy *const tits[2] = {&tft, &tft};
  UNIT_ERROR(stationary_shares(&rules, tits, share, &err), MARL_ENUMERIC, "first round");
  CU_ASSERT_FALSE(marl_strategy_memory_one(&grim, &vector));
}

static CU_TestInfo tests[] = {
    {"simulated shares are the chain's", test_simulated_shares_are_the_chains},
    {"stationary shares are the limit of many rounds", test_stationary_shares_are_the_limit},
    {"noisy reciprocators", test_noisy_reciprocators},
    {"an extortioner enforces its share", test_an_extortioner_enforces_its_share},
    {"what has no answer is refused", test_what_has_no_answer_is_refused},
    CU_TEST_INFO_NULL,
};
static CU_SuiteInfo suites[] = {{"memory-one strategies", NULL, NULL, NULL, NULL, tests},
                                CU_SUITE_INFO_NULL};
UNIT_MAIN(suites)
