/* Time series of a flow: energy and enstrophy with their budgets. Rows go to series.csv of a run
 * folder as they are measured (marl/run/rows.h); series.h5, which has units, is made from it. */
#ifndef MARL_PHYSICS_FLOW_SERIES_H
#define MARL_PHYSICS_FLOW_SERIES_H

#include "marl/run/rows.h"
#include "physics/budget.h"

typedef struct MarlFlowSeries {
  MPI_Comm comm;
  MarlRunRows rows; /* the file is rank 0's; every rank knows how many rows there are */
  MarlBudgetMeter meter;
  int64_t written;          /* rows of series.h5 as it is */
  double energy, enstrophy; /* of the newest row, for a progress line; 0: none in this session */
} MarlFlowSeries;

/* Collective, as are all others. */
MarlCode marl_flow_series_init(MarlFlowSeries *series, const MarlGrid *grid,
                               MarlError *err) MARL_NODISCARD;
void marl_flow_series_clear(MarlFlowSeries *series);

/* Open the file of a run that begins, or whose rows are known from a checkpoint. */
MarlCode marl_flow_series_begin(MarlFlowSeries *series, const MarlRunFolder *folder,
                                MarlError *err) MARL_NODISCARD;
/* Measure the current flow as a row. */
MarlCode marl_flow_series_add(MarlFlowSeries *series, MarlSolver *solver,
                              MarlError *err) MARL_NODISCARD;

/* series.h5 from all rows: one dataset over time for each column, with units and names. Unless it is
 * to be `exact`, only once the rows have become half as many again, so that making it anew costs as
 * much as the rows themselves in the end. */
MarlCode marl_flow_series_write(MarlFlowSeries *series, const MarlRunFolder *folder, bool exact,
                                MarlError *err) MARL_NODISCARD;

/* What a checkpoint keeps; the store is rank 0's. */
MarlCode marl_flow_series_save(MarlFlowSeries *series, MarlStore *to,
                               MarlError *err) MARL_NODISCARD;
MarlCode marl_flow_series_load(MarlFlowSeries *series, MarlStore *from,
                               MarlError *err) MARL_NODISCARD;

#endif
