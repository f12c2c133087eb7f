/* ctest: timeout=240 */
#include "envs/population_table.h"
#include "tests/unit.h"

enum { SEEDS = 10, MAX_METRICS = 16 };

typedef struct Population {
  const MarlPopulationOps *ops;
  MarlSection *env, *learner;
  MarlPopulationState *engine;
} Population;

/* "key=value key=value" into the engine's section env, or learner where env has no such key. */
static void set_all(const MarlPopulationOps *ops, Population *p, const char *settings) {
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
  UNIT_OK(marl_population_find(marl_population_table, name, &p.ops, &err));
  const MarlPopulationOps *ops = p.ops;
  const MarlOptionTable env = {ops->env_options, ops->num_env_options};
  const MarlOptionTable learner = {ops->learner_options, ops->num_learner_options};
  UNIT_OK(marl_section_create("env", &env, 1, &p.env, &err));
  UNIT_OK(marl_section_create("learner", &learner, 1, &p.learner, &err));
  set_all(ops, &p, settings);
  const MarlPopulationConfig config = {p.env, p.learner, 0};
  UNIT_OK(ops->check(&config, &err));
  UNIT_OK(ops->create(&config, marl_key(seed, MARL_STREAM_ENV), &p.engine, &err));
  return p;
}

static void end(Population *p) {
  p->ops->destroy(p->engine);
  marl_section_destroy(&p->env);
  marl_section_destroy(&p->learner);
}

static int metric(const MarlPopulationOps *ops, const char *name) {
  for (int m = 0; m < ops->num_metrics; ++m)
    if (strcmp(ops->metrics[m], name) == 0) return m;
  CU_FAIL("no such metric");
  return 0;
}

typedef struct Runs {
  double mean[MAX_METRICS][SEEDS]; /* pooled over the last fifth of a run */
} Runs;

static const MarlPopulationOps *live(const char *name, const char *settings, int cycles, int seeds,
                                     Runs *runs) {
  const MarlPopulationOps *ops = NULL;
  const int tail = cycles / 5;
  *runs = (Runs){{{0}}};
  for (int seed = 0; seed < seeds; ++seed) {
    Population p = begin(name, settings, (uint64_t)seed);
    double metrics[MAX_METRICS], whole[MAX_METRICS], sum[MAX_METRICS] = {0}, of[MAX_METRICS] = {0};
    ops = p.ops;
    for (int c = 0; c < cycles; ++c) {
      for (int m = 0; m < MAX_METRICS; ++m) whole[m] = 1;
      ops->cycle(p.engine, metrics, whole);
      for (int m = 0; m < ops->num_metrics && c >= cycles - tail; ++m)
        sum[m] += metrics[m], of[m] += whole[m];
    }
    for (int m = 0; m < ops->num_metrics; ++m)
      runs->mean[m][seed] = of[m] > 0 ? sum[m] / of[m] : (double)NAN;
    end(&p);
  }
  return ops;
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

/* Eight strangers in groups of four; exploration falls to 0.02 in 150 of 800 cycles. */
typedef struct Contributions {
  double cooperation[SEEDS], welfare[SEEDS], punishment_rate[SEEDS];
} Contributions;

static Contributions contributions(const char *settings) {
  char all[512];
  Runs runs;
  Contributions out;
  snprintf(all, sizeof all, "num_agents=8 exploration=150 %s", settings);
  const MarlPopulationOps *ops = live("public_goods", all, 800, SEEDS, &runs);
  memcpy(out.cooperation, runs.mean[metric(ops, "cooperation")], sizeof out.cooperation);
  memcpy(out.welfare, runs.mean[metric(ops, "welfare")], sizeof out.welfare);
  memcpy(out.punishment_rate, runs.mean[metric(ops, "punishment_rate")],
         sizeof out.punishment_rate);
  printf("\n    %s: cooperation %.3f .. %.3f, welfare %.2f .. %.2f ", settings,
         least(out.cooperation, SEEDS), most(out.cooperation, SEEDS), least(out.welfare, SEEDS),
         most(out.welfare, SEEDS));
  return out;
}

/* Fehr and Gaechter 2002: contributions fall to nothing without punishment and not with it.
 * Herrmann, Thoeni and Gaechter 2008: antisocial punishment lowers cooperation and welfare. */
static void test_prosocial_punishment_sustains_contributions_and_antisocial_spoils_it(void) {
  const Contributions none = contributions("punishment=none");
  const Contributions prosocial = contributions("punishment=fixed");
  const Contributions antisocial = contributions("punishment=fixed antisocial=1");
  const Contributions partners = contributions("punishment=fixed matching=partners");
  const Contributions revenge =
      contributions("punishment=fixed matching=partners antisocial=1 retaliation=0.5");
  CU_ASSERT(most(none.cooperation, SEEDS) < 0.15);
  CU_ASSERT(least(prosocial.cooperation, SEEDS) > 0.4);
  CU_ASSERT(difference(prosocial.cooperation, antisocial.cooperation) > 0.0);
  CU_ASSERT(difference(prosocial.welfare, antisocial.welfare) > 0.0);
  CU_ASSERT(difference(partners.cooperation, revenge.cooperation) > 0.0);
  CU_ASSERT(difference(partners.welfare, revenge.welfare) > 0.0);
}

/* A point that costs its giver and earns nothing is not given, beyond exploration (three of four
 * explored choices give points); so nobody contributes. Agents averse to inequity give it, and
 * then only the permission to punish upwards spoils cooperation. */
static void test_who_looks_one_step_ahead_punishes_only_with_a_motive(void) {
  const Contributions selfish = contributions("punishment=learned");
  CU_ASSERT(most(selfish.cooperation, SEEDS) < 0.25);
  CU_ASSERT(most(selfish.punishment_rate, SEEDS) < 0.15);
  const Contributions control =
      contributions("inequity_disadvantage=2 inequity_advantage=0.6 punishment=none");
  const Contributions lower = contributions(
      "inequity_disadvantage=2 inequity_advantage=0.6 punishment=learned "
      "punish_targets=lower_contributors");
  const Contributions anybody =
      contributions("inequity_disadvantage=2 inequity_advantage=0.6 punishment=learned");
  CU_ASSERT(difference(lower.cooperation, control.cooperation) > 0.3);
  CU_ASSERT(difference(lower.cooperation, anybody.cooperation) > 0.3);
}

/* Learners empty a pool at once; they keep it when each loses what it would lose if all did so. */
static void test_universalization_keeps_the_pool(void) {
  enum { RUNS = 3 };
  static const char *const learner =
      "discount=0.95 exploration=4500 learning_rate=0.1 epsilon_min=0.01 wishes=0,5,10,15,20,30 ";
  char text[256];
  Runs alone, universal;
  snprintf(text, sizeof text, "%suniversalization=2", learner);
  const int survival = metric(live("commons", learner, 6000, RUNS, &alone), "survival");
  live("commons", text, 6000, RUNS, &universal);
  printf("\n    survival %.3f .. %.3f and %.3f .. %.3f ", least(alone.mean[survival], RUNS),
         most(alone.mean[survival], RUNS), least(universal.mean[survival], RUNS),
         most(universal.mean[survival], RUNS));
  CU_ASSERT(most(alone.mean[survival], RUNS) < 0.3);
  CU_ASSERT(least(universal.mean[survival], RUNS) > 0.8);
}

/* Greedy cycles are played on a copy: what follows has the same bits, as has a second run. */
static void test_runs_repeat_and_greedy_play_changes_nothing(void) {
  static const char *const engines[] = {"public_goods", "commons", "norms"};
  static const char *const settings[] = {"punishment=learned", "punishment=learned", ""};
  for (int k = 0; k < 3; ++k) {
    MarlError err;
    Population a = begin(engines[k], settings[k], 1), b = begin(engines[k], settings[k], 1);
    double of_a[MAX_METRICS], of_b[MAX_METRICS], greedy[MAX_METRICS], whole[MAX_METRICS];
    for (int c = 0; c < 40; ++c) {
      if (c == 20 && a.ops->greedy != NULL)
        UNIT_OK(a.ops->greedy(a.engine, 3, greedy, whole, &err));
      a.ops->cycle(a.engine, of_a, whole);
      b.ops->cycle(b.engine, of_b, whole);
    }
    UNIT_BITS_EQUAL(of_a, of_b, (size_t)a.ops->num_metrics * sizeof *of_a);
    end(&a);
    end(&b);
  }
}

/* One month and a discount of 0.9: a learner beside one who keeps to the threshold takes everything,
 * since nothing comes after. Values begin at -1000, so that with a future it would keep the pool full,
 * the only state that is ever decided in. */
static void test_nothing_comes_after_the_last_month(void) {
  MarlError err;
  Population p = begin("commons",
                       "num_agents=2 months=1 policies=learner,threshold wishes=0,25,75 "
                       "discount=0.9 initial_value=-1000 learning_rate=0.5 exploration=200",
                       1);
  double metrics[MAX_METRICS], whole[MAX_METRICS];
  for (int c = 0; c < 600; ++c) p.ops->cycle(p.engine, metrics, whole);
  UNIT_OK(p.ops->greedy(p.engine, 1, metrics, whole, &err));
  UNIT_NEAR(metrics[metric(p.ops, "gain")], (75.0 + 25.0) / 2, 0);
  end(&p);
}

static CU_TestInfo tests[] = {
    {"nothing comes after the last month", test_nothing_comes_after_the_last_month},
    {"prosocial punishment sustains contributions and antisocial spoils it",
     test_prosocial_punishment_sustains_contributions_and_antisocial_spoils_it},
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
