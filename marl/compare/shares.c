/* Who there is over time: a population's shares, stacked, as gnuplot's data and commands. */
#include <math.h>

#include "marl/compare/report.h"
#include "marl/compare/text_file.h"
#include "marl/core/quote.h"

/* Mean over seeds of a metric of a cell at a point of the curves; 0 for who is not there. */
static double mean_at(const MarlComparison *c, const MarlComparisonResults *results, int cell,
                      int point, int metric) {
  const size_t count = (size_t)c->num_measured;
  double sum = 0.0;
  for (int s = 0; s < c->num_seeds; ++s) {
    const size_t run = (size_t)cell * (size_t)c->num_seeds + (size_t)s;
    const size_t at = (run * (size_t)c->num_points + (size_t)point) * count + (size_t)metric;
    sum += isnan(results->curves[at]) ? 0.0 : (double)results->curves[at];
  }
  return sum / c->num_seeds;
}

/* A block a cell: cycle, then the sums of the first, the first two, ... shares. */
static void write_data(const MarlComparison *c, const MarlComparisonResults *results, FILE *file) {
  for (int cell = 0; cell < c->num_cells; ++cell) {
    marl_write_comment(file, c->cells[cell].name);
    for (int point = 0; point < c->num_points; ++point) {
      double sum = 0.0;
      fprintf(file, "%d", (point + 1) * c->curve_every);
      for (int s = 0; s < c->num_shares; ++s) {
        sum += mean_at(c, results, cell, point, c->shares[s]);
        fprintf(file, " %.6g", sum);
      }
      fprintf(file, "\n");
    }
    fprintf(file, "\n\n");
  }
}

/* The largest sum first, so that the smaller ones lie on it. */
static void write_panel(const MarlComparison *c, int cell, FILE *file) {
  static const char *const colors[] = {"#2166ac", "#67a9cf", "#d1e5f0", "#dddddd", "#b2182b",
                                       "#f4a582", "#1b7837", "#a6dba0", "#762a83", "#c2a5cf"};
  fprintf(file, "set title ");
  marl_write_gnuplot_string(file, c->cells[cell].name);
  fprintf(file, " noenhanced\nplot ");
  for (int s = c->num_shares - 1; s >= 0; --s) {
    fprintf(file, "'shares.dat' index %d using 1:%d with filledcurves y1=0 fc rgb '%s' title ",
            cell, s + 2, colors[s % 10]);
    marl_write_gnuplot_string(file, c->metric_name[c->shares[s]]);
    fprintf(file, s > 0 ? ", " : "\n");
  }
}

static void write_commands(const MarlComparison *c, FILE *file) {
  static const char *const terminals[] = {"svg", "pngcairo"};
  const int columns = c->num_cells < 3 ? c->num_cells : 3;
  const int rows = (c->num_cells + columns - 1) / columns;
  marl_write_gnuplot_start(file);
  fprintf(file,
          "set yrange [0:1]\nset xrange [%d:%d]\nset key noenhanced outside right font ',7'\n"
          "set xlabel 'cycle'\nset ylabel 'share of agents'\nset xtics %d\n",
          c->curve_every, c->cycles, c->cycles / 2 > 0 ? c->cycles / 2 : 1);
  for (int kind = 0; kind < 2; ++kind) {
    fprintf(file,
            "set terminal %s background '#ffffff' size %d,%d font 'Sans,10'\n"
            "set output figures.'shares.%s'\nset multiplot layout %d,%d\n",
            terminals[kind], 400 * columns, 220 * rows, kind == 0 ? "svg" : "png", rows, columns);
    for (int cell = 0; cell < c->num_cells; ++cell) write_panel(c, cell, file);
    fprintf(file, "unset multiplot\nunset output\n");
  }
}

MarlCode marl_comparison_write_shares(const MarlComparison *comparison,
                                      const MarlComparisonResults *results, const char *folder,
                                      MarlError *err) {
  FILE *data = NULL, *commands = NULL;
  if (comparison->num_shares == 0) return MARL_OK;
  MarlCode code = marl_text_open(folder, "shares.dat", &data, err);
  if (code == MARL_OK) code = marl_text_open(folder, "shares.gp", &commands, err);
  if (code == MARL_OK) {
    write_data(comparison, results, data);
    write_commands(comparison, commands);
  }
  const MarlCode data_closed = marl_text_close(data, folder, "shares.dat", err);
  const MarlCode commands_closed = marl_text_close(commands, folder, "shares.gp", err);
  if (code == MARL_OK) code = data_closed != MARL_OK ? data_closed : commands_closed;
  return code;
}
