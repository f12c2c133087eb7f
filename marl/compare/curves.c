/* Learning curves of a comparison: in a store, and as gnuplot's data and commands. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "marl/compare/report.h"
#include "marl/compare/text_file.h"
#include "marl/core/quote.h"

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

static int ascending(const void *a, const void *b) {
  const double x = *(const double *)a, y = *(const double *)b;
  return (x > y) - (x < y);
}

/* A block a cell: cycle, least, quarter, median, three quarters, most. */
static void write_data(const MarlComparison *c, const MarlComparisonResults *results,
                       double *values, FILE *file) {
  for (int cell = 0; cell < c->num_cells; ++cell) {
    marl_write_comment(file, c->cells[cell].name);
    for (int point = 0; point < c->num_points; ++point) {
      size_t n = 0;
      for (int s = 0; s < c->num_seeds; ++s) {
        const double value = (double)at(c, results, cell, s, point, c->followed);
        if (!isnan(value)) values[n++] = value;
      }
      if (n == 0) continue; /* nothing happened in any run */
      qsort(values, n, sizeof *values, ascending);
      fprintf(file, "%d %.6g %.6g %.6g %.6g %.6g\n", (point + 1) * c->curve_every, values[0],
              values[(n - 1) / 4], 0.5 * (values[(n - 1) / 2] + values[n / 2]),
              values[n - 1 - (n - 1) / 4], values[n - 1]);
    }
    fprintf(file, "\n\n");
  }
}

static void write_panels(const MarlComparison *c, FILE *file) {
  for (int cell = 0; cell < c->num_cells; ++cell) {
    fprintf(file, "set title ");
    marl_write_gnuplot_string(file, c->cells[cell].name);
    fprintf(file,
            " noenhanced\n"
            "plot 'curves.dat' index %d using 1:2:6 with filledcurves fc rgb '#dbe9f6', "
            "'' index %d using 1:3:5 with filledcurves fc rgb '#9ecae1', "
            "'' index %d using 1:4 with lines lw 2 lc rgb '#08519c'\n",
            cell, cell, cell);
  }
}

static void write_commands(const MarlComparison *c, FILE *file) {
  const int columns = c->num_cells < 3 ? c->num_cells : 3;
  const int rows = (c->num_cells + columns - 1) / columns;
  marl_write_gnuplot_start(file);
  fprintf(file,
          "%sset xrange [0:%d]\nset key off\n"
          "set grid lc rgb '#dddddd'\nset xlabel 'cycle'\nset ylabel '%s' noenhanced\n"
          "set xtics %d\n",
          marl_comparison_follows_share(c) ? "set yrange [0:1]\nset ytics 0.25\n" : "", c->cycles,
          c->metric_name[c->followed], c->cycles / 4 > 0 ? c->cycles / 4 : 1);
  static const char *const terminals[] = {"svg", "pngcairo"};
  for (int kind = 0; kind < 2; ++kind) {
    fprintf(file,
            "set terminal %s background '#ffffff' size %d,%d font 'Sans,10'\n"
            "set output figures.'curves.%s'\n"
            "set multiplot layout %d,%d\n",
            terminals[kind], 330 * columns, 210 * rows, kind == 0 ? "svg" : "png", rows, columns);
    write_panels(c, file);
    fprintf(file, "unset multiplot\nunset output\n");
  }
}

MarlCode marl_comparison_write_plot(const MarlComparison *comparison,
                                    const MarlComparisonResults *results, const char *folder,
                                    MarlError *err) {
  double *values = calloc((size_t)comparison->num_seeds, sizeof *values);
  FILE *data = NULL, *commands = NULL;
  MarlCode code = MARL_OK;
  if (values == NULL) code = MARL_FAIL(err, MARL_EMEMORY, "compare: no memory for a plot");
  if (code == MARL_OK) code = marl_text_open(folder, "curves.dat", &data, err);
  if (code == MARL_OK) code = marl_text_open(folder, "curves.gp", &commands, err);
  if (code == MARL_OK) {
    write_data(comparison, results, values, data);
    write_commands(comparison, commands);
  }
  const MarlCode data_closed = marl_text_close(data, folder, "curves.dat", err);
  const MarlCode commands_closed = marl_text_close(commands, folder, "curves.gp", err);
  free(values);
  if (code == MARL_OK) code = data_closed != MARL_OK ? data_closed : commands_closed;
  return code;
}
