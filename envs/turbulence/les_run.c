#include "envs/turbulence/les_run.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "marl/core/comm.h"
#include "marl/core/log.h"
#include "physics/spectrum.h"

/* A run in progress. */
typedef struct Les {
  const MarlLesPlan *plan;
  int number; /* of the job */
  MarlSolver *solver;
  MarlClosure *closure;
  double *w;                    /* [n, n], scratch for the start and for stresses */
  double *spectrum, *energy;    /* [n/2] */
  MarlComplex *pi_hat, *stress; /* [nk, n] */
} Les;

static void end(Les *les) {
  marl_solver_destroy(&les->solver);
  if (les->closure != NULL) les->closure->ops->destroy(les->closure);
  marl_fft_free(les->w);
  marl_fft_free(les->pi_hat);
  marl_fft_free(les->stress);
  free(les->spectrum);
}

static MarlCode begin(const MarlLesPlan *plan, const MarlLesJob *job, int number, Les *les,
                      MarlError *err) {
  *les = (Les){.plan = plan, .number = number};
  MarlSolverParams params;
  MARL_TRY(marl_les_params(plan->reference, plan->n, plan->dt, plan->dealias, &params, err));
  params.advection = plan->advection;
  params.key = marl_key_fold(plan->key, (uint64_t)job->sample);
  MARL_TRY(marl_solver_create(&params, MPI_COMM_SELF, &les->solver, err));
  const MarlGrid *grid = marl_solver_grid(les->solver);
  les->w = marl_fft_alloc_physical(grid);
  les->pi_hat = marl_fft_alloc_spectral(grid);
  les->stress = marl_fft_alloc_spectral(grid);
  les->spectrum = calloc((size_t)plan->n, sizeof *les->spectrum);
  if (les->w == NULL || les->pi_hat == NULL || les->stress == NULL || les->spectrum == NULL)
    return MARL_FAIL(err, MARL_EMEMORY, "no memory for an LES of %d x %d", plan->n, plan->n);
  les->energy = les->spectrum + plan->n / 2;
  MARL_TRY(job->closure->create(grid, job->options, &les->closure, err));
  marl_solver_set_closure(les->solver, les->closure);
  MARL_TRY(marl_reference_initial(plan->reference, plan->n, job->sample, les->w, err));
  return marl_solver_set_vorticity(les->solver, les->w, err);
}

MarlCode marl_les_check(const MarlLesPlan *plan, const MarlLesJob *job, MarlError *err) {
  Les les;
  const MarlCode code = begin(plan, job, 0, &les, err);
  end(&les);
  return code;
}

/* PI_hat of what the closure gives now (closure.h has the forms). */
static MarlCode subgrid_term(Les *les, MarlError *err) {
  const MarlSubgrid *sub = NULL;
  MARL_TRY(marl_solver_subgrid(les->solver, &sub, err));
  const MarlGrid *grid = marl_solver_grid(les->solver);
  const MarlComplex *w_hat = marl_solver_w_hat(les->solver);
  for (int i = 0; i < grid->nk_local; ++i)
    for (int j = 0; j < grid->ny; ++j) {
      const size_t at = (size_t)i * (size_t)grid->ny + (size_t)j;
      const double edge = grid->edge_x[i] + grid->edge_y[j];
      les->pi_hat[at] = marl_damping_rate(sub->uniform, grid->k2[at], edge) * w_hat[at];
      if (sub->has_tendency) les->pi_hat[at] -= sub->tendency[at];
    }
  for (int t = 0; t < 2 && sub->has_stress; ++t) {
    marl_fft_forward(marl_solver_fft(les->solver), t == 0 ? sub->tau11 : sub->tau12, les->stress);
    for (int i = 0; i < grid->nk_local; ++i)
      for (int j = 0; j < grid->ny; ++j) {
        const double kx = grid->kx[i], ky = grid->ky[j];
        const size_t at = (size_t)i * (size_t)grid->ny + (size_t)j;
        les->pi_hat[at] += (t == 0 ? 2 * kx * ky : ky * ky - kx * kx) * les->stress[at];
      }
  }
  return MARL_OK;
}

/* <psi PI> and <w PI>: sums over modes, those of kx > 0 twice. */
static void subgrid_flux(const Les *les, double *energy, double *enstrophy) {
  const MarlGrid *grid = marl_solver_grid(les->solver);
  const MarlComplex *w_hat = marl_solver_w_hat(les->solver);
  *energy = *enstrophy = 0;
  for (int i = 0; i < grid->nk_local; ++i)
    for (int j = 0; j < grid->ny; ++j) {
      const size_t at = (size_t)i * (size_t)grid->ny + (size_t)j;
      const double product = (grid->kx[i] > 0 ? 2 : 1) * creal(conj(w_hat[at]) * les->pi_hat[at]);
      *enstrophy += product;
      if (grid->k2[at] > 0) *energy += product / grid->k2[at];
    }
}

static MarlCode sample(Les *les, double *block, double *largest, MarlError *err) {
  const MarlLesPlan *plan = les->plan;
  MarlScoreSample s = {.spectrum = les->spectrum};
  MARL_TRY(subgrid_term(les, err));
  subgrid_flux(les, &s.energy_flux, &s.enstrophy_flux);
  const MarlFlow *flow = marl_solver_flow(les->solver, MARL_NEED_VORTICITY);
  marl_spectrum_enstrophy_energy(flow->grid, flow->w_hat, les->spectrum, les->energy);
  s.energy = les->energy[0];
  for (int k = 1; k < plan->n / 2; ++k) s.energy += 2 * les->energy[k];
  s.vorticity = flow->w;
  marl_score_block_add(plan->target, &s, block);
  for (size_t i = 0; i < flow->grid->num_physical; ++i) *largest = fmax(*largest, fabs(flow->w[i]));
  return MARL_OK;
}

static int64_t steps_of(double time, double dt) {
  const int64_t steps = (int64_t)llround(time / dt);
  return steps > 0 ? steps : 1;
}

size_t marl_les_num_samples(const MarlLesPlan *plan) {
  const int64_t every = steps_of(plan->every, plan->dt);
  return (size_t)plan->num_blocks * (size_t)steps_of(plan->block, plan->dt * (double)every);
}

/* The part of an output that is one job's. */
static MarlLesOutput part_of(const MarlLesPlan *plan, const MarlLesOutput *all, int number) {
  const size_t j = (size_t)number, points = (size_t)plan->n * (size_t)plan->n;
  return (MarlLesOutput){
      .blocks = all->blocks + j * (size_t)plan->num_blocks * plan->target->block_size,
      .results = all->results + j,
      .maxima = all->maxima + j * marl_les_num_samples(plan),
      .last = all->last + j * points};
}

static bool asked_to_stop(MarlLesWatch *watch) {
  return watch != NULL && watch->stop != NULL && watch->stop(watch);
}

/* `n` steps, in stretches that end where the solver looks at its flow anyway. */
static MarlCode advance(Les *les, int64_t n, MarlLesWatch *watch, MarlError *err) {
  enum { STRETCH = 500 };

  for (int64_t done = 0; done < n; done += STRETCH) {
    if (asked_to_stop(watch)) return MARL_FAIL(err, MARL_ESTOPPED, "a run was stopped");
    MARL_TRY(marl_solver_step(les->solver, n - done < STRETCH ? n - done : STRETCH, err));
  }
  return MARL_OK;
}

static void tell_progress(const Les *les, MarlLesWatch *watch, double done, const double *blocks,
                          int count) {
  double value[MARL_MAX_SCORES];
  const MarlScoreTarget *target = les->plan->target;
  if (watch == NULL || watch->progress == NULL) return;
  const char *score = target->truncated != NULL ? "e_trunc" : "e_log";
  marl_score_compute(target, blocks, (size_t)count, value);
  const MarlLesProgress progress = {done, les->closure->ops->name, score,
                                    value[marl_score_find(score)]};
  watch->progress(watch, &progress);
}

/* Spin up and sample; MARL_ENUMERIC when the flow blows up. */
static MarlCode integrate(Les *les, MarlLesWatch *watch, double done, double share,
                          const MarlLesOutput *out, MarlError *err) {
  const MarlLesPlan *plan = les->plan;
  const int64_t every = steps_of(plan->every, plan->dt);
  const size_t samples = marl_les_num_samples(plan) / (size_t)plan->num_blocks;
  if (plan->spinup > 0) MARL_TRY(advance(les, steps_of(plan->spinup, plan->dt), watch, err));
  for (int b = 0; b < plan->num_blocks; ++b) {
    double *block = out->blocks + (size_t)b * plan->target->block_size;
    for (size_t s = 0; s < samples; ++s) {
      double *largest = out->maxima + (size_t)b * samples + s;
      MARL_TRY(advance(les, every, watch, err));
      MARL_TRY(sample(les, block, largest, err));
      out->results->max_vorticity = fmax(out->results->max_vorticity, *largest);
      if (watch != NULL && watch->sampled != NULL)
        MARL_TRY(watch->sampled(watch, les->number, les->solver, les->closure, err));
    }
    tell_progress(les, watch, done + share * (b + 1) / plan->num_blocks, out->blocks, b + 1);
  }
  const MarlFlow *flow = marl_solver_flow(les->solver, MARL_NEED_VORTICITY);
  memcpy(out->last, flow->w, flow->grid->num_physical * sizeof *out->last);
  return MARL_OK;
}

static MarlCode run_job(const MarlLesPlan *plan, const MarlLesJob *jobs, int number,
                        MarlLesWatch *watch, double done, double share, const MarlLesOutput *out,
                        MarlError *err) {
  Les les;
  MarlError failure;
  MarlLesResult *result = out->results;
  const double start = marl_timer_seconds();
  MarlCode code = begin(plan, &jobs[number], number, &les, err);
  if (code == MARL_OK) {
    code = integrate(&les, watch, done, share, out, &failure);
    result->steps = (double)marl_solver_steps(les.solver);
    result->time = marl_solver_time(les.solver);
    result->seconds = marl_timer_seconds() - start;
    if (code == MARL_ENUMERIC) {
      result->blew_up = 1;
      code = MARL_OK;
    } else if (code != MARL_OK && err != NULL) {
      *err = failure;
    }
  }
  end(&les);
  return code;
}

/* What a file that could not be read whole has left. */
static void clear_part(const MarlLesPlan *plan, const MarlLesOutput *part) {
  const size_t points = (size_t)plan->n * (size_t)plan->n;
  const size_t blocks = (size_t)plan->num_blocks * plan->target->block_size;
  memset(part->blocks, 0, blocks * sizeof *part->blocks);
  memset(part->results, 0, sizeof *part->results);
  memset(part->maxima, 0, marl_les_num_samples(plan) * sizeof *part->maxima);
  memset(part->last, 0, points * sizeof *part->last);
}

/* A job that was kept earlier, or a run of it. */
static MarlCode do_job(const MarlLesPlan *plan, const MarlLesJob *jobs, int number,
                       MarlLesWatch *watch, double done, double share, const MarlLesOutput *out,
                       MarlError *err) {
  if (watch != NULL && watch->recall != NULL && watch->recall(watch, plan, number, out))
    return MARL_OK;
  clear_part(plan, out);
  MARL_TRY(run_job(plan, jobs, number, watch, done, share, out, err));
  if (watch == NULL || watch->keep == NULL) return MARL_OK;
  return watch->keep(watch, plan, number, out, err);
}

/* Sizes in doubles of one job's part of each array. */
typedef struct Sizes {
  size_t blocks, results, maxima, last;
} Sizes;

static Sizes sizes_of(const MarlLesPlan *plan) {
  return (Sizes){.blocks = (size_t)plan->num_blocks * plan->target->block_size,
                 .results = sizeof(MarlLesResult) / sizeof(double),
                 .maxima = marl_les_num_samples(plan),
                 .last = (size_t)plan->n * (size_t)plan->n};
}

static void add_ranks(size_t n, void *values, MPI_Comm comm) {
  MPI_Allreduce(MPI_IN_PLACE, values, (int)n, MPI_DOUBLE, MPI_SUM, comm);
}

MarlCode marl_les_run(const MarlLesPlan *plan, const MarlLesJob *jobs, int num_jobs, MPI_Comm comm,
                      MarlLesWatch *watch, const MarlLesOutput *output, MarlError *err) {
  const int rank = marl_comm_rank(comm), size = marl_comm_size(comm);
  const Sizes sizes = sizes_of(plan);
  const size_t count = (size_t)num_jobs * sizeof(double);
  const int own = (num_jobs - rank + size - 1) / size;
  memset(output->blocks, 0, count * sizes.blocks);
  memset(output->results, 0, count * sizes.results);
  memset(output->maxima, 0, count * sizes.maxima);
  memset(output->last, 0, count * sizes.last);
  MarlCode code = MARL_OK;
  for (int j = rank, nth = 0; j < num_jobs && code == MARL_OK; j += size, ++nth) {
    const MarlLesOutput part = part_of(plan, output, j);
    code = do_job(plan, jobs, j, watch, (double)nth / own, 1.0 / own, &part, err);
  }
  MARL_TRY(marl_comm_agree(comm, code, err));
  /* each number is nonzero on one rank only, so these sums are exact */
  for (int j = 0; j < num_jobs; ++j) {
    const MarlLesOutput part = part_of(plan, output, j);
    add_ranks(sizes.blocks, part.blocks, comm);
    add_ranks(sizes.results, part.results, comm);
    add_ranks(sizes.maxima, part.maxima, comm);
    add_ranks(sizes.last, part.last, comm);
  }
  return MARL_OK;
}

size_t marl_les_compact(const MarlScoreTarget *target, double *blocks, size_t num_runs,
                        size_t num_blocks, size_t *lengths) {
  const size_t size = target->block_size;
  size_t kept = 0;
  for (size_t r = 0; r < num_runs; ++r) {
    const double *run = blocks + r * num_blocks * size;
    lengths[r] = 0;
    while (lengths[r] < num_blocks && run[lengths[r] * size] > 0) ++lengths[r];
    memmove(blocks + kept * size, run, lengths[r] * size * sizeof *blocks);
    kept += lengths[r];
  }
  return kept;
}

/* One run of doubles of a part. */
typedef struct PartArray {
  const char *name;
  size_t size;
  double *values;
} PartArray;
enum { NUM_PART_ARRAYS = 4 };

static void list_arrays(const MarlLesPlan *plan, const MarlLesOutput *part,
                        PartArray list[NUM_PART_ARRAYS]) {
  const Sizes sizes = sizes_of(plan);
  const PartArray all[NUM_PART_ARRAYS] = {
      {"blocks", sizes.blocks, part->blocks},
      {"result", sizes.results, (double *)part->results}, /* plain numbers */
      {"maxima", sizes.maxima, part->maxima},
      {"last", sizes.last, part->last},
  };
  memcpy(list, all, sizeof all);
}

MarlCode marl_les_save(const MarlLesPlan *plan, const MarlLesOutput *part, MarlStore *to,
                       MarlError *err) {
  PartArray list[NUM_PART_ARRAYS];
  list_arrays(plan, part, list);
  for (int i = 0; i < NUM_PART_ARRAYS; ++i) {
    const MarlArray array = {.type = MARL_F64, .rank = 2, .shape = {0, list[i].size}};
    MARL_TRY(marl_store_append(to, list[i].name, &array, 1, list[i].values, err));
  }
  return MARL_OK;
}

MarlCode marl_les_load(const MarlLesPlan *plan, const MarlLesOutput *part, MarlStore *from,
                       MarlError *err) {
  PartArray list[NUM_PART_ARRAYS];
  list_arrays(plan, part, list);
  for (int i = 0; i < NUM_PART_ARRAYS; ++i)
    MARL_TRY(marl_store_read(from, list[i].name, MARL_F64, list[i].size, list[i].values, err));
  return MARL_OK;
}
