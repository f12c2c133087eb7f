#include "physics/reference_job.h"

#include <stdio.h>

#include "marl/core/comm.h"
#include "physics/flow_fields.h"
#include "physics/flow_setup.h"
#include "physics/timeline.h"

void marl_reference_job_init(MarlReferenceJob *job, MPI_Comm comm) {
  *job = (MarlReferenceJob){.base = {.ops = &marl_reference_job, .comm = comm, .keep = 2}};
}

static MarlCode read(MarlJob *job, MarlConfig *config, MarlError *err) {
  MarlReferencePlan *plan = &((MarlReferenceJob *)job)->plan;
  MARL_TRY(marl_reference_plan(config, plan, err));
  job->seed = (int64_t)plan->seed;
  job->minutes = plan->checkpoint_minutes;
  job->frame_seconds = plan->frame_seconds;
  return MARL_OK;
}

/* A new run's field is tried here, so that what is wrong with it is said before there is a folder. */
static MarlCode build(MarlJob *job, MarlError *err) {
  MarlReferenceJob *r = (MarlReferenceJob *)job;
  if (job->folder == NULL && !marl_setup_affordable(&r->plan.params.flow)) return MARL_OK;
  MARL_TRY(marl_reference_run_create(&r->plan.params, job->comm, &r->run, err));
  if (job->folder != NULL && job->folder->resumed) return MARL_OK;
  return marl_setup_start(&r->plan.initial, marl_reference_run_solver(r->run), NULL, err);
}

static void clear(MarlJob *job) {
  marl_reference_run_destroy(&((MarlReferenceJob *)job)->run);
}

static MarlCode begin(MarlJob *job, bool found, MarlError *err) {
  MarlReferenceJob *r = (MarlReferenceJob *)job;
  MarlSolver *solver = marl_reference_run_solver(r->run);
  if (!found) return marl_setup_start(&r->plan.initial, solver, job->folder->log, err);
  marl_setup_take_dt(solver, job->folder->log);
  return MARL_OK;
}

/* At most one sampling interval, with the field that may be due after it. */
static MarlCode advance(MarlJob *job, bool *due, MarlError *err) {
  const MarlReferenceJob *r = (MarlReferenceJob *)job;
  const MarlReferencePlan *plan = &r->plan;
  const bool sampling = marl_reference_run_phase(r->run) == MARL_REFERENCE_SAMPLING;
  MarlSolver *solver = marl_reference_run_solver(r->run);
  const double before = marl_reference_run_time(r->run), field_before = marl_solver_time(solver);
  MARL_TRY(marl_reference_run_advance(r->run, err));
  *due = marl_timeline_due(before, marl_reference_run_time(r->run), plan->checkpoint_every);
  if (!sampling || !marl_timeline_due(field_before, marl_solver_time(solver), plan->fields_every))
    return MARL_OK;
  return marl_flow_fields_write(solver, plan->fields, job->folder, err);
}

static bool finished(const MarlJob *job) {
  return marl_reference_run_phase(((const MarlReferenceJob *)job)->run) == MARL_REFERENCE_DONE;
}

static void where(const MarlJob *job, char text[MARL_JOB_WHERE]) {
  snprintf(text, MARL_JOB_WHERE, "at time %g",
           marl_reference_run_time(((const MarlReferenceJob *)job)->run));
}

static void report(MarlJob *job) {
  static const char *const names[] = {"coarse spin-up", "spin-up", "sampling", "done"};
  MarlReferenceRun *run = ((MarlReferenceJob *)job)->run;
  const double now = marl_reference_run_time(run), end = marl_reference_run_end(run);
  marl_log_progress(job->folder->log, names[marl_reference_run_phase(run)], now, end,
                    "time %.1f of %.1f, dt %.2g, samples %lld", now, end,
                    marl_solver_dt(marl_reference_run_solver(run)),
                    (long long)marl_statistics_count(marl_reference_run_statistics(run)));
}

static MarlCode look(MarlJob *job, MarlPicture *picture, MarlError *err) {
  MarlReferenceRun *run = ((MarlReferenceJob *)job)->run;
  marl_picture_begin(picture, "time", marl_reference_run_time(run), 1);
  return marl_flow_fields_look(marl_reference_run_solver(run), picture, err);
}

static MarlCode fill_file(const MarlReferenceJob *r, MarlStore *store, MarlError *err) {
  MARL_TRY(marl_reference_run_write(r->run, store, err));
  return marl_store_set_text(store, NULL, "title", r->plan.title, err);
}

static MarlCode write_file(const MarlReferenceJob *r, MarlError *err) {
  const MarlRunFolder *folder = r->base.folder;
  MarlStore *store;
  MARL_TRY(marl_run_folder_create(folder, "reference.h5", &store, err));
  MARL_TRY(marl_store_end_file(&store, fill_file(r, store, err), err));
  marl_log_note(folder->log, "reference statistics: %s/reference.h5", folder->path);
  return MARL_OK;
}

static MarlCode finish(MarlJob *job, bool whole, MarlError *err) {
  const MarlReferenceJob *r = (MarlReferenceJob *)job;
  if (!whole) return MARL_OK;
  marl_setup_warn_of_bins(marl_reference_run_statistics(r->run), job->folder->log);
  const MarlCode code = marl_comm_rank(job->comm) == 0 ? write_file(r, err) : MARL_OK;
  return marl_comm_agree(job->comm, code, err);
}

/* Samples that the run is long. */
static int64_t number(const MarlJob *job) {
  const MarlReferenceJob *r = (const MarlReferenceJob *)job;
  return marl_timeline_count(marl_reference_run_time(r->run), r->plan.params.sample_every);
}

static MarlCode save(MarlJob *job, MarlStore *to, MarlError *err) {
  return marl_reference_run_save(((MarlReferenceJob *)job)->run, to, err);
}

static MarlCode load(MarlJob *job, MarlStore *from, MarlError *err) {
  return marl_reference_run_load(((MarlReferenceJob *)job)->run, from, err);
}

const char *const marl_reference_changeable[] = {"time.end",
                                                 "time.dt",
                                                 "output.fields_every",
                                                 "output.checkpoint_every",
                                                 "output.checkpoint_minutes",
                                                 "output.frame_seconds",
                                                 NULL};

const MarlJobOps marl_reference_job = {.command = "reference",
                                       .changeable = marl_reference_changeable,
                                       .read = read,
                                       .build = build,
                                       .clear = clear,
                                       .begin = begin,
                                       .advance = advance,
                                       .finished = finished,
                                       .where = where,
                                       .report = report,
                                       .look = look,
                                       .finish = finish,
                                       .number = number,
                                       .save = save,
                                       .load = load,
                                       .saves_the_start = true};
