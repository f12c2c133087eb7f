/* Where in a sweep something happens: a table, and gnuplot's data and commands of a heat map. */
#include <stdlib.h>
#include <string.h>

#include "marl/compare/report.h"
#include "marl/compare/text_file.h"
#include "marl/core/quote.h"

typedef struct Sweep {
  const MarlComparison *comparison;
  const MarlComparisonResults *results;
  int first;    /* number of the first swept axis */
  int unswept;  /* cells of one point: the panels */
  int sizes[2]; /* values of the swept axes; 1 where there is none */
} Sweep;

static const MarlAxis *axis(const Sweep *s, int i) {
  return &s->comparison->axes[s->first + i];
}

static int cell_at(const Sweep *s, int panel, int x, int y) {
  return panel + s->unswept * (x + s->sizes[0] * y);
}

/* "DP/published/paper" of "DP/published/paper/fine=1". */
static void panel_name(const Sweep *s, int panel, char name[MARL_CELL_NAME]) {
  snprintf(name, MARL_CELL_NAME, "%s",
           s->first > 0 ? s->comparison->cells[panel].name : s->comparison->population->name);
  for (int i = 0; s->first > 0 && i < s->comparison->num_swept; ++i) *strrchr(name, '/') = '\0';
}

static MarlCode write_row(const Sweep *s, int panel, int x, int y, FILE *table, FILE *data,
                          MarlError *err) {
  const MarlComparison *c = s->comparison;
  const int cell = cell_at(s, panel, x, y);
  char name[MARL_CELL_NAME];
  MarlCellSummary followed, one;
  MARL_TRY(marl_comparison_summarize(c, s->results, cell, c->followed, &followed, err));
  const MarlInterval interval = marl_cell_interval(&followed);
  panel_name(s, panel, name);
  marl_write_csv_field(table, name);
  for (int i = 0; i < c->num_swept; ++i) {
    fprintf(table, ",");
    marl_write_csv_field(table, axis(s, i)->values[i == 0 ? x : y].number);
  }
  fprintf(table, ",%d,%.9g,%.9g", c->num_seeds, interval.low, interval.high);
  for (int m = 0; m < c->num_metrics; ++m) {
    MARL_TRY(marl_comparison_summarize(c, s->results, cell, m, &one, err));
    fprintf(table, ",%.9g", m == marl_comparison_time(c) ? one.median : one.mean);
  }
  fprintf(table, "\n");
  fprintf(data, "%d %d %.6g %.6g %.6g\n", x, y, followed.mean, interval.low, interval.high);
  return MARL_OK;
}

static MarlCode write_rows(const Sweep *s, FILE *table, FILE *data, MarlError *err) {
  const MarlComparison *c = s->comparison;
  fprintf(table, "cell,%s", axis(s, 0)->name);
  if (c->num_swept > 1) fprintf(table, ",%s", axis(s, 1)->name);
  fprintf(table, ",runs,%s_low,%s_high", c->metric_name[c->followed], c->metric_name[c->followed]);
  for (int m = 0; m < c->num_metrics; ++m)
    fprintf(table, ",%s%s", m == marl_comparison_time(c) ? "median_" : "", c->metric_name[m]);
  fprintf(table, "\n");
  for (int panel = 0; panel < s->unswept; ++panel) {
    for (int y = 0; y < s->sizes[1]; ++y)
      for (int x = 0; x < s->sizes[0]; ++x) MARL_TRY(write_row(s, panel, x, y, table, data, err));
    fprintf(data, "\n\n"); /* gnuplot: the next index */
  }
  return MARL_OK;
}

static void write_ticks(const MarlAxis *a, char letter, FILE *file) {
  fprintf(file, "set %clabel ", letter);
  marl_write_gnuplot_string(file, a->name);
  fprintf(file, " noenhanced\nset %ctics (", letter);
  for (int i = 0; i < a->num_values; ++i) {
    if (i > 0) fprintf(file, ", ");
    marl_write_gnuplot_string(file, a->values[i].number);
    fprintf(file, " %d", i);
  }
  fprintf(file, ")\nset %crange [-0.5:%d.5]\n", letter, a->num_values - 1);
}

static void write_commands(const Sweep *s, FILE *file) {
  static const char *const terminals[] = {"svg", "pngcairo"};
  const MarlComparison *c = s->comparison;
  const char *metric = c->metric_name[c->followed];
  const int columns = s->unswept < 3 ? s->unswept : 3;
  const int rows = (s->unswept + columns - 1) / columns;
  const bool share = marl_comparison_follows_share(c);
  const char *range = !share ? "" : c->num_swept > 1 ? "set cbrange [0:1]\n" : "set yrange [0:1]\n";
  marl_write_gnuplot_start(file);
  fprintf(file, "set key off\n");
  write_ticks(axis(s, 0), 'x', file);
  if (c->num_swept > 1) {
    write_ticks(axis(s, 1), 'y', file);
    fprintf(file,
            "set cblabel '%s' noenhanced\n%s"
            "set palette defined (0 '#fff7ec', 0.5 '#fdbb84', 1 '#e34a33')\n",
            metric, range);
  } else {
    fprintf(file, "set ylabel '%s' noenhanced\nset grid lc rgb '#dddddd'\n%s", metric, range);
  }
  for (int kind = 0; kind < 2; ++kind) {
    fprintf(file,
            "set terminal %s background '#ffffff' size %d,%d font 'Sans,10'\n"
            "set output figures.'sweep.%s'\nset multiplot layout %d,%d\n",
            terminals[kind], 420 * columns, 320 * rows, kind == 0 ? "svg" : "png", rows, columns);
    for (int panel = 0; panel < s->unswept; ++panel) {
      char name[MARL_CELL_NAME];
      panel_name(s, panel, name);
      fprintf(file, "set title ");
      marl_write_gnuplot_string(file, name);
      fprintf(file, " noenhanced\n");
      fprintf(file,
              c->num_swept > 1
                  ? "plot 'sweep.dat' index %d using 1:2:3 with image, '' index %d using "
                    "1:2:(sprintf('%%.2f', $3)) with labels\n"
                  : "plot 'sweep.dat' index %d using 1:3:4:5 with yerrorlines lw 2 pt 7 lc rgb "
                    "'#08519c', '' index %d using 1:3 with lines lc rgb '#08519c'\n",
              panel, panel);
    }
    fprintf(file, "unset multiplot\nunset output\n");
  }
}

MarlCode marl_comparison_write_sweep(const MarlComparison *comparison,
                                     const MarlComparisonResults *results, const char *folder,
                                     MarlError *err) {
  if (comparison->num_swept == 0) return MARL_OK;
  Sweep s = {comparison,
             results,
             comparison->num_axes - comparison->num_swept,
             marl_comparison_unswept(comparison),
             {1, 1}};
  for (int i = 0; i < comparison->num_swept; ++i) s.sizes[i] = axis(&s, i)->num_values;
  FILE *table = NULL, *data = NULL, *commands = NULL;
  MarlCode code = marl_text_open(folder, "sweep.csv", &table, err);
  if (code == MARL_OK) code = marl_text_open(folder, "sweep.dat", &data, err);
  if (code == MARL_OK) code = marl_text_open(folder, "sweep.gp", &commands, err);
  if (code == MARL_OK) code = write_rows(&s, table, data, err);
  if (code == MARL_OK) write_commands(&s, commands);
  const MarlCode closed[] = {marl_text_close(table, folder, "sweep.csv", err),
                             marl_text_close(data, folder, "sweep.dat", err),
                             marl_text_close(commands, folder, "sweep.gp", err)};
  for (int i = 0; i < 3; ++i)
    if (code == MARL_OK) code = closed[i];
  return code;
}
