#include "physics/flow_series.h"

#include <stdlib.h>

#include "marl/core/comm.h"

enum { NUM_COLUMNS = 13 };
enum { TIME, DT, STEP, ENERGY, ENSTROPHY = ENERGY + 5 };

static const struct {
  const char *units, *long_name;
} columns[NUM_COLUMNS] = {
    {"T", "time"},
    {"T", "time step"},
    {"1", "number of steps taken"},
    {"L^2/T^2", "kinetic energy"},
    {"L^2/T^3", "work of the forcing"},
    {"L^2/T^3", "energy change by viscosity"},
    {"L^2/T^3", "energy change by linear drag"},
    {"L^2/T^3", "energy change by the sub-grid closure"},
    {"1/T^2", "enstrophy"},
    {"1/T^3", "enstrophy change by the forcing"},
    {"1/T^3", "enstrophy change by viscosity"},
    {"1/T^3", "enstrophy change by linear drag"},
    {"1/T^3", "enstrophy change by the sub-grid closure"},
};

static const char *const names[NUM_COLUMNS] = {"time",
                                               "dt",
                                               "step",
                                               "energy",
                                               "energy_forcing",
                                               "energy_viscosity",
                                               "energy_drag",
                                               "energy_subgrid",
                                               "enstrophy",
                                               "enstrophy_forcing",
                                               "enstrophy_viscosity",
                                               "enstrophy_drag",
                                               "enstrophy_subgrid"};

MarlCode marl_flow_series_init(MarlFlowSeries *series, const MarlGrid *grid, MarlError *err) {
  *series = (MarlFlowSeries){.comm = grid->comm,
                             .rows = {.columns = names, .num_columns = NUM_COLUMNS, .digits = 17}};
  return marl_comm_agree(grid->comm, marl_budget_meter_init(&series->meter, grid, err), err);
}

void marl_flow_series_clear(MarlFlowSeries *series) {
  marl_budget_meter_clear(&series->meter);
  marl_run_rows_end(&series->rows);
}

MarlCode marl_flow_series_begin(MarlFlowSeries *series, const MarlRunFolder *folder,
                                MarlError *err) {
  MarlCode code = MARL_OK;
  if (marl_comm_rank(series->comm) == 0)
    code = marl_run_rows_begin(&series->rows, folder, "series.csv", err);
  return marl_comm_agree(series->comm, code, err);
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
  double row[NUM_COLUMNS];
  MARL_TRY(marl_budget_measure(&series->meter, solver, &budget, err));
  row[TIME] = marl_solver_time(solver);
  row[DT] = marl_solver_dt(solver);
  row[STEP] = (double)marl_solver_steps(solver);
  put_terms(row + ENERGY, &budget.energy);
  put_terms(row + ENSTROPHY, &budget.enstrophy);
  series->energy = row[ENERGY];
  series->enstrophy = row[ENSTROPHY];
  MarlCode code = MARL_OK;
  if (marl_comm_rank(series->comm) == 0)
    code = marl_run_rows_add(&series->rows, row, err);
  else
    ++series->rows.count;
  return marl_comm_agree(series->comm, code, err);
}

/* `values` are [rows, columns], then room for a column. */
static MarlCode write_columns(double *values, size_t rows, MarlStore *to, MarlError *err) {
  static const char *const scales[] = {"time"};
  double *column = values + rows * NUM_COLUMNS;
  MarlCode code = MARL_OK;
  for (int c = 0; c < NUM_COLUMNS && code == MARL_OK; ++c) {
    const MarlArray array = {.type = MARL_F64,
                             .rank = 1,
                             .shape = {rows},
                             .scales = c == TIME ? NULL : scales,
                             .units = columns[c].units,
                             .long_name = columns[c].long_name};
    for (size_t r = 0; r < rows; ++r) column[r] = values[r * NUM_COLUMNS + (size_t)c];
    code = c == TIME ? marl_store_write_scale(to, names[c], &array, column, err)
                     : marl_store_write(to, names[c], &array, column, err);
  }
  return code;
}

static MarlCode write_file(const MarlRunRows *series, const MarlRunFolder *folder, MarlError *err) {
  const size_t rows = (size_t)series->count;
  double *values = malloc((rows + 1) * (NUM_COLUMNS + 1) * sizeof *values);
  MarlStore *store;
  if (values == NULL) return MARL_FAIL(err, MARL_EMEMORY, "no memory to write the series");
  MarlCode code = marl_run_rows_read(series, values, err);
  if (code == MARL_OK) code = marl_run_folder_create(folder, "series.h5", &store, err);
  if (code == MARL_OK)
    code = marl_store_end_file(&store, write_columns(values, rows, store, err), err);
  free(values);
  return code;
}

MarlCode marl_flow_series_write(MarlFlowSeries *series, const MarlRunFolder *folder, bool exact,
                                MarlError *err) {
  const int64_t rows = series->rows.count;
  if (rows == 0 || (!exact && 2 * rows < 3 * series->written)) return MARL_OK;
  MarlCode code = MARL_OK;
  if (marl_comm_rank(series->comm) == 0) code = write_file(&series->rows, folder, err);
  if (code == MARL_OK) series->written = rows;
  return marl_comm_agree(series->comm, code, err);
}

MarlCode marl_flow_series_save(MarlFlowSeries *series, MarlStore *to, MarlError *err) {
  MarlCode code = to != NULL ? marl_run_rows_secure(&series->rows, err) : MARL_OK;
  if (code == MARL_OK && to != NULL) code = marl_run_rows_save(&series->rows, "series", to, err);
  return marl_comm_agree(series->comm, code, err);
}

MarlCode marl_flow_series_load(MarlFlowSeries *series, MarlStore *from, MarlError *err) {
  MarlCode code = from != NULL ? marl_run_rows_load(&series->rows, "series", from, err) : MARL_OK;
  MARL_TRY(marl_comm_agree(series->comm, code, err));
  MPI_Bcast(&series->rows.count, 1, MPI_INT64_T, 0, series->comm);
  return MARL_OK;
}
