#include "theory/population_chain.h"

#include "tests/unit.h"
#include "theory/fixation.h"

static const MarlSelection selections[] = {
    {MARL_SELECTION_MORAN, MARL_FITNESS_EXPONENTIAL, 0.3},
    {MARL_SELECTION_FERMI, MARL_FITNESS_EXPONENTIAL, 0.3},
    {MARL_SELECTION_MORAN, MARL_FITNESS_LINEAR, 0.3},
};

static void coordination(int population, MarlMatrixGame *game) {
  marl_matrix_game_init(2, population, game);
  game->payoff[0][0] = 3, game->payoff[0][1] = 1;
  game->payoff[1][0] = 2, game->payoff[1][1] = 2.5;
}

/* Two kinds are a chain of births and deaths, whose distribution is a product of ratios: p(m + 1)
 * q(m + 1) = p(m) up(m), with rates written out by hand. Round-off of 30 factors. */
static void test_two_kinds_are_a_product_of_ratios(void) {
  enum { N = 30 };
  const double mutation = 0.02;
  MarlMatrixGame game;
  MarlPopulationMeans means;
  MarlError err;
  coordination(N, &game);
  for (int k = 0; k < 3; ++k) {
    double p[N + 1] = {1.0}, sum = 1.0, share = 0.0, both = 0.0, up[N + 1], down[N + 1];
    for (int m = 0; m <= N; ++m) {
      const double own = ((m - 1) * 3.0 + (N - m) * 1.0) / (N - 1);
      const double other = (m * 2.0 + (N - m - 1) * 2.5) / (N - 1);
      const double f = k == 2 ? 0.7 + 0.3 * own : exp(0.3 * own);
      const double g = k == 2 ? 0.7 + 0.3 * other : exp(0.3 * other);
      const double x = (double)m / N, y = 1.0 - x;
      const double met = x * (N - m) / (N - 1.0);
      const double gain = k == 1 ? met * f / (f + g) : m * f / (m * f + (N - m) * g) * y;
      const double loss = k == 1 ? met * g / (f + g) : (N - m) * g / (m * f + (N - m) * g) * x;
      up[m] = (1 - mutation) * gain + mutation * y / 2;
      down[m] = (1 - mutation) * loss + mutation * x / 2;
    }
    for (int m = 1; m <= N; ++m) sum += p[m] = p[m - 1] * up[m - 1] / down[m];
    for (int m = 0; m <= N; ++m) {
      share += p[m] / sum * m / N;
      both += p[m] / sum * m * (m - 1) / (N * (N - 1.0));
    }
    UNIT_OK(marl_population_chain(&game.base, &selections[k], mutation, &means, &err));
    UNIT_NEAR(means.share[0], share, 1e-12);
    UNIT_NEAR(means.share[1], 1 - share, 1e-12);
    UNIT_NEAR(means.pair[0][0], both, 1e-12);
  }
}

/* Four kinds without selection are alike, and so are three that beat each other in a circle. */
static void test_what_is_alike_has_equal_shares(void) {
  MarlMatrixGame game;
  MarlPopulationMeans means;
  MarlError err;
  const MarlSelection neutral = {.rule = MARL_SELECTION_MORAN};
  marl_matrix_game_init(4, 8, &game);
  UNIT_OK(marl_population_chain(&game.base, &neutral, 0.1, &means, &err));
  double pairs = 0.0;
  for (int i = 0; i < 4; ++i) {
    UNIT_NEAR(means.share[i], 0.25, 1e-13); /* round-off of 165 states */
    for (int j = 0; j < 4; ++j) pairs += means.pair[i][j];
  }
  UNIT_NEAR(pairs, 1, 1e-13);
  marl_matrix_game_init(3, 12, &game);
  for (int i = 0; i < 3; ++i) game.payoff[i][(i + 1) % 3] = 2, game.payoff[i][i] = 1;
  UNIT_OK(marl_population_chain(&game.base, &selections[1], 0.05, &means, &err));
  for (int i = 0; i < 3; ++i) UNIT_NEAR(means.share[i], 1.0 / 3, 1e-12);
}

/* The order of the kinds does not matter, though it decides the order of the states. */
static void test_shares_follow_a_permutation_of_the_kinds(void) {
  static const double payoff[3][3] = {{2, -1, 2}, {3, 0, 0.15}, {2, -0.05, 2}};
  MarlMatrixGame game, turned;
  MarlPopulationMeans means, of_turned;
  MarlError err;
  marl_matrix_game_init(3, 15, &game);
  marl_matrix_game_init(3, 15, &turned);
  for (int i = 0; i < 3; ++i)
    for (int j = 0; j < 3; ++j) {
      game.payoff[i][j] = payoff[i][j];
      turned.payoff[(i + 1) % 3][(j + 1) % 3] = payoff[i][j];
    }
  UNIT_OK(marl_population_chain(&game.base, &selections[0], 0.01, &means, &err));
  UNIT_OK(marl_population_chain(&turned.base, &selections[0], 0.01, &of_turned, &err));
  for (int i = 0; i < 3; ++i) UNIT_NEAR(of_turned.share[(i + 1) % 3], means.share[i], 1e-12);
}

/* AllC, AllD and TFT of 20 rounds of donation: with ever rarer mutation the whole chain becomes that
 * of fixations, whose error is of the order of mutation times the time to fixation (1e-8 x 1e3). */
static void test_rare_mutation_is_the_chain_of_fixations(void) {
  static const double payoff[3][3] = {{2, -1, 2}, {3, 0, 0.15}, {2, -0.05, 2}};
  MarlMatrixGame game;
  MarlPopulationMeans means;
  MarlError err;
  double limit[MARL_MAX_STRATEGIES];
  marl_matrix_game_init(3, 20, &game);
  for (int i = 0; i < 3; ++i)
    for (int j = 0; j < 3; ++j) game.payoff[i][j] = payoff[i][j];
  for (int k = 0; k < 2; ++k) {
    UNIT_OK(marl_rare_mutation_shares(&game.base, &selections[k], limit, &err));
    UNIT_OK(marl_population_chain(&game.base, &selections[k], 1e-8, &means, &err));
    for (int i = 0; i < 3; ++i) UNIT_NEAR(means.share[i], limit[i], 1e-5);
  }
}

/* States between two strong conventions are too rare for a double (exp(-1000)); the conventions are
 * not: at selection 1000 mutants of either kind are lost, and what is left is symmetric. */
static void test_strong_selection_keeps_both_conventions(void) {
  MarlMatrixGame game;
  MarlPopulationMeans means;
  MarlError err;
  const MarlSelection strong = {MARL_SELECTION_FERMI, MARL_FITNESS_EXPONENTIAL, 1000};
  marl_matrix_game_init(2, 150, &game);
  game.payoff[0][0] = game.payoff[1][1] = 1;
  UNIT_OK(marl_population_chain(&game.base, &strong, 1e-4, &means, &err));
  UNIT_NEAR(means.share[0], 0.5, 1e-9);
  UNIT_NEAR(means.pair[0][0], 0.5, 0.01);
}

static void test_what_does_not_fit_is_refused(void) {
  MarlMatrixGame game;
  MarlPopulationMeans means;
  MarlError err;
  CU_ASSERT_TRUE(marl_population_chain_fits(2, 1000000));
  CU_ASSERT_TRUE(marl_population_chain_fits(3, 100));
  CU_ASSERT_FALSE(marl_population_chain_fits(7, 100));
  marl_matrix_game_init(7, 100, &game);
  UNIT_ERROR(marl_population_chain(&game.base, &selections[0], 0.1, &means, &err), MARL_EARG,
             "too many states");
  coordination(10, &game);
  UNIT_ERROR(marl_population_chain(&game.base, &selections[0], 0, &means, &err), MARL_EARG,
             "mutation");
}

static CU_TestInfo tests[] = {
    {"two kinds are a product of ratios", test_two_kinds_are_a_product_of_ratios},
    {"what is alike has equal shares", test_what_is_alike_has_equal_shares},
    {"shares follow a permutation of the kinds", test_shares_follow_a_permutation_of_the_kinds},
    {"rare mutation is the chain of fixations", test_rare_mutation_is_the_chain_of_fixations},
    {"strong selection keeps both conventions", test_strong_selection_keeps_both_conventions},
    {"what does not fit is refused", test_what_does_not_fit_is_refused},
    CU_TEST_INFO_NULL,
};
static CU_SuiteInfo suites[] = {{"chain of a whole population", NULL, NULL, NULL, NULL, tests},
                                CU_SUITE_INFO_NULL};
UNIT_MAIN(suites)
