/* What the cells of a comparison measure, together. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "marl/compare/cells.h"
#include "marl/core/nearest.h"

static const char *const of_runs[] = {"time_to_threshold", "reached_threshold", "instability"};
enum { NUM_OF_RUNS = 3 };

/* What is known of a metric by name, over the measures of all cells. */
typedef struct Known {
  char name[MARL_METRIC_NAME];
  unsigned is;
} Known;

/* In the order in which they are found. */
typedef struct List {
  int count;
  Known *known; /* [count] */
} List;

static MarlCode add(List *list, const char *name, int *at, MarlError *err) {
  for (*at = 0; *at < list->count; ++*at)
    if (strcmp(list->known[*at].name, name) == 0) return MARL_OK;
  Known *grown = realloc(list->known, (size_t)(list->count + 1) * sizeof *grown);
  if (grown == NULL) return MARL_FAIL(err, MARL_EMEMORY, "compare: no memory for metrics");
  list->known = grown;
  grown[list->count] = (Known){.is = 0};
  snprintf(grown[list->count].name, sizeof grown->name, "%s", name);
  ++list->count;
  return MARL_OK;
}

/* What the populations of a comparison with static metrics say, or describe. */
static MarlCode describe(const MarlPopulationOps *ops, const MarlPopulationConfig *config,
                         MarlPopulationMetrics *out, MarlError *err) {
  if (ops->describe != NULL) return ops->describe(config, out, err);
  *out = (MarlPopulationMetrics){
      .count = ops->num_metrics, .measures = ops->measures, .num_measures = ops->num_measures};
  for (int m = 0; m < ops->num_metrics; ++m)
    snprintf(out->name[m], sizeof out->name[m], "%s", ops->metrics[m]);
  return ops->check != NULL ? ops->check(config, err) : MARL_OK;
}

static MarlCode add_measure(List *measured, List *table, const char *name, unsigned is,
                            MarlError *err) {
  char greedy[MARL_METRIC_NAME];
  int at;
  MARL_TRY(add(measured, name, &at, err));
  measured->known[at].is |= is;
  snprintf(greedy, sizeof greedy, "greedy_%.*s", MARL_METRIC_NAME - 8, name);
  if (is & MARL_MEASURE_COLUMN) MARL_TRY(add(table, name, &at, err));
  if (is & MARL_MEASURE_GREEDY_COLUMN) MARL_TRY(add(table, greedy, &at, err));
  return MARL_OK;
}

static MarlCode add_cell(const MarlComparison *c, MarlComparisonCell *cell, List *measured,
                         List *table, MarlError *err) {
  const MarlPopulationConfig config = marl_comparison_config(cell, 0);
  MarlPopulationMetrics own;
  MARL_TRY(describe(c->population, &config, &own, err));
  cell->num_own = own.count;
  cell->own = calloc((size_t)own.count + 1, sizeof *cell->own);
  if (cell->own == NULL) return MARL_FAIL(err, MARL_EMEMORY, "compare: no memory for metrics");
  for (int m = 0; m < own.count; ++m) {
    MARL_TRY(add(measured, own.name[m], &cell->own[m], err));
    MARL_TRY(add_measure(measured, table, own.name[m], own.is[m], err));
  }
  for (size_t i = 0; i < own.num_measures; ++i)
    MARL_TRY(add_measure(measured, table, own.measures[i].name, own.measures[i].is, err));
  return MARL_OK;
}

/* Indices [*count] of the metrics that are `what`; malloc'd. */
static MarlCode list_of(const List *measured, unsigned what, int *count, int **out,
                        MarlError *err) {
  *count = 0;
  *out = calloc((size_t)measured->count + 1, sizeof **out);
  if (*out == NULL) return MARL_FAIL(err, MARL_EMEMORY, "compare: no memory for metrics");
  for (int m = 0; m < measured->count; ++m)
    if (measured->known[m].is & what) (*out)[(*count)++] = m;
  return MARL_OK;
}

static MarlCode name_all(MarlComparison *c, const List *measured, MarlError *err) {
  c->num_measured = measured->count;
  MARL_TRY(list_of(measured, MARL_MEASURE_GREEDY, &c->num_greedy, &c->greedy, err));
  MARL_TRY(list_of(measured, MARL_MEASURE_SHARE, &c->num_shares, &c->shares, err));
  c->num_metrics = c->num_measured + c->num_greedy + NUM_OF_RUNS;
  c->metric_name = calloc((size_t)c->num_metrics, sizeof *c->metric_name);
  c->is_share = calloc((size_t)c->num_metrics, sizeof *c->is_share);
  if (c->metric_name == NULL || c->is_share == NULL)
    return MARL_FAIL(err, MARL_EMEMORY, "compare: no memory for %d metrics", c->num_metrics);
  int m = 0;
  for (; m < c->num_measured; ++m) {
    snprintf(c->metric_name[m], MARL_AXIS_NAME, "%s", measured->known[m].name);
    c->is_share[m] = (measured->known[m].is & MARL_MEASURE_IN_UNIT) != 0;
  }
  for (int g = 0; g < c->num_greedy; ++g, ++m) {
    snprintf(c->metric_name[m], MARL_AXIS_NAME, "greedy_%.*s", MARL_AXIS_NAME - 8,
             measured->known[c->greedy[g]].name);
    c->is_share[m] = c->is_share[c->greedy[g]];
  }
  for (int i = 0; i < NUM_OF_RUNS; ++i)
    snprintf(c->metric_name[m++], MARL_AXIS_NAME, "%s", of_runs[i]);
  c->is_share[marl_comparison_time(c) + 1] = true; /* reached_threshold */
  return MARL_OK;
}

static MarlCode choose_followed(MarlComparison *c, const List *measured, const char *name,
                                MarlError *err) {
  const char *names[MARL_POPULATION_MAX_METRICS];
  const int count =
      c->num_measured < MARL_POPULATION_MAX_METRICS ? c->num_measured : MARL_POPULATION_MAX_METRICS;
  for (int m = count - 1; m >= 0; --m) {
    names[m] = c->metric_name[m];
    if (name[0] == '\0' ? (measured->known[m].is & MARL_MEASURE_FOLLOWED) != 0
                        : strcmp(name, names[m]) == 0)
      c->followed = m;
    else if (m == 0 && c->followed < 0 && name[0] == '\0')
      c->followed = 0;
  }
  if (c->followed >= 0) return MARL_OK;
  return marl_fail_unknown(err, "metric (compare.followed)", name, names, (size_t)count);
}

/* Those of the measures, in their order; without any the first few metrics. */
static MarlCode choose_columns(MarlComparison *c, const List *table, MarlError *err) {
  enum { FEW = 5 };
  c->columns = calloc((size_t)table->count + FEW, sizeof *c->columns);
  if (c->columns == NULL) return MARL_FAIL(err, MARL_EMEMORY, "compare: no memory for metrics");
  for (int i = 0; i < table->count; ++i) {
    const int metric = marl_comparison_metric(c, table->known[i].name);
    if (metric >= 0 && metric != c->followed) c->columns[c->num_columns++] = metric;
  }
  for (int m = 0; table->count == 0 && m < c->num_measured && c->num_columns < FEW; ++m)
    if (m != c->followed) c->columns[c->num_columns++] = m;
  return MARL_OK;
}

MarlCode marl_comparison_name_metrics(MarlComparison *comparison, const char *followed,
                                      MarlError *err) {
  MarlComparison *c = comparison;
  List measured = {0, NULL}, table = {0, NULL};
  MarlCode code = MARL_OK;
  c->followed = -1;
  for (int i = 0; i < c->num_cells && code == MARL_OK; ++i)
    code = add_cell(c, &c->cells[i], &measured, &table, err);
  if (code == MARL_OK) code = name_all(c, &measured, err);
  if (code == MARL_OK) code = choose_followed(c, &measured, followed, err);
  if (code == MARL_OK) code = choose_columns(c, &table, err);
  free(measured.known);
  free(table.known);
  return code;
}
