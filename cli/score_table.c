#include "cli/score_table.h"

#include <errno.h>
#include <math.h>
#include <string.h>

#include "marl/core/quote.h"

enum { MAX_PATH = 4096, MAX_CELL = 48 };

/* What the terminal shows; the files hold everything. */
static const struct Column {
  const char *title;
  MarlScoreItem item;
} columns[] = {
    {"e_trunc", MARL_SCORE_E_TRUNC}, {"e_log", MARL_SCORE_E_LOG},
    {"KL", MARL_SCORE_KL},           {"KL_trunc", MARL_SCORE_KL_TRUNC},
    {"std", MARL_SCORE_STD},         {"kurt", MARL_SCORE_KURTOSIS},
    {"P3", MARL_SCORE_P3},           {"P4", MARL_SCORE_P4},
    {"u_rms", MARL_SCORE_U_RMS},
};
enum { COLUMNS = sizeof columns / sizeof columns[0] };

static void print_cell(FILE *out, double value, double error) {
  char cell[MAX_CELL];
  if (isnan(value))
    snprintf(cell, sizeof cell, "-");
  else if (isnan(error))
    snprintf(cell, sizeof cell, "%.3g", value);
  else
    snprintf(cell, sizeof cell, "%.3g+-%.0g", value, error);
  fprintf(out, " %14s", cell);
}

/* The return level of max |w| with its 95 % interval. */
static void print_interval(FILE *out, const MarlExtremes *extremes) {
  char cell[MAX_CELL];
  if (isnan(extremes->level))
    snprintf(cell, sizeof cell, "-");
  else if (isnan(extremes->level_low))
    snprintf(cell, sizeof cell, "%.3g", extremes->level);
  else
    snprintf(cell, sizeof cell, "%.3g [%.3g, %.3g]", extremes->level, extremes->level_low,
             extremes->level_high);
  fprintf(out, " %17s", cell);
}

static int widest_label(const MarlScoreboard *board) {
  int widest = 8;
  for (int r = 0; r < board->num_rows; ++r) {
    const int length = (int)strlen(board->rows[r].label);
    if (length > widest) widest = length;
  }
  return widest;
}

void marl_score_table_print(FILE *out, const MarlScoreboard *board) {
  const int width = widest_label(board);
  const MarlLesPlan *plan = &board->plan;
  fprintf(out, "N = %d, %d initial fields, %g time units each after %g of spin-up, against %s\n",
          plan->n, board->num_fields, plan->block * plan->num_blocks, plan->spinup,
          board->reference->path);
  if (isfinite(board->cost))
    fprintf(out, "grid points times right-hand sides a time unit: 1/%.0f of the reference run's\n",
            1 / board->cost);
  fprintf(out, "%-*s", width, "closure");
  for (int c = 0; c < COLUMNS; ++c) fprintf(out, " %14s", columns[c].title);
  fprintf(out, " %17s %14s %8s %9s\n", "max |w|", "drift", "blow-ups", "steps/s");
  for (int r = 0; r < board->num_rows; ++r) {
    const MarlScoreRow *row = &board->rows[r];
    fprintf(out, "%-*s", width, row->label);
    for (int c = 0; c < COLUMNS; ++c)
      print_cell(out, row->value[columns[c].item], row->error[columns[c].item]);
    print_interval(out, &row->extremes);
    if (row->closure != NULL) {
      print_cell(out, row->drift, row->drift_error);
      fprintf(out, " %8d %9.0f\n", row->blow_ups, row->steps_per_second);
    } else {
      fprintf(out, " %14s %8s %9s\n", "", "", "");
    }
  }
  if (!board->target->bins_fit)
    fprintf(
        out,
        "KL and JS are left out: the bins of the reference's density do not hold .999 of it, or "
        "are wider than its standard deviation (statistics.pdf_range, pdf_bins)\n");
  if (!marl_reference_energy_fits(board->reference))
    fprintf(
        out,
        "u_rms of the reference is left out: its energy spectrum exceeds enstrophy / k^2, so it "
        "is not that of (u^2 + v^2)/2\n");
}

static MarlCode open_file(const char *folder, const char *name, FILE **out, MarlError *err) {
  char path[MAX_PATH];
  if (snprintf(path, sizeof path, "%s/%s", folder, name) >= (int)sizeof path)
    return MARL_FAIL(err, MARL_EIO, "the folder's name is too long: %.60s...", folder);
  *out = fopen(path, "w");
  if (*out == NULL) return MARL_FAIL(err, MARL_EIO, "cannot write %s: %s", path, strerror(errno));
  return MARL_OK;
}

static MarlCode close_file(FILE *file, const char *name, MarlError *err) {
  const int bad = ferror(file);
  if (fclose(file) != 0 || bad)
    return MARL_FAIL(err, MARL_EIO, "cannot write %s: %s", name, strerror(errno));
  return MARL_OK;
}

MarlCode marl_score_table_csv(const MarlScoreboard *board, const char *folder, MarlError *err) {
  FILE *file = NULL;
  MARL_TRY(open_file(folder, "scores.csv", &file, err));
  fprintf(file, "closure");
  for (int i = 0; i < MARL_SCORE_ITEMS; ++i)
    fprintf(file, ",%s,%s_error", marl_score_names[i].name, marl_score_names[i].name);
  fprintf(file,
          ",drift,drift_error,return_level,return_level_low,"
          "return_level_high,max_vorticity,blow_ups,first_blow_up,steps_per_second,cost\n");
  for (int r = 0; r < board->num_rows; ++r) {
    const MarlScoreRow *row = &board->rows[r];
    marl_write_csv_field(file, row->label);
    for (int i = 0; i < MARL_SCORE_ITEMS; ++i)
      fprintf(file, ",%.9g,%.9g", row->value[i], row->error[i]);
    const MarlExtremes *extremes = &row->extremes;
    fprintf(file, ",%.9g,%.9g,%.9g,%.9g,%.9g,%.9g,%d,%.9g,%.0f,%.6g\n", row->drift,
            row->drift_error, extremes->level, extremes->level_low, extremes->level_high,
            row->max_vorticity, row->blow_ups, row->first_blow_up, row->steps_per_second,
            row->closure != NULL ? board->cost : 1.0);
  }
  return close_file(file, "scores.csv", err);
}

/* One column a row of the board: x, then each row's spectrum, or its density where `sigma` is not 0:
 * over vorticity / sigma, so that the curve integrates to one over the axis shown. */
static MarlCode write_curves(const MarlScoreboard *board, const char *folder, const char *name,
                             int count, double first, double step, double sigma, MarlError *err) {
  FILE *file = NULL;
  MARL_TRY(open_file(folder, name, &file, err));
  for (int i = 0; i < count; ++i) {
    fprintf(file, "%.9g", first + i * step);
    for (int r = 0; r < board->num_rows; ++r)
      fprintf(file, " %.9g",
              sigma > 0 ? sigma * board->rows[r].density[i] : board->rows[r].spectrum[i]);
    fprintf(file, "\n");
  }
  return close_file(file, name, err);
}

/* Whether a logarithmic axis can show the return period and its interval. */
static bool shown(const MarlExtremes *extremes, int i) {
  return extremes->period_low[i] > 0 && isfinite(extremes->period_high[i]);
}

static bool has_curve(const MarlScoreRow *row) {
  for (int i = 0; i < MARL_EXTREME_LEVELS; ++i)
    if (shown(&row->extremes, i)) return true;
  return false;
}

/* A block a row that has a curve: level, return period and its interval. */
static MarlCode write_extremes(const MarlScoreboard *board, const char *folder, MarlError *err) {
  FILE *file = NULL;
  MARL_TRY(open_file(folder, "extremes.dat", &file, err));
  for (int r = 0; r < board->num_rows; ++r) {
    const MarlExtremes *e = &board->rows[r].extremes;
    for (int i = 0; i < MARL_EXTREME_LEVELS; ++i)
      if (shown(e, i))
        fprintf(file, "%.9g %.9g %.9g %.9g\n",
                marl_extreme_level(&board->extremes, i) / board->target->sigma, e->period[i],
                e->period_low[i], e->period_high[i]);
    if (has_curve(&board->rows[r])) fprintf(file, "\n\n");
  }
  return close_file(file, "extremes.dat", err);
}

static MarlCode write_snapshots(const MarlScoreboard *board, const char *folder, MarlError *err) {
  const int n = board->plan.n;
  FILE *file = NULL;
  MARL_TRY(open_file(folder, "snapshots.dat", &file, err));
  for (int r = 0; r < board->num_closures; ++r) {
    for (int y = 0; y < n; ++y) {
      for (int x = 0; x < n; ++x)
        fprintf(file, "%.5g ", board->rows[r].snapshot[y * n + x] / board->target->sigma);
      fprintf(file, "\n");
    }
    fprintf(file, "\n\n"); /* gnuplot: next index */
  }
  return close_file(file, "snapshots.dat", err);
}

/* The reference is black, its truncated field gray, closures take gnuplot's colors. */
static const char *color_of(const MarlScoreboard *board, int row) {
  static const char *const colors[] = {"1", "2", "3", "4", "6", "7", "rgb 'brown'", "rgb 'pink'"};
  if (row == board->num_rows - 1) return "rgb 'black'";
  if (row == board->num_rows - 2) return "rgb 'gray40'";
  return colors[(size_t)row % (sizeof colors / sizeof colors[0])];
}

static void plot_curves(FILE *file, const MarlScoreboard *board, const char *data) {
  fprintf(file, "plot ");
  for (int r = 0; r < board->num_rows; ++r) {
    fprintf(file, "'%s' using 1:%d with lines lw %d lc %s title ", data, r + 2,
            r < board->num_closures ? 2 : 3, color_of(board, r));
    marl_write_gnuplot_string(file, board->rows[r].label);
    fprintf(file, r + 1 < board->num_rows ? ", \\\n  " : "\n");
  }
}

/* Nothing where no row has a curve: runs too short for return periods. */
static void plot_extremes(FILE *file, const MarlScoreboard *board, const char *suffix) {
  int curves = 0;
  for (int r = 0; r < board->num_rows; ++r) {
    if (!has_curve(&board->rows[r])) continue;
    if (curves == 0)
      fprintf(
          file,
          "reset\nset grid\nset output figures.'extremes.%s'\nset logscale y\nset key top left\n"
          "set xlabel 'level of |w| / sigma of the reference'\n"
          "set ylabel 'return period of max |w|, time units'\nplot ",
          suffix);
    fprintf(
        file,
        "%s'extremes.dat' index %d using 1:2:3:4 with yerrorlines lw 2 pt 7 ps 0.4 lc %s title ",
        curves > 0 ? ", \\\n  " : "", curves, color_of(board, r));
    marl_write_gnuplot_string(file, board->rows[r].label);
    ++curves;
  }
  if (curves > 0) fprintf(file, "\n");
}

static void plot_snapshots(FILE *file, const MarlScoreboard *board) {
  const int columns_of = board->num_closures < 4 ? board->num_closures : 4;
  const int rows_of = (board->num_closures + columns_of - 1) / columns_of;
  fprintf(file,
          "unset key; unset tics; set size ratio -1; unset colorbox; set cbrange [-4:4]\n"
          "set palette defined (-4 'dark-blue', 0 'white', 4 'dark-red')\n"
          "set autoscale fix; unset logscale; unset xlabel; unset ylabel\n"
          "set multiplot layout %d,%d\n",
          rows_of, columns_of);
  for (int r = 0; r < board->num_closures; ++r) {
    fprintf(file, "set title ");
    marl_write_gnuplot_string(file, board->rows[r].label);
    fprintf(file, "\nplot 'snapshots.dat' index %d matrix with image\n", r);
  }
  fprintf(file, "unset multiplot\n");
}

MarlCode marl_score_plots(const MarlScoreboard *board, const char *folder, MarlError *err) {
  const MarlScoreTarget *target = board->target;
  MARL_TRY(write_curves(board, folder, "spectra.dat", target->num_k, 0, 1, 0, err));
  MARL_TRY(write_curves(board, folder, "pdf.dat", target->num_bins,
                        (target->first_edge + 0.5 * target->width) / target->sigma,
                        target->width / target->sigma, target->sigma, err));
  MARL_TRY(write_snapshots(board, folder, err));
  MARL_TRY(write_extremes(board, folder, err));
  FILE *file = NULL;
  MARL_TRY(open_file(folder, "plot.gp", &file, err));
  static const struct {
    const char *terminal, *suffix;
  } kinds[] = {{"pngcairo size 1000,700 noenhanced", "png"},
               {"svg size 1000,700 noenhanced background \"#ffffff\"", "svg"}};
  marl_write_gnuplot_start(file);
  for (int kind = 0; kind < 2; ++kind) {
    fprintf(file,
            "reset\nset terminal %s\nset grid\n"
            "set output figures.'spectra.%s'\nset logscale y\nset format y '%%.0e'\n"
            "set xlabel 'wavenumber k'\nset ylabel 'enstrophy spectrum'\nset key bottom left\n",
            kinds[kind].terminal, kinds[kind].suffix);
    plot_curves(file, board, "spectra.dat");
    fprintf(file,
            "set output figures.'pdf.%s'\nset xlabel 'vorticity / sigma of the reference'\n"
            "set ylabel 'probability density of vorticity / sigma'\nset xrange [-8:8]\nset yrange "
            "[1e-7:*]\n"
            "set key bottom center\n",
            kinds[kind].suffix);
    plot_curves(file, board, "pdf.dat");
    plot_extremes(file, board, kinds[kind].suffix);
    fprintf(file, "reset\nset output figures.'snapshots.%s'\n", kinds[kind].suffix);
    plot_snapshots(file, board);
  }
  return close_file(file, "plot.gp", err);
}
