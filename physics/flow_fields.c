#include "physics/flow_fields.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "marl/core/comm.h"
#include "marl/core/store_packed.h"

static const MarlOption options[] = {
    {.key = "fields",
     .kind = MARL_OPTION_TEXTS,
     .fallback = "vorticity",
     .unit = "1",
     .help = "what a file of fields holds: vorticity, velocity, streamfunction"},
    {.key = "single",
     .kind = MARL_OPTION_BOOL,
     .fallback = "false",
     .unit = "1",
     .help = "fields in 32-bit numbers: half the room, seven digits"},
    {.key = "compressed",
     .kind = MARL_OPTION_BOOL,
     .fallback = "false",
     .unit = "1",
     .help = "fields compressed without loss (gzip)"},
};
const MarlOptionTable marl_flow_fields_options = {options, sizeof options / sizeof options[0]};

MarlCode marl_flow_fields_choice(const MarlSection *output, unsigned *fields, MarlError *err) {
  static const char *const names[] = {"vorticity", "velocity", "streamfunction", NULL};
  size_t count;
  const char *const *words = marl_section_texts(output, "fields", &count);
  *fields = 0;
  for (size_t i = 0; i < count; ++i) {
    int f = 0;
    while (names[f] != NULL && strcmp(names[f], words[i]) != 0) ++f;
    if (names[f] == NULL)
      return MARL_FAIL(err, MARL_ECONFIG,
                       "output.fields: there is no field '%s'; there are vorticity, velocity and "
                       "streamfunction",
                       words[i]);
    *fields |= 1u << f;
  }
  if (marl_section_bool(output, "single")) *fields |= MARL_FIELD_SINGLE;
  if (marl_section_bool(output, "compressed")) *fields |= MARL_FIELD_COMPRESSED;
  return MARL_OK;
}

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

static MarlCode write_axes(MarlStore *store, const MarlGrid *grid, double time, MarlError *err) {
  const MarlArray instant = {
      .type = MARL_F64, .rank = 1, .shape = {1}, .units = "T", .long_name = "time"};
  MARL_TRY(marl_store_write_scale(store, "time", &instant, &time, err));
  MARL_TRY(write_axis(store, "y", grid->ny, grid->ly, err));
  return write_axis(store, "x", grid->nx, grid->lx, err);
}

/* What is written of a field: where its own rows are, and what they are called. */
typedef struct Part {
  const double *local; /* [ny_local, nx] */
  const char *name, *units, *long_name;
} Part;

/* Gathered, and written by rank 0, whose store it is. Collective. */
static MarlCode write_part(MarlStore *store, const MarlGrid *grid, Part part, unsigned how,
                           MarlError *err) {
  static const char *const scales[] = {"time", "y", "x"};
  const MarlArray array = {.type = (how & MARL_FIELD_SINGLE) != 0 ? MARL_F32 : MARL_F64,
                           .rank = 3,
                           .shape = {1, (size_t)grid->ny, (size_t)grid->nx},
                           .scales = scales,
                           .units = part.units,
                           .long_name = part.long_name};
  double *whole;
  MARL_TRY(gather(grid, part.local, &whole, err));
  MarlCode code = MARL_OK;
  if (store != NULL)
    code = marl_store_write_packed(store, part.name, &array, (how & MARL_FIELD_COMPRESSED) != 0,
                                   whole, err);
  free(whole);
  return marl_comm_agree(grid->comm, code, err);
}

static MarlCode write_streamfunction(MarlStore *store, const MarlFlow *flow, unsigned how,
                                     MarlError *err) {
  double *psi = marl_fft_alloc_physical(flow->grid);
  MarlCode code = psi != NULL ? MARL_OK : MARL_FAIL(err, MARL_EMEMORY, "no memory for a field");
  code = marl_comm_agree(flow->grid->comm, code, err);
  if (code == MARL_OK) {
    marl_fft_inverse(flow->fft, flow->psi_hat, psi);
    code = write_part(
        store, flow->grid,
        (Part){psi, "streamfunction", "L^2/T", "stream function, u = psi_y, v = -psi_x"}, how, err);
  }
  marl_fft_free(psi);
  return code;
}

static MarlCode write_parts(MarlStore *store, const MarlFlow *flow, unsigned fields,
                            MarlError *err) {
  const MarlGrid *grid = flow->grid;
  if ((fields & MARL_FIELD_VORTICITY) != 0)
    MARL_TRY(
        write_part(store, grid, (Part){flow->w, "vorticity", "1/T", "vorticity"}, fields, err));
  if ((fields & MARL_FIELD_VELOCITY) != 0) {
    MARL_TRY(write_part(store, grid, (Part){flow->u, "u", "L/T", "velocity along x"}, fields, err));
    MARL_TRY(write_part(store, grid, (Part){flow->v, "v", "L/T", "velocity along y"}, fields, err));
  }
  return (fields & MARL_FIELD_STREAMFUNCTION) != 0 ? write_streamfunction(store, flow, fields, err)
                                                   : MARL_OK;
}

static MarlCode create(const MarlFlow *flow, const MarlRunFolder *folder, MarlStore **store,
                       MarlError *err) {
  char name[48];
  snprintf(name, sizeof name, "fields_%010" PRId64 ".h5", flow->step);
  MARL_TRY(marl_run_folder_create(folder, name, store, err));
  return write_axes(*store, flow->grid, flow->time, err);
}

MarlCode marl_flow_fields_write(MarlSolver *solver, unsigned fields, const MarlRunFolder *folder,
                                MarlError *err) {
  unsigned needs = 0;
  if ((fields & MARL_FIELD_VORTICITY) != 0) needs |= MARL_NEED_VORTICITY;
  if ((fields & MARL_FIELD_VELOCITY) != 0) needs |= MARL_NEED_VELOCITY;
  const MarlFlow *flow = marl_solver_flow(solver, needs);
  const MPI_Comm comm = marl_solver_grid(solver)->comm;
  MarlStore *store = NULL;
  MarlCode code = MARL_OK;
  if (flow == NULL)
    code = MARL_FAIL(err, MARL_EMEMORY, "no memory for the fields to write");
  else if (marl_comm_rank(comm) == 0)
    code = create(flow, folder, &store, err);
  code = marl_comm_agree(comm, code, err);
  if (code == MARL_OK) code = write_parts(store, flow, fields, err);
  if (store != NULL) code = marl_store_end_file(&store, code, err);
  return marl_comm_agree(comm, code, err);
}

MarlCode marl_flow_fields_look(MarlSolver *solver, MarlPicture *picture, MarlError *err) {
  const MarlFlow *flow = marl_solver_flow(solver, MARL_NEED_VORTICITY);
  const MarlGrid *grid = marl_solver_grid(solver);
  double *whole = NULL;
  MarlCode code = MARL_OK;
  if (flow == NULL) code = MARL_FAIL(err, MARL_EMEMORY, "no memory for a picture of the flow");
  MARL_TRY(marl_comm_agree(grid->comm, code, err));
  MARL_TRY(gather(grid, flow->w, &whole, err));
  if (marl_comm_rank(grid->comm) == 0)
    code = marl_picture_numbers(picture, "vorticity", "1/T", grid->ny, grid->nx, whole, err);
  free(whole);
  return code;
}
