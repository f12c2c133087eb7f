#include "theory/fixation.h"

#include "tests/unit.h"

enum { N = 10 };

static void fill(MarlMatrixGame *game, int population, double cc, double cd, double dc, double dd) {
  marl_matrix_game_init(2, population, game);
  game->payoff[0][0] = cc;
  game->payoff[0][1] = cd;
  game->payoff[1][0] = dc;
  game->payoff[1][1] = dd;
}

static MarlSelection moran(MarlFitness fitness, double intensity) {
  return (MarlSelection){MARL_SELECTION_MORAN, fitness, intensity};
}

/* 1 / (1 + sum_k prod_{m <= k} f_1(m) / f_0(m)) with the payoffs of a 2 x 2 game written out:
 * pi_0(m) = ((m-1) a + (N-m) b)/(N-1), pi_1(m) = (m c + (N-m-1) d)/(N-1). Nowak, Sasaki, Taylor,
 * Fudenberg 2004. */
static double closed_formula(const double p[4], double (*fitness)(double payoff, double s),
                             double s) {
  double sum = 1.0, product = 1.0;
  for (int m = 1; m < N; ++m) {
    const double first = ((m - 1) * p[0] + (N - m) * p[1]) / (N - 1);
    const double second = (m * p[2] + (N - m - 1) * p[3]) / (N - 1);
    product *= fitness(second, s) / fitness(first, s);
    sum += product;
  }
  return 1.0 / sum;
}

static double exponential(double payoff, double s) {
  return exp(s * payoff);
}
static double linear(double payoff, double s) {
  return 1.0 - s + s * payoff;
}
static double itself(double payoff, double s) {
  (void)s;
  return payoff;
}

/* Products of nine factors: round-off of a few eps. */
static void test_fixation_is_the_closed_formula(void) {
  static const double games[][4] = {{3, 0.5, 4, 1}, {5, 1, 4, 3}, {4, 3, 5, 1}};
  for (int g = 0; g < 3; ++g) {
    MarlMatrixGame game;
    const double *p = games[g];
    fill(&game, N, p[0], p[1], p[2], p[3]);
    MarlSelection s = moran(MARL_FITNESS_EXPONENTIAL, 0.3);
    UNIT_NEAR(exp(marl_log_fixation(&game.base, &s, 0, 1)), closed_formula(p, exponential, 0.3),
              1e-14);
    s.rule = MARL_SELECTION_FERMI; /* the same ratios */
    UNIT_NEAR(exp(marl_log_fixation(&game.base, &s, 0, 1)), closed_formula(p, exponential, 0.3),
              1e-14);
    s = moran(MARL_FITNESS_LINEAR, 0.3);
    UNIT_NEAR(exp(marl_log_fixation(&game.base, &s, 0, 1)), closed_formula(p, linear, 0.3), 1e-14);
    s = moran(MARL_FITNESS_PAYOFF, 0);
    UNIT_NEAR(exp(marl_log_fixation(&game.base, &s, 0, 1)), closed_formula(p, itself, 0), 1e-14);
  }
}

/* A mutant of constant fitness r among residents of fitness 1 fixes with (1 - 1/r)/(1 - 1/r^N)
 * (Moran 1958), without selection with 1/N. */
static void test_constant_fitness_is_morans_formula(void) {
  MarlMatrixGame game;
  const double r = 1.7;
  MarlSelection s = moran(MARL_FITNESS_PAYOFF, 0);
  fill(&game, N, r, r, 1, 1);
  UNIT_NEAR(exp(marl_log_fixation(&game.base, &s, 0, 1)), (1 - 1 / r) / (1 - pow(r, -N)), 1e-14);
  s = moran(MARL_FITNESS_EXPONENTIAL, 0);
  UNIT_NEAR(exp(marl_log_fixation(&game.base, &s, 0, 1)), 1.0 / N, 1e-15);
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
    const MarlSelection s = {MARL_SELECTION_FERMI, MARL_FITNESS_EXPONENTIAL, selections[k]};
    marl_matrix_game_init(3, N, &game);
    for (int i = 0; i < 3; ++i) game.payoff[i][(i + 1) % 3] = 1, game.payoff[i][(i + 2) % 3] = -1;
    UNIT_OK(marl_rare_mutation_shares(&game.base, &s, share, &err));
    for (int i = 0; i < 3; ++i) UNIT_NEAR(share[i], 1.0 / 3, 1e-9);
    fill(&game, N, 2, 0, 0, 2 - log(3) / 4 / s.intensity);
    CU_ASSERT(isfinite(marl_log_fixation(&game.base, &s, 0, 1)));
    UNIT_OK(marl_rare_mutation_shares(&game.base, &s, share, &err));
    UNIT_NEAR(share[0], 0.75, 1e-15 * 1e4 * s.intensity);
  }
}

/* Who has no fitness among residents never fixes: a kind that cannot be left has all the time, and
 * of two such kinds the start decides. */
static void test_kinds_that_cannot_be_left(void) {
  MarlError err;
  MarlMatrixGame game;
  double share[MARL_MAX_STRATEGIES];
  const MarlSelection s = moran(MARL_FITNESS_PAYOFF, 0);
  marl_matrix_game_init(3, N, &game);
  for (int i = 0; i < 3; ++i)
    for (int j = 0; j < 3; ++j) game.payoff[i][j] = 1;
  for (int j = 0; j < 3; ++j) game.payoff[1][j] = j == 1 ? 1 : 2; /* does well anywhere */
  game.payoff[0][1] = game.payoff[2][1] = 0;                      /* nothing against it */
  game.payoff[0][0] = game.payoff[0][2] = 0, game.payoff[2][2] = game.payoff[2][0] = 0;
  CU_ASSERT(marl_log_fixation(&game.base, &s, 0, 1) == -INFINITY);
  UNIT_OK(marl_rare_mutation_shares(&game.base, &s, share, &err));
  UNIT_NEAR(share[1], 1, 0);
  fill(&game, N, 1, 0, 0, 1); /* one alone of either kind has nothing */
  UNIT_ERROR(marl_rare_mutation_shares(&game.base, &s, share, &err), MARL_ENUMERIC, "the start");
  fill(&game, N, 2, 0, NAN, 2);
  UNIT_ERROR(marl_rare_mutation_shares(&game.base, &s, share, &err), MARL_ENUMERIC, "not finite");
  fill(&game, N, -1, -1, 3, 2);
  UNIT_ERROR(marl_rare_mutation_shares(&game.base, &s, share, &err), MARL_ENUMERIC, "negative");
}

/* Without selection a birth changes m mutants with probability 2 m (N - m)/N^2; the mean times from
 * one mutant are those of a random walk that stands still as often (Moran 1958; Kimura and Ohta 1969
 * in the limit): N sum_{j < N} 1/j over all runs, and N (N - 1) over those that fixate. Fermi's looks
 * move up with m (N - m)/(2 N (N - 1)): 2 (N - 1)/N times as many looks. */
static void test_neutral_fixation_times_are_the_closed_formula(void) {
  MarlError err;
  MarlMatrixGame game;
  MarlFixationTimes times;
  MarlSelection s = moran(MARL_FITNESS_EXPONENTIAL, 0);
  double harmonic = 0.0;
  for (int j = 1; j < N; ++j) harmonic += 1.0 / j;
  fill(&game, N, 2, -1, 3, 0);
  UNIT_OK(marl_fixation_times(&game.base, &s, 0, 1, &times, &err));
  UNIT_NEAR(times.unconditional, N * harmonic, 1e-12);
  UNIT_NEAR(times.conditional, N * (N - 1), 1e-12);
  s.rule = MARL_SELECTION_FERMI;
  UNIT_OK(marl_fixation_times(&game.base, &s, 0, 1, &times, &err));
  UNIT_NEAR(times.unconditional, 2 * (N - 1) * harmonic, 1e-12);
  UNIT_NEAR(times.conditional, 2 * (N - 1) * (N - 1), 1e-12);
}

static CU_TestInfo tests[] = {
    {"fixation is the closed formula", test_fixation_is_the_closed_formula},
    {"constant fitness is Moran's formula", test_constant_fitness_is_morans_formula},
    {"strong selection has a stationary distribution",
     test_strong_selection_has_a_stationary_distribution},
    {"kinds that cannot be left", test_kinds_that_cannot_be_left},
    {"neutral fixation times are the closed formula",
     test_neutral_fixation_times_are_the_closed_formula},
    CU_TEST_INFO_NULL,
};
static CU_SuiteInfo suites[] = {{"fixation", NULL, NULL, NULL, NULL, tests}, CU_SUITE_INFO_NULL};
UNIT_MAIN(suites)
