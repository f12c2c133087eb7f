/* ctest: timeout=240 */
#include "marl/learn/evaluate.h"
#include "tests/envs/life.h"

enum { SEEDS = 10, MAX_METRICS = 3 };

/* Of each of a number of runs of `cycles` cycles, the metrics over the last fifth. */
static void live(const char *env, const char *settings, int cycles, int seeds, int count,
                 const char *const *names, double out[MAX_METRICS][SEEDS]) {
  for (int seed = 0; seed < seeds; ++seed) {
    double metrics[MAX_METRICS];
    Life life = life_begin(env, "tabular_q", settings, (uint64_t)seed);
    life_live(&life, cycles, cycles / 5, count, names, metrics);
    for (int m = 0; m < count; ++m) out[m][seed] = metrics[m];
    life_end(&life);
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

/* Eight strangers in groups of four; exploration falls to 0.02 in 150 of 800 cycles. */
typedef struct Contributions {
  double cooperation[SEEDS], welfare[SEEDS], punishment_rate[SEEDS];
} Contributions;

static Contributions contributions(const char *settings) {
  static const char *const names[] = {"cooperation", "welfare", "punishment_rate"};
  char all[512];
  double runs[MAX_METRICS][SEEDS];
  Contributions out;
  snprintf(all, sizeof all,
           "num_agents=8 observation=states gamma=0 learning_rate=0.05 epsilon_end=0.02 "
           "epsilon_episodes=150 %s",
           settings);
  live("public_goods", all, 800, SEEDS, 3, names, runs);
  memcpy(out.cooperation, runs[0], sizeof out.cooperation);
  memcpy(out.welfare, runs[1], sizeof out.welfare);
  memcpy(out.punishment_rate, runs[2], sizeof out.punishment_rate);
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
      "observation=states gamma=0.95 epsilon_episodes=4500 learning_rate=0.1 epsilon_end=0.01 "
      "wishes=0,5,10,15,20,30 ";
  static const char *const names[] = {"survival"};
  char text[256];
  double alone[MAX_METRICS][SEEDS], universal[MAX_METRICS][SEEDS];
  snprintf(text, sizeof text, "%suniversalization=2", learner);
  live("commons", learner, 6000, RUNS, 1, names, alone);
  live("commons", text, 6000, RUNS, 1, names, universal);
  printf("\n    survival %.3f .. %.3f and %.3f .. %.3f ", least(alone[0], RUNS),
         most(alone[0], RUNS), least(universal[0], RUNS), most(universal[0], RUNS));
  CU_ASSERT(most(alone[0], RUNS) < 0.3);
  CU_ASSERT(least(universal[0], RUNS) > 0.8);
}

/* One month and a discount of 0.9: a learner beside one who keeps to the threshold takes everything,
 * since nothing comes after. Values begin at -1000, so that with a future it would keep the pool full,
 * the only state that is ever decided in. */
static void test_nothing_comes_after_the_last_month(void) {
  MarlError err;
  MarlEvaluation evaluation;
  Life life = life_begin("commons", "tabular_q",
                         "num_agents=2 months=1 policies=learner,threshold wishes=0,25,75 "
                         "observation=states gamma=0.9 initial_value=-1000 learning_rate=0.5 "
                         "epsilon_episodes=200 epsilon_end=0.02",
                         1);
  for (int c = 0; c < 600; ++c) life_cycle(&life);
  const MarlEvaluationTask task = {.ops = life.ops,
                                   .config = life.env,
                                   .episodes = 1,
                                   .greedy = true,
                                   .key = marl_key(1, MARL_STREAM_ENV)};
  const MarlLearner *learner = life.replica.learner;
  UNIT_OK(
      marl_evaluate_policy(learner->ops->policy(learner), &task, MPI_COMM_SELF, &evaluation, &err));
  UNIT_NEAR(evaluation.mean[marl_evaluation_find(&evaluation, "env/gain")], (75.0 + 25.0) / 2, 0);
  life_end(&life);
}

static CU_TestInfo tests[] = {
    {"nothing comes after the last month", test_nothing_comes_after_the_last_month},
    {"prosocial punishment sustains contributions and antisocial spoils it",
     test_prosocial_punishment_sustains_contributions_and_antisocial_spoils_it},
    {"who looks one step ahead punishes only with a motive",
     test_who_looks_one_step_ahead_punishes_only_with_a_motive},
    {"universalization keeps the pool", test_universalization_keeps_the_pool},
    CU_TEST_INFO_NULL,
};
static CU_SuiteInfo suites[] = {
    {"tables in games of groups", NULL, NULL, NULL, NULL, tests},
    CU_SUITE_INFO_NULL,
};
UNIT_MAIN(suites)
