#include "envs/iterated/match.h"
#include "tests/envs/life.h"

enum { ROUNDS = 400, RUNS = 16 * MARL_MATCH_BLOCK, NUM_FIGURES = 3 };

/* Of one run: share of rounds in which the first cooperates, in which both do, and its mean payoff. */
typedef struct Runs {
  double figure[NUM_FIGURES][RUNS];
} Runs;

static const double sucker = 0, reward = 3, temptation = 5, punished = 1;

static void by_kernel(Runs *runs) {
  MarlError err;
  const MarlGame game = marl_game_make(reward, sucker, temptation, punished);
  MarlStrategyParams params = marl_strategy_defaults();
  params.learning_rate = 0.2, params.gamma = 0.8, params.epsilon = 0.1;
  MarlStrategy learner;
  UNIT_OK(marl_strategy_make("q_learner", &params, &game, &learner, &err));
  const MarlStrategy *const pair[2] = {&learner, &learner};
  const MarlMatchRules rules = {game, ROUNDS, 0};
  for (int block = 0; block < RUNS / MARL_MATCH_BLOCK; ++block) {
    MarlMatchOutcome outcome[MARL_MATCH_BLOCK];
    marl_match_block(&rules, pair, marl_key(1, MARL_STREAM_ENV), (uint64_t)block, NULL, outcome);
    for (int i = 0; i < MARL_MATCH_BLOCK; ++i) {
      const int run = block * MARL_MATCH_BLOCK + i;
      const int both = outcome[i].rounds[MARL_COOPERATE][MARL_COOPERATE];
      const int alone = outcome[i].rounds[MARL_COOPERATE][MARL_DEFECT];
      runs->figure[0][run] = (double)(both + alone) / ROUNDS;
      runs->figure[1][run] = (double)both / ROUNDS;
      runs->figure[2][run] = outcome[i].payoff[0];
    }
  }
}

/* The same game without an end, whose players see the last round. */
static void by_environment(Runs *runs) {
  for (int run = 0; run < RUNS; ++run) {
    Life life =
        life_begin("matrix_game", "tabular_q",
                   "game=prisoners_dilemma rounds=0 max_steps=0 learning_rate=0.2 gamma=0.8 "
                   "epsilon_start=0.1 epsilon_end=0.1",
                   (uint64_t)run);
    double first = 0, both = 0, payoff = 0;
    for (int round = 0; round < ROUNDS; ++round) {
      const MarlBatch *batch = life_step(&life);
      first += (double)batch->reward[0] == reward || (double)batch->reward[0] == sucker;
      both += (double)batch->reward[0] == reward;
      payoff += (double)batch->reward[0];
    }
    runs->figure[0][run] = first / ROUNDS;
    runs->figure[1][run] = both / ROUNDS;
    runs->figure[2][run] = payoff / ROUNDS;
    life_end(&life);
  }
}

static double mean_of(const double *x, double *variance) {
  double mean = 0;
  *variance = 0;
  for (int i = 0; i < RUNS; ++i) mean += x[i] / RUNS;
  for (int i = 0; i < RUNS; ++i) *variance += (x[i] - mean) * (x[i] - mean) / (RUNS - 1);
  return mean;
}

/* Blocks of matches have Q-learners of their own; they are tabular_q in the game of two. Draws differ,
 * so 1,024 runs each agree in distribution: means within four standard errors. Values of the first 400
 * rounds, in which most is learned, so that a wrong step, discount, tie or state shows. */
static void test_the_kernel_and_the_general_path_agree(void) {
  static Runs kernel, general;
  by_kernel(&kernel);
  by_environment(&general);
  for (int f = 0; f < NUM_FIGURES; ++f) {
    double of_kernel, of_general;
    const double a = mean_of(kernel.figure[f], &of_kernel);
    const double b = mean_of(general.figure[f], &of_general);
    const double apart = fabs(a - b) / sqrt((of_kernel + of_general) / RUNS);
    printf("\n    %.4f and %.4f, %.2f ", a, b, apart);
    CU_ASSERT(apart < 4);
  }
}

static CU_TestInfo tests[] = {
    {"the kernel and the general path agree", test_the_kernel_and_the_general_path_agree},
    CU_TEST_INFO_NULL,
};
static CU_SuiteInfo suites[] = {
    {"envs/iterated learner", NULL, NULL, NULL, NULL, tests},
    CU_SUITE_INFO_NULL,
};
UNIT_MAIN(suites)
