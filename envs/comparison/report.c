#include "envs/comparison/report.h"

#include <stdlib.h>
#include <string.h>

#include "envs/comparison/text_file.h"

static const double level = 0.95;

static size_t curve_size(const MarlComparison *c) {
  return (size_t)c->num_points * (size_t)c->engine->num_metrics;
}

MarlCode marl_comparison_results_create(const MarlComparison *comparison,
                                        MarlComparisonResults *out, MarlError *err) {
  const size_t jobs = (size_t)comparison->num_jobs;
  out->metrics = calloc(jobs * (size_t)comparison->num_metrics, sizeof *out->metrics);
  out->curves = calloc(jobs * curve_size(comparison), sizeof *out->curves);
  if (out->metrics != NULL && out->curves != NULL) return MARL_OK;
  marl_comparison_results_clear(out);
  return MARL_FAIL(err, MARL_EMEMORY, "compare: no memory for %zu results", jobs);
}

void marl_comparison_results_clear(MarlComparisonResults *results) {
  free(results->metrics);
  free(results->curves);
  *results = (MarlComparisonResults){NULL, NULL};
}

MarlRunResult marl_comparison_result(const MarlComparison *comparison,
                                     const MarlComparisonResults *results, int job) {
  return (MarlRunResult){results->metrics + (size_t)job * (size_t)comparison->num_metrics,
                         results->curves + (size_t)job * curve_size(comparison)};
}

MarlCode marl_comparison_save_job(const MarlComparison *comparison, int job,
                                  const MarlRunResult *result, MarlStore *to, MarlError *err) {
  const char *cell = comparison->cells[job / comparison->num_seeds].name;
  const MarlArray metrics = {
      .type = MARL_F64, .rank = 1, .shape = {(size_t)comparison->num_metrics}};
  const MarlArray curve = {
      .type = MARL_F32,
      .rank = 2,
      .shape = {(size_t)comparison->num_points, (size_t)comparison->engine->num_metrics}};
  MARL_TRY(marl_store_set_text(to, NULL, "cell", cell, err));
  MARL_TRY(marl_store_set_int(to, NULL, "replica", job % comparison->num_seeds, err));
  MARL_TRY(marl_store_set_int(to, NULL, "seed", (int64_t)comparison->seed, err));
  MARL_TRY(marl_store_write(to, "metrics", &metrics, result->metrics, err));
  return marl_store_write(to, "curve", &curve, result->curve, err);
}

MarlCode marl_comparison_load_job(const MarlComparison *comparison, int job,
                                  const MarlRunResult *result, MarlStore *from, MarlError *err) {
  char *cell;
  int64_t replica, seed;
  MARL_TRY(marl_store_get_int(from, NULL, "replica", &replica, err));
  MARL_TRY(marl_store_get_int(from, NULL, "seed", &seed, err));
  MARL_TRY(marl_store_get_text(from, NULL, "cell", &cell, err));
  const bool same = strcmp(cell, comparison->cells[job / comparison->num_seeds].name) == 0 &&
                    replica == job % comparison->num_seeds && seed == (int64_t)comparison->seed;
  free(cell);
  if (!same)
    return MARL_FAIL(err, MARL_EIO, "%s: a run of another comparison", marl_store_path(from));
  MARL_TRY(marl_store_read(from, "metrics", MARL_F64, (size_t)comparison->num_metrics,
                           result->metrics, err));
  return marl_store_read(from, "curve", MARL_F32, curve_size(comparison), result->curve, err);
}

/* A metric of a cell over its seeds into values [num_seeds]. */
static void collect(const MarlComparison *c, const MarlComparisonResults *results, int cell,
                    int metric, double *values) {
  const double *from =
      results->metrics + (size_t)cell * (size_t)c->num_seeds * (size_t)c->num_metrics;
  for (int s = 0; s < c->num_seeds; ++s) values[s] = from[s * c->num_metrics + metric];
}

static int ascending(const void *a, const void *b) {
  const double x = *(const double *)a, y = *(const double *)b;
  return (x > y) - (x < y);
}

MarlCode marl_comparison_summarize(const MarlComparison *comparison,
                                   const MarlComparisonResults *results, int cell, int metric,
                                   MarlCellSummary *out, MarlError *err) {
  const size_t n = (size_t)comparison->num_seeds;
  double *values = malloc(2 * n * sizeof *values);
  if (values == NULL) return MARL_FAIL(err, MARL_EMEMORY, "compare: no memory");
  collect(comparison, results, cell, metric, values);
  out->mean = marl_mean(values, n);
  out->deviation = marl_standard_deviation(values, n);
  out->interquartile_mean = marl_interquartile_mean(values, n, values + n);
  const MarlKey key = marl_key_fold(
      marl_key_fold(marl_key(comparison->seed, MARL_STREAM_BOOTSTRAP), (uint64_t)cell),
      (uint64_t)metric);
  MarlCode code = marl_bootstrap(values, n, marl_statistic_mean, comparison->resamples, level, key,
                                 &out->mean_interval, err);
  if (code == MARL_OK)
    code = marl_bootstrap(values, n, marl_interquartile_mean, comparison->resamples, level, key,
                          &out->interquartile_interval, err);
  qsort(values, n, sizeof *values, ascending);
  out->median = 0.5 * (values[(n - 1) / 2] + values[n / 2]);
  free(values);
  return code;
}

static MarlCode write_runs(const MarlComparison *c, const MarlComparisonResults *results,
                           const char *folder, MarlError *err) {
  FILE *file;
  MARL_TRY(marl_text_open(folder, "runs.csv", &file, err));
  fprintf(file, "cell");
  for (int a = 0; a < c->num_axes; ++a) fprintf(file, ",%s", c->axes[a].name);
  fprintf(file, ",replica");
  for (int m = 0; m < c->num_metrics; ++m) fprintf(file, ",%s", c->metric_name[m]);
  for (int job = 0; job < c->num_jobs; ++job) {
    const int cell = job / c->num_seeds;
    fprintf(file, "\n%s", c->cells[cell].name);
    for (int a = 0; a < c->num_axes; ++a) {
      const MarlAxisValue *value = &c->axes[a].values[marl_comparison_value(c, cell, a)];
      const bool swept = a >= c->num_axes - c->num_swept;
      fprintf(file, ",%s", swept ? value->text : value->label);
    }
    fprintf(file, ",%d", job % c->num_seeds);
    const double *row = results->metrics + (size_t)job * (size_t)c->num_metrics;
    for (int m = 0; m < c->num_metrics; ++m) fprintf(file, ",%.9g", row[m]);
  }
  fprintf(file, "\n");
  return marl_text_close(file, folder, "runs.csv", err);
}

static MarlCode write_summary(const MarlComparison *c, const MarlComparisonResults *results,
                              const char *folder, MarlError *err) {
  FILE *file;
  MarlCode code = MARL_OK;
  MARL_TRY(marl_text_open(folder, "summary.csv", &file, err));
  fprintf(file,
          "cell,metric,runs,mean,mean_low,mean_high,standard_deviation,median,"
          "interquartile_mean,interquartile_low,interquartile_high\n");
  for (int cell = 0; cell < c->num_cells && code == MARL_OK; ++cell) {
    for (int m = 0; m < c->num_metrics && code == MARL_OK; ++m) {
      MarlCellSummary s;
      code = marl_comparison_summarize(c, results, cell, m, &s, err);
      if (code == MARL_OK)
        fprintf(file, "%s,%s,%d,%.9g,%.9g,%.9g,%.9g,%.9g,%.9g,%.9g,%.9g\n", c->cells[cell].name,
                c->metric_name[m], c->num_seeds, s.mean, s.mean_interval.low, s.mean_interval.high,
                s.deviation, s.median, s.interquartile_mean, s.interquartile_interval.low,
                s.interquartile_interval.high);
    }
  }
  const MarlCode closed = marl_text_close(file, folder, "summary.csv", err);
  return code != MARL_OK ? code : closed;
}

/* Scratch of the pair table. */
typedef struct Pairs {
  double *x, *y;        /* [num_seeds] */
  double *p, *adjusted; /* [pairs] */
  size_t *order;        /* [pairs] */
} Pairs;

static void test_metric(const MarlComparison *c, const MarlComparisonResults *results, int metric,
                        Pairs *pairs, FILE *file) {
  const size_t n = (size_t)c->num_seeds;
  size_t count = 0;
  for (int a = 0; a < c->num_cells; ++a) {
    for (int b = a + 1; b < c->num_cells; ++b) {
      collect(c, results, a, metric, pairs->x), collect(c, results, b, metric, pairs->y);
      pairs->p[count++] = marl_mann_whitney(pairs->x, n, pairs->y, n);
    }
  }
  marl_holm(pairs->p, count, pairs->adjusted, pairs->order);
  count = 0;
  for (int a = 0; a < c->num_cells; ++a) {
    for (int b = a + 1; b < c->num_cells; ++b, ++count) {
      collect(c, results, a, metric, pairs->x), collect(c, results, b, metric, pairs->y);
      fprintf(file, "%s,%s,%s,%.9g,%.9g,%.9g,%.9g,%.9g\n", c->metric_name[metric], c->cells[a].name,
              c->cells[b].name, marl_mean(pairs->x, n) - marl_mean(pairs->y, n),
              marl_probability_of_improvement(pairs->x, n, pairs->y, n),
              n < 2 ? 0.0 : marl_hedges_g(pairs->x, n, pairs->y, n), pairs->p[count],
              pairs->adjusted[count]);
    }
  }
}

/* The followed metric, those of the printed table, the time, and the greedy followed metric. */
static bool is_tested(const MarlComparison *c, int metric) {
  const MarlEngineOps *ops = c->engine;
  if (metric == ops->followed || metric == marl_comparison_metric(c, "time_to_threshold"))
    return true;
  for (int g = 0; g < ops->num_greedy_metrics; ++g)
    if (ops->greedy_metrics[g] == ops->followed && metric == ops->num_metrics + g) return true;
  for (size_t t = 0; t < ops->num_table; ++t)
    if (metric == marl_comparison_metric(c, ops->table[t])) return true;
  return false;
}

static MarlCode write_pairs(const MarlComparison *c, const MarlComparisonResults *results,
                            const char *folder, MarlError *err) {
  const size_t n = (size_t)c->num_seeds;
  const size_t pairs = (size_t)c->num_cells * (size_t)(c->num_cells - 1) / 2;
  double *memory = calloc(2 * n + 2 * pairs, sizeof *memory);
  size_t *order = calloc(pairs + 1, sizeof *order);
  FILE *file = NULL;
  MarlCode code = MARL_OK;
  if (memory == NULL || order == NULL)
    code = MARL_FAIL(err, MARL_EMEMORY, "compare: no memory for %zu pairs", pairs);
  if (code == MARL_OK) code = marl_text_open(folder, "pairs.csv", &file, err);
  if (code == MARL_OK) {
    Pairs scratch = {memory, memory + n, memory + 2 * n, memory + 2 * n + pairs, order};
    fprintf(file, "metric,a,b,difference,probability_of_improvement,hedges_g,p,p_holm\n");
    for (int m = 0; m < c->num_metrics; ++m)
      if (is_tested(c, m)) test_metric(c, results, m, &scratch, file);
    code = marl_text_close(file, folder, "pairs.csv", err);
  }
  free(memory);
  free(order);
  return code;
}

MarlCode marl_comparison_write_tables(const MarlComparison *comparison,
                                      const MarlComparisonResults *results, const char *folder,
                                      MarlError *err) {
  MARL_TRY(write_runs(comparison, results, folder, err));
  MARL_TRY(write_summary(comparison, results, folder, err));
  return write_pairs(comparison, results, folder, err);
}
