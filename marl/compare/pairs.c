/* Which cells are tested against each other, and the tests. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "marl/compare/cells.h"
#include "marl/compare/report.h"
#include "marl/core/quote.h"
#include "marl/learn/inference.h"
#include "marl/run/interrupt.h"
#include "marl/run/text_file.h"

static const double level = 0.95;

/* With one axis more than that, pairs are asked for: they grow with its square. */
enum { MOST_VALUES = 32 };

/* In how many axes two cells differ, and the last of them. */
static int differences(const MarlComparison *c, int a, int b, int *axis) {
  int count = 0;
  for (int i = 0; i < c->num_axes; ++i) {
    if (marl_comparison_value(c, a, i) == marl_comparison_value(c, b, i)) continue;
    *axis = i;
    ++count;
  }
  return count;
}

static bool is_asked(const MarlComparison *c, int a, int b) {
  int axis = 0;
  if (c->control >= 0) return a == c->control || b == c->control;
  const int count = differences(c, a, b, &axis);
  if (c->control_axis >= 0)
    return count == 1 && axis == c->control_axis &&
           (marl_comparison_value(c, a, axis) == c->control_value ||
            marl_comparison_value(c, b, axis) == c->control_value);
  return c->all_pairs || (count == 1 && c->axes[axis].num_values <= MOST_VALUES);
}

static bool same_section(const MarlSection *a, const MarlSection *b) {
  if (a == NULL || b == NULL) return a == b;
  if (marl_section_size(a) != marl_section_size(b)) return false;
  for (size_t i = 0; i < marl_section_size(a); ++i)
    if (strcmp(marl_section_canonical(a, i), marl_section_canonical(b, i)) != 0) return false;
  return true;
}

/* One configuration under two names: whatever differs between them is chance. */
static bool is_same(const MarlComparisonCell *a, const MarlComparisonCell *b) {
  if (a->env_ops != b->env_ops || a->learner_ops != b->learner_ops) return false;
  for (int s = 0; s < MARL_CELL_SECTIONS; ++s)
    if (!same_section(a->section[s], b->section[s])) return false;
  return true;
}

/* The control is always b: a row says what a cell changes. */
static MarlComparisonPair ordered(const MarlComparison *c, int a, int b) {
  const bool swap =
      a == c->control ||
      (c->control_axis >= 0 && marl_comparison_value(c, a, c->control_axis) == c->control_value);
  return swap ? (MarlComparisonPair){b, a} : (MarlComparisonPair){a, b};
}

MarlCode marl_comparison_find_pairs(MarlComparison *c, MarlError *err) {
  for (int pass = 0; pass < 2; ++pass) {
    int count = 0;
    for (int a = 0; a < c->num_cells; ++a)
      for (int b = a + 1; b < c->num_cells; ++b) {
        if (!is_asked(c, a, b) || is_same(&c->cells[a], &c->cells[b])) continue;
        if (pass == 1) c->pairs[count] = ordered(c, a, b);
        ++count;
      }
    c->num_pairs = count;
    if (pass == 1) break;
    c->pairs = calloc((size_t)count + 1, sizeof *c->pairs);
    if (c->pairs == NULL) return MARL_FAIL(err, MARL_EMEMORY, "compare: no memory for pairs");
  }
  return MARL_OK;
}

double marl_comparison_least_p(const MarlComparison *comparison) {
  const double n = comparison->num_seeds; /* 2 of (2n over n) ways to part the runs */
  const double least = 2.0 * exp(2.0 * lgamma(n + 1.0) - lgamma(2.0 * n + 1.0));
  return fmin(1.0, least * comparison->num_pairs);
}

/* Means of times of which some are censored say nothing. */
static bool has_mean(const MarlComparison *c, int metric, const double *values, size_t n) {
  for (size_t i = 0; metric == marl_comparison_time(c) && i < n; ++i)
    if (values[i] > c->cycles) return false;
  return n > 0;
}

static MarlCode test_pair(const MarlComparison *c, const MarlComparisonResults *results, int metric,
                          int pair, double *x, MarlPairTest *out, MarlError *err) {
  double *y = x + c->num_seeds;
  const size_t na = marl_comparison_collect(c, results, c->pairs[pair].a, metric, x);
  const size_t nb = marl_comparison_collect(c, results, c->pairs[pair].b, metric, y);
  MarlRankTest test;
  MARL_TRY(marl_mann_whitney(x, na, y, nb, &test, err));
  *out = (MarlPairTest){.difference = NAN,
                        .interval = {NAN, NAN},
                        .improvement = test.improvement,
                        .hedges_g = NAN,
                        .p = test.p};
  if (!has_mean(c, metric, x, na) || !has_mean(c, metric, y, nb)) return MARL_OK;
  out->difference = marl_mean(x, na) - marl_mean(y, nb);
  out->interval = marl_difference_interval(x, na, y, nb, level);
  if (na > 1 && nb > 1) out->hedges_g = marl_hedges_g(x, na, y, nb);
  return MARL_OK;
}

MarlCode marl_comparison_test(const MarlComparison *comparison,
                              const MarlComparisonResults *results, int metric, MarlPairTest *out,
                              MarlError *err) {
  const size_t count = (size_t)comparison->num_pairs, n = (size_t)comparison->num_seeds;
  double *memory = calloc(2 * n + 2 * count + 1, sizeof *memory);
  MarlRankedP *order = calloc(count + 1, sizeof *order);
  MarlCode code = MARL_OK;
  if (memory == NULL || order == NULL)
    code = MARL_FAIL(err, MARL_EMEMORY, "compare: no memory for %zu pairs", count);
  double *p = memory + 2 * n, *adjusted = p + count;
  for (size_t i = 0; i < count && code == MARL_OK; ++i) {
    code = test_pair(comparison, results, metric, (int)i, memory, &out[i], err);
    if (code == MARL_OK) p[i] = out[i].p;
  }
  if (code == MARL_OK) {
    marl_holm(p, count, adjusted, order);
    for (size_t i = 0; i < count; ++i) out[i].p_holm = adjusted[i];
  }
  free(memory);
  free(order);
  return code;
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

static void write_row(const MarlComparison *c, int metric, int pair, const MarlPairTest *t,
                      FILE *file) {
  if (isnan(t->p)) return;
  fprintf(file, "%s,%s,%s,%.9g,%.9g,%.9g,%.9g,%.9g,%.9g,%.9g\n", c->metric_name[metric],
          c->cells[c->pairs[pair].a].name, c->cells[c->pairs[pair].b].name, t->difference,
          t->interval.low, t->interval.high, t->improvement, t->hedges_g, t->p, t->p_holm);
}

MarlCode marl_comparison_write_pairs(const MarlComparison *comparison,
                                     const MarlComparisonResults *results, const char *folder,
                                     MarlError *err) {
  const MarlComparison *c = comparison;
  MarlPairTest *tests = calloc((size_t)c->num_pairs + 1, sizeof *tests);
  FILE *file = NULL;
  MarlCode code = MARL_OK;
  if (tests == NULL)
    code = MARL_FAIL(err, MARL_EMEMORY, "compare: no memory for %d pairs", c->num_pairs);
  if (code == MARL_OK) code = marl_text_open(folder, "pairs.csv", &file, err);
  if (code == MARL_OK)
    fprintf(file,
            "metric,a,b,difference,difference_low,difference_high,probability_of_improvement,"
            "hedges_g,p,p_holm\n");
  for (int m = 0; m < c->num_metrics && code == MARL_OK; ++m) {
    if (!is_tested(c, m)) continue;
    code = marl_interrupt_requested() ? MARL_FAIL(err, MARL_ESTOPPED, "the tests were stopped")
                                      : marl_comparison_test(c, results, m, tests, err);
    for (int i = 0; i < c->num_pairs && code == MARL_OK; ++i) write_row(c, m, i, &tests[i], file);
  }
  const MarlCode closed = marl_text_close(file, folder, "pairs.csv", err);
  free(tests);
  return code != MARL_OK ? code : closed;
}

static void write_table(const MarlComparison *c, const MarlPairTest *tests, FILE *file) {
  fprintf(file, "a,b,metric,difference,low,high,p,p_holm,significant\n");
  for (int i = 0; i < c->num_pairs; ++i) {
    const MarlPairTest *t = &tests[i];
    marl_write_csv_field(file, c->cells[c->pairs[i].a].name);
    fprintf(file, ",");
    marl_write_csv_field(file, c->cells[c->pairs[i].b].name);
    fprintf(file, ",%s,%.9g,%.9g,%.9g,%.9g,%.9g,%d\n", c->metric_name[c->followed], t->difference,
            t->interval.low, t->interval.high, t->p, t->p_holm, t->p_holm < 0.05);
  }
}

MarlCode marl_comparison_write_forest(const MarlComparison *comparison, const MarlPairTest *tests,
                                      const char *folder, MarlError *err) {
  FILE *file = NULL;
  if (comparison->num_pairs == 0) return MARL_OK;
  MARL_TRY(marl_text_open(folder, "forest.csv", &file, err));
  write_table(comparison, tests, file);
  return marl_text_close(file, folder, "forest.csv", err);
}
