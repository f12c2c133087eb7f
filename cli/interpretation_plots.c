#include "cli/interpretation_plots.h"

#include <errno.h>
#include <math.h>
#include <string.h>

#include "marl/core/quote.h"

enum { MAX_PATH = 4096 };

void marl_interpretation_print(FILE *out, const MarlInterpretation *interpretation) {
  for (int r = 0; r < interpretation->num_rows; ++r) {
    const MarlInterpretedRow *row = &interpretation->rows[r];
    if (row->num_coefficients == 0) continue;
    fprintf(out, "%s: backscatter (C_1 < 0) at %.1f %% of the points, %.1f %% of the energy\n",
            row->label, 100 * row->backscatter_points, 100 * row->backscatter_energy);
    for (int c = 0; c < row->num_coefficients; ++c)
      fprintf(out, "  C_%d: mean %.4g, standard deviation %.2g in time, %.2g in space\n", c + 1,
              row->overall[c], row->in_time[c], row->in_space[c]);
  }
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

/* One block a condition: bin, share, then mean and deviation of each coefficient. */
static MarlCode write_curves(const MarlInterpretation *in, int r, const char *folder,
                             MarlError *err) {
  const MarlInterpretedRow *row = &in->rows[r];
  char name[64];
  FILE *file = NULL;
  snprintf(name, sizeof name, "coefficients_%d.dat", r);
  MARL_TRY(open_file(folder, name, &file, err));
  for (int q = 0; q < MARL_INTERPRETED_CONDITIONS; ++q) {
    for (int b = 0; b < MARL_INTERPRETED_BINS; ++b) {
      if (!(row->share[q][b] > 0)) continue;
      fprintf(file, "%.9g %.9g", marl_interpreted_center(q, b), row->share[q][b]);
      for (int c = 0; c < row->num_coefficients; ++c)
        fprintf(file, " %.9g %.9g", row->mean[q][c][b], row->deviation[q][c][b]);
      fprintf(file, "\n");
    }
    fprintf(file, "\n\n");
  }
  return close_file(file, name, err);
}

static MarlCode write_maps(const MarlInterpretation *in, int r, const char *folder,
                           MarlError *err) {
  const MarlInterpretedRow *row = &in->rows[r];
  const int n = in->n, points = n * n;
  double square = 0;
  for (int i = 0; i < points; ++i) square += row->vorticity[i] * row->vorticity[i] / points;
  char name[64];
  FILE *file = NULL;
  snprintf(name, sizeof name, "maps_%d.dat", r);
  MARL_TRY(open_file(folder, name, &file, err));
  for (int m = 0; m <= row->num_coefficients; ++m) {
    const double *map = m == 0 ? row->vorticity : row->coefficient + (ptrdiff_t)(m - 1) * points;
    for (int y = 0; y < n; ++y) {
      for (int x = 0; x < n; ++x)
        fprintf(file, "%.5g ", m == 0 ? map[y * n + x] / sqrt(square) : map[y * n + x]);
      fprintf(file, "\n");
    }
    fprintf(file, "\n\n");
  }
  return close_file(file, name, err);
}

static void plot_curves(FILE *file, const MarlInterpretedRow *row, int r, const char *suffix) {
  static const char *const tics[MARL_INTERPRETED_CONDITIONS] = {"2", "2", "0.5", "0.1"};
  fprintf(file,
          "reset\nset output figures.'coefficients_%d.%s'\nset grid\n"
          "set style fill transparent solid 0.25 noborder\n"
          "set multiplot layout %d,%d title ",
          r, suffix, row->num_coefficients, MARL_INTERPRETED_CONDITIONS);
  marl_write_gnuplot_string(file, row->label);
  fprintf(file, ".': mean of the coefficients, with one standard deviation'\n");
  for (int c = 0; c < row->num_coefficients; ++c)
    for (int q = 0; q < MARL_INTERPRETED_CONDITIONS; ++q) {
      const int mean = 3 + 2 * c, deviation = mean + 1;
      fprintf(file,
              "set xlabel '%s'\nset ylabel 'C_%d'\nset xtics %s\n"
              "plot 'coefficients_%d.dat' index %d using 1:($%d-$%d):($%d+$%d) with filledcurves "
              "lc %d notitle, '' index %d using 1:%d with linespoints pt 7 ps 0.5 lw 2 lc %d "
              "notitle\n",
              marl_interpreted_conditions[q].meaning, c + 1, tics[q], r, q, mean, deviation, mean,
              deviation, c + 1, q, mean, c + 1);
    }
  fprintf(file, "unset multiplot\n");
}

static void plot_maps(FILE *file, const MarlInterpretedRow *row, int r, const char *suffix) {
  fprintf(file,
          "reset\nset output figures.'maps_%d.%s'\nunset key; unset tics; set size ratio -1\n"
          "set autoscale fix\nset multiplot layout 1,%d title ",
          r, suffix, 1 + row->num_coefficients);
  marl_write_gnuplot_string(file, row->label);
  fprintf(file,
          "\nset palette defined (-1 'dark-blue', 0 'white', 1 'dark-red')\n"
          "set cbtics\nset rmargin 9\nset cbrange [-4:4]\nset title 'vorticity over its rms'\n"
          "plot 'maps_%d.dat' index 0 matrix with image\n"
          "set cbrange [*:*]\nset palette defined (0 'dark-blue', 1 'white', 2 'dark-red')\n",
          r);
  for (int c = 1; c <= row->num_coefficients; ++c)
    fprintf(file, "set title 'C_%d'\nplot 'maps_%d.dat' index %d matrix with image\n", c, r, c);
  fprintf(file, "unset multiplot\n");
}

MarlCode marl_interpretation_plots(const MarlInterpretation *interpretation, const char *folder,
                                   MarlError *err) {
  static const char *const suffixes[] = {"png", "svg"};
  static const char *const terminals[] = {"pngcairo", "svg background \"#ffffff\""};
  FILE *file = NULL;
  for (int r = 0; r < interpretation->num_rows; ++r) {
    if (interpretation->rows[r].num_coefficients == 0) continue;
    MARL_TRY(write_curves(interpretation, r, folder, err));
    MARL_TRY(write_maps(interpretation, r, folder, err));
  }
  MARL_TRY(open_file(folder, "interpretation.gp", &file, err));
  marl_write_gnuplot_start(file);
  for (int kind = 0; kind < 2; ++kind)
    for (int r = 0; r < interpretation->num_rows; ++r) {
      const MarlInterpretedRow *row = &interpretation->rows[r];
      if (row->num_coefficients == 0) continue;
      fprintf(file, "set terminal %s size 1500,%d noenhanced\n", terminals[kind],
              60 + 300 * row->num_coefficients);
      plot_curves(file, row, r, suffixes[kind]);
      fprintf(file, "set terminal %s size %d,420 noenhanced\n", terminals[kind],
              420 * (1 + row->num_coefficients));
      plot_maps(file, row, r, suffixes[kind]);
    }
  return close_file(file, "interpretation.gp", err);
}
