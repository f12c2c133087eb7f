#include "cli/follow_job.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "marl/core/comm.h"
#include "marl/run/interrupt.h"
#include "physics/flow_config.h"
#include "physics/flow_setup.h"

MarlCode marl_follow_claim(MarlConfig *config, MarlError *err) {
  uint64_t seed;
  const MarlSection *section;
  MARL_TRY(marl_config_section(config, "follow", &marl_follow_options, 1, &section, err));
  MARL_TRY(marl_setup_seed(config, &seed, err));
  MARL_TRY(marl_flow_claim(config, err));
  return MARL_OK;
}

static MarlFollowJob *self(MarlJob *job) {
  return (MarlFollowJob *)job;
}

static MarlCode read(MarlJob *job, MarlConfig *config, MarlError *err) {
  MarlFollowJob *f = self(job);
  uint64_t seed;
  MARL_TRY(marl_follow_plan(config, &f->plan, &f->section, err));
  MARL_TRY(marl_setup_seed(config, &seed, err));
  job->seed = (int64_t)seed;
  job->keep = 1;
  return marl_config_finish(config, err);
}

static size_t field_size(const MarlFollowJob *f) {
  const size_t n = (size_t)f->plan.les.phase[0].nx;
  return n * n;
}

/* What a run would refuse in its first moment is refused before there are hours of others. */
static MarlCode try_closure(const MarlFollowJob *f, const MarlScoreRow *row, MarlError *err) {
  MarlSolver *solver = NULL;
  MarlClosure *closure = NULL;
  MARL_TRY(marl_solver_create(&f->plan.les.phase[0], MPI_COMM_SELF, &solver, err));
  MarlCode code = MARL_OK;
  for (int p = 1; p < f->plan.les.num_phases && code == MARL_OK; ++p)
    code = marl_solver_change_flow(solver, &f->plan.les.phase[p], err);
  if (code == MARL_OK)
    code = row->closure->create(marl_solver_grid(solver), row->options, &closure, err);
  if (closure != NULL) closure->ops->destroy(closure);
  marl_solver_destroy(&solver);
  return code;
}

static MarlCode build(MarlJob *job, MarlError *err) {
  MarlFollowJob *f = self(job);
  size_t count = 0;
  const char *const *closures = marl_section_texts(f->section, "closures", &count);
  f->num_closures = (int)count;
  f->total = f->plan.members * (1 + f->num_closures);
  f->unit = marl_follow_size(&f->plan) + field_size(f) + 1;
  f->rows = calloc(count + 1, sizeof *f->rows);
  f->units = calloc((size_t)f->total * f->unit, sizeof *f->units);
  if (f->rows == NULL || f->units == NULL)
    return MARL_FAIL(err, MARL_EMEMORY, "no memory for %d runs", f->total);
  for (size_t c = 0; c < count; ++c) {
    MARL_TRY(marl_closure_parse(closures[c], &f->rows[c], err));
    MARL_TRY(try_closure(f, &f->rows[c], err));
  }
  return MARL_OK;
}

static void clear(MarlJob *job) {
  MarlFollowJob *f = self(job);
  for (int c = 0; c < f->num_closures && f->rows != NULL; ++c)
    marl_section_destroy(&f->rows[c].options);
  free(f->rows);
  free(f->units);
  f->rows = NULL;
  f->units = NULL;
}

static MarlCode begin(MarlJob *job, bool found, MarlError *err) {
  (void)job, (void)found, (void)err;
  return MARL_OK;
}

static MarlCode run_unit(MarlFollowJob *f, int number, MarlError *err) {
  const MarlFollowPlan *plan = &f->plan;
  double *spectra = f->units + (size_t)number * f->unit;
  double *field = spectra + marl_follow_size(plan), *blow_up = field + field_size(f);
  const int member = number % plan->members, row = number / plan->members - 1;
  *blow_up = (double)NAN;
  if (row < 0)
    return marl_follow_direct(plan, member, marl_interrupt_requested, spectra, field, err);
  const double *start = f->units + (size_t)member * f->unit + marl_follow_size(plan);
  return marl_follow_les(plan, &f->rows[row], member, start, marl_interrupt_requested, spectra,
                         blow_up, err);
}

/* A round: the next runs, one a rank; all direct simulations come before the first LES. */
static MarlCode advance(MarlJob *job, bool *due, MarlError *err) {
  MarlFollowJob *f = self(job);
  const int rank = marl_comm_rank(job->comm), ranks = marl_comm_size(job->comm);
  const int last = f->done < f->plan.members ? f->plan.members : f->total;
  const int count = last - f->done < ranks ? last - f->done : ranks;
  const MarlCode code = rank < count ? run_unit(f, f->done + rank, err) : MARL_OK;
  MARL_TRY(marl_comm_agree(job->comm, code, err));
  for (int r = 0; r < count && ranks > 1; ++r)
    MPI_Bcast(f->units + (size_t)(f->done + r) * f->unit, (int)f->unit, MPI_DOUBLE, r, job->comm);
  f->done += count;
  *due = true;
  return MARL_OK;
}

static bool finished(const MarlJob *job) {
  const MarlFollowJob *f = (const MarlFollowJob *)job;
  return f->done == f->total;
}

static void where(const MarlJob *job, char text[MARL_JOB_WHERE]) {
  const MarlFollowJob *f = (const MarlFollowJob *)job;
  snprintf(text, MARL_JOB_WHERE, "after %d of %d runs", f->done, f->total);
}

static void report(MarlJob *job) {
  const MarlFollowJob *f = self(job);
  const int row = (f->done - 1) / f->plan.members - 1;
  marl_log_progress(job->folder->log, "following", f->done, f->total, "%s",
                    row < 0 ? "direct simulation" : f->rows[row].label);
}

static MarlCode finish(MarlJob *job, bool whole, MarlError *err) {
  const MarlFollowJob *f = self(job);
  MarlCode code = MARL_OK;
  if (!whole) return MARL_OK;
  if (marl_comm_rank(job->comm) == 0) {
    code = marl_follow_write(f, err);
    if (code == MARL_OK) marl_follow_print(f);
  }
  return marl_comm_agree(job->comm, code, err);
}

static int64_t number(const MarlJob *job) {
  return ((const MarlFollowJob *)job)->done;
}

/* What an LES is of; direct simulations are of no closure. */
static const char *closures_of(const MarlFollowJob *f) {
  size_t i = 0;
  while (strcmp(marl_section_option(f->section, i)->key, "closures") != 0) ++i;
  return marl_section_canonical(f->section, i);
}

static MarlCode write_units(MarlStore *to, const char *name, size_t count, const MarlFollowJob *f,
                            const double *units, MarlError *err) {
  const MarlArray array = {.type = MARL_F64, .rank = 2, .shape = {count, f->unit}};
  return count == 0 ? MARL_OK : marl_store_write(to, name, &array, units, err);
}

static MarlCode save(MarlJob *job, MarlStore *to, MarlError *err) {
  const MarlFollowJob *f = self(job);
  const size_t members = (size_t)f->plan.members, done = (size_t)f->done;
  const size_t direct = done < members ? done : members;
  if (to == NULL) return MARL_OK;
  MARL_TRY(marl_store_set_text(to, NULL, "closures", closures_of(f), err));
  MARL_TRY(marl_store_set_int(to, NULL, "members", f->plan.members, err));
  MARL_TRY(write_units(to, "direct", direct, f, f->units, err));
  return write_units(to, "les", done - direct, f, f->units + direct * f->unit, err);
}

/* Runs of a dataset, at most `room`, to the end of those that are done. */
static MarlCode read_units(MarlFollowJob *f, MarlStore *from, const char *name, int room,
                           MarlError *err) {
  int rank;
  size_t shape[MARL_STORE_MAX_RANK];
  if (!marl_store_has(from, name)) return MARL_OK;
  MARL_TRY(marl_store_shape(from, name, &rank, shape, err));
  if (rank != 2 || shape[0] > (size_t)room || shape[1] != f->unit)
    return MARL_FAIL(err, MARL_EIO, "%s: '%s' is not of these runs", marl_store_path(from), name);
  MARL_TRY(marl_store_read(from, name, MARL_F64, shape[0] * f->unit,
                           f->units + (size_t)f->done * f->unit, err));
  f->done += (int)shape[0];
  return MARL_OK;
}

/* The direct simulations stay where other closures, or more members, are asked for. */
static MarlCode read_all(MarlFollowJob *f, MarlStore *from, MarlError *err) {
  char *closures = NULL;
  int64_t members;
  MARL_TRY(marl_store_get_int(from, NULL, "members", &members, err));
  MARL_TRY(marl_store_get_text(from, NULL, "closures", &closures, err));
  const bool same = strcmp(closures, closures_of(f)) == 0 && members == f->plan.members;
  free(closures);
  MARL_TRY(read_units(f, from, "direct", f->plan.members, err));
  if (!same || f->done < f->plan.members) return MARL_OK;
  return read_units(f, from, "les", f->total - f->plan.members, err);
}

static MarlCode load(MarlJob *job, MarlStore *from, MarlError *err) {
  MarlFollowJob *f = self(job);
  f->done = 0;
  MARL_TRY(marl_comm_agree(job->comm, from != NULL ? read_all(f, from, err) : MARL_OK, err));
  MPI_Bcast(&f->done, 1, MPI_INT, 0, job->comm);
  for (int u = 0; u < f->done; ++u)
    MPI_Bcast(f->units + (size_t)u * f->unit, (int)f->unit, MPI_DOUBLE, 0, job->comm);
  return MARL_OK;
}

const char *const marl_follow_changeable[] = {"follow.closures", "follow.members", NULL};

static const MarlJobOps ops = {.command = "follow",
                               .changeable = marl_follow_changeable,
                               .read = read,
                               .build = build,
                               .clear = clear,
                               .begin = begin,
                               .advance = advance,
                               .finished = finished,
                               .where = where,
                               .report = report,
                               .finish = finish,
                               .number = number,
                               .save = save,
                               .load = load};

void marl_follow_job_init(MarlFollowJob *job, MPI_Comm comm) {
  *job = (MarlFollowJob){.base = {.ops = &ops, .comm = comm}};
}
