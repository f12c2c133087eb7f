/* ctest: timeout=120
 * Any environment with any learner as a population of a comparison. */
#include "envs/env_table.h"
#include "envs/population_table.h"
#include "marl/compare/run.h"
#include "marl/compare/trained.h"
#include "marl/learn/trainer.h"
#include "tests/envs/reference_case.h"
#include "tests/unit.h"

static MarlCode read_text(const char *text, MarlConfig **config, MarlComparison *out,
                          MarlError *err) {
  MARL_TRY(marl_config_parse(text, strlen(text), "test", config, err));
  MARL_TRY(marl_config_set_shipped(*config, getenv("MARL_SOURCE"), err)); /* maps */
  const MarlCode code =
      marl_comparison_read(*config, marl_population_table, marl_env_table, out, err);
  return code == MARL_OK ? marl_config_finish(*config, err) : code;
}

static MarlComparison comparison_of(const char *text, MarlConfig **config) {
  MarlError err;
  MarlComparison c;
  UNIT_OK(read_text(text, config, &c, &err));
  return c;
}

/* The run goes through a store into one that has only just been created. */
static void cut(const MarlComparison *c, int job, MarlComparisonRun **run) {
  MarlError err;
  MarlStore *to, *from;
  void *bytes;
  size_t size;
  UNIT_OK(marl_store_create_memory(&to, &err));
  UNIT_OK(marl_comparison_run_save(*run, to, &err));
  UNIT_OK(marl_store_image(to, &bytes, &size, &err));
  marl_store_close(&to);
  marl_comparison_run_destroy(run);
  UNIT_OK(marl_comparison_run_create(c, job, run, &err));
  UNIT_OK(marl_store_open_image(bytes, size, &from, &err));
  UNIT_OK(marl_comparison_run_load(*run, from, &err));
  marl_store_close(&from);
  free(bytes);
}

/* metrics [num_metrics] of a job, cut before each cycle or not. */
static double *play(const MarlComparison *c, int job, bool pieces) {
  MarlError err;
  MarlComparisonRun *run;
  double *metrics = calloc((size_t)c->num_metrics, sizeof *metrics);
  float *curve = calloc((size_t)(c->num_points * c->num_measured), sizeof *curve);
  const MarlRunResult result = {metrics, curve};
  UNIT_OK(marl_comparison_run_create(c, job, &run, &err));
  while (!marl_comparison_run_over(run)) {
    if (pieces) cut(c, job, &run);
    UNIT_OK(marl_comparison_run_cycle(run, &err));
  }
  UNIT_OK(marl_comparison_run_finish(run, &result, &err));
  marl_comparison_run_destroy(&run);
  free(curve);
  return metrics;
}

/* What makes the episodes of each environment short, and the learners learn in them. */
static const char *settings_of(const char *env, const char *reference, char *text, size_t size) {
  if (strcmp(env, "turbulence") == 0)
    snprintf(text, size, ", reference: %s, resolution: 16, dt: 2e-3, max_steps: 3", reference);
  else
    snprintf(text, size, "%s",
             strcmp(env, "dilemma") == 0       ? ", mechanism: TPP-S, rounds: 2, cycles: 0"
             : strcmp(env, "reciprocity") == 0 ? ", encounters: 5"
             : strcmp(env, "cleanup") == 0 || strcmp(env, "harvest") == 0 ||
                     strcmp(env, "coins") == 0 || strcmp(env, "coop_mining") == 0
                 ? ", episode_steps: 6, num_agents: 2, view_ahead: 1, view_side: 1"
                 : "");
  return text;
}

static bool can_choose(const MarlLearnerOps *learner, const char *env) {
  const bool continuous =
      strcmp(env, "lqr") == 0 || strcmp(env, "pendulum") == 0 || strcmp(env, "turbulence") == 0;
  return (learner->abilities & (continuous ? MARL_LEARNER_CONTINUOUS : MARL_LEARNER_DISCRETE)) != 0;
}

/* Two cycles of each; cut at each cycle they are the same, and so are the greedy ones. */
static void pair_runs(const char *env, const char *learner, const char *anneal, const char *file) {
  char text[1024], more[256];
  const bool searches = strcmp(learner, "cmaes") == 0 || strcmp(learner, "eki") == 0;
  MarlConfig *config;
  snprintf(text, sizeof text,
           "env: {name: %s%s%s}\nlearner: {name: %s%s}\npolicy: {hidden: [16]%s}\n"
           "compare: {cycles: 2, tail: 2, window: 1, curve_every: 1, greedy_cycles: 1}\n",
           env, settings_of(env, file, more, sizeof more), searches ? ", num_envs: 4" : "", learner,
           anneal, searches ? ", normalize_observations: false" : "");
  MarlError err;
  MarlComparison c;
  MarlCode code = read_text(text, &config, &c, &err);
  if (code != MARL_OK && strstr(err.message, "cannot choose") == NULL &&
      strstr(err.message, "choices") == NULL)
    UNIT_OK(code);
  if (code == MARL_OK) {
    double *whole = play(&c, 1, false), *pieces = play(&c, 1, true);
    UNIT_BITS_EQUAL(whole, pieces, (size_t)c.num_metrics * sizeof *whole);
    CU_ASSERT(whole[marl_comparison_metric(&c, "length")] >= 1);
    free(whole);
    free(pieces);
    marl_comparison_clear(&c);
  }
  marl_config_destroy(&config);
}

static void test_every_learner_lives_in_every_environment(void) {
  const char *file = case_reference();
  for (int e = 0; marl_env_table[e] != NULL; ++e)
    for (size_t l = 0; marl_kind_at(&marl_kind_learners, l) != NULL; ++l) {
      const MarlLearnerOps *ops = (const MarlLearnerOps *)marl_kind_at(&marl_kind_learners, l);
      bool anneals = false;
      for (size_t i = 0; i < ops->num_options; ++i)
        anneals = anneals || (strcmp(ops->options[i].key, "anneal") == 0 &&
                              ops->options[i].kind == MARL_OPTION_BOOL);
      if (can_choose(ops, marl_env_table[e]->name))
        pair_runs(marl_env_table[e]->name, ops->name, anneals ? ", anneal: false" : "", file);
    }
  unlink(file);
}

/* A cycle of three agents without selection and punishment is 3 x 4 plays, so that an update of 24
 * steps is two cycles. */
#define SAME                                                                 \
  "env: {name: dilemma, num_agents: 3, rounds: 4, cycles: 0, num_envs: 2}\n" \
  "learner: {name: ppo, horizon: 24, anneal: false, minibatches: 2}\n"       \
  "policy: {hidden: [16], sharing: independent}\n"

static void test_a_comparison_is_the_training_of_the_same_seed(void) {
  MarlError err;
  MarlConfig *config, *training;
  MarlTrainer *trainer;
  MarlPopulationState *population;
  const char *text = "run: {seed: 5, shards: 2}\n" SAME
                     "compare: {cycles: 4, tail: 4, window: 1, curve_every: 1}\n";
  const char *train = "run: {seed: 5, shards: 2, updates: 2, first_replica: 3}\n" SAME;
  MarlComparison c = comparison_of(text, &config);
  const MarlPopulationConfig own = marl_comparison_config(&c.cells[0], 3);
  double metrics[64], whole[64];
  UNIT_OK(c.population->create(&own, marl_key(0, MARL_STREAM_ENV), &population, &err));
  for (int cycle = 0; cycle < 4; ++cycle)
    UNIT_OK(c.population->cycle(population, metrics, whole, &err));
  UNIT_OK(marl_config_parse(train, strlen(train), "test", &training, &err));
  UNIT_OK(marl_trainer_create(training, marl_env_table, NULL, MPI_COMM_SELF, &trainer, &err));
  UNIT_OK(marl_trainer_run(trainer, NULL, &err));
  const MarlLearner *learner = ((const Trained *)population)->replica.learner;
  const MarlPolicy *a = learner->ops->policy(learner), *b = marl_trainer_policy(trainer, 0);
  for (int set = 0; set < 3; ++set)
    UNIT_BITS_EQUAL(marl_policy_params(a, 0, set), marl_policy_params(b, 0, set),
                    a->roles[0].num_params * sizeof(float));
  c.population->destroy(population);
  marl_trainer_destroy(&trainer);
  marl_config_destroy(&training);
  marl_comparison_clear(&c);
  marl_config_destroy(&config);
}

/* Sums over the cycles of two environments: of 2 x 12 plays in a cycle, payoffs and cooperation. */
static void test_a_cycle_pools_its_environments(void) {
  MarlError err;
  MarlConfig *config;
  MarlPopulationState *population;
  MarlComparison c =
      comparison_of(SAME "compare: {cycles: 2, tail: 2, window: 1, curve_every: 1}\n", &config);
  const MarlPopulationConfig own = marl_comparison_config(&c.cells[0], 0);
  double metrics[64], whole[64];
  const int cooperation = marl_comparison_metric(&c, "cooperation");
  const int welfare = marl_comparison_metric(&c, "welfare");
  const int utility = marl_comparison_metric(&c, "return_play");
  const int length = marl_comparison_metric(&c, "length");
  UNIT_OK(c.population->create(&own, marl_key(0, MARL_STREAM_ENV), &population, &err));
  UNIT_OK(c.population->cycle(population, metrics, whole, &err));
  UNIT_NEAR(whole[cooperation], 2 * 2 * 12, 0);
  UNIT_NEAR(whole[welfare], 2, 0);
  UNIT_NEAR(metrics[length], 2 * 12, 0);
  /* what three agents learned from is what they were paid */
  UNIT_NEAR(3 * metrics[utility], metrics[welfare], 1e-9);
  c.population->destroy(population);
  marl_comparison_clear(&c);
  marl_config_destroy(&config);
}

/* Five who cooperate by a coin, asked in four memories after each of 60 cycles: four of 16 answers have a name.
 * The share of the others has a standard error sqrt(.75 .25 / 300) = .025, four of which are allowed. */
static void test_each_probe_draws_anew(void) {
  enum { CYCLES = 60 };
  MarlError err;
  MarlConfig *config;
  MarlPopulationState *population;
  MarlComparison c = comparison_of(
      "env: {name: dilemma, rounds: 2, cycles: 0, num_agents: 5, policies: ['random:0.5*5']}\n"
      "learner: {name: tabular_q}\ncompare: {cycles: 2, tail: 2, window: 1, curve_every: 1}\n",
      &config);
  const MarlPopulationConfig own = marl_comparison_config(&c.cells[0], 0);
  const int others = marl_comparison_metric(&c, "share_other");
  double metrics[64], whole[64], sum = 0, before = -1;
  int changes = 0;
  UNIT_OK(c.population->create(&own, marl_key(0, MARL_STREAM_ENV), &population, &err));
  for (int cycle = 0; cycle < CYCLES; ++cycle) {
    UNIT_OK(c.population->cycle(population, metrics, whole, &err));
    changes += metrics[others] / whole[others] != before;
    sum += before = metrics[others] / whole[others];
  }
  CU_ASSERT(changes > CYCLES / 4);
  UNIT_NEAR(sum / CYCLES, 0.75, 4 * 0.025);
  c.population->destroy(population);
  marl_comparison_clear(&c);
  marl_config_destroy(&config);
}

static int option_of(const MarlComparisonCell *cell, int section, const char *key) {
  return marl_section_int(cell->section[section], key);
}

/* A cell that names another learner has its own options, what was said to all, and else defaults; a metric that only one environment knows is absent in the other. */
static void test_cells_choose_learner_and_environment(void) {
  MarlError err;
  MarlConfig *config;
  MarlComparison c = comparison_of(
      "env: {name: dilemma, rounds: 2, cycles: 0, num_envs: 2}\n"
      "learner: {name: ppo, horizon: 33, anneal: false}\n"
      "compare: {cycles: 3, tail: 2, window: 1, curve_every: 1, seeds: 1,\n"
      "  learners: [ppo, 'long: reinforce anneal=false policy.hidden=16'],\n"
      "  cells: ['pairs: env.num_agents=2', 'matrix: env.name=matrix_game env.rounds=4']}\n",
      &config);
  CU_ASSERT_EQUAL_FATAL(c.num_cells, 4);
  CU_ASSERT_STRING_EQUAL(c.cells[1].name, "long/pairs");
  CU_ASSERT_EQUAL(option_of(&c.cells[0], 1, "horizon"), 33);
  CU_ASSERT_EQUAL(option_of(&c.cells[1], 1, "horizon"), 33);
  CU_ASSERT_STRING_EQUAL(c.cells[1].learner_ops->name, "reinforce");
  CU_ASSERT_EQUAL(option_of(&c.cells[0], 0, "num_agents"), 2);
  CU_ASSERT_STRING_EQUAL(c.cells[2].env_ops->name, "matrix_game");
  CU_ASSERT_EQUAL(option_of(&c.cells[2], 0, "num_envs"), 2);
  double *pairs = play(&c, 0, false), *matrix = play(&c, 2, false);
  const int plays = marl_comparison_metric(&c, "plays");
  const int length = marl_comparison_metric(&c, "length");
  CU_ASSERT(isfinite(pairs[plays]) && isnan(matrix[plays]));
  UNIT_NEAR(pairs[length], 4, 0);
  UNIT_NEAR(matrix[length], 4, 0);
  free(pairs);
  free(matrix);
  marl_comparison_clear(&c);
  marl_config_destroy(&config);
  static const struct {
    const char *text, *words;
  } wrong[] = {
      {"env: {name: cartpole}\n", "compare.cycles, the length of a run, is not set"},
      {"env: {name: dilemma, cycles: 3}\nlearner: {name: ppo}\n"
       "compare: {tail: 1, window: 1, curve_every: 1}\n",
       "learner.anneal"},
      {"env: {name: dilemma, cycles: 3}\nlearner: {anneal: false}\n"
       "compare: {tail: 1, window: 1, curve_every: 1, followed: cooperatoin}\n",
       "did you mean 'cooperation'"},
      {"env: {name: dilemma, cycles: 3}\ncompare: {cells: ['a: run.seed=3']}\n", "one seed"},
      {"env: {name: dilemma, cycles: 3}\ncompare: {learners: [ppoo]}\n", "did you mean 'ppo'"},
      {"env: {name: lqr}\nlearner: {name: dqn, anneal: false}\ncompare: {cycles: 9, tail: 1}\n",
       "cannot choose"},
  };
  for (size_t i = 0; i < sizeof wrong / sizeof *wrong; ++i) {
    const MarlCode code = read_text(wrong[i].text, &config, &c, &err);
    CU_ASSERT_EQUAL(code, MARL_ECONFIG);
    if (strstr(err.message, wrong[i].words) == NULL) printf("\n    %s", err.message);
    CU_ASSERT_PTR_NOT_NULL(strstr(err.message, wrong[i].words));
    marl_config_destroy(&config);
  }
}

/* A run whose length is env.cycles is no life that ends: without exploration its agents go on where
 * they are, with the names that they have made, and not as newborns. */
static void test_greedy_cycles_go_on_with_the_life_that_was_lived(void) {
  static const char *const lengths[] = {"6", "0"}, *const runs[] = {"0", "6"};
  double *metrics[2];
  int count = 0;
  for (int i = 0; i < 2; ++i) {
    char text[512];
    MarlConfig *config;
    snprintf(text, sizeof text,
             "env: {name: dilemma, mechanism: TPP, rounds: 4, cycles: %s}\n"
             "learner: {name: tabular_q, epsilon_steps: 1}\n"
             "compare: {cycles: %s, tail: 2, window: 1, curve_every: 1, greedy_cycles: 3}\n",
             lengths[i], runs[i]);
    MarlComparison c = comparison_of(text, &config);
    count = c.num_metrics;
    metrics[i] = play(&c, 0, false);
    CU_ASSERT(isfinite(metrics[i][marl_comparison_metric(&c, "greedy_cooperation")]));
    marl_comparison_clear(&c);
    marl_config_destroy(&config);
  }
  UNIT_BITS_EQUAL(metrics[0], metrics[1], (size_t)count * sizeof *metrics[0]);
  free(metrics[0]);
  free(metrics[1]);
}

/* The graph is the run's, and the same in all cells. */
static void test_every_run_has_a_graph_of_its_own(void) {
  MarlConfig *config;
  MarlComparison c = comparison_of(
      "env: {name: dilemma, num_agents: 10, rounds: 1, cycles: 0, graph: small_world,\n"
      "  rewiring: 0.5}\nlearner: {name: tabular_q, epsilon_steps: 1}\n"
      "compare: {cycles: 1, tail: 1, window: 1, curve_every: 1, seeds: 2,\n"
      "  cells: ['own: env.graph_seed=1', 'next: env.graph_seed=2']}\n",
      &config);
  MarlError err;
  const char *const key = c.cells[0].env_ops->seed_per_run;
  CU_ASSERT_STRING_EQUAL_FATAL(key, "graph_seed");
  for (int vary = 0; vary < 2; ++vary) {
    c.vary_seeds = vary == 1;
    MarlComparisonRun *run;
    UNIT_OK(marl_comparison_run_create(&c, 1, &run, &err)); /* seed 1 of the first cell */
    const MarlSection *env = marl_comparison_run_env(run);
    CU_ASSERT_EQUAL(marl_section_int(env, key), 1 + vary);
    marl_comparison_run_destroy(&run);
  }
  marl_comparison_clear(&c);
  marl_config_destroy(&config);
}

/* What a cell says to its learner, as text. */
static const char *said(const MarlComparison *c, int cell, const char *key) {
  const MarlSection *learner = c->cells[cell].section[1];
  for (size_t i = 0; i < marl_section_size(learner); ++i)
    if (strcmp(marl_section_option(learner, i)->key, key) == 0)
      return marl_section_canonical(learner, i);
  return "none";
}

/* gamma is said to all, entropy_coefficient only ppo knows, learning_rate is ppo's default and so said
 * to nobody; what an entry says of its own holds. The resolved configuration, where every key stands,
 * makes the same cells. */
static void test_what_is_said_to_one_learner_is_said_to_all(void) {
  static const char text[] =
      "env: {name: matrix_game, num_envs: 1}\n"
      "learner: {name: ppo, gamma: 0, entropy_coefficient: 0.5, anneal: false}\n"
      "compare: {cycles: 8, tail: 4, window: 4, curve_every: 4, seeds: 1,\n"
      "  learners: [ppo, tabular_q, 'own: dqn gamma=0.5', 'paper: dqn preset=paper']}\n";
  static const char *const expected[][4] = {
      /* gamma, entropy_coefficient, learning_rate, anneal */
      {"0", "0.5", NULL, "false"},
      {"[0]", "none", "[0.1]", "none"},
      {"[0.5]", "none", NULL, "false"},
      {"[0]", "none", NULL, "false"},
  };
  static const char *const keys[] = {"gamma", "entropy_coefficient", "learning_rate", "anneal"};
  MarlError err;
  MarlConfig *config, *again;
  char *resolved;
  MarlComparison c = comparison_of(text, &config);
  UNIT_OK(marl_config_resolved(config, &resolved, &err));
  MarlComparison resumed = comparison_of(resolved, &again);
  CU_ASSERT_EQUAL(c.num_cells, 4);
  for (int cell = 0; cell < 4; ++cell) {
    for (size_t k = 0; k < 4; ++k)
      if (expected[cell][k] != NULL)
        CU_ASSERT_STRING_EQUAL(said(&c, cell, keys[k]), expected[cell][k]);
    const MarlSection *a = c.cells[cell].section[1], *b = resumed.cells[cell].section[1];
    for (size_t i = 0; i < marl_section_size(a); ++i)
      CU_ASSERT_STRING_EQUAL(marl_section_canonical(a, i), marl_section_canonical(b, i));
  }
  marl_comparison_clear(&c);
  marl_comparison_clear(&resumed);
  marl_config_destroy(&config);
  marl_config_destroy(&again);
  free(resolved);
}

/* ppo has one discount, tabular_q one a role: what does not fit is not dropped in silence. */
static void test_what_another_learner_cannot_have_is_refused(void) {
  MarlError err;
  MarlConfig *config;
  MarlComparison c;
  UNIT_ERROR(read_text("env: {name: matrix_game}\n"
                       "learner: {name: tabular_q, gamma: [play=0.9]}\n"
                       "compare: {cycles: 8, tail: 4, window: 4, curve_every: 4, seeds: 1,\n"
                       "  learners: [tabular_q, ppo]}\n",
                       &config, &c, &err),
             MARL_ECONFIG, "'ppo gamma=...'");
  marl_config_destroy(&config);
}

static CU_TestInfo tests[] = {
    {"every learner lives in every environment", test_every_learner_lives_in_every_environment},
    {"a comparison is the training of the same seed",
     test_a_comparison_is_the_training_of_the_same_seed},
    {"a cycle pools its environments", test_a_cycle_pools_its_environments},
    {"each probe draws anew", test_each_probe_draws_anew},
    {"cells choose learner and environment", test_cells_choose_learner_and_environment},
    {"greedy cycles go on with the life that was lived",
     test_greedy_cycles_go_on_with_the_life_that_was_lived},
    {"every run has a graph of its own", test_every_run_has_a_graph_of_its_own},
    {"what is said to one learner is said to all", test_what_is_said_to_one_learner_is_said_to_all},
    {"what another learner cannot have is refused",
     test_what_another_learner_cannot_have_is_refused},
    CU_TEST_INFO_NULL,
};
static CU_SuiteInfo suites[] = {{"trained", NULL, NULL, NULL, NULL, tests}, CU_SUITE_INFO_NULL};
UNIT_MAIN(suites)
