#include "physics/simulation.h"

#include <math.h>
#include <stdio.h>

#include "marl/core/comm.h"
#include "physics/flow_fields.h"
#include "physics/flow_setup.h"
#include "physics/timeline.h"

void marl_simulation_init(MarlSimulation *simulation, const MarlKind *closures, MPI_Comm comm) {
  *simulation = (MarlSimulation){.base = {.ops = &marl_simulation_job, .comm = comm, .keep = 2},
                                 .closures = closures};
}

static MarlCode read(MarlJob *job, MarlConfig *config, MarlError *err) {
  MarlSimulation *s = (MarlSimulation *)job;
  MARL_TRY(marl_simulation_plan(config, s->closures, &s->plan, err));
  job->seed = (int64_t)s->plan.seed;
  job->minutes = s->plan.checkpoint_minutes;
  job->frame_seconds = s->plan.frame_seconds;
  return MARL_OK;
}

/* The flow is at rest until a field or a state is loaded; a new run's field is tried here, so that
 * what is wrong with it is said before there is a folder. */
static MarlCode build(MarlJob *job, MarlError *err) {
  MarlSimulation *s = (MarlSimulation *)job;
  const MarlSimulationPlan *plan = &s->plan;
  if (job->folder == NULL && !marl_setup_affordable(&plan->flow)) return MARL_OK;
  MARL_TRY(marl_solver_create(&plan->flow, job->comm, &s->solver, err));
  const MarlGrid *grid = marl_solver_grid(s->solver);
  MARL_TRY(marl_comm_agree(
      job->comm, plan->closure->create(grid, plan->closure_options, &s->closure, err), err));
  marl_solver_set_closure(s->solver, s->closure);
  if (plan->statistics_every > 0.0)
    MARL_TRY(marl_statistics_create(grid, &plan->statistics, &s->statistics, err));
  MARL_TRY(marl_flow_series_init(&s->series, grid, err));
  if (job->folder != NULL && job->folder->resumed) return MARL_OK;
  return marl_setup_start(&plan->initial, s->solver, NULL, err);
}

static void clear(MarlJob *job) {
  MarlSimulation *s = (MarlSimulation *)job;
  marl_flow_series_clear(&s->series);
  marl_statistics_destroy(&s->statistics);
  marl_solver_destroy(&s->solver);
  if (s->closure != NULL) s->closure->ops->destroy(s->closure);
  s->closure = NULL;
}

/* A new run's first row and first field are due at time 0. */
static MarlCode begin(MarlJob *job, bool found, MarlError *err) {
  MarlSimulation *s = (MarlSimulation *)job;
  const MarlSimulationPlan *plan = &s->plan;
  if (found) marl_setup_take_dt(s->solver, job->folder->log);
  if (plan->series_every > 0.0 || s->series.rows.count > 0)
    MARL_TRY(marl_flow_series_begin(&s->series, job->folder, err));
  if (found) return MARL_OK;
  MARL_TRY(marl_setup_start(&plan->initial, s->solver, job->folder->log, err));
  if (plan->series_every > 0.0) MARL_TRY(marl_flow_series_add(&s->series, s->solver, err));
  if (plan->fields_every > 0.0)
    MARL_TRY(marl_flow_fields_write(s->solver, plan->fields, job->folder, err));
  return MARL_OK;
}

static bool finished(const MarlJob *job) {
  const MarlSimulation *s = (const MarlSimulation *)job;
  // round-off of a sum of steps
  return marl_solver_time(s->solver) >= s->plan.end - 1e-6 * s->plan.flow.dt;
}

/* At most to the next time at which anything is due, and that is done. */
static MarlCode advance(MarlJob *job, bool *due, MarlError *err) {
  MarlSimulation *s = (MarlSimulation *)job;
  const MarlSimulationPlan *plan = &s->plan;
  const double before = marl_solver_time(s->solver);
  double output = marl_timeline_next(before, plan->fields_every);
  output = fmin(output, marl_timeline_next(before, plan->series_every));
  output = fmin(output, marl_timeline_next(before, plan->statistics_every));
  const double pause = fmin(plan->end, marl_timeline_next(before, plan->checkpoint_every));
  const double until = fmin(fmin(output, pause), marl_timeline_stretch(s->solver));
  MARL_TRY(marl_solver_step_until(s->solver, until, output, err));
  const double now = marl_solver_time(s->solver);
  if (marl_timeline_due(before, now, plan->series_every))
    MARL_TRY(marl_flow_series_add(&s->series, s->solver, err));
  if (marl_timeline_due(before, now, plan->fields_every))
    MARL_TRY(marl_flow_fields_write(s->solver, plan->fields, job->folder, err));
  if (now > plan->spinup && marl_timeline_due(before, now, plan->statistics_every))
    MARL_TRY(marl_statistics_add(s->statistics, s->solver, err));
  *due = marl_timeline_due(before, now, plan->checkpoint_every);
  return MARL_OK;
}

static void where(const MarlJob *job, char text[MARL_JOB_WHERE]) {
  snprintf(text, MARL_JOB_WHERE, "at time %g",
           marl_solver_time(((const MarlSimulation *)job)->solver));
}

static void report(MarlJob *job) {
  const MarlSimulation *s = (const MarlSimulation *)job;
  const double now = marl_solver_time(s->solver), end = s->plan.end;
  marl_log_progress(job->folder->log, "simulating", now, end, "time %.2f of %g, E %.4g, Z %.4g",
                    now, end, s->series.energy, s->series.enstrophy);
}

static MarlCode look(MarlJob *job, MarlPicture *picture, MarlError *err) {
  const MarlSimulation *s = (const MarlSimulation *)job;
  const MarlClosure *closure = s->closure;
  marl_picture_begin(picture, "time", marl_solver_time(s->solver),
                     closure->ops->look != NULL ? MARL_PICTURE_PANELS : 1);
  MARL_TRY(marl_flow_fields_look(s->solver, picture, err));
  if (closure->ops->look == NULL || marl_comm_rank(job->comm) != 0) return MARL_OK;
  return closure->ops->look(closure, picture, err);
}

static MarlCode fill_statistics(const MarlStatistics *statistics, MarlStore *to, MarlError *err) {
  MARL_TRY(marl_statistics_write_root(statistics, to, err));
  return marl_statistics_write(statistics, to, err);
}

static MarlCode write_results(MarlSimulation *s, bool exact, MarlError *err) {
  const MarlRunFolder *folder = s->base.folder;
  MarlCode code = MARL_OK;
  MARL_TRY(marl_flow_series_write(&s->series, folder, exact, err));
  if (s->statistics != NULL && marl_statistics_count(s->statistics) > 0 &&
      marl_comm_rank(s->base.comm) == 0) {
    MarlStore *store;
    code = marl_run_folder_create(folder, "statistics.h5", &store, err);
    if (code == MARL_OK)
      code = marl_store_end_file(&store, fill_statistics(s->statistics, store, err), err);
  }
  return marl_comm_agree(s->base.comm, code, err);
}

/* A flow that blew up: the rows so far and the field as it is. The checkpoints stay those of before,
 * so that a resumed run can go on from there with another time.dt. */
static MarlCode keep_remains(MarlSimulation *s, MarlError *err) {
  const MarlRunFolder *folder = s->base.folder;
  MARL_TRY(write_results(s, true, err));
  MARL_TRY(marl_flow_fields_write(s->solver, s->plan.fields, folder, err));
  marl_log_note(folder->log, "the flow blew up; series.h5 and fields_%010lld.h5 hold what it was",
                (long long)marl_solver_steps(s->solver));
  return MARL_OK;
}

static MarlCode finish(MarlJob *job, bool whole, MarlError *err) {
  MarlSimulation *s = (MarlSimulation *)job;
  if (job->failure == MARL_ENUMERIC) return keep_remains(s, err);
  MARL_TRY(write_results(s, true, err));
  if (!whole) return MARL_OK;
  marl_setup_warn_of_bins(s->statistics, job->folder->log);
  marl_log_note(job->folder->log, "results are in %s", job->folder->path);
  return MARL_OK;
}

static int64_t number(const MarlJob *job) {
  return marl_solver_steps(((const MarlSimulation *)job)->solver);
}

/* The results so far come before the checkpoint that counts on them: both from the same moment. */
static MarlCode save(MarlJob *job, MarlStore *to, MarlError *err) {
  MarlSimulation *s = (MarlSimulation *)job;
  MARL_TRY(marl_simulation_save(s, to, err));
  return write_results(s, false, err);
}

static MarlCode load(MarlJob *job, MarlStore *from, MarlError *err) {
  return marl_simulation_load((MarlSimulation *)job, from, err);
}

const char *const marl_simulation_changeable[] = {"time.end",
                                                  "time.dt",
                                                  "output.series_every",
                                                  "output.fields_every",
                                                  "output.checkpoint_every",
                                                  "output.checkpoint_minutes",
                                                  "output.frame_seconds",
                                                  NULL};

const MarlJobOps marl_simulation_job = {.command = "simulate",
                                        .changeable = marl_simulation_changeable,
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
