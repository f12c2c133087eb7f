/* series.csv of a lattice: a row a cycle, "step" and the metrics. Rank 0 holds it; the rows are kept
 * in memory too and saved in checkpoints, so that a resumed run has the file of the whole. */
#ifndef MARL_CLI_LATTICE_SERIES_H
#define MARL_CLI_LATTICE_SERIES_H

#include <stdio.h>

#include "cli/series_table.h"
#include "envs/lattice/lattice_config.h"
#include "marl/run/folder.h"

typedef struct MarlLatticeSeries {
  MarlSeriesTable table; /* a row a cycle, metrics */
  int steps;             /* of a cycle */
  char path[MARL_MAX_PATH];
  FILE *csv;
} MarlLatticeSeries;

void marl_lattice_series_init(MarlLatticeSeries *series, MarlLatticeUpdate update, int steps);
void marl_lattice_series_clear(MarlLatticeSeries *series);

/* Put the file with the rows so far in the place of what the folder has; more can be added. */
MarlCode marl_lattice_series_open(MarlLatticeSeries *series, const char *folder,
                                  MarlError *err) MARL_NODISCARD;
MarlCode marl_lattice_series_add(MarlLatticeSeries *series, const double *metrics,
                                 MarlError *err) MARL_NODISCARD;
MarlCode marl_lattice_series_close(MarlLatticeSeries *series, MarlError *err) MARL_NODISCARD;

#endif
