/* ctest: label=slow timeout=240 */
#include "envs/env_table.h"
#include "envs/population_table.h"
#include "marl/compare/run.h"
#include "marl/learn/learner_dqn.h"
#include "marl/learn/replica.h"
#include "marl/learn/trainer.h"
#include "tests/unit.h"

#define POLICY                                                        \
  "policy: {sharing: independent, hidden: [128], activation: relu,\n" \
  "  initial_weights: uniform, normalize_observations: false}\n"
#define PAPER "learner: {name: dqn, preset: paper}\n" POLICY
#define CLEAN "learner: {name: dqn, preset: clean}\n" POLICY
/* raw observations and the public code's transitions, as configs/dilemma/paper.yaml */
#define PUBLISHED "name: dilemma, observation: raw, transitions: published, "

/* A comparison read from text, as `marl compare` does. */
static MarlComparison make(const char *text, MarlConfig **config) {
  MarlError err;
  MarlComparison comparison;
  UNIT_OK(marl_config_parse(text, strlen(text), "test", config, &err));
  UNIT_OK(marl_comparison_read(*config, marl_population_table, marl_env_table, &comparison, &err));
  UNIT_OK(marl_config_finish(*config, &err));
  return comparison;
}

enum { MAX_METRICS = 40, MAX_CURVE = 8000 };
typedef struct Run {
  double metrics[MAX_METRICS];
  float curve[MAX_CURVE];
} Run;

static void finish(const MarlComparison *c, MarlComparisonRun **run, Run *out) {
  MarlError err;
  const MarlRunResult result = {out->metrics, out->curve};
  CU_ASSERT_FATAL(c->num_metrics <= MAX_METRICS && c->num_points * c->num_measured <= MAX_CURVE);
  UNIT_OK(marl_comparison_run_finish(*run, &result, &err));
  marl_comparison_run_destroy(run);
}

static void run_job(const MarlComparison *comparison, int job, Run *run) {
  MarlError err;
  MarlComparisonRun *played;
  memset(run, 0, sizeof *run);
  UNIT_OK(marl_comparison_run_create(comparison, job, &played, &err));
  while (!marl_comparison_run_over(played)) UNIT_OK(marl_comparison_run_cycle(played, &err));
  finish(comparison, &played, run);
}

static double metric(const MarlComparison *c, const double *metrics, const char *name) {
  int m = 0;
  while (m < c->num_metrics && strcmp(c->metric_name[m], name) != 0) ++m;
  CU_ASSERT_FATAL(m < c->num_metrics);
  return metrics[m];
}

static void test_a_run_is_the_same_in_any_comparison_that_holds_it(void) {
  MarlConfig *large_config, *small_config;
  MarlComparison large = make("env: {" PUBLISHED "cycles: 40}\n" PAPER
                              "compare: {mechanisms: [DP-S, TPPDP-S, TPP-S], "
                              "seeds: 3, tail: 10, window: 10}\n",
                              &large_config);
  MarlComparison small = make("env: {" PUBLISHED "cycles: 40}\n" PAPER
                              "compare: {mechanisms: [TPP-S], seeds: 2, tail: 10, "
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
static void on_small_world(const char *graph_seed, const char *vary_seeds, Run *run) {
  MarlConfig *config;
  char text[1024];
  snprintf(text, sizeof text,
           "env: {" PUBLISHED
           "cycles: 20, num_agents: 10, rounds: 2, graph: small_world,\n"
           "  rewiring: 0.5, graph_seed: %s}\n" PAPER
           "compare: {mechanisms: [DP], visibility: [hidden], seeds: 2, tail: 10, window: 10,\n"
           "  vary_seeds: %s}\n",
           graph_seed, vary_seeds);
  MarlComparison c = make(text, &config);
  run_job(&c, 1, run);
  marl_comparison_clear(&c);
  marl_config_destroy(&config);
}

static void test_every_run_draws_a_random_graph_of_its_own(void) {
  static Run own, second, shared;
  on_small_world("1", "true", &own);
  on_small_world("2", "false", &second);
  on_small_world("1", "false", &shared);
  UNIT_BITS_EQUAL(&own, &second, sizeof own); /* run 1 has the graph of seed 1 + 1 */
  CU_ASSERT_NOT_EQUAL(memcmp(&own, &shared, sizeof own), 0);
}

/* Forty cycles, saved and loaded into a new run after every `cut` of them (never if 0). */
static void live_in_pieces(const char *world, int cut, Run *out) {
  MarlError err;
  MarlConfig *config;
  char text[1024];
  snprintf(text, sizeof text, "%scompare: {mechanisms: [TPP-S], seeds: 1, tail: 10, window: 10}\n",
           world);
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
  finish(&c, &run, out);
  marl_comparison_clear(&c);
  marl_config_destroy(&config);
}

static void test_a_society_cut_by_checkpoints_learns_the_same(void) {
  static const char *const worlds[] = {
      "env: {" PUBLISHED "cycles: 40}\n" PAPER,
      "env: {name: dilemma, pairings_end: true, cycles: 40}\n" CLEAN};
  for (int k = 0; k < 2; ++k) {
    static Run whole, pieces;
    live_in_pieces(worlds[k], 0, &whole);
    live_in_pieces(worlds[k], 7, &pieces);
    UNIT_BITS_EQUAL(&whole, &pieces, sizeof whole);
  }
}

/* A cell's preset is its own, whatever the configuration's was; a key that is set stays. */
static void test_a_cell_may_have_another_preset(void) {
  MarlConfig *config, *clean_config;
  MarlComparison c = make(
      "env: {name: dilemma, cycles: 20}\nlearner: {name: dqn, preset: paper, gamma: 0.5}\n" POLICY
      "compare: {cells: ['clean: learner.preset=clean', 'paper: env.rounds=10'], seeds: 1,\n"
      "  tail: 10, window: 10}\n",
      &config);
  MarlComparison clean = make(
      "env: {name: dilemma, cycles: 20}\nlearner: {name: dqn, preset: clean, gamma: 0.5}\n" POLICY
      "compare: {cells: ['clean: env.rounds=10'], seeds: 1, tail: 10, window: 10}\n",
      &clean_config);
  static Run a, b, other;
  run_job(&c, 0, &a);
  run_job(&clean, 0, &b);
  run_job(&c, 1, &other);
  UNIT_BITS_EQUAL(&a, &b, sizeof a);
  CU_ASSERT_NOT_EQUAL(memcmp(&a, &other, sizeof a), 0);
  CU_ASSERT_TRUE(marl_section_bool(c.cells[0].section[1], "double_q"));
  CU_ASSERT_FALSE(marl_section_bool(c.cells[1].section[1], "double_q"));
  marl_comparison_clear(&c), marl_comparison_clear(&clean);
  marl_config_destroy(&config), marl_config_destroy(&clean_config);
}

static void test_learning_steps_are_one_a_transition_after_warm_up(void) {
  static const char text[] =
      "env: {" PUBLISHED "num_envs: 1, mechanism: TPPDP-S, cycles: 101}\n" PAPER;
  MarlError err;
  MarlConfig *config;
  MarlTrainerSections sections;
  UNIT_OK(marl_config_parse(text, strlen(text), "test", &config, &err));
  UNIT_OK(marl_trainer_claim(config, marl_env_table, &sections, &err));
  const MarlReplicaInit init = {.env_ops = sections.env_ops,
                                .learner_ops = sections.learner_ops,
                                .env = sections.env,
                                .learner = sections.learner,
                                .policy = sections.policy,
                                .seed = 1,
                                .num_shards = 1,
                                .own_shards = 1,
                                .comm = MPI_COMM_SELF};
  MarlReplica society;
  UNIT_OK(marl_replica_create(&init, &society, &err));
  MarlBatch *batch = marl_vec_env_batch(society.vec[0]);
  const MarlLearnerOps *ops = society.learner->ops;
  for (int cycle = 0; cycle < 100; cycle += batch->cycle_ended[0]) {
    UNIT_OK(ops->act(society.learner, 0, batch, &err));
    UNIT_OK(marl_vec_env_step(society.vec[0], &err));
    UNIT_OK(ops->observe(society.learner, 0, batch, &err));
  }
  const DqnLearner *dqn = (const DqnLearner *)society.learner;
  int64_t steps = 0;
  for (int g = 0; g < dqn->num_groups; ++g) steps += dqn->groups[g].steps;
  /* 50 rounds: 1 select, 2 play, 4 punish transitions; each of 15 networks waits for its first
   * 99 */
  CU_ASSERT_EQUAL(steps, 100 * 50 * 7 - 15 * 99);
  marl_replica_clear(&society);
  marl_config_destroy(&config);
}

/* Means over seeds of a mechanism under the published schedule. */
typedef struct Means {
  double cooperation, welfare, greedy_welfare, punishment_rate;
} Means;

static Means mean_of(const char *mechanism, const char *extra, int seeds, int cycles) {
  MarlConfig *config;
  char text[1024];
  snprintf(text, sizeof text,
           "env: {" PUBLISHED "cycles: %d%s}\n" PAPER
           "compare: {mechanisms: [%s], seeds: %d, tail: %d}\n",
           cycles, extra, mechanism, seeds, cycles / 4);
  MarlComparison c = make(text, &config);
  static Run run;
  Means mean = {0};
  for (int job = 0; job < c.num_jobs; ++job) {
    run_job(&c, job, &run);
    mean.cooperation += metric(&c, run.metrics, "cooperation") / seeds;
    mean.welfare += metric(&c, run.metrics, "welfare") / seeds;
    mean.greedy_welfare += metric(&c, run.metrics, "greedy_welfare") / seeds;
    mean.punishment_rate += metric(&c, run.metrics, "punishment_rate") / seeds;
  }
  marl_comparison_clear(&c);
  marl_config_destroy(&config);
  return mean;
}

/* Published behavior at a fraction of the published length; the whole table is
 * docs/dilemmas.md's. */
static void test_without_punishment_cooperation_falls_to_the_exploration_floor(void) {
  const Means none = mean_of("none", "", 2, 600);
  /* everybody defects but for half of the 1 % exploration; binomial deviation of 30,000 plays
   * 0.0004, and a few cooperations are left of learning */
  UNIT_NEAR(none.cooperation, 0.005, 0.002);
  /* 100 plays of P = 1, and half a cooperation that adds S + T - 2 P = 2 */
  UNIT_NEAR(none.welfare, 101, 1);
  UNIT_NEAR(none.greedy_welfare, 100, 0);
}

static void test_punishment_that_pays_sustains_cooperation(void) {
  /* at 600 of 2,000 cycles; single runs are between .67 and .995 */
  CU_ASSERT(mean_of("DP", "", 3, 600).cooperation > 0.75);
}

static void test_punishment_that_costs_is_unlearned_and_cooperation_with_it(void) {
  const Means costly = mean_of("DP-costly", "", 1, 500);
  UNIT_NEAR(costly.cooperation, 0.005, 0.02);
  /* the floor of the punishers' exploration is half of 0.2; deviation of 12,500 verdicts 0.003 */
  UNIT_NEAR(costly.punishment_rate, 0.1, 0.012);
}

static void test_antisocial_prices_destroy_what_prosocial_ones_build(void) {
  /* a fine for cooperators pays, one for defectors costs: defecting is then never punished */
  CU_ASSERT(mean_of("DP", ", just_reward: -10, unjust_reward: 2", 1, 300).cooperation < 0.05);
}

static CU_TestInfo tests[] = {
    {"a run is the same in any comparison that holds it",
     test_a_run_is_the_same_in_any_comparison_that_holds_it},
    {"a society cut by checkpoints learns the same",
     test_a_society_cut_by_checkpoints_learns_the_same},
    {"every run draws a random graph of its own", test_every_run_draws_a_random_graph_of_its_own},
    {"a cell may have another preset", test_a_cell_may_have_another_preset},
    {"learning steps are one a transition after warm-up",
     test_learning_steps_are_one_a_transition_after_warm_up},
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
