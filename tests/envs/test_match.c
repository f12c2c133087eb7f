#include "envs/iterated/match.h"

#include "envs/iterated/tournament.h"
#include "tests/unit.h"

/* R, S, T, P = 3, 0, 5, 1: Axelrod 1984. */
static MarlGame axelrod(void) {
  return marl_game_make(3, 0, 5, 1);
}

static MarlStrategy make(const char *name, const MarlGame *game) {
  MarlError err;
  MarlStrategy strategy;
  const MarlStrategyParams params = marl_strategy_defaults();
  UNIT_OK(marl_strategy_make(name, &params, game, &strategy, &err));
  return strategy;
}

static MarlTournament tournament_of(int num, const char *const *names, int rounds, double noise) {
  MarlTournament t = {.rules = {.game = axelrod(), .rounds = rounds, .noise = noise},
                      .repetitions = MARL_MATCH_BLOCK,
                      .num_strategies = num};
  for (int i = 0; i < num; ++i) t.strategy[i] = make(names[i], &t.rules.game);
  return t;
}

/* Total scores of 200 rounds by hand. AllD gets T = 5 once from a retaliator and P = 1 after that;
 * WSLS alternates against AllD: S, P, S, P, ...; threshold 1/2 forgives never what AllD does and
 * cooperates while half of the past was cooperation. */
static void test_deterministic_pairs_have_their_known_scores(void) {
  static const char *const names[] = {"AllC", "AllD", "TFT", "WSLS", "grim", "threshold", "greedy"};
  static const double expected[7][7] = {
      {600, 0, 600, 600, 600, 600, 0},      {1000, 200, 204, 600, 204, 204, 200},
      {600, 199, 600, 600, 600, 600, 199},  {600, 100, 600, 600, 600, 600, 100},
      {600, 199, 600, 600, 600, 600, 199},  {600, 199, 600, 600, 600, 600, 199},
      {1000, 200, 204, 600, 204, 204, 200},
  };
  MarlTournament t = tournament_of(7, names, 200, 0);
  MarlTournamentResult result;
  marl_tournament_run(&t, marl_key(1, MARL_STREAM_ENV), &result);
  for (int i = 0; i < 7; ++i)
    for (int j = 0; j < 7; ++j)
      UNIT_NEAR(200 * result.payoff[i][j], expected[i][j], 1e-9); /* 200 sums of small integers */
  /* the mean over six opponents */
  UNIT_NEAR(200 * marl_tournament_score(&t, &result, 2), (600 + 199 + 600 + 600 + 600 + 199) / 6.0,
            1e-9);
  t.self_play = true;
  UNIT_NEAR(200 * marl_tournament_score(&t, &result, 0), 2400 / 7.0 + 600 / 7.0, 1e-9);
}

/* After one defection WSLS and WSLS, or TFT and TFT, go through a known cycle: start them with it
 * by a first move of their own. Suspicious TFT against TFT alternates DC, CD: (T + S)/2 each. */
static void test_recovery_after_a_first_defection(void) {
  const MarlMatchRules rules = {.game = axelrod(), .rounds = 100};
  MarlStrategy first = make("TFT", &rules.game), second = first;
  first.first = 0;
  const MarlStrategy *const pair[2] = {&first, &second};
  MarlMatchOutcome outcome[MARL_MATCH_BLOCK];
  marl_match_block(&rules, pair, marl_key(1, MARL_STREAM_ENV), 0, NULL, outcome);
  CU_ASSERT(outcome[7].rounds[1][0] == 50 && outcome[7].rounds[0][1] == 50);
  UNIT_NEAR(outcome[7].payoff[0], 2.5, 1e-12);
  first = second = make("WSLS", &rules.game);
  first.first = 0; /* DC, DD, then CC for ever */
  marl_match_block(&rules, pair, marl_key(1, MARL_STREAM_ENV), 0, NULL, outcome);
  CU_ASSERT(outcome[0].rounds[1][0] == 1 && outcome[0].rounds[1][1] == 1 &&
            outcome[0].rounds[0][0] == 98);
}

/* Greedy against a random player of a stag hunt R, S, T, P = 4, 0, 3, 2 hunts while the other's
 * share of stags is at least 2/3; before the first round it thinks of 1/2. */
static void test_greedy_is_the_best_reply_to_frequencies(void) {
  const MarlGame stag = marl_game_named("stag_hunt");
  const MarlMatchRules rules = {.game = stag, .rounds = 300};
  const MarlStrategy greedy = make("greedy", &stag);
  MarlStrategy mostly = make("random", &stag);
  const MarlStrategy *const pair[2] = {&greedy, &mostly};
  MarlMatchOutcome outcome[MARL_MATCH_BLOCK];
  UNIT_NEAR(greedy.first, 0, 0);
  for (int own = 0; own < 2; ++own)
    for (int other = 0; other < 2; ++other) mostly.cooperate[own][other] = 0.9;
  mostly.first = 1;
  marl_match_block(&rules, pair, marl_key(2, MARL_STREAM_ENV), 0, NULL, outcome);
  for (int m = 0; m < MARL_MATCH_BLOCK; ++m) {
    const int hunted = outcome[m].rounds[0][0] + outcome[m].rounds[0][1];
    CU_ASSERT(hunted > 250); /* a share of 0.9 leaves the start's noise soon */
  }
  for (int own = 0; own < 2; ++own)
    for (int other = 0; other < 2; ++other) mostly.cooperate[own][other] = 0.4;
  mostly.first = 0;
  marl_match_block(&rules, pair, marl_key(2, MARL_STREAM_ENV), 0, NULL, outcome);
  for (int m = 0; m < MARL_MATCH_BLOCK; ++m)
    CU_ASSERT(outcome[m].rounds[0][0] + outcome[m].rounds[0][1] < 50);
}

/* The other's share k / t of cooperation converges to 0.3, and so does what answers it with that
 * probability. 64 matches of 2,000 rounds: 4 sigma = 4 sqrt(.21 / 128000) = 0.005, and the early
 * rounds, whose first is cooperation, add the harmonic sum's 1 / 2000 a step. */
static void test_conditional_cooperator_matches_the_past(void) {
  const MarlMatchRules rules = {.game = axelrod(), .rounds = 2000};
  const MarlStrategy conditional = make("conditional", &rules.game);
  MarlStrategyParams params = marl_strategy_defaults();
  MarlStrategy other;
  MarlError err;
  params.random = 0.3;
  UNIT_OK(marl_strategy_make("random", &params, &rules.game, &other, &err));
  const MarlStrategy *const pair[2] = {&conditional, &other};
  MarlMatchOutcome outcome[MARL_MATCH_BLOCK];
  double own = 0, others = 0;
  marl_match_block(&rules, pair, marl_key(3, MARL_STREAM_ENV), 0, NULL, outcome);
  for (int m = 0; m < MARL_MATCH_BLOCK; ++m) {
    own += (outcome[m].rounds[0][0] + outcome[m].rounds[0][1]) / (2000.0 * MARL_MATCH_BLOCK);
    others += (outcome[m].rounds[0][0] + outcome[m].rounds[1][0]) / (2000.0 * MARL_MATCH_BLOCK);
  }
  UNIT_NEAR(others, 0.3, 0.006);
  UNIT_NEAR(own, others, 0.008);
}

/* 2^-30 granularity aside, noise n on AllC is n of defections: 64 x 4000 draws, 4 sigma = 0.0017. */
static void test_noise_flips_moves(void) {
  static const char *const names[] = {"AllC", "AllD"};
  const MarlTournament t = tournament_of(2, names, 4000, 0.05);
  MarlTournamentResult result;
  marl_tournament_run(&t, marl_key(4, MARL_STREAM_ENV), &result);
  UNIT_NEAR(result.cooperation[0][1], 0.95, 0.0018);
  UNIT_NEAR(result.cooperation[1][0], 0.05, 0.0018);
}

/* A block does not depend on which others are played; equal keys agree, other keys differ. */
static void test_a_match_is_a_function_of_its_key(void) {
  const MarlMatchRules rules = {.game = axelrod(), .rounds = 50, .noise = 0.1};
  const MarlStrategy a = make("GTFT", &rules.game), b = make("random", &rules.game);
  const MarlStrategy *const pair[2] = {&a, &b};
  MarlMatchOutcome one[MARL_MATCH_BLOCK], two[MARL_MATCH_BLOCK];
  marl_match_block(&rules, pair, marl_key(1, MARL_STREAM_ENV), 3, NULL, one);
  marl_match_block(&rules, pair, marl_key(1, MARL_STREAM_ENV), 4, NULL, two);
  CU_ASSERT(memcmp(one, two, sizeof one) != 0);
  marl_match_block(&rules, pair, marl_key(1, MARL_STREAM_ENV), 3, NULL, two);
  UNIT_BITS_EQUAL(one, two, sizeof one);
  marl_match_block(&rules, pair, marl_key(2, MARL_STREAM_ENV), 3, NULL, two);
  CU_ASSERT(memcmp(one, two, sizeof one) != 0);
}

static void test_wrong_names_and_rules_are_named(void) {
  MarlError err;
  MarlStrategy strategy;
  const MarlGame game = axelrod();
  const MarlStrategyParams params = marl_strategy_defaults();
  UNIT_ERROR(marl_strategy_make("GRIM", &params, &game, &strategy, &err), MARL_ECONFIG, "grim");
  MarlMatchRules rules = {.game = game, .rounds = 0};
  UNIT_ERROR(marl_match_rules_check(&rules, &err), MARL_ECONFIG, "0 rounds");
  rules = (MarlMatchRules){.game = game, .rounds = 1, .noise = 0.6};
  UNIT_ERROR(marl_match_rules_check(&rules, &err), MARL_ECONFIG, "0.6");
}

/* Nowak and Sigmund 1992: min(1 - (T - R) / (R - S), (R - P) / (T - P)), each of them once. */
static void test_generous_tit_for_tat_forgives_as_much_as_it_can(void) {
  const MarlGame axelrod = marl_game_make(3, 0, 5, 1), other = marl_game_make(3, 0, 4, 2);
  const MarlStrategy first = make("GTFT", &axelrod), second = make("GTFT", &other);
  for (int own = 0; own < 2; ++own) {
    UNIT_NEAR(first.cooperate[own][MARL_DEFECT], 1.0 - 2.0 / 3.0, 1e-15);
    UNIT_NEAR(second.cooperate[own][MARL_DEFECT], (3.0 - 2.0) / (4.0 - 2.0), 1e-15);
    UNIT_NEAR(first.cooperate[own][MARL_COOPERATE], 1.0, 0);
  }
}

static CU_TestInfo tests[] = {
    {"generous tit for tat forgives as much as it can",
     test_generous_tit_for_tat_forgives_as_much_as_it_can},
    {"deterministic pairs have their known scores",
     test_deterministic_pairs_have_their_known_scores},
    {"recovery after a first defection", test_recovery_after_a_first_defection},
    {"greedy is the best reply to frequencies", test_greedy_is_the_best_reply_to_frequencies},
    {"a conditional cooperator matches the past", test_conditional_cooperator_matches_the_past},
    {"noise flips moves", test_noise_flips_moves},
    {"a match is a function of its key", test_a_match_is_a_function_of_its_key},
    {"wrong names and rules are named", test_wrong_names_and_rules_are_named},
    CU_TEST_INFO_NULL,
};
static CU_SuiteInfo suites[] = {{"iterated matches", NULL, NULL, NULL, NULL, tests},
                                CU_SUITE_INFO_NULL};
UNIT_MAIN(suites)
