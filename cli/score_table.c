#include "cli/score_table.h"

#include <math.h>
#include <string.h>

#include "marl/core/quote.h"
#include "marl/run/text_file.h"

enum { MAX_CELL = 48 };

/* What the terminal shows, and what a program has registered; the files hold everything. */
static const struct Column {
  const char *title, *name;
} columns[] = {
    {"e_trunc", "e_trunc"}, {"e_log", "e_log"},   {"KL", "KL"}, {"KL_trunc", "KL_trunc"},
    {"std", "std"},         {"kurt", "kurtosis"}, {"P3", "P3"}, {"P4", "P4"},
    {"u_rms", "u_rms"},
};
enum { COLUMNS = sizeof columns / sizeof columns[0] };

/* Title and number of the column `c` of the terminal's; NULL behind the last. */
static const char *shown_column(int c, int *item) {
  if (c < COLUMNS) {
    *item = marl_score_find(columns[c].name);
    return columns[c].title;
  }
  const int registered = (int)marl_kind_scores.num_registered;
  *item = marl_score_count() - registered + c - COLUMNS;
  return c - COLUMNS < registered ? marl_score_column(*item)->name : NULL;
}

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
  else if (isinf(extremes->level))
    snprintf(cell, sizeof cell, "run too short"); /* for a level that returns so seldom */
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
  const char *title;
  for (int c = 0, item; (title = shown_column(c, &item)) != NULL; ++c) fprintf(out, " %14s", title);
  fprintf(out, " %17s %14s %8s %9s\n", "max |w|", "drift", "blow-ups", "steps/s");
  for (int r = 0; r < board->num_rows; ++r) {
    const MarlScoreRow *row = &board->rows[r];
    fprintf(out, "%-*s", width, row->label);
    for (int c = 0, item; shown_column(c, &item) != NULL; ++c)
      print_cell(out, row->value[item], row->error[item]);
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

MarlCode marl_score_table_csv(const MarlScoreboard *board, const char *folder, MarlError *err) {
  FILE *file = NULL;
  MARL_TRY(marl_text_open(folder, "scores.csv", &file, err));
  fprintf(file, "closure");
  for (int i = 0; i < marl_score_count(); ++i)
    fprintf(file, ",%s,%s_error", marl_score_column(i)->name, marl_score_column(i)->name);
  fprintf(file,
          ",drift,drift_error,return_level,return_level_low,"
          "return_level_high,max_vorticity,blow_ups,first_blow_up,steps_per_second,cost\n");
  for (int r = 0; r < board->num_rows; ++r) {
    const MarlScoreRow *row = &board->rows[r];
    marl_write_csv_field(file, row->label);
    for (int i = 0; i < marl_score_count(); ++i)
      fprintf(file, ",%.9g,%.9g", row->value[i], row->error[i]);
    const MarlExtremes *extremes = &row->extremes;
    fprintf(file, ",%.9g,%.9g,%.9g,%.9g,%.9g,%.9g,%d,%.9g,%.0f,%.6g\n", row->drift,
            row->drift_error, extremes->level, extremes->level_low, extremes->level_high,
            row->max_vorticity, row->blow_ups, row->first_blow_up, row->steps_per_second,
            row->closure != NULL ? board->cost : 1.0);
  }
  return marl_text_close(file, folder, "scores.csv", err);
}
