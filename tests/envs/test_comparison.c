/* What a comparison makes of metrics, with a population whose every number is known. */
#define _POSIX_C_SOURCE 200809L /* mkdtemp */
#include <signal.h>

#include "marl/compare/report.h"
#include "marl/learn/inference.h"
#include "marl/run/interrupt.h"
#include "tests/unit.h"

/* metrics of cycle t = 0, 1, ...: `share` is 9 of 10 at every cycle after the first `late`, else 0
 * of 10; `rare` is t of t in every third cycle and did not happen in the others; `never` never
 * happens; `plain` is t. */
typedef struct Scripted {
  int64_t cycle, late;
} Scripted;

enum { SHARE, RARE, NEVER, PLAIN, NUM_METRICS };
static const char *const names[NUM_METRICS] = {"share", "rare", "never", "plain"};
static const MarlMeasure measures[] = {
    {"share", MARL_MEASURE_FOLLOWED | MARL_MEASURE_IN_UNIT | MARL_MEASURE_GREEDY},
    {"rare", MARL_MEASURE_COLUMN},
    {"never", MARL_MEASURE_COLUMN},
};
static const MarlOption env_options[] = {
    {"cycles", MARL_OPTION_INT, "30", 1, 1e9, NULL, "cycles", "length"},
    {"late", MARL_OPTION_INT, "0", 0, 1e9, NULL, "cycles", "cycles of nothing"},
};

static MarlCode check(const MarlPopulationConfig *config, MarlError *err) {
  (void)config, (void)err;
  return MARL_OK;
}

static MarlCode create(const MarlPopulationConfig *config, MarlKey key, MarlPopulationState **out,
                       MarlError *err) {
  (void)key, (void)err;
  Scripted *s = calloc(1, sizeof *s);
  s->late = marl_section_int(config->env, "late");
  *out = (MarlPopulationState *)s;
  return MARL_OK;
}

static void destroy(MarlPopulationState *population) {
  free(population);
}

static MarlCode cycle(MarlPopulationState *population, double *metrics, double *whole,
                      MarlError *err) {
  (void)err;
  Scripted *s = (Scripted *)population;
  const double t = (double)s->cycle;
  metrics[SHARE] = s->cycle < s->late ? 0 : 9, whole[SHARE] = 10;
  metrics[RARE] = whole[RARE] = s->cycle % 3 == 0 ? t : 0;
  metrics[RARE] /= 2;
  metrics[NEVER] = whole[NEVER] = 0;
  metrics[PLAIN] = t;
  ++s->cycle;
  return MARL_OK;
}

static MarlCode greedy(const MarlPopulationState *population, int cycles, double *metrics,
                       double *whole, MarlError *err) {
  (void)population, (void)err;
  for (int m = 0; m < NUM_METRICS; ++m) metrics[m] = cycles, whole[m] = 2 * cycles;
  return MARL_OK;
}

static MarlCode save(const MarlPopulationState *population, MarlStore *to, MarlError *err) {
  return marl_store_set_int(to, NULL, "cycle", ((const Scripted *)population)->cycle, err);
}

static MarlCode load(MarlPopulationState *population, MarlStore *from, MarlError *err) {
  return marl_store_get_int(from, NULL, "cycle", &((Scripted *)population)->cycle, err);
}

static const MarlPopulationOps scripted = {.name = "scripted",
                                           .options = env_options,
                                           .num_options = 2,
                                           .metrics = names,
                                           .num_metrics = NUM_METRICS,
                                           .measures = measures,
                                           .num_measures = 3,
                                           .check = check,
                                           .create = create,
                                           .destroy = destroy,
                                           .cycle = cycle,
                                           .greedy = greedy,
                                           .save = save,
                                           .load = load};
static const MarlPopulationOps *const populations[] = {&scripted, NULL};

static MarlCode read(const char *text, MarlComparison *out, MarlError *why) {
  MarlError err;
  MarlConfig *config;
  UNIT_OK(marl_config_parse(text, strlen(text), "test", &config, &err));
  const MarlCode code = marl_comparison_read(config, populations, NULL, out, why);
  marl_config_destroy(&config);
  return code;
}

static MarlComparison comparison_of(const char *text) {
  MarlError err;
  MarlComparison c;
  UNIT_OK(read(text, &c, &err));
  return c;
}

/* All runs; each is saved and loaded into a new one at cycle `cut`, unless that is negative. */
static MarlComparisonResults results_of(const MarlComparison *c, int cut) {
  MarlError err;
  MarlComparisonResults results;
  UNIT_OK(marl_comparison_results_create(c, &results, &err));
  for (int job = 0; job < c->num_jobs; ++job) {
    const MarlRunResult result = marl_comparison_result(c, &results, job);
    MarlComparisonRun *run;
    UNIT_OK(marl_comparison_run_create(c, job, &run, &err));
    for (int t = 0; !marl_comparison_run_over(run); ++t) {
      if (t == cut) {
        MarlStore *to, *from;
        void *bytes;
        size_t size;
        UNIT_OK(marl_store_create_memory(&to, &err));
        UNIT_OK(marl_comparison_run_save(run, to, &err));
        UNIT_OK(marl_store_image(to, &bytes, &size, &err));
        marl_store_close(&to);
        marl_comparison_run_destroy(&run);
        UNIT_OK(marl_comparison_run_create(c, job, &run, &err));
        UNIT_OK(marl_store_open_image(bytes, size, &from, &err));
        UNIT_OK(marl_comparison_run_load(run, from, &err));
        marl_store_close(&from);
        free(bytes);
      }
      UNIT_OK(marl_comparison_run_cycle(run, &err));
    }
    UNIT_OK(marl_comparison_run_finish(run, &result, &err));
    marl_comparison_run_destroy(&run);
  }
  return results;
}

static double metric_of(const MarlComparison *c, const MarlComparisonResults *r, int job,
                        const char *name) {
  return r->metrics[job * c->num_metrics + marl_comparison_metric(c, name)];
}

static const char small[] =
    "compare: {population: scripted, seeds: 3, tail: 10, window: 4, threshold: 0.9, curve_every: "
    "5}\n";

static void test_ratios_are_pooled_and_what_never_happened_is_absent(void) {
  MarlComparison c = comparison_of(small);
  MarlComparisonResults r = results_of(&c, -1);
  /* cycles 20 .. 29: 21/2, 24/2, 27/2 of 21, 24, 27 */
  UNIT_NEAR(metric_of(&c, &r, 0, "rare"), 0.5, 0);
  CU_ASSERT(isnan(metric_of(&c, &r, 0, "never")));
  UNIT_NEAR(metric_of(&c, &r, 0, "plain"), 24.5, 0);
  UNIT_NEAR(metric_of(&c, &r, 0, "share"), 0.9, 0);
  UNIT_NEAR(metric_of(&c, &r, 0, "greedy_share"), 0.5, 0);
  UNIT_NEAR(metric_of(&c, &r, 0, "instability"), 0, 1e-12);
  MarlError err;
  MarlCellSummary s;
  UNIT_OK(marl_comparison_summarize(&c, &r, 0, NEVER, &s, &err));
  CU_ASSERT_EQUAL(s.runs, 0);
  CU_ASSERT(isnan(s.mean) && isnan(s.median));
  CU_ASSERT_FALSE(marl_comparison_has(&c, &r, NEVER));
  CU_ASSERT(marl_comparison_has(&c, &r, RARE));
  /* only what is declared to be a share has the interval of one */
  UNIT_OK(marl_comparison_summarize(&c, &r, 0, SHARE, &s, &err));
  CU_ASSERT(s.share_interval.low < 0.9 && s.share_interval.high > 0.9);
  UNIT_OK(marl_comparison_summarize(&c, &r, 0, RARE, &s, &err));
  CU_ASSERT(isnan(s.share_interval.low));
  marl_comparison_results_clear(&r);
  marl_comparison_clear(&c);
}

static void test_a_run_that_settles_at_the_threshold_reaches_it(void) {
  /* .9 as a running sum of rounded numbers is below .9 as often as not */
  static const char *const thresholds[] = {"0.9", "0.90", "9e-1"};
  for (int k = 0; k < 3; ++k) {
    char text[256];
    snprintf(text, sizeof text,
             "env: {cycles: 3000, late: 17}\n"
             "compare: {population: scripted, seeds: 1, tail: 10, window: 7, threshold: %s}\n",
             thresholds[k]);
    MarlComparison c = comparison_of(text);
    MarlComparisonResults r = results_of(&c, -1);
    UNIT_NEAR(metric_of(&c, &r, 0, "reached_threshold"), 1, 0);
    UNIT_NEAR(metric_of(&c, &r, 0, "time_to_threshold"), 17 + 7, 0);
    marl_comparison_results_clear(&r);
    marl_comparison_clear(&c);
  }
  MarlComparison c = comparison_of(
      "compare: {population: scripted, seeds: 1, tail: 10, window: 7, "
      "threshold: 0.9000001, curve_every: 5}\n");
  MarlComparisonResults r = results_of(&c, -1);
  UNIT_NEAR(metric_of(&c, &r, 0, "reached_threshold"), 0, 0);
  CU_ASSERT(isnan(metric_of(&c, &r, 0, "time_to_threshold"))); /* censored, not 30 */
  marl_comparison_results_clear(&r);
  marl_comparison_clear(&c);
}

static void test_a_run_cut_by_a_checkpoint_is_the_same_run(void) {
  static const char text[] =
      "env: {cycles: 30, late: 11}\n"
      "compare: {population: scripted, seeds: 1, tail: 13, window: 6, threshold: 0.5, curve_every: "
      "5}\n";
  MarlComparison c = comparison_of(text);
  MarlComparisonResults whole = results_of(&c, -1);
  for (int cut = 0; cut < 30; ++cut) {
    MarlComparisonResults pieces = results_of(&c, cut);
    UNIT_BITS_EQUAL(whole.metrics, pieces.metrics, (size_t)c.num_metrics * sizeof(double));
    UNIT_BITS_EQUAL(whole.curves, pieces.curves,
                    (size_t)(c.num_points * NUM_METRICS) * sizeof(float));
    marl_comparison_results_clear(&pieces);
  }
  marl_comparison_results_clear(&whole);
  marl_comparison_clear(&c);
}

static void test_censored_times_have_a_median_and_no_mean(void) {
  MarlError err;
  MarlCellSummary s;
  MarlComparison c = comparison_of(
      "compare: {population: scripted, seeds: 5, tail: 10, window: 4, curve_every: 5}\n");
  MarlComparisonResults r = results_of(&c, -1);
  const int time = marl_comparison_time(&c);
  static const double times[][5] = {
      {8, 30, 12, 20, 9}, {8, NAN, 12, 20, NAN}, {8, NAN, 12, NAN, NAN}};
  for (int k = 0; k < 3; ++k) {
    for (int i = 0; i < 5; ++i) r.metrics[i * c.num_metrics + time] = times[k][i];
    UNIT_OK(marl_comparison_summarize(&c, &r, 0, time, &s, &err));
    if (k == 0) UNIT_NEAR(s.mean, 79 / 5.0, 1e-12);
    if (k > 0) CU_ASSERT(isnan(s.mean) && isnan(s.mean_interval.low));
    if (k < 2) UNIT_NEAR(s.median, k == 0 ? 12 : 20, 0);
    if (k == 2) CU_ASSERT(isinf(s.median));
    CU_ASSERT_EQUAL(s.runs, 5 - (k == 0 ? 0 : k + 1));
  }
  /* in ranks, who never gets there comes after everybody who does */
  double values[5];
  CU_ASSERT_EQUAL(marl_comparison_collect(&c, &r, 0, time, values), 5);
  UNIT_NEAR(values[1], 31, 0);
  marl_comparison_results_clear(&r);
  marl_comparison_clear(&c);
}

static char folder[64];

static void read_file(const char *name, char *text, size_t size) {
  char path[128];
  snprintf(path, sizeof path, "%s/%s", folder, name);
  FILE *file = fopen(path, "r");
  CU_ASSERT_PTR_NOT_NULL_FATAL(file);
  text[fread(text, 1, size - 1, file)] = '\0';
  (void)fclose(file);
  (void)remove(path);
}

static void test_tables_say_what_is_absent_and_who_is_compared(void) {
  MarlError err;
  char text[8192];
  MarlComparison c = comparison_of(
      "compare: {population: scripted, seeds: 4, tail: 10, window: 4, curve_every: 5, control: "
      "late,\n"
      "  cells: ['early: env.late=0', 'late: env.late=10', 'lost: env.late=30']}\n");
  MarlComparisonResults r = results_of(&c, -1);
  CU_ASSERT_EQUAL(c.num_pairs, 2);
  UNIT_NEAR(marl_comparison_least_p(&c), 2 * 2.0 / 70, 1e-12); /* 8 over 4 */
  UNIT_OK(marl_comparison_write_tables(&c, &r, folder, &err));
  read_file("runs.csv", text, sizeof text);
  CU_ASSERT_PTR_NULL(strstr(text, "never"));
  CU_ASSERT_PTR_NOT_NULL(strstr(text, "lost,lost,0,0,0.5,24.5,0.5,nan,0,0"));
  read_file("summary.csv", text, sizeof text);
  CU_ASSERT_PTR_NOT_NULL(strstr(text, "lost,time_to_threshold,0,nan,nan,nan,nan,nan,nan,inf"));
  CU_ASSERT_PTR_NULL(strstr(text, "never"));
  read_file("survival.csv", text, sizeof text);
  /* all four at cycle 14; Clopper and Pearson: none of four is at most 1 - .025^(1/4) = .602 */
  CU_ASSERT_PTR_NOT_NULL(strstr(text, "late,14,4,4,0,0,0.60236"));
  CU_ASSERT_PTR_NOT_NULL(strstr(text, "lost,0,4,0,1,1,1\n"));
  UNIT_OK(marl_comparison_write_pairs(&c, &r, folder, &err));
  read_file("pairs.csv", text, sizeof text);
  CU_ASSERT_PTR_NOT_NULL(strstr(text, "share,early,late,0,"));
  CU_ASSERT_PTR_NOT_NULL(strstr(text, "share,lost,late,-0.9,")); /* the control stands second */
  CU_ASSERT_PTR_NULL(strstr(text, "early,lost"));
  CU_ASSERT_PTR_NULL(strstr(text, "never"));
  /* four against four, apart: 2 of 70 ways, twice by Holm; censored times have ranks, no means */
  CU_ASSERT_PTR_NOT_NULL(
      strstr(text, "time_to_threshold,lost,late,nan,nan,nan,1,nan,0.0285714286,0.0571428571"));
  marl_interrupt_listen();
  raise(SIGTERM);
  UNIT_ERROR(marl_comparison_write_pairs(&c, &r, folder, &err), MARL_ESTOPPED, "stopped");
  marl_interrupt_listen();
  read_file("pairs.csv", text, sizeof text);
  marl_comparison_results_clear(&r);
  marl_comparison_clear(&c);
}

static int num_pairs(int first, int second, const char *more) {
  static char text[65536];
  size_t used = (size_t)snprintf(
      text, sizeof text,
      "compare: {population: scripted, seeds: 2, tail: 10, window: 4, curve_every: 5, %s\n"
      "  cells: [",
      more);
  for (int i = 0; i < first; ++i)
    used += (size_t)snprintf(text + used, sizeof text - used, "'a%d: env.late=%d', ", i, i);
  used += (size_t)snprintf(text + used, sizeof text - used, "x");
  for (int i = 0; i < second; ++i)
    used += (size_t)snprintf(text + used, sizeof text - used, ", 'b%d: env.cycles=%d'", i, 30 + i);
  snprintf(text + used, sizeof text - used, "]}\n");
  MarlComparison c = comparison_of(text);
  const int count = c.num_pairs;
  marl_comparison_clear(&c);
  return count;
}

/* What is tested is what was asked for: pairs that differ in one axis, cells against the control
 * value with all else the same, and no configuration against itself. */
static void test_pairs_are_those_that_were_asked_for(void) {
  const char *one = "cycles: 30,", *b0 = "cycles: 30, control: b0,";
  CU_ASSERT_EQUAL(num_pairs(3, 4, one), 4 * 3 + 3 * 6);
  CU_ASSERT_EQUAL(num_pairs(3, 4, b0), 3 * 3);
  CU_ASSERT_EQUAL(num_pairs(3, 4, "cycles: 30, all_pairs: true,"), 12 * 11 / 2);
  /* ten times the cells, at most twelve times the pairs: those along a long axis are asked for */
  CU_ASSERT(num_pairs(120, 4, b0) <= 12 * num_pairs(12, 4, b0));
  CU_ASSERT(num_pairs(120, 4, one) <= 12 * num_pairs(12, 4, one));
  MarlComparison c = comparison_of(
      "compare: {population: scripted, seeds: 2, tail: 10, window: 4, curve_every: 5,\n"
      "  cells: ['a: env.late=3', 'b: env.late=3', 'c: env.late=4']}\n");
  CU_ASSERT_EQUAL(c.num_pairs, 2); /* a and b are one */
  marl_comparison_clear(&c);
}

static void test_the_forest_is_the_tests_of_the_followed_metric(void) {
  MarlError err;
  char text[8192];
  MarlPairTest tests[4];
  MarlComparison c = comparison_of(
      "compare: {population: scripted, seeds: 4, tail: 10, window: 4, curve_every: 5, control: a,\n"
      "  cells: ['a: env.late=0', 'b: env.late=30']}\n");
  MarlComparisonResults r = results_of(&c, -1);
  UNIT_OK(marl_comparison_test(&c, &r, c.followed, tests, &err));
  UNIT_OK(marl_comparison_write_forest(&c, tests, folder, &err));
  read_file("forest.csv", text, sizeof text);
  CU_ASSERT_PTR_NOT_NULL(strstr(text, "b,a,share,-0.9,-0.9,-0.9,0.0285714286,0.0285714286,1\n"));
  marl_comparison_results_clear(&r);
  marl_comparison_clear(&c);
}

static void test_lengths_that_do_not_fit_are_refused_with_a_remedy(void) {
  MarlError err;
  MarlComparison c;
  UNIT_ERROR(read("env: {cycles: 1}\ncompare: {population: scripted}\n", &c, &err), MARL_ECONFIG,
             "env.cycles = 1 is shorter than compare.tail = 500; a longer run, or --set "
             "compare.tail=1");
  UNIT_ERROR(read("env: {cycles: 10}\ncompare: {population: scripted, tail: 5}\n", &c, &err),
             MARL_ECONFIG, "--set compare.window=10");
  UNIT_ERROR(
      read("env: {cycles: 10}\ncompare: {population: scripted, tail: 5, window: 2}\n", &c, &err),
      MARL_ECONFIG, "--set compare.curve_every=10");
  UNIT_ERROR(read("env: {cycles: 1000}\ncompare: {population: scripted, control: al, cells: ['all: "
                  "env.late=0']}\n",
                  &c, &err),
             MARL_ECONFIG, "did you mean 'all'");
}

static int begin(void) {
  snprintf(folder, sizeof folder, "/tmp/marl_comparison_XXXXXX");
  return mkdtemp(folder) == NULL;
}

static int end(void) {
  return remove(folder); /* the files in it are gone */
}

static CU_TestInfo tests[] = {
    {"pairs are those that were asked for", test_pairs_are_those_that_were_asked_for},
    {"the forest is the tests of the followed metric",
     test_the_forest_is_the_tests_of_the_followed_metric},
    {"ratios are pooled and what never happened is absent",
     test_ratios_are_pooled_and_what_never_happened_is_absent},
    {"a run that settles at the threshold reaches it",
     test_a_run_that_settles_at_the_threshold_reaches_it},
    {"a run cut by a checkpoint is the same run", test_a_run_cut_by_a_checkpoint_is_the_same_run},
    {"censored times have a median and no mean", test_censored_times_have_a_median_and_no_mean},
    {"tables say what is absent and who is compared",
     test_tables_say_what_is_absent_and_who_is_compared},
    {"lengths that do not fit are refused with a remedy",
     test_lengths_that_do_not_fit_are_refused_with_a_remedy},
    CU_TEST_INFO_NULL,
};
static CU_SuiteInfo suites[] = {{"comparison", begin, end, NULL, NULL, tests}, CU_SUITE_INFO_NULL};
UNIT_MAIN(suites)
