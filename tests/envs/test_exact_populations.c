/* Populations of iterated games measure what theory says of them. */
#include "envs/population_table.h"
#include "tests/unit.h"

enum { MAX_METRICS = 32 };

typedef struct Measured {
  MarlPopulationMetrics metrics;
  double mean[MAX_METRICS], exact[MAX_METRICS];
} Measured;

/* Settings of section env: key, value, ..., NULL. Means of `cycles`, ratios pooled. */
static void measure(const char *population, const char *const *settings, int cycles,
                    Measured *out) {
  MarlError err;
  MarlSection *env, *learner;
  const MarlPopulationOps *ops = NULL;
  MarlPopulationState *state = NULL;
  double sum[MAX_METRICS] = {0}, weight[MAX_METRICS] = {0};
  UNIT_OK(marl_population_find(marl_population_table, population, &ops, &err));
  const MarlOptionTable of_env = {ops->options, ops->num_options};
  const MarlOptionTable of_learner = {ops->learner_options, ops->num_learner_options};
  UNIT_OK(marl_section_create("env", &of_env, 1, &env, &err));
  UNIT_OK(marl_section_create("learner", &of_learner, 1, &learner, &err));
  for (; settings[0] != NULL; settings += 2)
    UNIT_OK(marl_section_set(env, settings[0], settings[1], "test", &err));
  const MarlPopulationConfig config = {.env = env, .learner = learner};
  if (ops->describe != NULL) UNIT_OK(ops->describe(&config, &out->metrics, &err));
  UNIT_OK(ops->create(&config, marl_key(5, MARL_STREAM_ENV), &state, &err));
  for (int c = 0; c < cycles; ++c) {
    double metrics[MAX_METRICS], whole[MAX_METRICS];
    for (int m = 0; m < MAX_METRICS; ++m) metrics[m] = 0, whole[m] = 1;
    UNIT_OK(ops->cycle(state, metrics, whole, &err));
    for (int m = 0; m < MAX_METRICS; ++m) sum[m] += metrics[m], weight[m] += whole[m];
  }
  for (int m = 0; m < MAX_METRICS; ++m) out->mean[m] = sum[m] / weight[m], out->exact[m] = NAN;
  UNIT_OK(ops->exact(&config, out->exact, &err));
  ops->destroy(state);
  marl_section_destroy(&env);
  marl_section_destroy(&learner);
}

/* 200 x 64 matches of 50 rounds a pair: shares within 4 sqrt(.25 x 10 / (12,800 x 50)) of the chain's
 * where some ten rounds of a match are alike, payoffs within four times that. */
static void test_a_tournament_scores_what_the_chains_give(void) {
  Measured m;
  measure("tournament",
          (const char *const[]){"strategies", "TFT, AllD, GTFT, zd: .8 .5 .3 .1 1", "noise", ".05",
                                "rounds", "50", NULL},
          200, &m);
  CU_ASSERT_EQUAL(m.metrics.count, 6);
  CU_ASSERT_STRING_EQUAL(m.metrics.name[5], "score_zd");
  UNIT_NEAR(m.mean[0], m.exact[0], 0.008);
  for (int i = 1; i < 6; ++i) UNIT_NEAR(m.mean[i], m.exact[i], 0.032);
}

/* 1,500 looks, 400 births apart, with exact payoffs and frequent mutation, in which the population
 * forgets in some N / mutation = 200 births: shares scatter by .3, looks are alike for half of one;
 * five deviations. The start is forgotten at once. */
static void test_evolution_has_the_shares_of_its_chain(void) {
  static const char *const rules[][4] = {
      {"moran", "exponential"}, {"moran", "linear"}, {"moran", "payoff"}, {"fermi", "exponential"}};
  for (int k = 0; k < 4; ++k) {
    Measured m;
    measure("evolution", (const char *const[]){"strategies",  "AllC, AllD, TFT",
                                               "payoff",      "3, 0, 5, 1",
                                               "noise",       ".05",
                                               "rounds",      "10",
                                               "repetitions", "0",
                                               "population",  "20",
                                               "births",      "2000",
                                               "mutation",    ".1",
                                               "selection",   ".5",
                                               "shares",      "0, 0, 1",
                                               "rule",        rules[k][0],
                                               "fitness",     rules[k][1],
                                               NULL},
            1500, &m);
    for (int i = 2; i < 5; ++i) UNIT_NEAR(m.mean[i], m.exact[i], 5 * 0.3 * sqrt(1.5 / 1500));
    UNIT_NEAR(m.mean[0], m.exact[0], 5 * 0.3 * sqrt(1.5 / 1500));
  }
}

/* 200,000 runs: four binomial deviations, times within 2 percent. */
static void test_runs_fixate_as_often_as_theory_says(void) {
  Measured m;
  measure("fixation",
          (const char *const[]){"strategies", "TFT, AllD", "payoff", "3, 0, 5, 1", "noise", ".01",
                                "rounds", "10", "population", "30", "selection", ".1", NULL},
          200, &m);
  UNIT_NEAR(m.mean[0], m.exact[0], 4 * sqrt(m.exact[0] / 2e5));
  for (int i = 1; i < 3; ++i) UNIT_NEAR(m.mean[i] / m.exact[i], 1, 0.02);
}

/* grim remembers more than a round: nothing is claimed of it. */
static void test_what_theory_does_not_know_is_absent(void) {
  Measured m;
  measure("tournament", (const char *const[]){"strategies", "TFT, grim", "rounds", "5", NULL}, 1,
          &m);
  for (int i = 0; i < 4; ++i) CU_ASSERT(isnan(m.exact[i]));
}

static CU_TestInfo tests[] = {
    {"a tournament scores what the chains give", test_a_tournament_scores_what_the_chains_give},
    {"evolution has the shares of its chain", test_evolution_has_the_shares_of_its_chain},
    {"runs fixate as often as theory says", test_runs_fixate_as_often_as_theory_says},
    {"what theory does not know is absent", test_what_theory_does_not_know_is_absent},
    CU_TEST_INFO_NULL,
};
static CU_SuiteInfo suites[] = {{"populations beside theory", NULL, NULL, NULL, NULL, tests},
                                CU_SUITE_INFO_NULL};
UNIT_MAIN(suites)
