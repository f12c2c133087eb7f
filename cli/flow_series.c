#include "cli/flow_series.h"

#include <stdlib.h>

#include "marl/core/comm.h"

enum { TIME, DT, STEP, ENERGY, ENSTROPHY = ENERGY + 5 };

static const struct {
  const char *name, *units, *long_name;
} columns[MARL_SERIES_COLUMNS] = {
    {"time", "T", "time"},
    {"dt", "T", "time step"},
    {"step", "1", "number of steps taken"},
    {"energy", "L^2/T^2", "kinetic energy"},
    {"energy_forcing", "L^2/T^3", "work of the forcing"},
    {"energy_viscosity", "L^2/T^3", "energy change by viscosity"},
    {"energy_drag", "L^2/T^3", "energy change by linear drag"},
    {"energy_subgrid", "L^2/T^3", "energy change by the sub-grid closure"},
    {"enstrophy", "1/T^2", "enstrophy"},
    {"enstrophy_forcing", "1/T^3", "enstrophy change by the forcing"},
    {"enstrophy_viscosity", "1/T^3", "enstrophy change by viscosity"},
    {"enstrophy_drag", "1/T^3", "enstrophy change by linear drag"},
    {"enstrophy_subgrid", "1/T^3", "enstrophy change by the sub-grid closure"},
};

MarlCode marl_flow_series_init(MarlFlowSeries *series, const MarlGrid *grid, MarlError *err) {
  *series = (MarlFlowSeries){.table = {.columns = MARL_SERIES_COLUMNS}};
  return marl_budget_meter_init(&series->meter, grid, err);
}

void marl_flow_series_clear(MarlFlowSeries *series) {
  marl_budget_meter_clear(&series->meter);
  marl_series_table_clear(&series->table);
}

static void put_terms(double *to, const MarlBudgetTerms *terms) {
  to[0] = terms->total;
  to[1] = terms->forcing;
  to[2] = terms->viscosity;
  to[3] = terms->drag;
  to[4] = terms->subgrid;
}

MarlCode marl_flow_series_add(MarlFlowSeries *series, MarlSolver *solver, MarlError *err) {
  MarlBudget budget;
  MARL_TRY(marl_budget_measure(&series->meter, solver, &budget, err));
  double *row;
  MARL_TRY(marl_series_table_add(&series->table, &row, err));
  row[TIME] = marl_solver_time(solver);
  row[DT] = marl_solver_dt(solver);
  row[STEP] = (double)marl_solver_steps(solver);
  put_terms(row + ENERGY, &budget.energy);
  put_terms(row + ENSTROPHY, &budget.enstrophy);
  return MARL_OK;
}

static double newest(const MarlFlowSeries *series, int column) {
  const MarlSeriesTable *table = &series->table;
  return table->rows == 0 ? 0.0
                          : table->values[(table->rows - 1) * table->columns + (size_t)column];
}

double marl_flow_series_energy(const MarlFlowSeries *series) {
  return newest(series, ENERGY);
}
double marl_flow_series_enstrophy(const MarlFlowSeries *series) {
  return newest(series, ENSTROPHY);
}

MarlCode marl_flow_series_write(const MarlFlowSeries *series, MarlStore *to, MarlError *err) {
  static const char *const scales[] = {"time"};
  double *values = malloc((series->table.rows + 1) * sizeof *values);
  MarlCode code = MARL_OK;
  if (values == NULL) return MARL_FAIL(err, MARL_EMEMORY, "no memory to write the series");
  for (int c = 0; c < MARL_SERIES_COLUMNS && code == MARL_OK; ++c) {
    const MarlArray array = {.type = MARL_F64,
                             .rank = 1,
                             .shape = {series->table.rows},
                             .scales = c == TIME ? NULL : scales,
                             .units = columns[c].units,
                             .long_name = columns[c].long_name};
    for (size_t r = 0; r < series->table.rows; ++r)
      values[r] = series->table.values[r * MARL_SERIES_COLUMNS + (size_t)c];
    code = c == TIME ? marl_store_write_scale(to, columns[c].name, &array, values, err)
                     : marl_store_write(to, columns[c].name, &array, values, err);
  }
  free(values);
  return code;
}

MarlCode marl_flow_series_save(const MarlFlowSeries *series, MarlStore *to, MarlError *err) {
  return marl_series_table_save(&series->table, to, err);
}

MarlCode marl_flow_series_load(MarlFlowSeries *series, MarlStore *from, MPI_Comm comm,
                               MarlError *err) {
  MarlSeriesTable *table = &series->table;
  MarlCode code = from == NULL ? MARL_OK : marl_series_table_load(table, from, err);
  MARL_TRY(marl_comm_agree(comm, code, err));
  uint64_t rows = table->rows;
  MPI_Bcast(&rows, 1, MPI_UINT64_T, 0, comm);
  code = marl_series_table_reserve(table, (size_t)rows, err);
  MARL_TRY(marl_comm_agree(comm, code, err));
  table->rows = (size_t)rows;
  if (rows > 0) MPI_Bcast(table->values, (int)(rows * MARL_SERIES_COLUMNS), MPI_DOUBLE, 0, comm);
  return MARL_OK;
}
