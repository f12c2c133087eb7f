/* Rows of numbers that a run gathers: kept in memory and saved in its checkpoints, so that a resumed
 * run has the rows of the whole. */
#ifndef MARL_CLI_SERIES_TABLE_H
#define MARL_CLI_SERIES_TABLE_H

#include "marl/core/store.h"

typedef struct MarlSeriesTable {
  size_t columns, rows, capacity;
  double *values; /* [rows, columns], owned */
} MarlSeriesTable;

void marl_series_table_clear(MarlSeriesTable *table); /* keeps the number of columns */

/* Room for `rows` rows. */
MarlCode marl_series_table_reserve(MarlSeriesTable *table, size_t rows,
                                   MarlError *err) MARL_NODISCARD;
/* A new row at the end, [columns], to be filled. */
MarlCode marl_series_table_add(MarlSeriesTable *table, double **row, MarlError *err) MARL_NODISCARD;

/* As the dataset "series". Serial. Loading replaces the rows. */
MarlCode marl_series_table_save(const MarlSeriesTable *table, MarlStore *to,
                                MarlError *err) MARL_NODISCARD;
MarlCode marl_series_table_load(MarlSeriesTable *table, MarlStore *from,
                                MarlError *err) MARL_NODISCARD;

#endif
