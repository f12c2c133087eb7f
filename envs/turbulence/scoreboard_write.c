/* The scoreboard as a file: rows of scores, spectra, densities and snapshots. */
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "envs/turbulence/scoreboard.h"

static const char *const row_axes[] = {"closure", NULL};

static MarlCode write_column(const MarlScoreboard *board, MarlStore *file, int item, bool error,
                             double *column, MarlError *err) {
  char name[MARL_SCORE_LABEL];
  snprintf(name, sizeof name, "%s%s", marl_score_column(item)->name, error ? "_error" : "");
  for (int r = 0; r < board->num_rows; ++r)
    column[r] = error ? board->rows[r].error[item] : board->rows[r].value[item];
  const MarlArray array = {.type = MARL_F64,
                           .rank = 1,
                           .shape = {(size_t)board->num_rows},
                           .scales = row_axes,
                           .units = marl_score_column(item)->unit,
                           .long_name = marl_score_column(item)->summary};
  return marl_store_write(file, name, &array, column, err);
}

/* Coordinates `closure` and `metric`, by their names. */
static MarlCode write_labels(const MarlScoreboard *board, MarlStore *file, MarlError *err) {
  const char *metrics[MARL_MAX_SCORES];
  const int items = marl_score_count();
  const char **closures = calloc((size_t)board->num_rows, sizeof *closures);
  if (closures == NULL) return MARL_FAIL(err, MARL_EMEMORY, "no memory for the closures' names");
  for (int i = 0; i < items; ++i) metrics[i] = marl_score_column(i)->name;
  for (int r = 0; r < board->num_rows; ++r) closures[r] = board->rows[r].label;
  MarlCode code =
      marl_store_write_labels(file, "closure", (size_t)board->num_rows, closures, "closure", err);
  if (code == MARL_OK)
    code = marl_store_write_labels(file, "metric", (size_t)items, metrics, "metric", err);
  free(closures);
  MARL_TRY(code);
  return marl_store_set_text(file, NULL, "reference", board->reference->path, err);
}

/* All scores, and their errors, of every closure and metric. */
static MarlCode write_scores(const MarlScoreboard *board, MarlStore *file, double *table,
                             MarlError *err) {
  static const char *const axes[] = {"closure", "metric"};
  const size_t items = (size_t)marl_score_count();
  for (int error = 0; error < 2; ++error) {
    const MarlArray array = {
        .type = MARL_F64,
        .rank = 2,
        .shape = {(size_t)board->num_rows, items},
        .scales = axes,
        .units = "of the metric",
        .long_name = error ? "standard error of score" : "score, in the unit of its metric"};
    for (int r = 0; r < board->num_rows; ++r)
      memcpy(table + (size_t)r * items, error ? board->rows[r].error : board->rows[r].value,
             items * sizeof *table);
    MARL_TRY(marl_store_write(file, error ? "score_error" : "score", &array, table, err));
  }
  return MARL_OK;
}

static MarlCode write_axis(MarlStore *file, const char *name, const char *unit, const char *meaning,
                           int count, double first, double step, double *column, MarlError *err) {
  for (int i = 0; i < count; ++i) column[i] = first + i * step;
  const MarlArray array = {
      .type = MARL_F64, .rank = 1, .shape = {(size_t)count}, .units = unit, .long_name = meaning};
  return marl_store_write_scale(file, name, &array, column, err);
}

/* rows [num_rows, ...] copied together into `table`. */
static MarlCode write_table(const MarlScoreboard *board, MarlStore *file, const char *name,
                            const MarlArray *array, size_t size, size_t offset, double *table,
                            MarlError *err) {
  for (int r = 0; r < board->num_rows; ++r)
    memcpy(table + (size_t)r * size, board->rows[r].spectrum + offset, size * sizeof *table);
  return marl_store_write(file, name, array, table, err);
}

/* The level of max |w| that returns after the period of the table, and its interval. */
static MarlCode write_level(const MarlScoreboard *board, MarlStore *file, double *column,
                            MarlError *err) {
  const struct {
    const char *name, *meaning;
    size_t offset;
  } figures[] = {
      {"return_level", "level of max |w| that returns after `return_period` T",
       offsetof(MarlExtremes, level)},
      {"return_level_low", "lower end of its 95 % interval", offsetof(MarlExtremes, level_low)},
      {"return_level_high", "upper end of its 95 % interval", offsetof(MarlExtremes, level_high)},
      {"quiet_time", "T without an exceedance between two events", offsetof(MarlExtremes, quiet)}};
  for (size_t i = 0; i < sizeof figures / sizeof figures[0]; ++i) {
    const MarlArray array = {
        MARL_F64, 1, {(size_t)board->num_rows}, row_axes, i < 3 ? "1/T" : "T", figures[i].meaning};
    for (int r = 0; r < board->num_rows; ++r)
      memcpy(&column[r], (const char *)&board->rows[r].extremes + figures[i].offset,
             sizeof *column);
    MARL_TRY(marl_store_write(file, figures[i].name, &array, column, err));
  }
  return marl_store_set_real(file, "return_level", "return_period", board->extremes.return_period,
                             err);
}

/* Return periods of all levels, with their intervals, and the level of the period of the table. */
static MarlCode write_extremes(const MarlScoreboard *board, MarlStore *file, double *scratch,
                               MarlError *err) {
  static const char *const axes[] = {"closure", "level"};
  const double sigma = board->target->sigma;
  const size_t rows = (size_t)board->num_rows;
  const MarlExtremesPlan *plan = &board->extremes;
  MARL_TRY(write_axis(file, "level", "1", "level of |w| over the reference's standard deviation",
                      MARL_EXTREME_LEVELS, plan->first / sigma, plan->step / sigma, scratch, err));
  const struct {
    const char *name, *meaning;
    size_t offset;
  } curves[] = {
      {"return_period", "mean time between events of max |w| above the level",
       offsetof(MarlExtremes, period)},
      {"return_period_low", "lower end of its 95 % interval", offsetof(MarlExtremes, period_low)},
      {"return_period_high", "upper end of its 95 % interval", offsetof(MarlExtremes, period_high)},
      {"events", "of max |w| above the level, apart by the quiet time",
       offsetof(MarlExtremes, events)}};
  for (size_t i = 0; i < sizeof curves / sizeof curves[0]; ++i) {
    const MarlArray array = {
        MARL_F64, 2, {rows, MARL_EXTREME_LEVELS}, axes, i < 3 ? "T" : "1", curves[i].meaning};
    for (size_t r = 0; r < rows; ++r)
      memcpy(scratch + r * MARL_EXTREME_LEVELS,
             (const char *)&board->rows[r].extremes + curves[i].offset,
             MARL_EXTREME_LEVELS * sizeof *scratch);
    MARL_TRY(marl_store_write(file, curves[i].name, &array, scratch, err));
  }
  return write_level(board, file, scratch, err);
}

static MarlCode write_all(const MarlScoreboard *board, MarlStore *file, double *scratch,
                          MarlError *err) {
  const MarlScoreTarget *target = board->target;
  const size_t rows = (size_t)board->num_rows, k = (size_t)target->num_k;
  const size_t bins = (size_t)target->num_bins, n = (size_t)target->n;
  const double length = board->reference->domain_length;
  MARL_TRY(write_labels(board, file, err));
  MARL_TRY(write_scores(board, file, scratch, err));
  for (int item = 0; item < marl_score_count(); ++item)
    for (int error = 0; error < 2; ++error)
      MARL_TRY(write_column(board, file, item, error == 1, scratch, err));
  MARL_TRY(write_extremes(board, file, scratch, err));
  MARL_TRY(write_axis(file, "wavenumber", "1", "wavenumber in units of 2 pi / L", target->num_k, 0,
                      1, scratch, err));
  MARL_TRY(write_axis(file, "vorticity", "1/T", "center of the bin", target->num_bins,
                      target->first_edge + 0.5 * target->width, target->width, scratch, err));
  MARL_TRY(write_axis(file, "y", "L", "y", target->n, 0, length / target->n, scratch, err));
  MARL_TRY(write_axis(file, "x", "L", "x", target->n, 0, length / target->n, scratch, err));
  static const char *const spectrum_axes[] = {"closure", "wavenumber"};
  static const char *const density_axes[] = {"closure", "vorticity"};
  static const char *const field_axes[] = {"closure", "y", "x"};
  const MarlArray spectrum = {MARL_F64,      2,       {rows, k},
                              spectrum_axes, "1/T^2", "one-sided enstrophy spectrum"};
  const MarlArray density = {MARL_F64, 2, {rows, bins}, density_axes, "T", "density of vorticity"};
  const MarlArray field = {MARL_F64, 3, {rows, n, n}, field_axes, "1/T", "vorticity, last sample"};
  MARL_TRY(write_table(board, file, "enstrophy_spectrum", &spectrum, k, 0, scratch, err));
  MARL_TRY(write_table(board, file, "vorticity_density", &density, bins, k, scratch, err));
  return write_table(board, file, "snapshot", &field, n * n, k + bins, scratch, err);
}

MarlCode marl_scoreboard_write(const MarlScoreboard *board, MarlStore *to, MarlError *err) {
  const MarlScoreTarget *target = board->target;
  const size_t widest =
      (size_t)target->n * (size_t)target->n + (size_t)target->num_bins + MARL_EXTREME_LEVELS;
  double *scratch = malloc((size_t)board->num_rows * widest * sizeof *scratch);
  if (scratch == NULL)
    return MARL_FAIL(err, MARL_EMEMORY, "no memory to write %s", marl_store_path(to));
  const MarlCode code = write_all(board, to, scratch, err);
  free(scratch);
  return code;
}
