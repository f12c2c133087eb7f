#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "marl/core/comm.h"
#include "physics/reference_flow.h"
#include "physics/reference_run.h"
#include "physics/reference_run_internal.h"

enum { MAX_NAME = 80 };

/* All candidates for initial fields of one size. */
static MarlArray candidates_array(const MarlReferenceRun *run, const MarlInitialFields *initial) {
  const size_t size = (size_t)initial->grid->nx;
  const size_t fields = MARL_INITIAL_ROOM * (size_t)run->params.initial_samples;
  return (MarlArray){.type = MARL_F32, .rank = 3, .shape = {fields, size, size}};
}

/* Phase, statistics and initial fields: what rank 0 holds alone. */
static MarlCode save_root(const MarlReferenceRun *run, MarlStore *to, MarlError *err) {
  const MarlArray number = {.type = MARL_I64};
  MARL_TRY(marl_store_write(to, "phase", &number, &run->phase, err));
  for (int i = 0; i < run->params.num_initial_sizes; ++i) {
    char name[MAX_NAME];
    const MarlArray samples = candidates_array(run, &run->initial[i]);
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
  int64_t phase;
  MARL_TRY(marl_store_read(from, "phase", MARL_I64, 1, &phase, err));
  const int64_t first = run->coarse != NULL ? MARL_REFERENCE_COARSE : MARL_REFERENCE_SPINUP;
  if (phase < first || phase > MARL_REFERENCE_DONE)
    return MARL_FAIL(err, MARL_EIO, "%s is not a checkpoint of this reference run",
                     marl_store_path(from));
  run->phase = phase;
  for (int i = 0; i < run->params.num_initial_sizes; ++i) {
    char name[MAX_NAME];
    const MarlArray samples = candidates_array(run, &run->initial[i]);
    snprintf(name, sizeof name, "initial_n%d", run->initial[i].grid->nx);
    MARL_TRY(marl_store_read(from, name, MARL_F32,
                             samples.shape[0] * samples.shape[1] * samples.shape[2],
                             run->initial[i].samples, err));
  }
  return MARL_OK;
}

/* A run that had ended goes on sampling when it is to be longer now. */
static MarlCode find_phase(MarlReferenceRun *run, MarlError *err) {
  const MarlReferenceRunParams *params = &run->params;
  const double time = marl_solver_time(run->solver), end = params->spinup + params->sampling;
  if (run->phase < MARL_REFERENCE_SAMPLING) return MARL_OK;
  // a run may pass its end by less than a step
  if (time > end + params->flow.dt)
    return MARL_FAIL(
        err, MARL_ECONFIG,
        "this run has been sampled up to time %g, which is after the end that is asked "
        "for, %g: choose a later one (time.end)",
        time, end);
  const bool over = time >= end - 1e-6 * params->flow.dt;
  run->phase = over ? MARL_REFERENCE_DONE : MARL_REFERENCE_SAMPLING;
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
    code = marl_statistics_load(run->statistics, statistics, err);
  }
  if (code == MARL_OK) code = marl_solver_load(marl_reference_run_solver(run), solver, err);
  if (code == MARL_OK) code = find_phase(run, err);
  if (statistics != NULL) marl_store_close(&statistics);
  if (solver != NULL) marl_store_close(&solver);
  return code;
}

static MarlCode write_attributes(const MarlReferenceRun *run, MarlStore *to, MarlError *err) {
  const MarlSolverParams *flow = &run->params.flow;
  const double stages = flow->integrator == MARL_IFRK4 ? 4 : 1; /* right-hand sides a step */
  const double steps = (double)marl_solver_steps(run->solver);
  MARL_TRY(marl_reference_write_flow(flow, to, err));
  MARL_TRY(marl_store_set_int(to, NULL, "dns_resolution", flow->nx, err));
  MARL_TRY(marl_store_set_real(to, NULL, "spinup_coarse", run->params.coarse_time, err));
  MARL_TRY(marl_store_set_real(to, NULL, "spinup", run->params.spinup, err));
  MARL_TRY(marl_store_set_real(to, NULL, "sampling", run->params.sampling, err));
  MARL_TRY(marl_store_set_real(to, NULL, "sample_every", run->params.sample_every, err));
  MARL_TRY(marl_store_set_real(to, NULL, "evaluations_per_time",
                               stages * steps / marl_solver_time(run->solver), err));
  return marl_store_set_int(to, NULL, "snapshots", marl_statistics_count(run->statistics), err);
}

static MarlCode write_coordinate(MarlStore *to, const char *name, size_t n, double spacing,
                                 const char *long_name, double *values, MarlError *err) {
  const MarlArray array = {
      .type = MARL_F64, .rank = 1, .shape = {n}, .units = "L", .long_name = long_name};
  for (size_t i = 0; i < n; ++i) values[i] = (double)i * spacing;
  return marl_store_write_scale(to, name, &array, values, err);
}

/* The fields of one size: candidates at nearly equal distances over all that were kept. */
static MarlCode write_fields(const MarlReferenceRun *run, const MarlInitialFields *initial,
                             MarlStore *to, const char *name, const char *const *scales,
                             MarlError *err) {
  const size_t wanted = (size_t)run->params.initial_samples, size = (size_t)initial->grid->nx;
  const size_t points = initial->grid->num_physical;
  const int64_t samples = marl_statistics_count(run->statistics);
  const int64_t stride = marl_initial_stride(samples, run->params.initial_samples);
  const size_t kept = (size_t)(samples / stride);
  const MarlArray array = {.type = MARL_F32,
                           .rank = 3,
                           .shape = {wanted, size, size},
                           .scales = scales,
                           .units = "1/T",
                           .long_name = "vorticity, spectrally truncated"};
  float *fields = malloc(wanted * points * sizeof *fields);
  if (fields == NULL) return MARL_FAIL(err, MARL_EMEMORY, "no memory to write '%s'", name);
  for (size_t s = 0; s < wanted; ++s)  // from the middle of the s-th of equal parts
    memcpy(fields + s * points, initial->samples + (2 * s + 1) * kept / (2 * wanted) * points,
           points * sizeof *fields);
  const MarlCode code = marl_store_write(to, name, &array, fields, err);
  free(fields);
  return code;
}

/* Coordinates of their own: sizes differ within the group. */
static MarlCode write_initial(const MarlReferenceRun *run, const MarlInitialFields *initial,
                              MarlStore *to, MarlError *err) {
  char name[MAX_NAME], x[MAX_NAME], y[MAX_NAME];
  const MarlGrid *grid = initial->grid;
  const char *const scales[] = {"sample", y, x};
  snprintf(name, sizeof name, "n%d", grid->nx);
  snprintf(x, sizeof x, "x%d", grid->nx);
  snprintf(y, sizeof y, "y%d", grid->nx);
  // the last field is done with: its room holds the coordinates
  MARL_TRY(write_coordinate(to, x, (size_t)grid->nx, grid->lx / grid->nx, "x", initial->w, err));
  MARL_TRY(write_coordinate(to, y, (size_t)grid->ny, grid->ly / grid->ny, "y", initial->w, err));
  return write_fields(run, initial, to, name, scales, err);
}

static MarlCode write_all_initial(const MarlReferenceRun *run, MarlStore *to, MarlError *err) {
  const MarlArray array = {.type = MARL_I64,
                           .rank = 1,
                           .shape = {(size_t)run->params.initial_samples},
                           .units = "1",
                           .long_name = "sample"};
  int64_t numbers[MARL_REFERENCE_MAX_SAMPLES];
  for (int i = 0; i < run->params.initial_samples; ++i) numbers[i] = i;
  MARL_TRY(marl_store_write_scale(to, "sample", &array, numbers, err));
  for (int i = 0; i < run->params.num_initial_sizes; ++i)
    MARL_TRY(write_initial(run, &run->initial[i], to, err));
  return marl_store_set_int(to, NULL, "held_out", run->params.held_out, err);
}

/* Time between the samples of the series of maxima. */
static MarlCode write_interval(const MarlReferenceRun *run, MarlStore *to, MarlError *err) {
  if (!marl_store_has(to, "maxima")) return MARL_OK;
  MarlStore *group;
  MARL_TRY(marl_store_group_open(to, "maxima", &group, err));
  const MarlCode code = marl_store_set_real(group, NULL, "interval", run->params.sample_every, err);
  marl_store_close(&group);
  return code;
}

MarlCode marl_reference_run_write(const MarlReferenceRun *run, MarlStore *to, MarlError *err) {
  MARL_TRY(write_attributes(run, to, err));
  MARL_TRY(marl_statistics_write(run->statistics, to, err));
  MARL_TRY(write_interval(run, to, err));
  if (run->params.num_initial_sizes == 0) return MARL_OK;
  MarlStore *group;
  MARL_TRY(marl_store_group_create(to, "initial", &group, err));
  const MarlCode code = write_all_initial(run, group, err);
  marl_store_close(&group);
  return code;
}
