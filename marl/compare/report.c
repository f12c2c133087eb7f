/* Tables of a comparison: every run, every cell, and when runs reach the threshold. */
#include "marl/compare/report.h"

#include <math.h>
#include <stdlib.h>

#include "marl/run/text_file.h"

static const double level = 0.95;

/* Does any run have the metric? Strategies that do not play are no columns. */
static bool known(const MarlComparison *c, const MarlComparisonResults *results, int metric) {
  for (int job = 0; job < c->num_jobs; ++job)
    if (!isnan(results->metrics[(ptrdiff_t)job * c->num_metrics + metric])) return true;
  return metric == marl_comparison_time(c);
}

static MarlCode write_runs(const MarlComparison *c, const MarlComparisonResults *results,
                           const char *folder, MarlError *err) {
  FILE *file;
  MARL_TRY(marl_text_open(folder, "runs.csv", &file, err));
  fprintf(file, "cell");
  for (int a = 0; a < c->num_axes; ++a) fprintf(file, ",%s", c->axes[a].name);
  fprintf(file, ",replica");
  for (int m = 0; m < c->num_metrics; ++m)
    if (known(c, results, m)) fprintf(file, ",%s", c->metric_name[m]);
  for (int job = 0; job < c->num_jobs; ++job) {
    const int cell = job / c->num_seeds;
    fprintf(file, "\n%s", c->cells[cell].name);
    for (int a = 0; a < c->num_axes; ++a) {
      const MarlAxisValue *value = &c->axes[a].values[marl_comparison_value(c, cell, a)];
      const bool swept = a >= c->num_axes - c->num_swept;
      fprintf(file, ",%s", swept ? value->number : value->label);
    }
    fprintf(file, ",%d", job % c->num_seeds);
    const double *row = results->metrics + (size_t)job * (size_t)c->num_metrics;
    for (int m = 0; m < c->num_metrics; ++m)
      if (known(c, results, m)) fprintf(file, ",%.9g", row[m]);
  }
  fprintf(file, "\n");
  return marl_text_close(file, folder, "runs.csv", err);
}

/* A metric that no run of the cell has is no row; one that never happens in a single run says so by
 * its number of runs. */
static MarlCode write_summary(const MarlComparison *c, const MarlComparisonResults *results,
                              const char *folder, MarlError *err) {
  FILE *file;
  MarlCode code = MARL_OK;
  MARL_TRY(marl_text_open(folder, "summary.csv", &file, err));
  fprintf(file,
          "cell,metric,runs,mean,mean_low,mean_high,share_low,share_high,standard_deviation,median,"
          "interquartile_mean,interquartile_low,interquartile_high,exact\n");
  double *exact = calloc((size_t)c->num_metrics, sizeof *exact);
  if (exact == NULL) code = MARL_FAIL(err, MARL_EMEMORY, "compare: no memory for metrics");
  for (int cell = 0; cell < c->num_cells && code == MARL_OK; ++cell) {
    code = marl_comparison_exact(c, cell, exact, err);
    for (int m = 0; m < c->num_metrics && code == MARL_OK; ++m) {
      MarlCellSummary s;
      code = marl_comparison_summarize(c, results, cell, m, &s, err);
      if (code != MARL_OK || (s.runs == 0 && m != marl_comparison_time(c))) continue;
      fprintf(file, "%s,%s,%d,%.9g,%.9g,%.9g,%.9g,%.9g,%.9g,%.9g,%.9g,%.9g,%.9g,",
              c->cells[cell].name, c->metric_name[m], s.runs, s.mean, s.mean_interval.low,
              s.mean_interval.high, s.share_interval.low, s.share_interval.high, s.deviation,
              s.median, s.interquartile_mean, s.interquartile_interval.low,
              s.interquartile_interval.high);
      fprintf(file, isnan(exact[m]) ? "\n" : "%.9g\n", exact[m]);
    }
  }
  free(exact);
  const MarlCode closed = marl_text_close(file, folder, "summary.csv", err);
  return code != MARL_OK ? code : closed;
}

static int ascending(const void *a, const void *b) {
  const double x = *(const double *)a, y = *(const double *)b;
  return (x > y) - (x < y);
}

/* One cell's steps down from 1, at the times [n] (ascending, cycles + 1 for censored runs). */
static void write_steps(const MarlComparison *c, int cell, const double *times, size_t n,
                        double *scratch, FILE *file) {
  double *waiting = scratch + 3 * n + 4; /* [n] 1 for each run that has not reached it */
  size_t reached = 0;
  fprintf(file, "%s,0,%zu,0,1,1,1\n", c->cells[cell].name, n);
  while (reached < n && times[reached] <= c->cycles) {
    const size_t before = reached;
    const double time = times[reached];
    while (reached < n && times[reached] <= time) ++reached;
    for (size_t i = 0; i < n; ++i) waiting[i] = i < reached ? 0.0 : 1.0;
    const MarlInterval interval = marl_bounded_mean_interval(waiting, n, 0.0, 1.0, level, scratch);
    fprintf(file, "%s,%.9g,%zu,%zu,%.9g,%.9g,%.9g\n", c->cells[cell].name, time, n - before,
            reached - before, (double)(n - reached) / (double)n, interval.low, interval.high);
  }
}

static MarlCode write_survival(const MarlComparison *c, const MarlComparisonResults *results,
                               const char *folder, MarlError *err) {
  const size_t n = (size_t)c->num_seeds;
  FILE *file;
  double *times = malloc((5 * n + 4) * sizeof *times);
  if (times == NULL) return MARL_FAIL(err, MARL_EMEMORY, "compare: no memory for %zu times", n);
  MarlCode code = marl_text_open(folder, "survival.csv", &file, err);
  if (code == MARL_OK) {
    fprintf(file, "cell,cycle,at_risk,reached,waiting,waiting_low,waiting_high\n");
    for (int cell = 0; cell < c->num_cells; ++cell) {
      marl_comparison_collect(c, results, cell, marl_comparison_time(c), times);
      qsort(times, n, sizeof *times, ascending);
      write_steps(c, cell, times, n, times + n, file);
    }
    code = marl_text_close(file, folder, "survival.csv", err);
  }
  free(times);
  return code;
}

MarlCode marl_comparison_write_tables(const MarlComparison *comparison,
                                      const MarlComparisonResults *results, const char *folder,
                                      MarlError *err) {
  MARL_TRY(write_runs(comparison, results, folder, err));
  MARL_TRY(write_summary(comparison, results, folder, err));
  return write_survival(comparison, results, folder, err);
}
