#include "envs/group/norms_game.h"
#include "tests/unit.h"

static const MarlNormsRules axelrod = {20, 4, false, 3, -1, -9, -2, 0.01};

static MarlNormsGame uniform_game(int boldness, int vengefulness, bool metanorm) {
  MarlNormsGame game;
  MarlNormsRules rules = axelrod;
  rules.metanorm = metanorm;
  marl_norms_game_begin(&rules, marl_key(4, MARL_STREAM_ENV), &game);
  memset(game.boldness, boldness, (size_t)rules.num_players);
  memset(game.vengefulness, vengefulness, (size_t)rules.num_players);
  return game;
}

/* B = 1, V = 0: 80 defections, each 3 to one and -1 to 19, so 12 - 4 19 = -64 a player. */
static void test_bold_and_forgiving_players_score_by_hand(void) {
  double metrics[MARL_NORMS_NUM_METRICS];
  MarlNormsGame game = uniform_game(7, 0, true);
  marl_norms_game_generation(&game, metrics, NULL);
  CU_ASSERT_EQUAL(metrics[MARL_NORMS_COOPERATION], 0.0);
  UNIT_NEAR(metrics[MARL_NORMS_WELFARE], -64.0, 1e-12);
  CU_ASSERT_EQUAL(metrics[MARL_NORMS_PUNISHMENTS], 0.0);
  CU_ASSERT_EQUAL(metrics[MARL_NORMS_COLLAPSED], 1.0);
  game = uniform_game(0, 7, true); /* nobody ever defects */
  marl_norms_game_generation(&game, metrics, NULL);
  CU_ASSERT_EQUAL(metrics[MARL_NORMS_WELFARE], 0.0);
  CU_ASSERT_EQUAL(metrics[MARL_NORMS_ESTABLISHED], 1.0);
}

/* B = 1 and V = 1: each of 19 sees with probability S, so a defection meets 19/2 punishers of 9 + 2.
 * With V = 4/7 and metanorm, who sees and does not punish (3/7 S) meets 18 thirds, each of whom
 * sees and punishes with 4/7 S: 19 18 3/7 4/7 E[S^2]. Means of 400 generations of 80 defections;
 * tolerances are five standard errors (a count's deviation is below 6 and 17). */
static void test_punishments_are_as_frequent_as_they_are_seen(void) {
  enum { GENERATIONS = 400 };
  double metrics[MARL_NORMS_NUM_METRICS], punished = 0.0, metapunished = 0.0;
  MarlNormsGame game = uniform_game(7, 7, false);
  for (int g = 0; g < GENERATIONS; ++g) {
    memset(game.boldness, 7, 20);
    memset(game.vengefulness, 7, 20);
    marl_norms_game_generation(&game, metrics, NULL);
    punished += metrics[MARL_NORMS_PUNISHMENTS] / GENERATIONS;
    /* everything that is paid: 3 - 19 - 11 a punishment, 4 defections a player */
    UNIT_NEAR(metrics[MARL_NORMS_WELFARE], 4.0 * (-16.0 - 11.0 * metrics[MARL_NORMS_PUNISHMENTS]),
              1e-9);
  }
  UNIT_NEAR(punished, 9.5, 5.0 * 6.0 / sqrt(80.0 * GENERATIONS));
  game = uniform_game(7, 4, true);
  for (int g = 0; g < GENERATIONS; ++g) {
    memset(game.boldness, 7, 20);
    memset(game.vengefulness, 4, 20);
    marl_norms_game_generation(&game, metrics, NULL);
    metapunished += metrics[MARL_NORMS_METAPUNISHMENTS] / GENERATIONS;
  }
  UNIT_NEAR(metapunished, 19.0 * 18.0 * (3.0 / 7.0) * (4.0 / 7.0) / 3.0,
            5.0 * 25.0 / sqrt(80.0 * GENERATIONS));
}

/* Means over runs after `generations` of evolution. */
static void evolve(bool metanorm, int generations, int runs, double mean[MARL_NORMS_NUM_METRICS]) {
  MarlNormsRules rules = axelrod;
  rules.metanorm = metanorm;
  for (int m = 0; m < MARL_NORMS_NUM_METRICS; ++m) mean[m] = 0.0;
  for (int run = 0; run < runs; ++run) {
    MarlNormsGame game;
    double metrics[MARL_NORMS_NUM_METRICS];
    marl_norms_game_begin(&rules, marl_key_fold(marl_key(1, MARL_STREAM_ENV), (uint64_t)run),
                          &game);
    for (int g = 0; g <= generations; ++g) marl_norms_game_generation(&game, metrics, NULL);
    for (int m = 0; m < MARL_NORMS_NUM_METRICS; ++m) mean[m] += metrics[m] / runs;
  }
  printf("\n    %s, %d generations, %d runs: B %.3f V %.3f established %.3f collapsed %.3f ",
         metanorm ? "metanorms" : "norms", generations, runs, mean[MARL_NORMS_BOLDNESS],
         mean[MARL_NORMS_VENGEFULNESS], mean[MARL_NORMS_ESTABLISHED], mean[MARL_NORMS_COLLAPSED]);
}

/* An independent program gave B .235, V .307, established .035, collapsed .110 in 400 runs. The
 * tolerances are three standard errors of the difference of two samples of 400; B and V have
 * deviations of .32 and .22 between runs. */
static void test_norms_alone_are_undecided_after_a_hundred_generations(void) {
  double mean[MARL_NORMS_NUM_METRICS];
  evolve(false, 100, 400, mean);
  UNIT_NEAR(mean[MARL_NORMS_BOLDNESS], 0.235, 0.068);
  UNIT_NEAR(mean[MARL_NORMS_VENGEFULNESS], 0.307, 0.047);
  UNIT_NEAR(mean[MARL_NORMS_ESTABLISHED], 0.035, 0.039);
  UNIT_NEAR(mean[MARL_NORMS_COLLAPSED], 0.110, 0.072);
}

/* Galan and Izquierdo 2005: Axelrod's norms do not last. All of 20 independent runs collapsed. */
static void test_norms_alone_collapse_in_the_long_run(void) {
  double mean[MARL_NORMS_NUM_METRICS];
  evolve(false, 5000, 10, mean);
  CU_ASSERT(mean[MARL_NORMS_COLLAPSED] >= 0.9);
  CU_ASSERT(mean[MARL_NORMS_BOLDNESS] > 0.9 && mean[MARL_NORMS_VENGEFULNESS] < 0.1);
}

/* An independent program gave B .027, V .847, established .960 in 200 runs of 100 generations and
 * B .039, V .808, established .900 in 10 of 5,000. Three standard errors, deviations .1 and .1. */
static void test_metanorms_establish_the_norm(void) {
  double mean[MARL_NORMS_NUM_METRICS];
  evolve(true, 100, 200, mean);
  UNIT_NEAR(mean[MARL_NORMS_BOLDNESS], 0.027, 0.03);
  UNIT_NEAR(mean[MARL_NORMS_VENGEFULNESS], 0.847, 0.03);
  UNIT_NEAR(mean[MARL_NORMS_ESTABLISHED], 0.960, 0.059);
  CU_ASSERT_EQUAL(mean[MARL_NORMS_COLLAPSED], 0.0);
  evolve(true, 5000, 10, mean);
  CU_ASSERT(mean[MARL_NORMS_ESTABLISHED] >= 0.6);
  CU_ASSERT(mean[MARL_NORMS_BOLDNESS] < 0.15 && mean[MARL_NORMS_VENGEFULNESS] > 0.7);
}

static void test_repeats_with_its_key(void) {
  double a[MARL_NORMS_NUM_METRICS], b[MARL_NORMS_NUM_METRICS];
  evolve(true, 20, 3, a);
  evolve(true, 20, 3, b);
  UNIT_BITS_EQUAL(a, b, sizeof a);
}

static CU_TestInfo tests[] = {
    {"bold and forgiving players score by hand", test_bold_and_forgiving_players_score_by_hand},
    {"punishments are as frequent as they are seen",
     test_punishments_are_as_frequent_as_they_are_seen},
    {"norms alone are undecided after a hundred generations",
     test_norms_alone_are_undecided_after_a_hundred_generations},
    {"norms alone collapse in the long run", test_norms_alone_collapse_in_the_long_run},
    {"metanorms establish the norm", test_metanorms_establish_the_norm},
    {"repeats with its key", test_repeats_with_its_key},
    CU_TEST_INFO_NULL,
};
static CU_SuiteInfo suites[] = {
    {"envs/group/norms_game", NULL, NULL, NULL, NULL, tests},
    CU_SUITE_INFO_NULL,
};
UNIT_MAIN(suites)
