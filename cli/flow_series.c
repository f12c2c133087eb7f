#include "cli/flow_series.h"

#include <stdlib.h>

#include "marl/core/comm.h"

enum { TIME, DT, STEP, ENERGY, ENSTROPHY = ENERGY + 5, FIRST_CAPACITY = 256 };

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
  *series = (MarlFlowSeries){.rows = 0};
  return marl_budget_meter_init(&series->meter, grid, err);
}

void marl_flow_series_clear(MarlFlowSeries *series) {
  marl_budget_meter_clear(&series->meter);
  free(series->values);
  *series = (MarlFlowSeries){.rows = 0};
}

static MarlCode reserve(MarlFlowSeries *series, size_t rows, MarlError *err) {
  if (rows <= series->capacity) return MARL_OK;
  size_t capacity = series->capacity == 0 ? FIRST_CAPACITY : series->capacity;
  while (capacity < rows) capacity *= 2;
  double *values = realloc(series->values, capacity * MARL_SERIES_COLUMNS * sizeof *series->values);
  if (values == NULL) return MARL_FAIL(err, MARL_EMEMORY, "no memory for %zu rows", capacity);
  series->values = values;
  series->capacity = capacity;
  return MARL_OK;
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
  MARL_TRY(reserve(series, series->rows + 1, err));
  double *row = series->values + series->rows++ * MARL_SERIES_COLUMNS;
  row[TIME] = marl_solver_time(solver);
  row[DT] = marl_solver_dt(solver);
  row[STEP] = (double)marl_solver_steps(solver);
  put_terms(row + ENERGY, &budget.energy);
  put_terms(row + ENSTROPHY, &budget.enstrophy);
  return MARL_OK;
}

static double newest(const MarlFlowSeries *series, int column) {
  return series->rows == 0
             ? 0.0
             : series->values[(series->rows - 1) * MARL_SERIES_COLUMNS + (size_t)column];
}

double marl_flow_series_energy(const MarlFlowSeries *series) {
  return newest(series, ENERGY);
}
double marl_flow_series_enstrophy(const MarlFlowSeries *series) {
  return newest(series, ENSTROPHY);
}

MarlCode marl_flow_series_write(const MarlFlowSeries *series, MarlStore *to, MarlError *err) {
  static const char *const scales[] = {"time"};
  double *values = malloc((series->rows + 1) * sizeof *values);
  MarlCode code = MARL_OK;
  if (values == NULL) return MARL_FAIL(err, MARL_EMEMORY, "no memory to write the series");
  for (int c = 0; c < MARL_SERIES_COLUMNS && code == MARL_OK; ++c) {
    const MarlArray array = {.type = MARL_F64,
                             .rank = 1,
                             .shape = {series->rows},
                             .scales = c == TIME ? NULL : scales,
                             .units = columns[c].units,
                             .long_name = columns[c].long_name};
    for (size_t r = 0; r < series->rows; ++r)
      values[r] = series->values[r * MARL_SERIES_COLUMNS + (size_t)c];
    code = c == TIME ? marl_store_write_scale(to, columns[c].name, &array, values, err)
                     : marl_store_write(to, columns[c].name, &array, values, err);
  }
  free(values);
  return code;
}

MarlCode marl_flow_series_save(const MarlFlowSeries *series, MarlStore *to, MarlError *err) {
  const MarlArray array = {
      .type = MARL_F64, .rank = 2, .shape = {series->rows, MARL_SERIES_COLUMNS}};
  if (series->rows == 0) return MARL_OK;
  return marl_store_write(to, "series", &array, series->values, err);
}

static MarlCode load_rows(MarlFlowSeries *series, MarlStore *from, MarlError *err) {
  size_t shape[MARL_STORE_MAX_RANK];
  int rank;
  series->rows = 0;
  if (!marl_store_has(from, "series")) return MARL_OK;
  MARL_TRY(marl_store_shape(from, "series", &rank, shape, err));
  if (rank != 2 || shape[1] != MARL_SERIES_COLUMNS)
    return MARL_FAIL(err, MARL_EIO, "%s: 'series' is not one of this program",
                     marl_store_path(from));
  MARL_TRY(reserve(series, shape[0], err));
  series->rows = shape[0];
  return marl_store_read(from, "series", MARL_F64, shape[0] * MARL_SERIES_COLUMNS, series->values,
                         err);
}

MarlCode marl_flow_series_load(MarlFlowSeries *series, MarlStore *from, MPI_Comm comm,
                               MarlError *err) {
  MarlCode code = from == NULL ? MARL_OK : load_rows(series, from, err);
  MARL_TRY(marl_comm_agree(comm, code, err));
  uint64_t rows = series->rows;
  MPI_Bcast(&rows, 1, MPI_UINT64_T, 0, comm);
  code = reserve(series, (size_t)rows, err);
  MARL_TRY(marl_comm_agree(comm, code, err));
  series->rows = (size_t)rows;
  if (rows > 0) MPI_Bcast(series->values, (int)(rows * MARL_SERIES_COLUMNS), MPI_DOUBLE, 0, comm);
  return MARL_OK;
}
