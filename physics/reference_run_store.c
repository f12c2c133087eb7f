#include <stdio.h>

#include "marl/core/comm.h"
#include "physics/reference_run.h"
#include "physics/reference_run_internal.h"

enum { MAX_NAME = 80, NUM_COUNTERS = 2 };

static MarlArray samples_array(const MarlReferenceRun *run, const MarlInitialFields *initial) {
  const size_t size = (size_t)initial->grid->nx;
  return (MarlArray){
      .type = MARL_F32, .rank = 3, .shape = {(size_t)run->params.initial_samples, size, size}};
}

/* Counters, statistics and initial fields: what rank 0 holds alone. */
static MarlCode save_root(const MarlReferenceRun *run, MarlStore *to, MarlError *err) {
  const MarlArray array = {.type = MARL_I64, .rank = 1, .shape = {NUM_COUNTERS}};
  const int64_t counters[NUM_COUNTERS] = {run->phase, run->taken};
  MARL_TRY(marl_store_write(to, "counters", &array, counters, err));
  for (int i = 0; i < run->params.num_initial_sizes; ++i) {
    char name[MAX_NAME];
    const MarlArray samples = samples_array(run, &run->initial[i]);
    snprintf(name, sizeof name, "initial_n%d", run->initial[i].grid->nx);
    MARL_TRY(marl_store_write(to, name, &samples, run->initial[i].samples, err));
  }
  MarlStore *group;
  MARL_TRY(marl_store_group_create(to, "statistics", &group, err));
  const MarlCode code = marl_statistics_save(run->statistics, group, err);
  marl_store_close(&group);
  return code;
}

MarlCode marl_reference_run_save(const MarlReferenceRun *run, MarlStore *to, MarlError *err) {
  MarlStore *group = NULL;
  MarlCode code = to == NULL ? MARL_OK : save_root(run, to, err);
  if (to != NULL && code == MARL_OK) code = marl_store_group_create(to, "solver", &group, err);
  MARL_TRY(marl_comm_agree(run->comm, code, err));
  code =
      marl_solver_save(run->phase == MARL_REFERENCE_COARSE ? run->coarse : run->solver, group, err);
  if (group != NULL) marl_store_close(&group);
  return code;
}

static MarlCode load_root(MarlReferenceRun *run, MarlStore *from, MarlError *err) {
  int64_t counters[NUM_COUNTERS];
  MARL_TRY(marl_store_read(from, "counters", MARL_I64, NUM_COUNTERS, counters, err));
  const int64_t first = run->coarse != NULL ? MARL_REFERENCE_COARSE : MARL_REFERENCE_SPINUP;
  if (counters[0] < first || counters[0] > MARL_REFERENCE_DONE || counters[1] < 0 ||
      counters[1] > run->params.initial_samples)
    return MARL_FAIL(err, MARL_EIO, "%s is not a checkpoint of this reference run",
                     marl_store_path(from));
  run->phase = counters[0];
  run->taken = counters[1];
  for (int i = 0; i < run->params.num_initial_sizes; ++i) {
    char name[MAX_NAME];
    const MarlArray samples = samples_array(run, &run->initial[i]);
    snprintf(name, sizeof name, "initial_n%d", run->initial[i].grid->nx);
    MARL_TRY(marl_store_read(from, name, MARL_F32,
                             samples.shape[0] * samples.shape[1] * samples.shape[2],
                             run->initial[i].samples, err));
  }
  return MARL_OK;
}

MarlCode marl_reference_run_load(MarlReferenceRun *run, MarlStore *from, MarlError *err) {
  MarlStore *statistics = NULL, *solver = NULL;
  MarlCode code = from == NULL ? MARL_OK : load_root(run, from, err);
  if (from != NULL && code == MARL_OK)
    code = marl_store_group_open(from, "statistics", &statistics, err);
  if (from != NULL && code == MARL_OK) code = marl_store_group_open(from, "solver", &solver, err);
  code = marl_comm_agree(run->comm, code, err);
  if (code == MARL_OK) {
    MPI_Bcast(&run->phase, 1, MPI_INT64_T, 0, run->comm);
    MPI_Bcast(&run->taken, 1, MPI_INT64_T, 0, run->comm);
    code = marl_statistics_load(run->statistics, statistics, err);
  }
  if (code == MARL_OK) code = marl_solver_load(marl_reference_run_solver(run), solver, err);
  if (statistics != NULL) marl_store_close(&statistics);
  if (solver != NULL) marl_store_close(&solver);
  return code;
}

static MarlCode write_attributes(const MarlReferenceRun *run, MarlStore *to, MarlError *err) {
  const MarlSolverParams *flow = &run->params.flow;
  MARL_TRY(marl_store_set_real(to, NULL, "reynolds", 1.0 / flow->viscosity, err));
  MARL_TRY(marl_store_set_real(to, NULL, "viscosity", flow->viscosity, err));
  MARL_TRY(marl_store_set_real(to, NULL, "linear_drag", flow->linear_drag, err));
  MARL_TRY(marl_store_set_real(to, NULL, "beta", flow->beta, err));
  MARL_TRY(marl_store_set_real(to, NULL, "forcing_wavenumber", flow->forcing.wavenumber, err));
  MARL_TRY(marl_store_set_real(to, NULL, "domain_length", flow->lx, err));
  MARL_TRY(marl_store_set_int(to, NULL, "dns_resolution", flow->nx, err));
  MARL_TRY(marl_store_set_real(to, NULL, "spinup_coarse", run->params.coarse_time, err));
  MARL_TRY(marl_store_set_real(to, NULL, "spinup", run->params.spinup, err));
  MARL_TRY(marl_store_set_real(to, NULL, "sampling", run->params.sampling, err));
  MARL_TRY(marl_store_set_real(to, NULL, "sample_every", run->params.sample_every, err));
  return marl_store_set_int(to, NULL, "snapshots", marl_statistics_count(run->statistics), err);
}

static MarlCode write_coordinate(MarlStore *to, const char *name, size_t n, double spacing,
                                 const char *long_name, double *values, MarlError *err) {
  const MarlArray array = {
      .type = MARL_F64, .rank = 1, .shape = {n}, .units = "1", .long_name = long_name};
  for (size_t i = 0; i < n; ++i) values[i] = (double)i * spacing;
  return marl_store_write_scale(to, name, &array, values, err);
}

/* Samples of one size with coordinates of their own: sizes differ within the group. */
static MarlCode write_initial(const MarlReferenceRun *run, MarlInitialFields *initial,
                              MarlStore *to, MarlError *err) {
  char name[MAX_NAME], x[MAX_NAME], y[MAX_NAME];
  const MarlGrid *grid = initial->grid;
  snprintf(name, sizeof name, "n%d", grid->nx);
  snprintf(x, sizeof x, "x%d", grid->nx);
  snprintf(y, sizeof y, "y%d", grid->nx);
  // the last field is done with: its room holds the coordinates
  MARL_TRY(write_coordinate(to, x, (size_t)grid->nx, grid->lx / grid->nx, "x", initial->w, err));
  MARL_TRY(write_coordinate(to, y, (size_t)grid->ny, grid->ly / grid->ny, "y", initial->w, err));
  const char *const scales[] = {"sample", y, x};
  MarlArray samples = samples_array(run, initial);
  samples.scales = scales;
  samples.units = "1";
  samples.long_name = "vorticity, spectrally truncated";
  return marl_store_write(to, name, &samples, initial->samples, err);
}

static MarlCode write_all_initial(const MarlReferenceRun *run, MarlStore *to, MarlError *err) {
  const MarlArray array = {.type = MARL_I64,
                           .rank = 1,
                           .shape = {(size_t)run->params.initial_samples},
                           .long_name = "sample"};
  int64_t numbers[MARL_REFERENCE_MAX_SAMPLES];
  for (int i = 0; i < run->params.initial_samples; ++i) numbers[i] = i;
  MARL_TRY(marl_store_write_scale(to, "sample", &array, numbers, err));
  for (int i = 0; i < run->params.num_initial_sizes; ++i) {
    MarlInitialFields scratch = run->initial[i];
    MARL_TRY(write_initial(run, &scratch, to, err));
  }
  return marl_store_set_int(to, NULL, "held_out", run->params.held_out, err);
}

MarlCode marl_reference_run_write(const MarlReferenceRun *run, MarlStore *to, MarlError *err) {
  MARL_TRY(write_attributes(run, to, err));
  MARL_TRY(marl_statistics_write(run->statistics, to, err));
  if (run->params.num_initial_sizes == 0) return MARL_OK;
  MarlStore *group;
  MARL_TRY(marl_store_group_create(to, "initial", &group, err));
  const MarlCode code = write_all_initial(run, group, err);
  marl_store_close(&group);
  return code;
}
