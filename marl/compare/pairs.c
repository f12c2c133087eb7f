/* Tests between cells. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "marl/compare/report.h"
#include "marl/compare/text_file.h"
#include "marl/learn/inference.h"

static const double level = 0.95;

/* Scratch of the table, one block each. */
typedef struct Pairs {
  double *x, *y;        /* [num_seeds] */
  MarlRankTest *test;   /* [pairs] */
  double *p, *adjusted; /* [pairs] */
  MarlRankedP *order;   /* [pairs] */
} Pairs;

int marl_comparison_pairs(const MarlComparison *comparison) {
  const int cells = comparison->num_cells;
  return comparison->control >= 0 ? cells - 1 : cells * (cells - 1) / 2;
}

double marl_comparison_least_p(const MarlComparison *comparison) {
  const double n = comparison->num_seeds; /* 2 of (2n over n) ways to part the runs */
  const double least = 2.0 * exp(2.0 * lgamma(n + 1.0) - lgamma(2.0 * n + 1.0));
  return fmin(1.0, least * marl_comparison_pairs(comparison));
}

/* Is the pair a < b one of the family? */
static bool asked(const MarlComparison *c, int a, int b) {
  return c->control < 0 || a == c->control || b == c->control;
}

/* The control is always b: a row says what a cell changes. */
static void order(const MarlComparison *c, int *a, int *b) {
  if (*a != c->control) return;
  *a = *b;
  *b = c->control;
}

static MarlCode test_pairs(const MarlComparison *c, const MarlComparisonResults *results,
                           int metric, const Pairs *pairs, MarlComparisonWatch *watch,
                           bool *stopped, MarlError *err) {
  size_t count = 0;
  for (int i = 0; i < c->num_cells; ++i) {
    if (watch != NULL && watch->stop(watch)) {
      *stopped = true;
      return MARL_OK;
    }
    for (int j = i + 1; j < c->num_cells; ++j) {
      int a = i, b = j;
      if (!asked(c, a, b)) continue;
      order(c, &a, &b);
      const size_t na = marl_comparison_collect(c, results, a, metric, pairs->x);
      const size_t nb = marl_comparison_collect(c, results, b, metric, pairs->y);
      MARL_TRY(marl_mann_whitney(pairs->x, na, pairs->y, nb, &pairs->test[count], err));
      pairs->p[count] = pairs->test[count].p;
      ++count;
    }
  }
  marl_holm(pairs->p, count, pairs->adjusted, pairs->order);
  return MARL_OK;
}

/* Means of times of which some are censored say nothing. */
static bool has_mean(const MarlComparison *c, int metric, const double *values, size_t n) {
  for (size_t i = 0; metric == marl_comparison_time(c) && i < n; ++i)
    if (values[i] > c->cycles) return false;
  return n > 0;
}

static void write_row(const MarlComparison *c, const MarlComparisonResults *results, int metric,
                      int a, int b, const Pairs *pairs, size_t at, FILE *file) {
  const size_t na = marl_comparison_collect(c, results, a, metric, pairs->x);
  const size_t nb = marl_comparison_collect(c, results, b, metric, pairs->y);
  double difference = NAN, g = NAN;
  MarlInterval interval = {NAN, NAN};
  if (has_mean(c, metric, pairs->x, na) && has_mean(c, metric, pairs->y, nb)) {
    difference = marl_mean(pairs->x, na) - marl_mean(pairs->y, nb);
    interval = marl_difference_interval(pairs->x, na, pairs->y, nb, level);
    if (na > 1 && nb > 1) g = marl_hedges_g(pairs->x, na, pairs->y, nb);
  }
  fprintf(file, "%s,%s,%s,%.9g,%.9g,%.9g,%.9g,%.9g,%.9g,%.9g\n", c->metric_name[metric],
          c->cells[a].name, c->cells[b].name, difference, interval.low, interval.high,
          pairs->test[at].improvement, g, pairs->p[at], pairs->adjusted[at]);
}

static MarlCode test_metric(const MarlComparison *c, const MarlComparisonResults *results,
                            int metric, const Pairs *pairs, MarlComparisonWatch *watch,
                            bool *stopped, FILE *file, MarlError *err) {
  size_t at = 0;
  MARL_TRY(test_pairs(c, results, metric, pairs, watch, stopped, err));
  for (int i = 0; i < c->num_cells && !*stopped; ++i) {
    for (int j = i + 1; j < c->num_cells; ++j) {
      int a = i, b = j;
      if (!asked(c, a, b)) continue;
      order(c, &a, &b);
      if (!isnan(pairs->p[at])) write_row(c, results, metric, a, b, pairs, at, file);
      ++at;
    }
  }
  return MARL_OK;
}

/* The followed metric, those of the printed table, the time, and the greedy followed metric. */
static bool is_tested(const MarlComparison *c, int metric) {
  if (metric == c->followed || metric == marl_comparison_time(c)) return true;
  for (int g = 0; g < c->num_greedy; ++g)
    if (c->greedy[g] == c->followed && metric == c->num_measured + g) return true;
  for (int t = 0; t < c->num_columns; ++t)
    if (metric == c->columns[t]) return true;
  return false;
}

MarlCode marl_comparison_write_pairs(const MarlComparison *comparison,
                                     const MarlComparisonResults *results, const char *folder,
                                     MarlComparisonWatch *watch, bool *stopped, MarlError *err) {
  const size_t n = (size_t)comparison->num_seeds;
  const size_t count = (size_t)marl_comparison_pairs(comparison) + 1;
  double *memory = calloc(2 * n + 2 * count, sizeof *memory);
  const Pairs pairs = {memory,
                       memory + n,
                       calloc(count, sizeof(MarlRankTest)),
                       memory + 2 * n,
                       memory + 2 * n + count,
                       calloc(count, sizeof(MarlRankedP))};
  FILE *file = NULL;
  MarlCode code = MARL_OK;
  *stopped = false;
  if (memory == NULL || pairs.test == NULL || pairs.order == NULL)
    code = MARL_FAIL(err, MARL_EMEMORY, "compare: no memory for %zu pairs", count - 1);
  if (code == MARL_OK) code = marl_text_open(folder, "pairs.csv", &file, err);
  if (code == MARL_OK)
    fprintf(file,
            "metric,a,b,difference,difference_low,difference_high,probability_of_improvement,"
            "hedges_g,p,p_holm\n");
  for (int m = 0; m < comparison->num_metrics && code == MARL_OK && !*stopped; ++m)
    if (is_tested(comparison, m))
      code = test_metric(comparison, results, m, &pairs, watch, stopped, file, err);
  const MarlCode closed = marl_text_close(file, folder, "pairs.csv", err);
  free(memory);
  free(pairs.test);
  free(pairs.order);
  return code != MARL_OK ? code : closed;
}
