/* ctest: timeout=240 */
#include "envs/dilemma/engine.h"
#include "tests/unit.h"

enum { SEEDS = 10, MAX_METRICS = 16 };

typedef struct Population {
  const MarlEngineOps *ops;
  MarlSection *env, *learner;
  MarlEngine *engine;
} Population;

/* "key=value key=value" into the engine's section env, or learner where env has no such key. */
static void set_all(const MarlEngineOps *ops, Population *p, const char *settings) {
  MarlError err;
  char text[512];
  snprintf(text, sizeof text, "%s", settings);
  for (char *key = strtok(text, " "); key != NULL; key = strtok(NULL, " ")) {
    char *value = strchr(key, '=');
    *value++ = '\0';
    bool is_env = false;
    for (size_t i = 0; i < ops->num_env_options; ++i)
      is_env = is_env || strcmp(ops->env_options[i].key, key) == 0;
    UNIT_OK(marl_section_set(is_env ? p->env : p->learner, key, value, "test", &err));
  }
}

static Population begin(const char *name, const char *settings, uint64_t seed) {
  MarlError err;
  Population p = {.ops = NULL};
  UNIT_OK(marl_engine_find(name, &p.ops, &err));
  const MarlEngineOps *ops = p.ops;
  const MarlOptionTable env = {ops->env_options, ops->num_env_options};
  const MarlOptionTable learner = {ops->learner_options, ops->num_learner_options};
  UNIT_OK(marl_section_create("env", &env, 1, &p.env, &err));
  UNIT_OK(marl_section_create("learner", &learner, 1, &p.learner, &err));
  set_all(ops, &p, settings);
  const MarlEngineConfig config = {p.env, p.learner};
  UNIT_OK(ops->check(&config, &err));
  UNIT_OK(ops->create(&config, marl_key(seed, MARL_STREAM_ENV), &p.engine, &err));
  return p;
}

static void end(Population *p) {
  p->ops->destroy(p->engine);
  marl_section_destroy(&p->env);
  marl_section_destroy(&p->learner);
}

static int metric(const MarlEngineOps *ops, const char *name) {
  for (int m = 0; m < ops->num_metrics; ++m)
    if (strcmp(ops->metrics[m], name) == 0) return m;
  CU_FAIL("no such metric");
  return 0;
}

/* Mean of a metric over the last fifth of a run, for each of `seeds` seeds. */
static void live(const char *name, const char *settings, const char *of, int cycles, int seeds,
                 double *mean) {
  for (int seed = 0; seed < seeds; ++seed) {
    Population p = begin(name, settings, (uint64_t)seed);
    const int m = metric(p.ops, of), tail = cycles / 5;
    double metrics[MAX_METRICS];
    mean[seed] = 0.0;
    for (int c = 0; c < cycles; ++c) {
      p.ops->cycle(p.engine, metrics);
      if (c >= cycles - tail) mean[seed] += metrics[m] / tail;
    }
    end(&p);
  }
}

static double least(const double *x, int n) {
  double least = x[0];
  for (int i = 1; i < n; ++i) least = fmin(least, x[i]);
  return least;
}
static double most(const double *x, int n) {
  double most = x[0];
  for (int i = 1; i < n; ++i) most = fmax(most, x[i]);
  return most;
}

/* Lower end of the 95 % interval of the mean of a - b; 2.262 is Student's t of 9 degrees. */
static double difference(const double a[SEEDS], const double b[SEEDS]) {
  double mean = 0.0, variance = 0.0;
  for (int i = 0; i < SEEDS; ++i) mean += (a[i] - b[i]) / SEEDS;
  for (int i = 0; i < SEEDS; ++i)
    variance += (a[i] - b[i] - mean) * (a[i] - b[i] - mean) / (SEEDS - 1);
  return mean - 2.262 * sqrt(variance / SEEDS);
}

/* Twelve strangers in groups of four; exploration falls to 0.02 in 150 of 800 cycles. */
#define PUBLIC_GOODS "num_agents=12 exploration=150 "

static void contributions(const char *settings, const char *of, double mean[SEEDS]) {
  char all[512];
  snprintf(all, sizeof all, "%s%s", PUBLIC_GOODS, settings);
  live("public_goods", all, of, 800, SEEDS, mean);
  printf("\n    %s: %s %.3f .. %.3f ", settings, of, least(mean, SEEDS), most(mean, SEEDS));
}

/* Fehr and Gaechter 2002: contributions fall to nothing without punishment and not with it. */
static void test_punishers_by_rule_sustain_contributions(void) {
  double none[SEEDS], punished[SEEDS];
  contributions("punishment=none", "cooperation", none);
  contributions("punishment=fixed", "cooperation", punished);
  CU_ASSERT(most(none, SEEDS) < 0.1);
  CU_ASSERT(least(punished, SEEDS) > 0.4);
}

/* Herrmann, Thoeni and Gaechter 2008: cooperation and welfare fall. */
static void test_antisocial_punishment_lowers_cooperation_and_welfare(void) {
  static const char *const of[] = {"cooperation", "welfare"};
  for (int k = 0; k < 2; ++k) {
    double prosocial[SEEDS], antisocial[SEEDS], retaliating[SEEDS], partners[SEEDS];
    contributions("punishment=fixed", of[k], prosocial);
    contributions("punishment=fixed antisocial=1", of[k], antisocial);
    CU_ASSERT(difference(prosocial, antisocial) > 0.0);
    contributions("punishment=fixed matching=partners", of[k], partners);
    contributions("punishment=fixed matching=partners antisocial=1 retaliation=0.5", of[k],
                  retaliating);
    CU_ASSERT(difference(partners, retaliating) > 0.0);
  }
}

/* A point that costs its giver and earns nothing is not given, beyond exploration (three of four
 * explored choices give points); so nobody contributes. Agents averse to inequity give it, and
 * then only the permission to punish upwards spoils cooperation. */
static void test_who_looks_one_step_ahead_punishes_only_with_a_motive(void) {
  double selfish[SEEDS], rate[SEEDS], control[SEEDS], lower[SEEDS], anybody[SEEDS];
  const char *const averse = "inequity_disadvantage=2 inequity_advantage=0.6 ";
  char text[256];
  contributions("punishment=learned", "cooperation", selfish);
  contributions("punishment=learned", "punishment_rate", rate);
  CU_ASSERT(most(selfish, SEEDS) < 0.2 && most(rate, SEEDS) < 0.15);
  contributions(averse, "cooperation", control);
  snprintf(text, sizeof text, "%spunishment=learned punish_targets=lower_contributors", averse);
  contributions(text, "cooperation", lower);
  snprintf(text, sizeof text, "%spunishment=learned", averse);
  contributions(text, "cooperation", anybody);
  CU_ASSERT(difference(lower, control) > 0.3);
  CU_ASSERT(difference(lower, anybody) > 0.3);
}

/* Learners empty a pool at once; they keep it when each loses what it would lose if all did so. */
static void test_universalization_keeps_the_pool(void) {
  enum { RUNS = 3 };
  double alone[RUNS], universal[RUNS];
  static const char *const learner =
      "discount=0.95 exploration=4500 learning_rate=0.1 epsilon_min=0.01 wishes=0,5,10,15,20,30 ";
  char text[256];
  live("commons", learner, "survival", 6000, RUNS, alone);
  snprintf(text, sizeof text, "%suniversalization=2", learner);
  live("commons", text, "survival", 6000, RUNS, universal);
  printf("\n    survival %.3f .. %.3f and %.3f .. %.3f ", least(alone, RUNS), most(alone, RUNS),
         least(universal, RUNS), most(universal, RUNS));
  CU_ASSERT(most(alone, RUNS) < 0.3);
  CU_ASSERT(least(universal, RUNS) > 0.8);
}

/* Greedy cycles are played on a copy: what follows has the same bits, as has a second run. */
static void test_runs_repeat_and_greedy_play_changes_nothing(void) {
  static const char *const engines[] = {"public_goods", "commons", "norms"};
  static const char *const settings[] = {"punishment=learned", "punishment=learned", ""};
  for (int k = 0; k < 3; ++k) {
    MarlError err;
    Population a = begin(engines[k], settings[k], 1), b = begin(engines[k], settings[k], 1);
    double of_a[MAX_METRICS], of_b[MAX_METRICS], greedy[MAX_METRICS];
    for (int c = 0; c < 40; ++c) {
      if (c == 20 && a.ops->greedy != NULL) UNIT_OK(a.ops->greedy(a.engine, 3, greedy, &err));
      a.ops->cycle(a.engine, of_a);
      b.ops->cycle(b.engine, of_b);
    }
    UNIT_BITS_EQUAL(of_a, of_b, (size_t)a.ops->num_metrics * sizeof *of_a);
    end(&a);
    end(&b);
  }
}

static CU_TestInfo tests[] = {
    {"punishers by rule sustain contributions", test_punishers_by_rule_sustain_contributions},
    {"antisocial punishment lowers cooperation and welfare",
     test_antisocial_punishment_lowers_cooperation_and_welfare},
    {"who looks one step ahead punishes only with a motive",
     test_who_looks_one_step_ahead_punishes_only_with_a_motive},
    {"universalization keeps the pool", test_universalization_keeps_the_pool},
    {"runs repeat and greedy play changes nothing",
     test_runs_repeat_and_greedy_play_changes_nothing},
    CU_TEST_INFO_NULL,
};
static CU_SuiteInfo suites[] = {
    {"envs/group engines", NULL, NULL, NULL, NULL, tests},
    CU_SUITE_INFO_NULL,
};
UNIT_MAIN(suites)
