#include "physics/reference_run.h"

#include <math.h>
#include <stdlib.h>

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
  const size_t values = (size_t)params->initial_samples * (size_t)size * (size_t)size;
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
    return MARL_FAIL(err, MARL_ECONFIG,
                     "sampling over %g every %g time units gives no sample: lengthen the run",
                     params->sampling, params->sample_every);
  if (params->num_initial_sizes > MARL_REFERENCE_MAX_INITIAL)
    return MARL_FAIL(err, MARL_ECONFIG, "initial fields of %d sizes: at most %d",
                     params->num_initial_sizes, MARL_REFERENCE_MAX_INITIAL);
  if (params->initial_samples < 1 || params->initial_samples > MARL_REFERENCE_MAX_SAMPLES)
    return MARL_FAIL(err, MARL_ECONFIG, "%d initial fields: choose 1 to %d",
                     params->initial_samples, (int)MARL_REFERENCE_MAX_SAMPLES);
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

/* Take initial field number i in the middle of the i-th of equal parts of the sampling phase. */
static void take_initial(MarlReferenceRun *run) {
  const MarlReferenceRunParams *params = &run->params;
  const double elapsed = marl_solver_time(run->solver) - params->spinup;
  const double part = params->sampling / params->initial_samples;
  if (run->taken == params->initial_samples || elapsed < ((double)run->taken + 0.5) * part) return;
  for (int i = 0; i < params->num_initial_sizes; ++i) {
    MarlInitialFields *initial = &run->initial[i];
    marl_filter_truncate(marl_solver_grid(run->solver), marl_solver_w_hat(run->solver),
                         initial->grid, initial->w_hat);
    marl_fft_inverse(initial->fft, initial->w_hat, initial->w);
    float *sample = initial->samples + (size_t)run->taken * initial->grid->num_physical;
    // results, not state: single precision is a thousand times below the sampling error
    for (size_t p = 0; p < initial->grid->num_physical; ++p) sample[p] = (float)initial->w[p];
  }
  ++run->taken;
}

MarlCode marl_reference_run_advance(MarlReferenceRun *run, MarlError *err) {
  const MarlReferenceRunParams *params = &run->params;
  MarlSolver *solver = marl_reference_run_solver(run);
  if (run->phase == MARL_REFERENCE_DONE) return MARL_OK;
  const double end = run->phase == MARL_REFERENCE_COARSE   ? params->coarse_time
                     : run->phase == MARL_REFERENCE_SPINUP ? params->spinup
                                                           : params->spinup + params->sampling;
  const double before = marl_solver_time(solver);
  MARL_TRY(marl_timeline_advance(solver,
                                 fmin(marl_timeline_next(before, params->sample_every), end), err));
  if (run->phase == MARL_REFERENCE_SAMPLING) {
    MARL_TRY(marl_statistics_add(run->statistics, solver, err));
    take_initial(run);
  }
  if (marl_solver_time(solver) < end - 1e-6 * params->sample_every) return MARL_OK;
  if (run->phase == MARL_REFERENCE_COARSE) MARL_TRY(refine(run, err));
  ++run->phase;
  return MARL_OK;
}
