#include "envs/iterated/mixed.h"

#include "tests/unit.h"

static MarlMixedParams population(int num, const char *const *names, int agents, int rounds) {
  MarlMixedParams p = {.rules = {.game = marl_game_make(3, 0, 5, 1), .rounds = rounds},
                       .num_agents = agents,
                       .num_strategies = num};
  const MarlStrategyParams params = marl_strategy_defaults();
  for (int i = 0; i < num; ++i) {
    MarlError err;
    UNIT_OK(marl_strategy_make(names[i], &params, &p.rules.game, &p.strategy[i], &err));
    p.share[i] = 1.0 / num;
  }
  return p;
}

static MarlMixed *make(const MarlMixedParams *p) {
  MarlError err;
  MarlMixed *mixed = NULL;
  UNIT_OK(marl_mixed_create(p, marl_key(1, MARL_STREAM_ENV), &mixed, &err));
  return mixed;
}

/* One of AllC and one of AllD can only meet each other: S and T every round. */
static void test_two_agents_meet_each_other(void) {
  static const char *const names[] = {"AllD", "AllC"};
  const MarlMixedParams p = population(2, names, 2, 10);
  MarlMixed *mixed = make(&p);
  MarlMixedResult result;
  marl_mixed_cycle(mixed, &result);
  UNIT_NEAR(result.payoff[0], 5, 1e-12);
  UNIT_NEAR(result.payoff[1], 0, 1e-12);
  UNIT_NEAR(marl_mixed_cooperation(&result), 0.5, 1e-12);
  UNIT_NEAR(marl_mixed_payoff(&result), 2.5, 1e-12);
  marl_mixed_destroy(&mixed);
}

/* Everybody meets everybody alike: of n_C = n_D = 500, an AllC meets an AllD with probability
 * 500/999, and its payoff is R otherwise. 50 cycles of 500: 4 sigma = 4 x 1.5 / sqrt(25000) = 0.04
 * of a payoff that is 0 or 3. Nobody plays twice in a cycle, and nobody sits out. */
static void test_meetings_are_uniform(void) {
  static const char *const names[] = {"AllC", "AllD"};
  enum { CYCLES = 50 };
  const MarlMixedParams p = population(2, names, 1000, 1);
  MarlMixed *mixed = make(&p);
  double mean = 0;
  for (int i = 0; i < CYCLES; ++i) {
    MarlMixedResult result;
    marl_mixed_cycle(mixed, &result);
    CU_ASSERT(result.players[0] == 500 && result.players[1] == 500);
    mean += result.payoff[0] / CYCLES;
  }
  UNIT_NEAR(mean, 3.0 * 499 / 999, 0.04);
  marl_mixed_destroy(&mixed);
}

static void test_an_odd_one_sits_out(void) {
  static const char *const names[] = {"TFT"};
  const MarlMixedParams p = population(1, names, 131, 5);
  MarlMixed *mixed = make(&p);
  MarlMixedResult result;
  marl_mixed_cycle(mixed, &result);
  CU_ASSERT(result.players[0] == 130);
  UNIT_NEAR(result.payoff[0], 3, 1e-12);
  marl_mixed_destroy(&mixed);
}

/* Learners that only meet AllC learn to defect, those that mostly meet TFT, with a far horizon, to
 * cooperate; greedy, since exploring costs cooperation. Learners are 1 of 20, so that they matter
 * little to each other. */
static void test_learners_adapt_to_their_company(void) {
  static const char *const gullible[] = {"AllC", "q_learner"}, *const just[] = {"TFT", "q_learner"};
  for (int company = 0; company < 2; ++company) {
    MarlMixedParams p = population(2, company == 0 ? gullible : just, 2000, 200);
    p.share[0] = 0.95;
    p.share[1] = 0.05;
    p.strategy[1].epsilon = 0.2;
    MarlError err;
    MarlMixed *mixed = make(&p);
    MarlMixedResult result;
    for (int i = 0; i < 60; ++i) marl_mixed_cycle(mixed, &result);
    UNIT_OK(marl_mixed_greedy(mixed, 5, &result, &err));
    const double cooperation = result.cooperation[1];
    CU_ASSERT(company == 0 ? cooperation < 0.1 : cooperation > 0.9);
    marl_mixed_destroy(&mixed);
  }
}

static void test_wrong_shares_are_named(void) {
  static const char *const names[] = {"AllC", "AllD"};
  MarlError err;
  MarlMixed *mixed = NULL;
  MarlMixedParams p = population(2, names, 10, 5);
  p.share[0] = 0.6;
  UNIT_ERROR(marl_mixed_create(&p, marl_key(1, MARL_STREAM_ENV), &mixed, &err), MARL_ECONFIG,
             "1.1");
}

static CU_TestInfo tests[] = {
    {"two agents meet each other", test_two_agents_meet_each_other},
    {"meetings are uniform", test_meetings_are_uniform},
    {"an odd one sits out", test_an_odd_one_sits_out},
    {"learners adapt to their company", test_learners_adapt_to_their_company},
    {"wrong shares are named", test_wrong_shares_are_named},
    CU_TEST_INFO_NULL,
};
static CU_SuiteInfo suites[] = {{"mixed populations", NULL, NULL, NULL, NULL, tests},
                                CU_SUITE_INFO_NULL};
UNIT_MAIN(suites)
