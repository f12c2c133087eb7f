/* ctest: label=slow timeout=240 */
#include "envs/env_table.h"
#include "envs/population_table.h"
#include "envs/society/society.h"
#include "marl/compare/run.h"
#include "tests/unit.h"

/* A comparison read from text, as `marl compare` does. */
static MarlComparison make(const char *text, MarlConfig **config) {
  MarlError err;
  MarlComparison comparison;
  UNIT_OK(marl_config_parse(text, strlen(text), "test", config, &err));
  UNIT_OK(marl_comparison_read(*config, marl_population_table, marl_env_table, &comparison, &err));
  UNIT_OK(marl_config_finish(*config, &err));
  return comparison;
}

/* The society's run metrics: its own, three greedy ones, three of the threshold. */
enum {
  GREEDY_COOPERATION = MARL_NUM_SOCIETY_METRICS,
  GREEDY_WELFARE,
  NUM_RUN_METRICS = MARL_NUM_SOCIETY_METRICS + 6,
  MAX_POINTS = 200
};
typedef struct Run {
  double metrics[NUM_RUN_METRICS];
  float curve[MAX_POINTS * MARL_NUM_SOCIETY_METRICS];
} Run;

static void run_job(const MarlComparison *comparison, int job, Run *run) {
  MarlError err;
  const MarlRunResult result = {run->metrics, run->curve};
  MarlComparisonRun *played;
  UNIT_OK(marl_comparison_run_create(comparison, job, &played, &err));
  while (!marl_comparison_run_over(played)) UNIT_OK(marl_comparison_run_cycle(played, &err));
  UNIT_OK(marl_comparison_run_finish(played, &result, &err));
  marl_comparison_run_destroy(&played);
}

static void test_a_run_is_the_same_in_any_comparison_that_holds_it(void) {
  MarlConfig *large_config, *small_config;
  MarlComparison large = make(
      "env: {cycles: 40}\ncompare: {population: society, mechanisms: [none, TPPDP-S, TPP-S], "
      "seeds: 3, tail: 10, "
      "window: 10}\n",
      &large_config);
  MarlComparison small = make(
      "env: {cycles: 40}\ncompare: {population: society, mechanisms: [TPP-S], seeds: 2, tail: 10, "
      "window: 10}\n",
      &small_config);
  static Run a, b, other;
  run_job(&large, 2 * 3 + 1, &a);
  run_job(&small, 1, &b);
  run_job(&small, 0, &other);
  UNIT_BITS_EQUAL(a.metrics, b.metrics, sizeof a.metrics);
  UNIT_BITS_EQUAL(a.curve, b.curve, sizeof a.curve);
  CU_ASSERT_NOT_EQUAL(memcmp(a.curve, other.curve, sizeof a.curve), 0);
  marl_comparison_clear(&large), marl_comparison_clear(&small);
  marl_config_destroy(&large_config), marl_config_destroy(&small_config);
}

/* One run of 20 cycles on a small world; run 1 of a cell. */
static void on_small_world(const char *graph, Run *run) {
  MarlConfig *config;
  char text[512];
  snprintf(text, sizeof text,
           "env: {cycles: 20, num_agents: 10, rounds: 2, graph: small_world, rewiring: 0.5, %s}\n"
           "compare: {population: society, mechanisms: [DP], visibility: [hidden], seeds: 2, tail: "
           "10, window: 10}\n",
           graph);
  MarlComparison c = make(text, &config);
  memset(run, 0, sizeof *run);
  run_job(&c, 1, run);
  marl_comparison_clear(&c);
  marl_config_destroy(&config);
}

static void test_every_run_draws_a_random_graph_of_its_own(void) {
  static Run own, second, shared;
  on_small_world("graph_seed: 1", &own);
  on_small_world("graph_seed: 2, graph_per_run: false", &second);
  on_small_world("graph_seed: 1, graph_per_run: false", &shared);
  UNIT_BITS_EQUAL(&own, &second, sizeof own); /* run 1 has the graph of seed 1 + 1 */
  CU_ASSERT_NOT_EQUAL(memcmp(&own, &shared, sizeof own), 0);
}

/* Thirty cycles, saved and loaded into a new run after every `cut` of them (never if 0). */
static void live_in_pieces(const char *learner, int cut, Run *out) {
  MarlError err;
  MarlConfig *config;
  char text[512];
  snprintf(text, sizeof text,
           "env: {cycles: 40}\nlearner: {%s}\n"
           "compare: {population: society, mechanisms: [TPP-S], seeds: 1, tail: 10, window: 10}\n",
           learner);
  MarlComparison c = make(text, &config);
  MarlComparisonRun *run;
  memset(out, 0, sizeof *out);
  UNIT_OK(marl_comparison_run_create(&c, 0, &run, &err));
  for (int cycle = 0; !marl_comparison_run_over(run); ++cycle) {
    if (cut > 0 && cycle % cut == 0) {
      MarlStore *to, *from;
      void *bytes;
      size_t size;
      UNIT_OK(marl_store_create_memory(&to, &err));
      UNIT_OK(marl_comparison_run_save(run, to, &err));
      UNIT_OK(marl_store_image(to, &bytes, &size, &err));
      marl_store_close(&to);
      marl_comparison_run_destroy(&run);
      UNIT_OK(marl_comparison_run_create(&c, 0, &run, &err));
      UNIT_OK(marl_store_open_image(bytes, size, &from, &err));
      UNIT_OK(marl_comparison_run_load(run, from, &err));
      marl_store_close(&from);
      free(bytes);
    }
    UNIT_OK(marl_comparison_run_cycle(run, &err));
  }
  const MarlRunResult result = {out->metrics, out->curve};
  UNIT_OK(marl_comparison_run_finish(run, &result, &err));
  marl_comparison_run_destroy(&run);
  marl_comparison_clear(&c);
  marl_config_destroy(&config);
}

static void test_a_society_cut_by_checkpoints_learns_the_same(void) {
  static const char *const learners[] = {"profile: paper", "profile: clean"};
  for (int k = 0; k < 2; ++k) {
    static Run whole, pieces;
    live_in_pieces(learners[k], 0, &whole);
    live_in_pieces(learners[k], 7, &pieces);
    UNIT_BITS_EQUAL(&whole, &pieces, sizeof whole);
  }
}

static void test_learning_steps_are_one_a_stored_transition_after_warm_up(void) {
  MarlError err;
  MarlConfig *config;
  MarlComparison c = make(
      "env: {cycles: 100}\ncompare: {population: society, mechanisms: [TPPDP-S], tail: 10, window: "
      "10}\n",
      &config);
  MarlSociety *society;
  MarlDilemmaRules rules;
  UNIT_OK(marl_dilemma_rules_read(c.cells[0].section[0], &rules, &err));
  const MarlProfile profile = marl_profile_named(0);
  UNIT_OK(marl_society_create(&rules, &profile, marl_key(1, MARL_STREAM_ENV), &society, &err));
  double metrics[MARL_NUM_SOCIETY_METRICS];
  for (int cycle = 0; cycle < 100; ++cycle) marl_society_cycle(society, metrics, NULL);
  /* 50 rounds: 1 select, 2 play, 4 punish transitions; each of 15 networks waits for its first
   * 99 */
  CU_ASSERT_EQUAL(marl_society_learning_steps(society), 100 * 50 * 7 - 15 * 99);
  marl_society_destroy(&society);
  marl_comparison_clear(&c);
  marl_config_destroy(&config);
}

/* Mean over seeds of the metrics of a mechanism under the published schedule. */
static void mean_of(const char *mechanism, const char *extra, int seeds, int cycles,
                    double mean[NUM_RUN_METRICS]) {
  MarlConfig *config;
  char text[512];
  snprintf(text, sizeof text,
           "env: {cycles: %d%s}\ncompare: {population: society, mechanisms: [%s], seeds: %d, tail: "
           "%d}\n",
           cycles, extra, mechanism, seeds, cycles / 4);
  MarlComparison c = make(text, &config);
  static Run run;
  for (int m = 0; m < NUM_RUN_METRICS; ++m) mean[m] = 0;
  for (int job = 0; job < c.num_jobs; ++job) {
    run_job(&c, job, &run);
    for (int m = 0; m < NUM_RUN_METRICS; ++m) mean[m] += run.metrics[m] / seeds;
  }
  marl_comparison_clear(&c);
  marl_config_destroy(&config);
}

/* Published behavior at a fraction of the published length; the whole table is
 * docs/dilemmas.md's. */
static void test_without_punishment_cooperation_falls_to_the_exploration_floor(void) {
  double none[NUM_RUN_METRICS];
  mean_of("none", "", 2, 600, none);
  /* everybody defects but for half of the 1 % exploration; binomial deviation of 30,000 plays
   * 0.0004, and a few cooperations are left of learning */
  UNIT_NEAR(none[MARL_METRIC_COOPERATION], 0.005, 0.002);
  /* 100 plays of P = 1, and half a cooperation that adds S + T - 2 P = 2 */
  UNIT_NEAR(none[MARL_METRIC_WELFARE], 101, 1);
  UNIT_NEAR(none[GREEDY_WELFARE], 100, 0);
}

static void test_punishment_that_pays_sustains_cooperation(void) {
  double direct[NUM_RUN_METRICS];
  mean_of("DP", "", 3, 600, direct);
  /* at 600 of 2,000 cycles; single runs are between .67 and .995 */
  CU_ASSERT(direct[MARL_METRIC_COOPERATION] > 0.75);
}

static void test_punishment_that_costs_is_unlearned_and_cooperation_with_it(void) {
  double costly[NUM_RUN_METRICS];
  mean_of("DP-costly", "", 1, 500, costly);
  UNIT_NEAR(costly[MARL_METRIC_COOPERATION], 0.005, 0.02);
  /* the floor of the punishers' exploration is half of 0.2; deviation of 12,500 verdicts 0.003 */
  UNIT_NEAR(costly[MARL_METRIC_PUNISHMENT_RATE], 0.1, 0.012);
}

static void test_antisocial_prices_destroy_what_prosocial_ones_build(void) {
  double antisocial[NUM_RUN_METRICS];
  /* a fine for cooperators pays, one for defectors costs: defecting is then never punished */
  mean_of("DP", ", just_reward: -10, unjust_reward: 2", 1, 300, antisocial);
  CU_ASSERT(antisocial[MARL_METRIC_COOPERATION] < 0.05);
}

static CU_TestInfo tests[] = {
    {"a run is the same in any comparison that holds it",
     test_a_run_is_the_same_in_any_comparison_that_holds_it},
    {"a society cut by checkpoints learns the same",
     test_a_society_cut_by_checkpoints_learns_the_same},
    {"every run draws a random graph of its own", test_every_run_draws_a_random_graph_of_its_own},
    {"learning steps are one a stored transition after warm-up",
     test_learning_steps_are_one_a_stored_transition_after_warm_up},
    {"without punishment cooperation falls to the exploration floor",
     test_without_punishment_cooperation_falls_to_the_exploration_floor},
    {"punishment that pays sustains cooperation", test_punishment_that_pays_sustains_cooperation},
    {"punishment that costs is unlearned and cooperation with it",
     test_punishment_that_costs_is_unlearned_and_cooperation_with_it},
    {"antisocial prices destroy what prosocial ones build",
     test_antisocial_prices_destroy_what_prosocial_ones_build},
    CU_TEST_INFO_NULL,
};
static CU_SuiteInfo suites[] = {{"society", NULL, NULL, NULL, NULL, tests}, CU_SUITE_INFO_NULL};
UNIT_MAIN(suites)
