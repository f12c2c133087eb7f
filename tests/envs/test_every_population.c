#include "envs/population_table.h"

#include "tests/unit.h"

enum { CYCLES = 3, MAX_METRICS = 64 };

typedef struct Life {
  /* greedy ones last, where there are such */
  double metrics[CYCLES + 1][MAX_METRICS], whole[CYCLES + 1][MAX_METRICS];
  MarlPopulationMetrics measured; /* with what is known by name in measured.is */
} Life;

static MarlSection *defaults(const char *name, const MarlOption *options, size_t count) {
  MarlError err;
  MarlSection *section = NULL;
  const MarlOptionTable table = {options, count};
  UNIT_OK(marl_section_create(name, &table, 1, &section, &err));
  return section;
}

/* What a life does besides living. */
typedef enum Habit { PLAIN, LOOKS_ON, IS_CUT } Habit;

/* The population's state goes through a store into a population that has only just been created. */
static void cut(const MarlPopulationOps *ops, const MarlPopulationConfig *config, uint64_t seed,
                MarlPopulationState **population) {
  MarlError err;
  MarlStore *to, *from;
  void *bytes;
  size_t size;
  UNIT_OK(marl_store_create_memory(&to, &err));
  UNIT_OK(ops->save(*population, to, &err));
  UNIT_OK(marl_store_image(to, &bytes, &size, &err));
  marl_store_close(&to);
  ops->destroy(*population);
  UNIT_OK(ops->create(config, marl_key(seed, MARL_STREAM_ENV), population, &err));
  UNIT_OK(marl_store_open_image(bytes, size, &from, &err));
  UNIT_OK(ops->load(*population, from, &err));
  marl_store_close(&from);
  free(bytes);
}

static int metric(const Life *life, const char *name) {
  for (int m = 0; m < life->measured.count; ++m)
    if (strcmp(life->measured.name[m], name) == 0) return m;
  return -1;
}

/* Static metrics or those that the configuration decides; every measure is of a metric. */
static void describe(const MarlPopulationOps *ops, const MarlPopulationConfig *config, Life *life) {
  MarlError err;
  MarlPopulationMetrics *out = &life->measured;
  if (ops->describe != NULL) {
    UNIT_OK(ops->describe(config, out, &err));
  } else {
    UNIT_OK(ops->check(config, &err));
    *out = (MarlPopulationMetrics){
        .count = ops->num_metrics, .measures = ops->measures, .num_measures = ops->num_measures};
    for (int m = 0; m < ops->num_metrics; ++m)
      snprintf(out->name[m], sizeof out->name[m], "%s", ops->metrics[m]);
  }
  CU_ASSERT_FATAL(out->count <= MAX_METRICS);
  for (size_t i = 0; i < out->num_measures; ++i) {
    const int m = metric(life, out->measures[i].name);
    CU_ASSERT_FATAL(m >= 0);
    out->is[m] |= out->measures[i].is;
  }
}

/* With its defaults but for settings of the section env: key, value, ..., NULL. */
static void live_with(const MarlPopulationOps *ops, const char *const *settings, uint64_t seed,
                      Habit habit, Life *life) {
  MarlError err;
  MarlSection *env = defaults("env", ops->options, ops->num_options);
  for (; settings[0] != NULL; settings += 2)
    UNIT_OK(marl_section_set(env, settings[0], settings[1], "test", &err));
  MarlSection *learner = defaults("learner", ops->learner_options, ops->num_learner_options);
  const MarlPopulationConfig config = {.env = env, .learner = learner};
  MarlPopulationState *population = NULL;
  memset(life, 0, sizeof *life);
  describe(ops, &config, life);
  UNIT_OK(ops->create(&config, marl_key(seed, MARL_STREAM_ENV), &population, &err));
  for (int cycle = 0; cycle < CYCLES; ++cycle) {
    for (int m = 0; m < MAX_METRICS; ++m) life->whole[cycle][m] = life->whole[CYCLES][m] = 1;
    if (habit == LOOKS_ON && ops->greedy != NULL)
      UNIT_OK(ops->greedy(population, 1, life->metrics[CYCLES], life->whole[CYCLES], &err));
    if (habit == IS_CUT) cut(ops, &config, seed, &population);
    UNIT_OK(ops->cycle(population, life->metrics[cycle], life->whole[cycle], &err));
  }
  ops->destroy(population);
  ops->destroy(NULL);
  marl_section_destroy(&env);
  marl_section_destroy(&learner);
}

static void live(const MarlPopulationOps *ops, uint64_t seed, Habit habit, Life *life) {
  live_with(ops, (const char *const[]){NULL}, seed, habit, life);
}

/* With default options. */
static void test_a_life_is_a_function_of_its_key(void) {
  for (int e = 0; marl_population_table[e] != NULL; ++e) {
    const MarlPopulationOps *ops = marl_population_table[e];
    if (ops == &marl_population_trained) continue; /* needs an environment: envs.trained */
    static Life first, again, other;
    printf("\n    %s ", ops->name);
    live(ops, 1, PLAIN, &first);
    live(ops, 1, LOOKS_ON, &again); /* looking on does not touch */
    live(ops, 2, PLAIN, &other);
    UNIT_BITS_EQUAL(first.metrics, again.metrics, CYCLES * sizeof first.metrics[0]);
    UNIT_BITS_EQUAL(first.whole, again.whole, CYCLES * sizeof first.whole[0]);
    CU_ASSERT(memcmp(first.metrics, other.metrics, sizeof first.metrics) != 0);
    for (int c = 0; c <= CYCLES; ++c)
      for (int m = 0; m < again.measured.count; ++m)
        CU_ASSERT(isfinite(again.metrics[c][m]) && again.whole[c][m] >= 0);
  }
}

static void test_a_life_cut_by_checkpoints_is_the_same_life(void) {
  for (int e = 0; marl_population_table[e] != NULL; ++e) {
    const MarlPopulationOps *ops = marl_population_table[e];
    if (ops == &marl_population_trained) continue; /* needs an environment: envs.trained */
    static Life whole, pieces;
    printf("\n    %s ", ops->name);
    live(ops, 1, PLAIN, &whole);
    live(ops, 1, IS_CUT, &pieces);
    UNIT_BITS_EQUAL(whole.metrics, pieces.metrics, CYCLES * sizeof whole.metrics[0]);
    UNIT_BITS_EQUAL(whole.whole, pieces.whole, CYCLES * sizeof whole.whole[0]);
  }
}

static int followed(const Life *life) {
  for (int m = 0; m < life->measured.count; ++m)
    if (life->measured.is[m] & MARL_MEASURE_FOLLOWED) return m;
  return -1;
}

/* By name: every share and every other metric that is declared to lie in [0, 1] does. */
static void test_shares_lie_between_0_and_1(void) {
  for (int e = 0; marl_population_table[e] != NULL; ++e) {
    const MarlPopulationOps *ops = marl_population_table[e];
    if (ops == &marl_population_trained) continue; /* needs an environment: envs.trained */
    static Life life;
    live(ops, 3, PLAIN, &life);
    for (int m = 0; m < life.measured.count; ++m) {
      if ((life.measured.is[m] & MARL_MEASURE_IN_UNIT) == 0) {
        CU_ASSERT((life.measured.is[m] & MARL_MEASURE_SHARE) == 0);
        continue;
      }
      for (int c = 0; c < CYCLES; ++c)
        CU_ASSERT(life.metrics[c][m] >= 0 && life.metrics[c][m] <= life.whole[c][m] * (1 + 1e-12));
    }
  }
}

/* The smallest populations, where a mean over the others is over one or nobody. */
static void test_the_smallest_populations_stay_finite(void) {
  static const char *const cases[][16] = {
      {"reciprocity", "num_agents", "3", "seeds", "2", "encounters", "1"},
      {"tournament", "strategies", "TFT", "rounds", "1"},
      {"mixed", "strategies", "q_learner", "population", "2", "rounds", "1"},
      {"mixed", "strategies", "q_learner, TFT", "population", "3"},
      {"evolution", "strategies", "TFT, AllD", "population", "2"},
      {"evolution", "strategies", "TFT", "population", "2", "rule", "fermi"},
      {"evolution", "strategies", "TFT, AllD", "population", "3", "shares", ".9, .1"},
      {"fixation", "strategies", "TFT, AllD", "population", "2", "runs", "1"},
      {"norms", "num_agents", "3", "chances", "1"},
      {"lattice", "side", "4"},
      {"imitation", "side", "4"},
  };
  for (size_t c = 0; c < sizeof cases / sizeof cases[0]; ++c) {
    MarlError err;
    static Life life;
    const MarlPopulationOps *ops = NULL;
    UNIT_OK(marl_population_find(marl_population_table, cases[c][0], &ops, &err));
    live_with(ops, cases[c] + 1, 1, true, &life);
    /* other metrics may be shares of what did not happen */
    for (int i = 0; i < CYCLES; ++i) CU_ASSERT(isfinite(life.metrics[i][followed(&life)]));
  }
}

/* Two individuals, of TFT and AllD or, after births, of one kind: each meets the other one, in a match
 * of one round, and never itself. */
static void test_individuals_of_an_evolution_meet_each_other(void) {
  static const char *const settings[] = {
      "strategies", "TFT, AllD", "population", "2",        "births", "1", "rounds",
      "1",          "selection", "0",          "mutation", "0.5",    NULL};
  MarlError err;
  const MarlPopulationOps *ops = NULL;
  UNIT_OK(marl_population_find(marl_population_table, "evolution", &ops, &err));
  int mixed = 0;
  for (uint64_t seed = 0; seed < 20; ++seed) {
    static Life life;
    live_with(ops, settings, seed, false, &life);
    const int cooperation = followed(&life), tft = metric(&life, "share_tft");
    for (int c = 0; c < CYCLES; ++c) {
      const double share = life.metrics[c][tft];
      mixed += share == 0.5;
      UNIT_NEAR(life.metrics[c][cooperation], share, 1e-15); /* TFT begins with C */
    }
  }
  CU_ASSERT(mixed > 5);
}

/* Without mutation nobody comes who is not there at the start. */
static void test_an_evolution_starts_with_its_shares(void) {
  static const char *const settings[] = {"strategies", "TFT, AllD", "population", "7", "mutation",
                                         "0",          "shares",    "0, 1",       NULL};
  MarlError err;
  const MarlPopulationOps *ops = NULL;
  static Life life;
  UNIT_OK(marl_population_find(marl_population_table, "evolution", &ops, &err));
  live_with(ops, settings, 1, PLAIN, &life);
  for (int c = 0; c < CYCLES; ++c) UNIT_NEAR(life.metrics[c][metric(&life, "share_alld")], 1, 0);
}

static void test_measures_say_what_is_followed(void) {
  for (int e = 0; marl_population_table[e] != NULL; ++e) {
    const MarlPopulationOps *ops = marl_population_table[e];
    if (ops == &marl_population_trained) continue;
    static Life life;
    unsigned all = 0;
    live(ops, 1, PLAIN, &life);
    for (int m = 0; m < life.measured.count; ++m) all |= life.measured.is[m];
    CU_ASSERT(followed(&life) >= 0);
    CU_ASSERT((ops->greedy != NULL) == ((all & MARL_MEASURE_GREEDY) != 0));
  }
}

static CU_TestInfo tests[] = {
    {"individuals of an evolution meet each other",
     test_individuals_of_an_evolution_meet_each_other},
    {"the smallest populations stay finite", test_the_smallest_populations_stay_finite},
    {"a life is a function of its key", test_a_life_is_a_function_of_its_key},
    {"a life cut by checkpoints is the same life", test_a_life_cut_by_checkpoints_is_the_same_life},
    {"shares lie between 0 and 1", test_shares_lie_between_0_and_1},
    {"an evolution starts with its shares", test_an_evolution_starts_with_its_shares},
    {"measures say what is followed", test_measures_say_what_is_followed},
    CU_TEST_INFO_NULL,
};
static CU_SuiteInfo suites[] = {{"every population", NULL, NULL, NULL, NULL, tests},
                                CU_SUITE_INFO_NULL};
UNIT_MAIN(suites)
