#include "cli/lattice_series.h"

#include <errno.h>
#include <string.h>

void marl_lattice_series_init(MarlLatticeSeries *series, MarlLatticeUpdate update, int steps) {
  *series = (MarlLatticeSeries){.steps = steps};
  series->table.columns = (size_t)marl_lattice_num_metrics(update);
}

void marl_lattice_series_clear(MarlLatticeSeries *series) {
  if (series->csv != NULL) (void)fclose(series->csv);
  series->csv = NULL;
  marl_series_table_clear(&series->table);
}

static MarlCode failed(const MarlLatticeSeries *series, MarlError *err) {
  return MARL_FAIL(err, MARL_EIO, "cannot write '%s': %s", series->path, strerror(errno));
}

static void print_row(const MarlLatticeSeries *series, size_t row) {
  const MarlSeriesTable *table = &series->table;
  fprintf(series->csv, "%lld", (long long)(row + 1) * series->steps);
  for (size_t m = 0; m < table->columns; ++m)
    fprintf(series->csv, ",%.9g", table->values[row * table->columns + m]);
  fprintf(series->csv, "\n");
}

MarlCode marl_lattice_series_open(MarlLatticeSeries *series, const char *folder, MarlError *err) {
  char temporary[MARL_MAX_PATH];
  snprintf(series->path, sizeof series->path, "%s/series.csv", folder);
  if (snprintf(temporary, sizeof temporary, "%s/series.csv.tmp", folder) >= MARL_MAX_PATH)
    return MARL_FAIL(err, MARL_ECONFIG, "the folder's name is too long: %.60s...", folder);
  series->csv = fopen(temporary, "w");
  if (series->csv == NULL) return failed(series, err);
  fprintf(series->csv, "step");
  for (size_t m = 0; m < series->table.columns; ++m)
    fprintf(series->csv, ",%s", marl_lattice_metric_names[m]);
  fprintf(series->csv, "\n");
  for (size_t row = 0; row < series->table.rows; ++row) print_row(series, row);
  if (fflush(series->csv) != 0 || rename(temporary, series->path) != 0) return failed(series, err);
  return MARL_OK;
}

MarlCode marl_lattice_series_add(MarlLatticeSeries *series, const double *metrics, MarlError *err) {
  double *row;
  MARL_TRY(marl_series_table_add(&series->table, &row, err));
  memcpy(row, metrics, series->table.columns * sizeof *row);
  print_row(series, series->table.rows - 1);
  return fflush(series->csv) == 0 ? MARL_OK : failed(series, err);
}

MarlCode marl_lattice_series_close(MarlLatticeSeries *series, MarlError *err) {
  FILE *csv = series->csv;
  series->csv = NULL;
  return fclose(csv) == 0 ? MARL_OK : failed(series, err);
}
