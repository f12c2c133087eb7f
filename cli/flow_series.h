/* Time series of a flow: kept in memory, written as one file that is always whole, and saved in
 * checkpoints, so that a resumed run ends with the same file. */
#ifndef MARL_CLI_FLOW_SERIES_H
#define MARL_CLI_FLOW_SERIES_H

#include "cli/series_table.h"
#include "physics/budget.h"

enum { MARL_SERIES_COLUMNS = 13 };

typedef struct MarlFlowSeries {
  MarlSeriesTable table;
  MarlBudgetMeter meter;
} MarlFlowSeries;

MarlCode marl_flow_series_init(MarlFlowSeries *series, const MarlGrid *grid,
                               MarlError *err) MARL_NODISCARD;
void marl_flow_series_clear(MarlFlowSeries *series);

/* Measure the current flow as a row. Collective; every rank holds the rows. */
MarlCode marl_flow_series_add(MarlFlowSeries *series, MarlSolver *solver,
                              MarlError *err) MARL_NODISCARD;
/* Total energy and enstrophy of the newest row, for a progress line; 0 when there is none. */
double marl_flow_series_energy(const MarlFlowSeries *series);
double marl_flow_series_enstrophy(const MarlFlowSeries *series);

/* One dataset over time for each column, with units and names. Serial. */
MarlCode marl_flow_series_write(const MarlFlowSeries *series, MarlStore *to,
                                MarlError *err) MARL_NODISCARD;

/* Exact state. Save is serial; load is collective over comm, rank 0 brings the store. */
MarlCode marl_flow_series_save(const MarlFlowSeries *series, MarlStore *to,
                               MarlError *err) MARL_NODISCARD;
MarlCode marl_flow_series_load(MarlFlowSeries *series, MarlStore *from, MPI_Comm comm,
                               MarlError *err) MARL_NODISCARD;

#endif
