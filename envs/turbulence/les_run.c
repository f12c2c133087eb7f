#include "envs/turbulence/les_run.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "envs/turbulence/les_flow.h"
#include "marl/core/comm.h"
#include "marl/core/log.h"

/* The runs of this rank. Those under way, a company, are steps of each other's clock: without lanes it is
 * one run at a time, with lanes a block of them. */
typedef struct Runs {
  const MarlLesPlan *plan;
  const MarlLesJob *jobs;
  int num_jobs;
  MarlLesWatch *watch;
  const MarlLesOutput *output;
  bool *done;       /* [num_jobs] or begun, or another rank's */
  int own, settled; /* jobs of this rank, and how many of them have ended */

  MarlFlowBatch *batch; /* NULL: lanes are off */
  int room, count;      /* of a company */
  MarlLesFlow *company; /* [room], the first `count` under way or blown up */
  MarlLesFlow *kept; /* [num_jobs], the first `num_kept` begun, for a company that they fit into */
  int num_kept;
  int most_cost;        /* of a flow that may join now (marl_flow_batch_cost) */
  MarlSolver **solvers; /* [room] */
  MarlCode *codes;      /* [room] */
  MarlError *errors;    /* [room] */
} Runs;

/* The part of an output that is one job's. */
static MarlLesOutput part_of(const Runs *runs, int number) {
  const MarlLesSizes sizes = marl_les_sizes(runs->plan);
  const MarlLesOutput *all = runs->output;
  const size_t j = (size_t)number;
  return (MarlLesOutput){.blocks = all->blocks + j * sizes.blocks,
                         .results = all->results + j,
                         .maxima = all->maxima + j * sizes.maxima,
                         .last = all->last + j * sizes.last};
}

static bool asked_to_stop(const Runs *runs) {
  MarlLesWatch *watch = runs->watch;
  return watch != NULL && watch->stop != NULL && watch->stop(watch);
}

/* A flow that has blown up ends, and the others go on. */
static MarlCode take_code(MarlLesFlow *les, MarlCode code, const MarlError *failure,
                          MarlError *err) {
  if (code == MARL_OK) return MARL_OK;
  if (code == MARL_ENUMERIC) {
    les->blew_up = true;
    return MARL_OK;
  }
  if (err != NULL) *err = *failure;
  return code;
}

/* n steps of every flow that has not blown up. */
static MarlCode step(Runs *runs, int64_t n, MarlError *err) {
  MarlLesFlow *les = runs->company;
  int count = 0;
  for (int r = 0; r < runs->count; ++r)
    if (!les[r].blew_up) runs->solvers[count++] = les[r].solver;
  if (runs->batch == NULL && count == 1)
    runs->codes[0] = marl_solver_step(runs->solvers[0], n, &runs->errors[0]);
  else
    MARL_TRY(
        marl_flow_batch_step(runs->batch, runs->solvers, count, n, runs->codes, runs->errors, err));
  for (int r = 0, at = 0; r < runs->count; ++r) {
    if (les[r].blew_up) continue;
    MARL_TRY(take_code(&les[r], runs->codes[at], &runs->errors[at], err));
    ++at;
  }
  return MARL_OK;
}

static bool any(const Runs *runs) {
  for (int r = 0; r < runs->count; ++r)
    if (!runs->company[r].blew_up) return true;
  return false;
}

/* `n` steps, in stretches that end where the solver looks at its flow anyway. */
static MarlCode advance(Runs *runs, int64_t n, MarlError *err) {
  enum { STRETCH = 500 };

  for (int64_t done = 0; done < n && any(runs); done += STRETCH) {
    if (asked_to_stop(runs)) return MARL_FAIL(err, MARL_ESTOPPED, "a run was stopped");
    MARL_TRY(step(runs, n - done < STRETCH ? n - done : STRETCH, err));
  }
  return MARL_OK;
}

/* Of the first flow that is there, `blocks` of whose blocks are whole. */
static void tell_progress(const Runs *runs, int blocks) {
  MarlLesWatch *watch = runs->watch;
  double value[MARL_MAX_SCORES];
  const MarlScoreTarget *target = runs->plan->target;
  const MarlLesFlow *les = runs->company;
  if (watch == NULL || watch->progress == NULL || !any(runs)) return;
  while (les->blew_up) ++les;
  const char *score = target->truncated != NULL ? "e_trunc" : "e_log";
  const double share = (double)blocks / runs->plan->num_blocks;
  marl_score_compute(target, part_of(runs, les->number).blocks, (size_t)blocks, value);
  const MarlLesProgress progress = {(runs->settled + share * runs->count) / runs->own,
                                    les->closure->ops->name, score, value[marl_score_find(score)]};
  watch->progress(watch, &progress);
}

static MarlCode sample_flow(Runs *runs, MarlLesFlow *les, int block, size_t nth, MarlError *err) {
  const MarlLesOutput out = part_of(runs, les->number);
  MarlLesWatch *watch = runs->watch;
  MARL_TRY(marl_les_flow_sample(les, out.blocks + (size_t)block * runs->plan->target->block_size,
                                &out.maxima[nth], err));
  out.results->max_vorticity = fmax(out.results->max_vorticity, out.maxima[nth]);
  if (watch == NULL || watch->sampled == NULL) return MARL_OK;
  return watch->sampled(watch, les->number, les->solver, les->closure, err);
}

static MarlCode sample(Runs *runs, int block, size_t nth, MarlError *err) {
  for (int r = 0; r < runs->count; ++r) {
    MarlLesFlow *les = &runs->company[r];
    MarlError failure;
    if (les->blew_up) continue;
    MARL_TRY(take_code(les, sample_flow(runs, les, block, nth, &failure), &failure, err));
  }
  return MARL_OK;
}

/* Spin up and sample. */
static MarlCode integrate(Runs *runs, MarlError *err) {
  const MarlLesPlan *plan = runs->plan;
  const int64_t every = marl_les_steps(plan->every, plan->dt);
  const size_t samples = marl_les_num_samples(plan) / (size_t)plan->num_blocks;
  if (plan->spinup > 0) MARL_TRY(advance(runs, marl_les_steps(plan->spinup, plan->dt), err));
  for (int b = 0; b < plan->num_blocks && any(runs); ++b) {
    for (size_t s = 0; s < samples; ++s) {
      MARL_TRY(advance(runs, every, err));
      MARL_TRY(sample(runs, b, (size_t)b * samples + s, err));
    }
    tell_progress(runs, b + 1);
  }
  return MARL_OK;
}

/* What the runs of the company gave; they took `seconds` in all, each its part by its steps. */
static MarlCode settle(const Runs *runs, double seconds, MarlError *err) {
  MarlLesWatch *watch = runs->watch;
  double steps = 0;
  for (int r = 0; r < runs->count; ++r) steps += (double)marl_solver_steps(runs->company[r].solver);
  for (int r = 0; r < runs->count; ++r) {
    const MarlLesFlow *les = &runs->company[r];
    const MarlLesOutput out = part_of(runs, les->number);
    MarlLesResult *result = out.results;
    result->blew_up = les->blew_up;
    result->steps = (double)marl_solver_steps(les->solver);
    result->time = marl_solver_time(les->solver);
    result->seconds = seconds * result->steps / fmax(steps, 1);
    if (!les->blew_up) {
      const MarlFlow *flow = marl_solver_flow(les->solver, MARL_NEED_VORTICITY);
      memcpy(out.last, flow->w, flow->grid->num_physical * sizeof *out.last);
    }
    if (watch != NULL && watch->keep != NULL)
      MARL_TRY(watch->keep(watch, runs->plan, les->number, &out, err));
  }
  return MARL_OK;
}

/* The kept flow of a job's closure and options, which says whom the job can be stepped with; num_kept: none. */
static int kept_like(const Runs *runs, int number) {
  const MarlLesJob *job = &runs->jobs[number];
  int k = 0;
  for (; k < runs->num_kept; ++k) {
    const MarlLesJob *other = &runs->jobs[runs->kept[k].number];
    if (other->closure == job->closure && other->options == job->options) break;
  }
  return k;
}

/* What a file that could not be read whole has left of an output is cleared. */
static void clear_output(const Runs *runs, int number) {
  const MarlLesSizes sizes = marl_les_sizes(runs->plan);
  const MarlLesOutput out = part_of(runs, number);
  memset(out.blocks, 0, sizes.blocks * sizeof *out.blocks);
  memset(out.results, 0, sizeof *out.results);
  memset(out.maxima, 0, sizes.maxima * sizeof *out.maxima);
  memset(out.last, 0, sizes.last * sizeof *out.last);
}

static bool fits(const Runs *runs, const MarlLesFlow *les) {
  return marl_flow_batch_cost(les->solver) <= runs->most_cost &&
         (runs->count == 0 || marl_flow_batch_together(runs->company[0].solver, les->solver));
}

/* Into the company; or, if it fits into another, kept as the one of its closure. Either way it is begun once. */
static MarlCode join(Runs *runs, int number, MarlError *err) {
  const int k = kept_like(runs, number);
  MarlLesFlow *les = &runs->company[runs->count];
  if (k < runs->num_kept && !fits(runs, &runs->kept[k])) return MARL_OK;
  if (k < runs->num_kept && runs->kept[k].number == number) {
    *les = runs->kept[k];
    runs->kept[k] = runs->kept[--runs->num_kept];
  } else {
    const MarlCode code = marl_les_flow_begin(runs->plan, &runs->jobs[number], number, les, err);
    if (code != MARL_OK) marl_les_flow_end(les);
    MARL_TRY(code);
    if (!fits(runs, les)) {
      runs->kept[runs->num_kept++] = *les;
      return MARL_OK;
    }
  }
  ++runs->count;
  runs->done[number] = true;
  clear_output(runs, number);
  return MARL_OK;
}

static bool has_room(const Runs *runs) {
  if (runs->count == 0 || runs->batch == NULL) return runs->count == 0;
  return runs->count < runs->room && marl_flow_batch_alone(runs->company[0].solver) == NULL;
}

/* The next run, and with lanes others that are stepped together with it. The dear ones come last, so that they fill
 * companies of their own and the last of the others. */
static MarlCode gather(Runs *runs, MarlError *err) {
  for (runs->most_cost = 0; runs->most_cost <= 2; ++runs->most_cost)
    for (int j = 0; j < runs->num_jobs && has_room(runs); ++j)
      if (!runs->done[j]) MARL_TRY(join(runs, j, err));
  return MARL_OK;
}

static MarlCode run_company(Runs *runs, MarlError *err) {
  const double start = marl_timer_seconds();
  runs->count = 0;
  MarlCode code = gather(runs, err);
  if (code == MARL_OK) code = integrate(runs, err);
  if (code == MARL_OK) code = settle(runs, marl_timer_seconds() - start, err);
  for (int r = 0; r < runs->count; ++r) marl_les_flow_end(&runs->company[r]);
  runs->settled += runs->count;
  return code;
}

static MarlCode make_room(Runs *runs, MarlError *err) {
  MARL_TRY(marl_lanes_create(runs->plan->lanes, &runs->batch, err));
  runs->room = runs->batch == NULL ? 1 : marl_flow_batch_lanes(runs->batch);
  const size_t room = (size_t)runs->room;
  runs->done = calloc((size_t)runs->num_jobs + 1, sizeof *runs->done);
  runs->company = calloc(room, sizeof *runs->company);
  runs->kept = calloc((size_t)runs->num_jobs + 1, sizeof *runs->kept);
  runs->solvers = calloc(room, sizeof(MarlSolver *));
  runs->codes = calloc(room, sizeof *runs->codes);
  runs->errors = calloc(room, sizeof *runs->errors);
  if (runs->done == NULL || runs->company == NULL || runs->kept == NULL || runs->solvers == NULL ||
      runs->codes == NULL || runs->errors == NULL)
    return MARL_FAIL(err, MARL_EMEMORY, "no memory for %d runs at a time", runs->room);
  return MARL_OK;
}

static void free_room(Runs *runs) {
  for (int k = 0; k < runs->num_kept; ++k) marl_les_flow_end(&runs->kept[k]);
  marl_flow_batch_destroy(&runs->batch);
  free(runs->kept);
  free(runs->done);
  free(runs->company);
  free(runs->solvers);
  free(runs->codes);
  free(runs->errors);
}

/* The jobs that are dealt to this rank: those that were kept earlier, and runs of the others. */
static MarlCode run_own(Runs *runs, int rank, int size, MarlError *err) {
  MarlLesWatch *watch = runs->watch;
  MARL_TRY(make_room(runs, err));
  for (int j = 0; j < runs->num_jobs; ++j) {
    const MarlLesOutput out = part_of(runs, j);
    runs->done[j] = j % size != rank;
    if (runs->done[j]) continue;
    ++runs->own;
    if (watch == NULL || watch->recall == NULL || !watch->recall(watch, runs->plan, j, &out))
      continue;
    runs->done[j] = true;
    ++runs->settled;
  }
  while (runs->settled < runs->own) MARL_TRY(run_company(runs, err));
  return MARL_OK;
}

static void add_ranks(size_t n, void *values, MPI_Comm comm) {
  MPI_Allreduce(MPI_IN_PLACE, values, (int)n, MPI_DOUBLE, MPI_SUM, comm);
}

MarlCode marl_les_run(const MarlLesPlan *plan, const MarlLesJob *jobs, int num_jobs, MPI_Comm comm,
                      MarlLesWatch *watch, const MarlLesOutput *output, MarlError *err) {
  const MarlLesSizes sizes = marl_les_sizes(plan);
  const size_t count = (size_t)num_jobs * sizeof(double);
  Runs runs = {.plan = plan, .jobs = jobs, .num_jobs = num_jobs, .watch = watch, .output = output};
  memset(output->blocks, 0, count * sizes.blocks);
  memset(output->results, 0, count * sizes.results);
  memset(output->maxima, 0, count * sizes.maxima);
  memset(output->last, 0, count * sizes.last);
  const MarlCode code = run_own(&runs, marl_comm_rank(comm), marl_comm_size(comm), err);
  free_room(&runs);
  MARL_TRY(marl_comm_agree(comm, code, err));
  /* each number is nonzero on one rank only, so these sums are exact */
  for (int j = 0; j < num_jobs; ++j) {
    const MarlLesOutput part = part_of(&runs, j);
    add_ranks(sizes.blocks, part.blocks, comm);
    add_ranks(sizes.results, part.results, comm);
    add_ranks(sizes.maxima, part.maxima, comm);
    add_ranks(sizes.last, part.last, comm);
  }
  return MARL_OK;
}
