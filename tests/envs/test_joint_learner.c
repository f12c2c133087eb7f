#include "envs/iterated/match.h"

#include "tests/unit.h"

enum { C = MARL_COOPERATE, D = MARL_DEFECT };

/* Bellman's values of (last joint action, own action) against a memory-one strategy. */
static void bellman(const MarlGame *game, const MarlStrategy *other, double gamma,
                    double value[MARL_JOINT_STATES][2]) {
  memset(value, 0, MARL_JOINT_STATES * sizeof *value);
  for (int sweep = 0; sweep < 2000; ++sweep) /* gamma^2000 of the first guess is left */
    for (int s = 0; s < MARL_JOINT_STATES; ++s)
      for (int a = 0; a < 2; ++a) {
        /* its own last action is the learner's opponent's: state 2 own + other */
        const double p = s == MARL_JOINT_START ? other->first : other->cooperate[s % 2][s / 2];
        double sum = 0;
        for (int b = 0; b < 2; ++b) {
          const double *next = value[2 * a + b], best = next[0] > next[1] ? next[0] : next[1];
          sum += (b == C ? p : 1 - p) * ((double)game->payoff[a][b] + gamma * best);
        }
        value[s][a] = sum;
      }
}

static MarlStrategy make(const char *name, const MarlStrategyParams *params, const MarlGame *game) {
  MarlError err;
  MarlStrategy s;
  UNIT_OK(marl_strategy_make(name, params, game, &s, &err));
  return s;
}

/* Against a deterministic strategy the problem is a deterministic MDP: constant steps converge to
 * Bellman's solution exactly; 20,000 rounds with half of the moves random visit each pair hundreds
 * of times, so that float rounding of values near 30 is left. The last round alone leads to the start
 * of another match, whose value here is that of one visit. */
static void test_learning_converges_to_bellmans_solution(void) {
  static const char *const names[] = {"TFT", "WSLS", "AllC", "AllD"};
  const MarlGame game = marl_game_make(3, 0, 5, 1);
  MarlStrategyParams params = marl_strategy_defaults();
  params.epsilon = 0.5;
  params.learning_rate = 0.2;
  const MarlStrategy learner = make("q_learner", &params, &game);
  const MarlMatchRules rules = {game, 20000, 0};
  for (int n = 0; n < 4; ++n) {
    const MarlStrategy other = make(names[n], &params, &game);
    const MarlStrategy *const pair[2] = {&learner, &other};
    double value[MARL_JOINT_STATES][2];
    MarlJointTable tables[2 * MARL_MATCH_BLOCK] = {{{{0}}}};
    MarlMatchOutcome outcome[MARL_MATCH_BLOCK];
    int last_rounds = 0;
    bellman(&game, &other, params.gamma, value);
    marl_match_block(&rules, pair, marl_key(1, MARL_STREAM_ENV), 0, tables, outcome);
    for (int s = 0; s < MARL_JOINT_START; ++s) {
      if (n == 2 && s % 2 == D) continue; /* AllC never defects: these states do not occur */
      if (n == 3 && s % 2 == C) continue;
      for (int a = 0; a < 2; ++a) {
        const double got = (double)tables[17].value[s][a];
        const int b = other.cooperate[s % 2][s / 2] > 0.5 ? C : D;
        const double next = fmax(value[2 * a + b][C], value[2 * a + b][D]);
        const float *start = tables[17].value[MARL_JOINT_START];
        const double first = (double)fmaxf(start[C], start[D]);
        const double ended = value[s][a] + params.learning_rate * params.gamma * (first - next);
        last_rounds += fabs(got - ended) < 2e-4;
        if (fabs(got - ended) >= 2e-4) UNIT_NEAR(got, value[s][a], 2e-4);
      }
    }
    CU_ASSERT_EQUAL(last_rounds, 1);
  }
}

/* Against a mixed strategy constant steps keep fluctuating: the mean over 64 learners is within
 * 4 standard errors of the fixed point, up to the maximum's bias, which a rate of 0.004 keeps
 * below 0.1 (values are near 20, rewards deviate by 2). */
static void test_learning_averages_a_stochastic_opponent(void) {
  const MarlGame game = marl_game_make(3, 0, 5, 1);
  MarlStrategyParams params = marl_strategy_defaults();
  params.epsilon = 0.5;
  params.learning_rate = 0.004;
  const double vector[4] = {0.9, 0.3, 0.8, 0.2};
  memcpy(params.memory_one, vector, sizeof vector);
  const MarlStrategy learner = make("q_learner", &params, &game);
  const MarlStrategy other = make("memory_one", &params, &game);
  const MarlStrategy *const pair[2] = {&learner, &other};
  const MarlMatchRules rules = {game, 400000, 0};
  double value[MARL_JOINT_STATES][2];
  MarlJointTable tables[2 * MARL_MATCH_BLOCK] = {{{{0}}}};
  MarlMatchOutcome outcome[MARL_MATCH_BLOCK];
  bellman(&game, &other, params.gamma, value);
  marl_match_block(&rules, pair, marl_key(2, MARL_STREAM_ENV), 0, tables, outcome);
  for (int s = 0; s < MARL_JOINT_START; ++s)
    for (int a = 0; a < 2; ++a) {
      double mean = 0;
      for (int m = 0; m < MARL_MATCH_BLOCK; ++m)
        mean += (double)tables[m].value[s][a] / MARL_MATCH_BLOCK;
      UNIT_NEAR(mean, value[s][a], 0.15);
    }
}

/* Tables written by one match are where the next one starts: one match of 2 T rounds has the values
 * of its halves only up to draws, so the test has none: no exploration, no ties, rate 1. Against
 * AllD a learner that starts by cooperating sees S = 0, then learns that P = 1 is better. */
static void test_tables_live_on(void) {
  const MarlGame game = marl_game_make(3, 0, 5, 1);
  MarlStrategyParams params = marl_strategy_defaults();
  params.epsilon = 0;
  params.learning_rate = 1;
  params.gamma = 0;
  const MarlStrategy learner = make("q_learner", &params, &game);
  const MarlStrategy other = make("AllD", &params, &game);
  const MarlStrategy *const pair[2] = {&learner, &other};
  const MarlMatchRules rules = {game, 1, 0};
  MarlJointTable tables[2 * MARL_MATCH_BLOCK] = {{{{0}}}};
  MarlMatchOutcome outcome[MARL_MATCH_BLOCK];
  for (int m = 0; m < MARL_MATCH_BLOCK; ++m) {
    tables[m].value[MARL_JOINT_START][C] = 0.5f;
    tables[m].value[MARL_JOINT_START][D] = 0.25f;
  }
  marl_match_block(&rules, pair, marl_key(3, MARL_STREAM_ENV), 0, tables, outcome);
  CU_ASSERT(outcome[5].rounds[C][D] == 1);
  UNIT_NEAR((double)tables[5].value[MARL_JOINT_START][C], 0, 0);
  marl_match_block(&rules, pair, marl_key(3, MARL_STREAM_ENV), 1, tables, outcome);
  CU_ASSERT(outcome[5].rounds[D][D] == 1);
  UNIT_NEAR((double)tables[5].value[MARL_JOINT_START][D], 1, 0);
}

/* Matches of one round are one decision after the other in the same state: Q(a) = r(a) + gamma
 * max Q, so that the better act of payoff r is worth r / (1 - gamma). 300 matches at a rate of 0.2
 * leave less than exp(-0.2 0.1 0.5 300) = 5 % of values of 10 and 50. */
static void test_the_last_round_of_a_match_leads_to_the_first_of_the_next(void) {
  static const char *const names[] = {"AllD", "TFT"};
  static const double best[] = {1, 5}, worse[] = {0, 3};
  const MarlGame game = marl_game_make(3, 0, 5, 1);
  MarlStrategyParams params = marl_strategy_defaults();
  params.epsilon = 0.5;
  params.learning_rate = 0.2;
  params.gamma = 0.9;
  const MarlStrategy learner = make("q_learner", &params, &game);
  const MarlMatchRules rules = {game, 1, 0};
  for (int n = 0; n < 2; ++n) {
    const MarlStrategy other = make(names[n], &params, &game);
    const MarlStrategy *const pair[2] = {&learner, &other};
    MarlJointTable tables[2 * MARL_MATCH_BLOCK] = {{{{0}}}};
    MarlMatchOutcome outcome[MARL_MATCH_BLOCK];
    for (uint64_t match = 0; match < 300; ++match)
      marl_match_block(&rules, pair, marl_key(1, MARL_STREAM_ENV), match, tables, outcome);
    const float *q = tables[17].value[MARL_JOINT_START];
    UNIT_NEAR((double)q[D], best[n] / 0.1, 0.05 * best[n] / 0.1);
    UNIT_NEAR((double)q[C], worse[n] + 0.9 * best[n] / 0.1, 0.05 * best[n] / 0.1);
    for (int s = 0; s < MARL_JOINT_START; ++s) /* nothing is ever decided there */
      for (int a = 0; a < 2; ++a) UNIT_NEAR((double)tables[17].value[s][a], 0, 0);
  }
}

/* Noise flips a learner's move like anybody's: of one who knows that D is better and explores with
 * epsilon = 0.2 it makes C in (1 - epsilon) n + epsilon / 2 of the rounds, n = 0.1. 64 matches of
 * 1,000 rounds; five binomial deviations are 0.0076. */
static void test_noise_flips_a_learners_moves(void) {
  const MarlGame game = marl_game_make(3, 0, 5, 1);
  MarlStrategyParams params = marl_strategy_defaults();
  params.epsilon = 0.2;
  params.learning_rate = 0;
  const MarlStrategy learner = make("q_learner", &params, &game);
  const MarlStrategy other = make("AllD", &params, &game);
  const MarlStrategy *const pair[2] = {&learner, &other};
  const MarlMatchRules rules = {game, 1000, 0.1};
  MarlJointTable tables[2 * MARL_MATCH_BLOCK] = {{{{0}}}};
  MarlMatchOutcome outcome[MARL_MATCH_BLOCK];
  double cooperated = 0;
  for (int m = 0; m < MARL_MATCH_BLOCK; ++m)
    for (int s = 0; s < MARL_JOINT_STATES; ++s) tables[m].value[s][D] = 1;
  marl_match_block(&rules, pair, marl_key(5, MARL_STREAM_ENV), 0, tables, outcome);
  for (int m = 0; m < MARL_MATCH_BLOCK; ++m)
    cooperated += outcome[m].rounds[C][C] + outcome[m].rounds[C][D];
  UNIT_NEAR(cooperated / (1000.0 * MARL_MATCH_BLOCK), 0.8 * 0.1 + 0.2 / 2, 0.0076);
}

static CU_TestInfo tests[] = {
    {"noise flips a learner's moves", test_noise_flips_a_learners_moves},
    {"the last round of a match leads to the first of the next",
     test_the_last_round_of_a_match_leads_to_the_first_of_the_next},
    {"learning converges to Bellman's solution", test_learning_converges_to_bellmans_solution},
    {"learning averages a stochastic opponent", test_learning_averages_a_stochastic_opponent},
    {"tables live on from match to match", test_tables_live_on},
    CU_TEST_INFO_NULL,
};
static CU_SuiteInfo suites[] = {
    {"tabular learners of a joint state", NULL, NULL, NULL, NULL, tests}, CU_SUITE_INFO_NULL};
UNIT_MAIN(suites)
