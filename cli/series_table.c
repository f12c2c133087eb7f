#include "cli/series_table.h"

#include <stdlib.h>

enum { FIRST_CAPACITY = 256 };

void marl_series_table_clear(MarlSeriesTable *table) {
  free(table->values);
  *table = (MarlSeriesTable){.columns = table->columns};
}

MarlCode marl_series_table_reserve(MarlSeriesTable *table, size_t rows, MarlError *err) {
  if (rows <= table->capacity) return MARL_OK;
  size_t capacity = table->capacity == 0 ? FIRST_CAPACITY : table->capacity;
  while (capacity < rows) capacity *= 2;
  double *values = realloc(table->values, capacity * table->columns * sizeof *values);
  if (values == NULL)
    return MARL_FAIL(err, MARL_EMEMORY, "no memory for %zu rows of a series", capacity);
  table->values = values;
  table->capacity = capacity;
  return MARL_OK;
}

MarlCode marl_series_table_add(MarlSeriesTable *table, double **row, MarlError *err) {
  MARL_TRY(marl_series_table_reserve(table, table->rows + 1, err));
  *row = table->values + table->rows++ * table->columns;
  return MARL_OK;
}

/* appended, so that it carries a checksum (marl/core/store.h) */
MarlCode marl_series_table_save(const MarlSeriesTable *table, MarlStore *to, MarlError *err) {
  const MarlArray array = {.type = MARL_F64, .rank = 2, .shape = {0, table->columns}};
  if (table->rows == 0) return MARL_OK;
  return marl_store_append(to, "series", &array, table->rows, table->values, err);
}

MarlCode marl_series_table_load(MarlSeriesTable *table, MarlStore *from, MarlError *err) {
  size_t shape[MARL_STORE_MAX_RANK];
  int rank;
  table->rows = 0;
  if (!marl_store_has(from, "series")) return MARL_OK;
  MARL_TRY(marl_store_shape(from, "series", &rank, shape, err));
  if (rank != 2 || shape[1] != table->columns)
    return MARL_FAIL(err, MARL_EIO, "%s: 'series' is not one of this program",
                     marl_store_path(from));
  MARL_TRY(marl_series_table_reserve(table, shape[0], err));
  MARL_TRY(
      marl_store_read(from, "series", MARL_F64, shape[0] * table->columns, table->values, err));
  table->rows = shape[0];
  return MARL_OK;
}
