#include "envs/iterated/evolution.h"

#include "tests/unit.h"

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
static double simulated(const MarlMatrixGame *game, MarlEvolutionRule rule, double selection,
                        int runs) {
  int won = 0;
  for (int run = 0; run < runs; ++run) {
    MarlEvolution e = {.game = game,
                       .rule = rule,
                       .selection = selection,
                       .key = marl_key_fold(marl_key(1, MARL_STREAM_ENV), (uint64_t)run),
                       .counts = {1, game->base.population_size - 1}};
    while (marl_evolution_fixed(&e) < 0) marl_evolution_run(&e, 1);
    won += marl_evolution_fixed(&e) == 0;
  }
  return (double)won / runs;
}

static void test_a_neutral_mutant_fixes_with_one_over_n(void) {
  MarlMatrixGame game;
  fill(&game, N, 2, -1, 3, 0);
  UNIT_NEAR(marl_imitation_fixation(&game.base, 0.0, 0, 1), 1.0 / N, 1e-15);
  enum { RUNS = 10000 };
  const double tolerance = 4 * sqrt(0.09 / RUNS); /* four standard errors */
  UNIT_NEAR(simulated(&game, MARL_EVOLUTION_MORAN, 0, RUNS), 0.1, tolerance);
  UNIT_NEAR(simulated(&game, MARL_EVOLUTION_FERMI, 0, RUNS), 0.1, tolerance);
}

/* 1 / (1 + sum_k exp(-s sum_{m <= k} (pi_0 - pi_1)(m))) with the payoffs of a 2 x 2 game written
 * out: pi_0(m) = ((m-1) a + (N-m) b)/(N-1), pi_1(m) = (m c + (N-m-1) d)/(N-1). Nowak, Sasaki,
 * Taylor, Fudenberg 2004 with exponential fitness. */
static double closed_formula(double a, double b, double c, double d, double s) {
  double sum = 1.0, exponent = 0.0;
  for (int m = 1; m < N; ++m) {
    const double first = ((m - 1) * a + (N - m) * b) / (N - 1);
    const double second = (m * c + (N - m - 1) * d) / (N - 1);
    exponent -= s * (first - second);
    sum += exp(exponent);
  }
  return 1.0 / sum;
}

static void test_frequency_dependent_fixation_is_the_closed_formula(void) {
  static const double games[][4] = {{2, -1, 3, 0}, {4, 0, 3, 2}, {3, 2, 4, 0}};
  enum { RUNS = 4000 };
  for (int g = 0; g < 3; ++g) {
    const double *p = games[g], s = 0.3;
    MarlMatrixGame game;
    fill(&game, N, p[0], p[1], p[2], p[3]);
    const double exact = closed_formula(p[0], p[1], p[2], p[3], s);
    /* at an intensity of 0.3 selection is not weak: the formula is far from 1/N */
    CU_ASSERT(fabs(exact - 1.0 / N) > 0.02);
    UNIT_NEAR(marl_imitation_fixation(&game.base, s, 0, 1), exact, 1e-14);
    const double tolerance = 4 * sqrt(exact * (1 - exact) / RUNS);
    UNIT_NEAR(simulated(&game, MARL_EVOLUTION_MORAN, s, RUNS), exact, tolerance);
    UNIT_NEAR(simulated(&game, MARL_EVOLUTION_FERMI, s, RUNS), exact, tolerance);
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
  UNIT_OK(marl_imitation_stationary(&game.base, 0.2, expected, &err));
  enum { SAMPLES = 100000, EVERY = 20 };
  MarlEvolution e = {.game = &game,
                     .rule = MARL_EVOLUTION_MORAN,
                     .selection = 0.2,
                     .mutation = 1e-3,
                     .key = marl_key(2, MARL_STREAM_ENV),
                     .counts = {N, 0, 0}};
  for (int sample = 0; sample < SAMPLES; ++sample) {
    marl_evolution_run(&e, EVERY);
    for (int i = 0; i < 3; ++i) share[i] += (double)e.counts[i] / (N * (double)SAMPLES);
  }
  for (int i = 0; i < 3; ++i) UNIT_NEAR(share[i], expected[i], 0.1);
}

/* Every fixation of rock, paper, scissors into what it beats has a probability far below the least
 * double at s = 1000; the three are alike all the same. A coordination game leaves either side with
 * probability exp(-thousands), and the shares have the ratio exp(s sum_m (pi_0 - pi_1)(m)) =
 * exp(s (4 a + 5 b - 5 c - 4 d)), here 3 (N = 10). Round-off: exponents of some 10^4. */
static void test_strong_selection_has_a_stationary_distribution(void) {
  static const double selections[] = {1, 30, 1000, 1e6};
  MarlError err;
  MarlMatrixGame game;
  double share[MARL_MAX_STRATEGIES];
  for (int k = 0; k < 4; ++k) {
    const double s = selections[k];
    marl_matrix_game_init(3, N, &game);
    for (int i = 0; i < 3; ++i) game.payoff[i][(i + 1) % 3] = 1, game.payoff[i][(i + 2) % 3] = -1;
    UNIT_OK(marl_imitation_stationary(&game.base, s, share, &err));
    for (int i = 0; i < 3; ++i) UNIT_NEAR(share[i], 1.0 / 3, 1e-9);
    fill(&game, N, 2, 0, 0, 2 - log(3) / 4 / s);
    CU_ASSERT(s < 1000 || marl_imitation_fixation(&game.base, s, 0, 1) == 0.0);
    CU_ASSERT(isfinite(marl_imitation_log_fixation(&game.base, s, 0, 1)));
    UNIT_OK(marl_imitation_stationary(&game.base, s, share, &err));
    UNIT_NEAR(share[0], 0.75, 1e-15 * 1e4 * s);
  }
  fill(&game, N, 2, 0, INFINITY, 2);
  UNIT_ERROR(marl_imitation_stationary(&game.base, 1, share, &err), MARL_ENUMERIC, "not finite");
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
                       .rule = MARL_EVOLUTION_FERMI,
                       .key = marl_key_fold(marl_key(1, MARL_STREAM_ENV), run),
                       .counts = {1, 1}};
    marl_evolution_run(&e, 1);
    changed += marl_evolution_fixed(&e) >= 0;
  }
  UNIT_NEAR((double)changed / RUNS, 0.5, 5 * sqrt(0.25 / RUNS));
}

static CU_TestInfo tests[] = {
    {"who looks looks at somebody else", test_who_looks_looks_at_somebody_else},
    {"strong selection has a stationary distribution",
     test_strong_selection_has_a_stationary_distribution},
    {"a neutral mutant fixes with probability 1/N", test_a_neutral_mutant_fixes_with_one_over_n},
    {"frequency-dependent fixation is the closed formula",
     test_frequency_dependent_fixation_is_the_closed_formula},
    {"rare mutation gives the stationary shares", test_rare_mutation_gives_the_stationary_shares},
    CU_TEST_INFO_NULL,
};
static CU_SuiteInfo suites[] = {{"evolution of strategies", NULL, NULL, NULL, NULL, tests},
                                CU_SUITE_INFO_NULL};
UNIT_MAIN(suites)
