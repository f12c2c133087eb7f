#include "cli/flow_fields.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "cli/run_folder.h"
#include "marl/core/comm.h"

/* Rows of all ranks on rank 0: [ny, nx] there (malloc'd), NULL elsewhere. */
static MarlCode gather(const MarlGrid *grid, const double *local, double **out, MarlError *err) {
  const int ranks = marl_comm_size(grid->comm), rank = marl_comm_rank(grid->comm);
  const size_t points = (size_t)grid->nx * (size_t)grid->ny;
  int *counts = calloc(2 * (size_t)ranks, sizeof *counts);
  int *offsets = counts == NULL ? NULL : counts + ranks;
  double *whole = rank == 0 ? malloc(points * sizeof *whole) : NULL;
  MarlCode code = MARL_OK;
  *out = NULL;
  if (counts == NULL || (rank == 0 && whole == NULL))
    code =
        MARL_FAIL(err, MARL_EMEMORY, "no memory to gather a field of %d x %d", grid->nx, grid->ny);
  code = marl_comm_agree(grid->comm, code, err);
  if (code == MARL_OK) {
    MPI_Datatype row;
    MPI_Type_contiguous(grid->nx, MPI_DOUBLE, &row);
    MPI_Type_commit(&row);
    MPI_Gather(&grid->ny_local, 1, MPI_INT, counts, 1, MPI_INT, 0, grid->comm);
    MPI_Gather(&grid->y0, 1, MPI_INT, offsets, 1, MPI_INT, 0, grid->comm);
    MPI_Gatherv(local, grid->ny_local, row, whole, counts, offsets, row, 0, grid->comm);
    MPI_Type_free(&row);
    *out = whole;
  } else {
    free(whole);
  }
  free(counts);
  return code;
}

static MarlCode write_axis(MarlStore *store, const char *name, int n, double length,
                           MarlError *err) {
  const MarlArray array = {
      .type = MARL_F64, .rank = 1, .shape = {(size_t)n}, .units = "L", .long_name = name};
  double *values = malloc((size_t)n * sizeof *values);
  if (values == NULL) return MARL_FAIL(err, MARL_EMEMORY, "no memory to write '%s'", name);
  for (int i = 0; i < n; ++i) values[i] = i * length / n;
  const MarlCode code = marl_store_write_scale(store, name, &array, values, err);
  free(values);
  return code;
}

static MarlCode fill(MarlStore *store, const MarlGrid *grid, double time, const double *w,
                     MarlError *err) {
  static const char *const scales[] = {"time", "y", "x"};
  const MarlArray instant = {
      .type = MARL_F64, .rank = 1, .shape = {1}, .units = "T", .long_name = "time"};
  const MarlArray field = {.type = MARL_F64,
                           .rank = 3,
                           .shape = {1, (size_t)grid->ny, (size_t)grid->nx},
                           .scales = scales,
                           .units = "1/T",
                           .long_name = "vorticity"};
  MARL_TRY(marl_store_write_scale(store, "time", &instant, &time, err));
  MARL_TRY(write_axis(store, "y", grid->ny, grid->ly, err));
  MARL_TRY(write_axis(store, "x", grid->nx, grid->lx, err));
  return marl_store_write(store, "vorticity", &field, w, err);
}

MarlCode marl_flow_fields_write(MarlSolver *solver, const char *folder, MarlError *err) {
  const MarlFlow *flow = marl_solver_flow(solver, MARL_NEED_VORTICITY);
  const MarlGrid *grid = flow->grid;
  double *whole;
  MarlCode code = MARL_OK;
  MARL_TRY(gather(grid, flow->w, &whole, err));
  if (marl_comm_rank(grid->comm) == 0) {
    char path[MARL_MAX_PATH];
    MarlStore *store = NULL;
    const int length =
        snprintf(path, sizeof path, "%s/fields_%010" PRId64 ".h5", folder, flow->step);
    code = length < (int)sizeof path
               ? marl_store_create(path, &store, err)
               : MARL_FAIL(err, MARL_ECONFIG, "the name of the run folder is too long");
    if (code == MARL_OK) code = fill(store, grid, flow->time, whole, err);
    if (code == MARL_OK) code = marl_store_commit(&store, err);
    if (store != NULL) marl_store_close(&store);
    free(whole);
  }
  return marl_comm_agree(grid->comm, code, err);
}
