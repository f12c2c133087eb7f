#include "envs/iterated/evolution.h"

#include "envs/iterated/fixation_runs.h"
#include "tests/unit.h"
#include "theory/fixation.h"

enum { N = 10 };

/* Prisoner's dilemma played once, donation b = 3, c = 1, and a coordination game. */
static void fill(MarlMatrixGame *game, int population, double cc, double cd, double dc, double dd) {
  marl_matrix_game_init(2, population, game);
  game->payoff[0][0] = cc;
  game->payoff[0][1] = cd;
  game->payoff[1][0] = dc;
  game->payoff[1][1] = dd;
}

/* Share of runs that one mutant of strategy 0 takes over. */
static double simulated(const MarlMatrixGame *game, MarlSelection selection, int runs) {
  int won = 0;
  for (int run = 0; run < runs; ++run) {
    MarlEvolution e = {.game = game,
                       .selection = selection,
                       .key = marl_key_fold(marl_key(1, MARL_STREAM_ENV), (uint64_t)run),
                       .counts = {1, game->base.population_size - 1}};
    while (marl_evolution_fixed(&e) < 0) marl_evolution_run(&e, 1);
    won += marl_evolution_fixed(&e) == 0;
  }
  return (double)won / runs;
}

/* Draws of the process against theory/fixation.h, within four standard errors. */
static void test_simulated_fixation_is_the_exact_one(void) {
  static const double games[][4] = {{2, -1, 3, 0}, {4, 0, 3, 2}, {3, 2, 4, 0}};
  static const MarlSelection selections[] = {
      {MARL_SELECTION_MORAN, MARL_FITNESS_EXPONENTIAL, 0},
      {MARL_SELECTION_FERMI, MARL_FITNESS_EXPONENTIAL, 0},
      {MARL_SELECTION_MORAN, MARL_FITNESS_EXPONENTIAL, 0.3},
      {MARL_SELECTION_FERMI, MARL_FITNESS_EXPONENTIAL, 0.3},
      {MARL_SELECTION_MORAN, MARL_FITNESS_LINEAR, 0.3},
      {MARL_SELECTION_MORAN, MARL_FITNESS_PAYOFF, 0},
  };
  enum { RUNS = 4000 };
  for (int k = 0; k < 6; ++k)
    for (int g = 0; g < 3; ++g) {
      const double *p = games[g];
      const double more = k == 5 ? 1.0 : 0.0; /* payoffs as fitness are not negative */
      MarlMatrixGame game;
      fill(&game, N, p[0] + more, p[1] + more, p[2] + more, p[3] + more);
      const double exact = exp(marl_log_fixation(&game.base, &selections[k], 0, 1));
      const double tolerance = 4 * sqrt(exact * (1 - exact) / RUNS);
      UNIT_NEAR(simulated(&game, selections[k], RUNS), exact, tolerance);
    }
}

/* A million runs of which only changes are drawn: probability within four binomial deviations; mean
 * times within 5 per mille (times scatter by about their mean, fixations are some 10^5 of the runs). */
static void test_a_million_runs_estimate_fixation_and_its_time(void) {
  enum { RUNS = 1000000 };
  static const MarlSelection selections[] = {{MARL_SELECTION_MORAN, MARL_FITNESS_EXPONENTIAL, 0.1},
                                             {MARL_SELECTION_FERMI, MARL_FITNESS_EXPONENTIAL, 0.1}};
  MarlError err;
  MarlMatrixGame game;
  fill(&game, N, 4, 0, 3, 2);
  for (int k = 0; k < 2; ++k) {
    MarlFixationRuns *runs = NULL;
    MarlFixationCount sum = {.runs = 0}, parts = {.runs = 0};
    MarlFixationTimes times;
    const MarlKey key = marl_key(7, MARL_STREAM_ENV);
    const double exact = exp(marl_log_fixation(&game.base, &selections[k], 0, 1));
    UNIT_OK(marl_fixation_times(&game.base, &selections[k], 0, 1, &times, &err));
    UNIT_OK(marl_fixation_runs_create(&game.base, &selections[k], 0, 1, &runs, &err));
    marl_fixation_runs_add(runs, key, 0, RUNS, &sum);
    UNIT_NEAR((double)sum.fixed / RUNS, exact, 4 * sqrt(exact * (1 - exact) / RUNS));
    UNIT_NEAR(sum.time / RUNS / times.unconditional, 1, 0.005);
    UNIT_NEAR(sum.time_of_fixed / (double)sum.fixed / times.conditional, 1, 0.005);
    /* cut in two it is the same */
    marl_fixation_runs_add(runs, key, 0, 1234, &parts);
    marl_fixation_runs_add(runs, key, 1234, RUNS - 1234, &parts);
    CU_ASSERT(parts.fixed == sum.fixed && parts.runs == RUNS);
    marl_fixation_runs_destroy(&runs);
  }
}

/* With rare mutation the population is nearly always of one kind, with the shares of the chain of
 * fixations. Strategies AllC, AllD, TFT over 20 rounds of donation; 2 million steps hold some
 * 1,000 fixations, whose shares scatter by 0.03; mixed states take about mutation times the time to
 * fixation, 1e-3 x 40. */
static void test_rare_mutation_gives_the_stationary_shares(void) {
  MarlMatrixGame game;
  MarlError err;
  marl_matrix_game_init(3, N, &game);
  static const double payoff[3][3] = {{2, -1, 2}, {3, 0, 0.15}, {2, -0.05, 2}};
  for (int i = 0; i < 3; ++i)
    for (int j = 0; j < 3; ++j) game.payoff[i][j] = payoff[i][j];
  double expected[MARL_MAX_STRATEGIES], share[3] = {0, 0, 0};
  const MarlSelection selection = {.rule = MARL_SELECTION_MORAN, .intensity = 0.2};
  UNIT_OK(marl_rare_mutation_shares(&game.base, &selection, expected, &err));
  enum { SAMPLES = 100000, EVERY = 20 };
  MarlEvolution e = {.game = &game,
                     .selection = selection,
                     .mutation = 1e-3,
                     .key = marl_key(2, MARL_STREAM_ENV),
                     .counts = {N, 0, 0}};
  for (int sample = 0; sample < SAMPLES; ++sample) {
    marl_evolution_run(&e, EVERY);
    for (int i = 0; i < 3; ++i) share[i] += (double)e.counts[i] / (N * (double)SAMPLES);
  }
  for (int i = 0; i < 3; ++i) UNIT_NEAR(share[i], expected[i], 0.1);
}

/* Of two, one of each kind, who looks sees the other and no mirror: without selection it changes in
 * one of two looks. Five binomial deviations of 10,000. */
static void test_who_looks_looks_at_somebody_else(void) {
  enum { RUNS = 10000 };
  MarlMatrixGame game;
  int changed = 0;
  fill(&game, 2, 2, -1, 3, 0);
  for (uint64_t run = 0; run < RUNS; ++run) {
    MarlEvolution e = {.game = &game,
                       .selection = {.rule = MARL_SELECTION_FERMI},
                       .key = marl_key_fold(marl_key(1, MARL_STREAM_ENV), run),
                       .counts = {1, 1}};
    marl_evolution_run(&e, 1);
    changed += marl_evolution_fixed(&e) >= 0;
  }
  UNIT_NEAR((double)changed / RUNS, 0.5, 5 * sqrt(0.25 / RUNS));
}

static CU_TestInfo tests[] = {
    {"who looks looks at somebody else", test_who_looks_looks_at_somebody_else},
    {"simulated fixation is the exact one", test_simulated_fixation_is_the_exact_one},
    {"a million runs estimate fixation and its time",
     test_a_million_runs_estimate_fixation_and_its_time},
    {"rare mutation gives the stationary shares", test_rare_mutation_gives_the_stationary_shares},
    CU_TEST_INFO_NULL,
};
static CU_SuiteInfo suites[] = {{"evolution of strategies", NULL, NULL, NULL, NULL, tests},
                                CU_SUITE_INFO_NULL};
UNIT_MAIN(suites)
