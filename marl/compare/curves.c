/* Learning curves of a comparison: in a store. */
#include <stdlib.h>

#include "marl/compare/report.h"

static float at(const MarlComparison *c, const MarlComparisonResults *results, int cell, int seed,
                int point, int metric) {
  const size_t run = (size_t)cell * (size_t)c->num_seeds + (size_t)seed;
  return results->curves[(run * (size_t)c->num_points + (size_t)point) * (size_t)c->num_measured +
                         (size_t)metric];
}

static MarlCode write_numbers(const char *name, const char *long_name, int count, int first,
                              int step, MarlStore *to, MarlError *err) {
  int32_t *numbers = calloc((size_t)count, sizeof *numbers);
  if (numbers == NULL) return MARL_FAIL(err, MARL_EMEMORY, "compare: no memory for %s", name);
  for (int i = 0; i < count; ++i) numbers[i] = first + i * step;
  const MarlArray axis = {
      .type = MARL_I32, .rank = 1, .shape = {(size_t)count}, .units = "1", .long_name = long_name};
  const MarlCode code = marl_store_write_scale(to, name, &axis, numbers, err);
  free(numbers);
  return code;
}

static MarlCode write_axes(const MarlComparison *c, MarlStore *to, MarlError *err) {
  const size_t most = (size_t)(c->num_cells > c->num_metrics ? c->num_cells : c->num_metrics);
  const char **labels = calloc(most, sizeof *labels);
  if (labels == NULL) return MARL_FAIL(err, MARL_EMEMORY, "compare: no memory for labels");
  for (int i = 0; i < c->num_cells; ++i) labels[i] = c->cells[i].name;
  MarlCode code = marl_store_write_labels(to, "cell", (size_t)c->num_cells, labels,
                                          "combination of the values of all axes", err);
  for (int i = 0; i < c->num_metrics; ++i) labels[i] = c->metric_name[i];
  if (code == MARL_OK)
    code = marl_store_write_labels(to, "metric", (size_t)c->num_metrics, labels,
                                   "metric of a whole run", err);
  free(labels);
  if (code == MARL_OK)
    code = write_numbers("seed", "independent run of a cell", c->num_seeds, 0, 1, to, err);
  if (code == MARL_OK)
    code = write_numbers("cycle", "cycles played: a value pools those since the one before",
                         c->num_points, c->curve_every, c->curve_every, to, err);
  return code;
}

static MarlCode write_runs(const MarlComparison *c, const MarlComparisonResults *results,
                           MarlStore *to, MarlError *err) {
  static const char *const scales[] = {"cell", "seed", "metric"};
  const MarlArray array = {
      .type = MARL_F64,
      .rank = 3,
      .shape = {(size_t)c->num_cells, (size_t)c->num_seeds, (size_t)c->num_metrics},
      .scales = scales,
      .units = "1",
      .long_name = "metrics of every run; what did not happen is NaN"};
  return marl_store_write(to, "runs", &array, results->metrics, err);
}

static MarlCode write_metric(const MarlComparison *c, const MarlComparisonResults *results,
                             int metric, float *values, MarlStore *to, MarlError *err) {
  static const char *const scales[] = {"cell", "seed", "cycle"};
  const MarlArray array = {
      .type = MARL_F32,
      .rank = 3,
      .shape = {(size_t)c->num_cells, (size_t)c->num_seeds, (size_t)c->num_points},
      .scales = scales,
      .units = "1",
      .long_name = c->metric_name[metric]};
  size_t i = 0;
  for (int cell = 0; cell < c->num_cells; ++cell)
    for (int seed = 0; seed < c->num_seeds; ++seed)
      for (int point = 0; point < c->num_points; ++point)
        values[i++] = at(c, results, cell, seed, point, metric);
  return marl_store_write(to, c->metric_name[metric], &array, values, err);
}

MarlCode marl_comparison_write_curves(const MarlComparison *comparison,
                                      const MarlComparisonResults *results, MarlStore *to,
                                      MarlError *err) {
  const size_t points = (size_t)comparison->num_jobs * (size_t)comparison->num_points;
  float *values = calloc(points, sizeof *values);
  if (values == NULL) return MARL_FAIL(err, MARL_EMEMORY, "compare: no memory for curves");
  MarlCode code = write_axes(comparison, to, err);
  if (code == MARL_OK) code = write_runs(comparison, results, to, err);
  for (int m = 0; m < comparison->num_measured && code == MARL_OK; ++m)
    if (marl_comparison_has(comparison, results, m))
      code = write_metric(comparison, results, m, values, to, err);
  free(values);
  return code;
}
