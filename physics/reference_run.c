#include "physics/reference_run.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "marl/core/comm.h"
#include "physics/filter.h"
#include "physics/reference_run_internal.h"
#include "physics/spectrum.h"
#include "physics/timeline.h"

static MarlCode initial_init(MarlInitialFields *initial, const MarlReferenceRunParams *params,
                             int size, MarlError *err) {
  if (size > params->flow.nx)
    return MARL_FAIL(err, MARL_ECONFIG, "initial fields of %d x %d are larger than the grid of %d",
                     size, size, params->flow.nx);
  const size_t fields = MARL_INITIAL_ROOM * (size_t)params->initial_samples;
  const size_t values = fields * (size_t)size * (size_t)size;
  MARL_TRY(marl_grid_create(size, size, params->flow.lx, params->flow.ly, MPI_COMM_SELF,
                            &initial->grid, err));
  MARL_TRY(marl_fft_create(initial->grid, &initial->fft, err));
  initial->w_hat = marl_fft_alloc_spectral(initial->grid);
  initial->w = marl_fft_alloc_physical(initial->grid);
  initial->samples = calloc(values, sizeof *initial->samples);
  if (initial->w_hat == NULL || initial->w == NULL || initial->samples == NULL)
    return MARL_FAIL(err, MARL_EMEMORY, "no memory for initial fields of %d x %d", size, size);
  return MARL_OK;
}

static void initial_clear(MarlInitialFields *initial) {
  marl_fft_free(initial->w_hat);
  marl_fft_free(initial->w);
  marl_fft_destroy(&initial->fft);
  marl_grid_destroy(&initial->grid);
  free(initial->samples);
}

static MarlCode check(const MarlReferenceRunParams *params, MarlError *err) {
  if (!(params->sample_every > 0.0) || !(params->sampling >= params->sample_every))
    return MARL_FAIL(
        err, MARL_ECONFIG,
        "sampling over %g time units (time.end less time.spinup) every %g gives no sample: "
        "lengthen the run",
        params->sampling, params->sample_every);
  if (params->num_initial_sizes > MARL_REFERENCE_MAX_INITIAL)
    return MARL_FAIL(err, MARL_ECONFIG, "initial fields of %d sizes: at most %d",
                     params->num_initial_sizes, MARL_REFERENCE_MAX_INITIAL);
  if (params->initial_samples < 1 || params->initial_samples > MARL_REFERENCE_MAX_SAMPLES)
    return MARL_FAIL(err, MARL_ECONFIG, "%d initial fields: choose 1 to %d",
                     params->initial_samples, (int)MARL_REFERENCE_MAX_SAMPLES);
  const int64_t samples = marl_timeline_count(params->sampling, params->sample_every);
  if (params->num_initial_sizes > 0 && samples < params->initial_samples)
    return MARL_FAIL(err, MARL_ECONFIG,
                     "%d initial fields out of %lld samples: ask for fewer or lengthen the run",
                     params->initial_samples, (long long)samples);
  if (params->held_out < 0 || params->held_out >= params->initial_samples)
    return MARL_FAIL(err, MARL_ECONFIG,
                     "%d of %d initial fields held out: at least one must be left for training",
                     params->held_out, params->initial_samples);
  return MARL_OK;
}

static MarlCode build(MarlReferenceRun *run, MarlError *err) {
  const MarlReferenceRunParams *params = &run->params;
  run->phase = MARL_REFERENCE_SPINUP;
  if (params->coarse_n > 0 && params->coarse_time > 0.0) {
    MarlSolverParams coarse = params->flow;
    coarse.nx = coarse.ny = params->coarse_n;
    MARL_TRY(marl_solver_create(&coarse, run->comm, &run->coarse, err));
    run->phase = MARL_REFERENCE_COARSE;
  }
  MARL_TRY(marl_solver_create(&params->flow, run->comm, &run->solver, err));
  MARL_TRY(marl_statistics_create(marl_solver_grid(run->solver), &params->statistics,
                                  &run->statistics, err));
  for (int i = 0; i < params->num_initial_sizes; ++i)
    MARL_TRY(initial_init(&run->initial[i], params, params->initial_sizes[i], err));
  return MARL_OK;
}

MarlCode marl_reference_run_create(const MarlReferenceRunParams *params, MPI_Comm comm,
                                   MarlReferenceRun **out, MarlError *err) {
  *out = NULL;
  MARL_TRY(check(params, err));
  MarlReferenceRun *run = calloc(1, sizeof *run);
  if (run == NULL) return MARL_FAIL(err, MARL_EMEMORY, "no memory for a reference run");
  run->params = *params;
  run->comm = comm;
  const MarlCode code = build(run, err);
  if (code != MARL_OK) {
    marl_reference_run_destroy(&run);
    return code;
  }
  *out = run;
  return MARL_OK;
}

void marl_reference_run_destroy(MarlReferenceRun **run) {
  if (*run == NULL) return;
  for (int i = 0; i < (*run)->params.num_initial_sizes; ++i) initial_clear(&(*run)->initial[i]);
  marl_statistics_destroy(&(*run)->statistics);
  marl_solver_destroy(&(*run)->solver);
  marl_solver_destroy(&(*run)->coarse);
  free(*run);
  *run = NULL;
}

MarlReferencePhase marl_reference_run_phase(const MarlReferenceRun *run) {
  return (MarlReferencePhase)run->phase;
}

MarlSolver *marl_reference_run_solver(MarlReferenceRun *run) {
  return run->phase == MARL_REFERENCE_COARSE ? run->coarse : run->solver;
}

const MarlStatistics *marl_reference_run_statistics(const MarlReferenceRun *run) {
  return run->statistics;
}

static double coarse_length(const MarlReferenceRun *run) {
  return run->coarse == NULL ? 0.0 : run->params.coarse_time;
}

double marl_reference_run_time(const MarlReferenceRun *run) {
  return run->phase == MARL_REFERENCE_COARSE ? marl_solver_time(run->coarse)
                                             : coarse_length(run) + marl_solver_time(run->solver);
}

double marl_reference_run_end(const MarlReferenceRun *run) {
  return coarse_length(run) + run->params.spinup + run->params.sampling;
}

/* Continue the coarse flow on the grid itself. */
static MarlCode refine(MarlReferenceRun *run, MarlError *err) {
  const MarlGrid *from = marl_solver_grid(run->coarse), *to = marl_solver_grid(run->solver);
  MarlGrid *whole;
  MARL_TRY(marl_grid_create(from->nx, from->ny, from->lx, from->ly, MPI_COMM_SELF, &whole, err));
  MarlComplex *gathered = marl_fft_alloc_spectral(whole), *fine = marl_fft_alloc_spectral(to);
  MarlCode code = MARL_OK;
  if (gathered == NULL || fine == NULL)
    code = MARL_FAIL(err, MARL_EMEMORY, "no memory to refine the flow");
  code = marl_comm_agree(run->comm, code, err);
  if (code == MARL_OK) {
    marl_filter_truncate(from, marl_solver_w_hat(run->coarse), whole, gathered);
    marl_spectral_resize(whole, gathered, to, fine);
    code = marl_solver_set_w_hat(run->solver, fine, err);
  }
  marl_fft_free(gathered);
  marl_fft_free(fine);
  marl_grid_destroy(&whole);
  return code;
}

int64_t marl_initial_stride(int64_t samples, int wanted) {
  int64_t stride = 1;
  while (samples / stride > MARL_INITIAL_ROOM * (int64_t)wanted) stride *= 2;
  return stride;
}

/* The flow of this size as candidate `at`. */
static void put_candidate(const MarlReferenceRun *run, MarlInitialFields *initial, size_t at) {
  const size_t points = initial->grid->num_physical;
  float *sample = initial->samples + at * points;
  marl_filter_truncate(marl_solver_grid(run->solver), marl_solver_w_hat(run->solver), initial->grid,
                       initial->w_hat);
  marl_fft_inverse(initial->fft, initial->w_hat, initial->w);
  // results, not state: single precision is a thousand times below the sampling error
  for (size_t p = 0; p < points; ++p) sample[p] = (float)initial->w[p];
}

/* Keep the newest sample if it is a candidate; when the stride doubles, every second one stays. */
static void keep_candidate(MarlReferenceRun *run) {
  const int wanted = run->params.initial_samples;
  const int64_t number = marl_statistics_count(run->statistics);
  const int64_t stride = marl_initial_stride(number, wanted);
  const bool doubled = stride > marl_initial_stride(number - 1, wanted);
  for (int i = 0; i < run->params.num_initial_sizes; ++i) {
    MarlInitialFields *initial = &run->initial[i];
    const size_t points = initial->grid->num_physical;
    for (size_t j = 0; doubled && j < (size_t)wanted; ++j)
      memcpy(initial->samples + j * points, initial->samples + (2 * j + 1) * points,
             points * sizeof *initial->samples);
    if (number % stride == 0) put_candidate(run, initial, (size_t)(number / stride - 1));
  }
}

MarlCode marl_reference_run_advance(MarlReferenceRun *run, MarlError *err) {
  const MarlReferenceRunParams *params = &run->params;
  MarlSolver *solver = marl_reference_run_solver(run);
  if (run->phase == MARL_REFERENCE_DONE) return MARL_OK;
  const double end = run->phase == MARL_REFERENCE_COARSE   ? params->coarse_time
                     : run->phase == MARL_REFERENCE_SPINUP ? params->spinup
                                                           : params->spinup + params->sampling;
  const double before = marl_solver_time(solver);
  const double sample = marl_timeline_next(before, params->sample_every);
  const double until = fmin(fmin(sample, end), marl_timeline_stretch(solver));
  MARL_TRY(marl_solver_step_until(solver, until, sample, err));
  // an end between two samples adds none, so that a longer run has the same ones
  if (run->phase == MARL_REFERENCE_SAMPLING &&
      marl_timeline_due(before, marl_solver_time(solver), params->sample_every)) {
    MARL_TRY(marl_statistics_add(run->statistics, solver, err));
    keep_candidate(run);
  }
  if (marl_solver_time(solver) < end - 1e-6 * params->flow.dt) return MARL_OK;
  if (run->phase == MARL_REFERENCE_COARSE) MARL_TRY(refine(run, err));
  ++run->phase;
  return MARL_OK;
}
