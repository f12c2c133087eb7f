#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "cli/command.h"
#include "cli/run_request.h"
#include "cli/sweep_order.h"
#include "cli/sweep_runs.h"
#include "marl/core/comm.h"
#include "marl/run/folder.h"
#include "marl/run/interrupt.h"

static const MarlFlag flag_part = {"--part", "K/N",
                                   "only the Kth part of the trainings: the tasks of a job array"};

static const MarlFlag *const flags[] = {
    &marl_flag_set,   &marl_flag_out,   &marl_flag_resume, &marl_flag_continue,
    &marl_flag_quiet, &marl_flag_ranks, &flag_part,        NULL};

/* More points, seeds or updates add to what is there; updates where no schedule follows their number. */
static const char *const changeable[] = {"sweep.points",
                                         "sweep.seeds",
                                         "sweep.score",
                                         "sweep.best",
                                         "sweep.tail",
                                         "run.updates",
                                         "run.keep",
                                         "run.checkpoint_every",
                                         "run.checkpoint_minutes",
                                         "run.frame_seconds",
                                         NULL};

/* Other points, or other scores, would make another population. */
static const char *const changeable_of_population[] = {
    "run.updates",       "run.keep", "run.checkpoint_every", "run.checkpoint_minutes",
    "run.frame_seconds", NULL};

static MarlCode read_part(const MarlArguments *arguments, const MarlSweepPlan *plan,
                          MarlSweepWork *work, MarlError *err) {
  const char *text = marl_arguments_value(arguments, &flag_part);
  char *end;
  work->part = 0, work->parts = 1;
  if (text == NULL) return MARL_OK;
  const long part = strtol(text, &end, 10);
  const long parts = *end == '/' ? strtol(end + 1, &end, 10) : 0;
  if (*end != '\0' || part < 1 || part > parts || parts > 1000000)
    return MARL_FAIL(err, MARL_ECONFIG, "--part %.40s: expected K/N, 1 <= K <= N", text);
  if (plan->num_rungs > 1)
    return MARL_FAIL(
        err, MARL_ECONFIG,
        "--part: halving and populations need all scores in one job; leave it away, or "
        "sweep.halving=0 and sweep.exploit_every=0");
  work->folder = marl_arguments_value(arguments, &marl_flag_out);
  if (work->folder == NULL || !marl_arguments_has(arguments, &marl_flag_continue))
    return MARL_FAIL(err, MARL_ECONFIG,
                     "--part needs --out DIR --continue, the same for all parts");
  work->part = (int)part - 1, work->parts = (int)parts;
  return MARL_OK;
}

/* Rank 0. */
static MarlCode report(const MarlSweepWork *work, const MarlRunFolder *folder, MarlError *err) {
  double mean;
  char value[MARL_POINT_TEXT];
  MARL_TRY(marl_run_folder_check(folder, err));
  MARL_TRY(marl_sweep_write(work, err));
  const int best = marl_sweep_best(work, &mean);
  if (best < 0) {
    marl_log_note(folder->log, "no training has a score; table: %s/sweep.csv", folder->path);
    return MARL_OK;
  }
  printf("best score %.6g, point %d:", mean, best);
  for (int a = 0; a < marl_points_axes(work->plan->points); ++a) {
    marl_sweep_value(work->plan, best * work->plan->num_seeds, work->plan->num_rungs - 1, a, value);
    printf(" %s=%s", marl_points_key(work->plan->points, a), value);
  }
  printf("\n");
  marl_log_note(folder->log, "table: %s/sweep.csv; trainings: %s/runs; to look at: marl report %s",
                folder->path, folder->path, folder->path);
  return MARL_OK;
}

/* All trainings in a folder that is this program's. */
static MarlCode do_all(const MarlSweepWork *asked, const MarlRunFolder *folder, MarlError *err) {
  MarlSweepWork work = *asked;
  work.folder = folder->path;
  work.log = folder->log;
  MARL_TRY(marl_sweep_runs_do(&work, err));
  MarlCode code = MARL_OK;
  if (marl_comm_rank(work.comm) == 0) code = report(&work, folder, err);
  return marl_comm_agree(work.comm, code, err);
}

/* A part has no folder for itself; whichever ends last finds all trainings at their end and writes the
 * table, as one program does. */
static MarlCode do_part(MarlSweepWork *work, bool *last, MarlError *err) {
  MARL_TRY(marl_sweep_runs_do(work, err));
  int missing = marl_comm_rank(work->comm) == 0 ? marl_sweep_missing(work) : 0;
  MPI_Bcast(&missing, 1, MPI_INT, 0, work->comm);
  *last = missing == 0;
  if (marl_comm_rank(work->comm) == 0 && missing > 0)
    printf("part %d of %d is done; %d trainings of other parts are not at their end\n",
           work->part + 1, work->parts, missing);
  work->part = 0, work->parts = 1;
  return MARL_OK;
}

static MarlCode in_folder(const MarlSweepWork *work, const MarlRunStart *start, MarlError *err) {
  MarlRunFolder folder = {.log = NULL};
  MarlCode code = marl_run_folder_choose(start, work->comm, &folder, err);
  if (code == MARL_OK) code = marl_run_folder_open(start, work->comm, &folder, err);
  if (code == MARL_OK) code = marl_run_folder_accept(start, work->comm, &folder, err);
  if (code == MARL_OK)
    code = marl_run_folder_cause(&folder, work->comm, do_all(work, &folder, err), err);
  marl_run_folder_end(&folder, code, err);
  return code;
}

static MarlCode sweep(MarlSweepWork *work, const MarlRunStart *start, MarlError *err) {
  const bool one_of_many = work->parts > 1;
  bool last = true;
  marl_interrupt_listen();
  if (one_of_many) MARL_TRY(do_part(work, &last, err));
  if (!last) return MARL_OK;
  const MarlCode code = in_folder(work, start, err);
  return one_of_many && code == MARL_EBUSY ? MARL_OK : code; /* another part writes the same */
}

static MarlCode run(const MarlArguments *arguments, MPI_Comm comm, MarlError *err) {
  const char *path = arguments->num_positional > 0 ? arguments->positional[0] : NULL;
  MarlConfig *config;
  MarlSweepPlan plan = {.points = NULL};
  MarlSweepWork work = {.arguments = arguments, .plan = &plan, .comm = comm};
  MARL_TRY(marl_run_config(arguments, path, comm, &config, err));
  MarlCode code = marl_sweep_plan_read(config, &plan, err);
  if (code == MARL_OK) code = marl_config_finish(config, err);
  if (code == MARL_OK) code = marl_job_share(config, comm, err);
  if (code == MARL_OK) code = marl_sweep_check(&plan, comm, err);
  if (code == MARL_OK) code = read_part(arguments, &plan, &work, err);
  if (code == MARL_OK) {
    const size_t rounds = plan.population != NULL ? (size_t)plan.num_rungs : 1;
    work.results = calloc(rounds * (size_t)plan.num_runs, sizeof *work.results);
    if (work.results == NULL) code = MARL_FAIL(err, MARL_EMEMORY, "sweep: no memory for results");
    code = marl_comm_agree(comm, code, err);
  }
  if (code == MARL_OK) {
    const MarlRunStart start = {marl_run_request(arguments), config, path, plan.seed,
                                plan.population != NULL ? changeable_of_population : changeable};
    work.path = path != NULL ? path : marl_arguments_value(arguments, &marl_flag_resume);
    if (work.path == NULL) work.path = marl_arguments_value(arguments, &marl_flag_out);
    code = sweep(&work, &start, err);
  }
  free(work.results);
  marl_job_unshare(config);
  marl_sweep_plan_clear(&plan);
  marl_config_destroy(&config);
  return code;
}

static MarlCode claim(MarlConfig *config, MarlError *err) {
  MarlSweepPlan plan;
  MARL_TRY(marl_sweep_plan_read(config, &plan, err));
  marl_sweep_plan_clear(&plan);
  return MARL_OK;
}

static MarlCode check(MarlConfig *config, MPI_Comm comm, MarlError *err) {
  MarlSweepPlan plan;
  MARL_TRY(marl_sweep_plan_read(config, &plan, err));
  MarlCode code = marl_config_finish(config, err);
  if (code == MARL_OK) code = marl_sweep_check(&plan, comm, err);
  marl_sweep_plan_clear(&plan);
  return code;
}

static const char *const examples[] = {"env.name=lqr", "sweep.over=learner.gamma = 0.9 0.99", NULL};

const MarlCommand marl_command_sweep = {
    .name = "sweep",
    .usage = "[CONFIG]",
    .summary = "Train with many settings: combinations of lists, or points of a box of ranges",
    .details =
        "CONFIG is that of a training with a section `sweep`. Each training has a run folder of "
        "its "
        "own\n"
        "in DIR/runs, as `marl train` makes it; ranks take trainings as they get free. "
        "DIR/sweep.csv has\n"
        "a row a training: what was swept, and the score at its end. A signal saves all that is "
        "under way\n"
        "and ends with code 75; --resume DIR goes on, and so it does with more points or seeds, "
        "and with "
        "more updates where the learning rate does not follow their number.\n"
        "With sweep.exploit_every the points are a population: after each round its worst go on "
        "from copies\n"
        "of its best, with changed settings (population-based training).\n"
        "The same seed gives the same bits on any number of ranks. The tasks of a job array say\n"
        "--part K/N --out DIR --continue (`marl submit --array N` writes such a job); the last one "
        "that\n"
        "ends writes the table.",
    .max_positional = 1,
    .flags = flags,
    .run = run,
    .claim = claim,
    .check = check,
    .changeable = changeable,
    .examples = examples,
    .marker = "sweep",
};
