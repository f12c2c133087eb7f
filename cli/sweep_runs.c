#define _POSIX_C_SOURCE 200809L /* access */
#include "cli/sweep_runs.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli/run_request.h"
#include "cli/sweep_order.h"
#include "cli/sweep_score.h"
#include "envs/env_table.h"
#include "marl/core/comm.h"
#include "marl/core/deal.h"
#include "marl/learn/trainer_job.h"
#include "marl/run/checkpoint.h"
#include "marl/run/interrupt.h"
#include "marl/run/text_file.h"

static const char failure_file[] =
    "failed.txt"; /* of a run that ended with numbers that are none */

/* This rank's view of a rung. */
typedef struct Rung {
  const MarlSweepWork *work;
  int rung, count;
  int *runs; /* [count] of the rung, in the order in which they are dealt */
  MarlDeal deal;
  double before, total; /* updates of what was dealt before `counted`, and of the whole sweep */
  int counted;
  int best; /* point of those that this rank knows; -1: none */
} Rung;

/* A training that lets rank 0 answer the others. Base first. */
typedef struct SweepJob {
  MarlTrainerJob base;
  Rung *rung;
  int number;                 /* in the rung */
  char parent[MARL_MAX_PATH]; /* run folder whose state it begins with; "": none */
  bool is_checked;            /* that it has the column of its score */
} SweepJob;

static double length_of(const Rung *r, int run) {
  const MarlSweepPlan *plan = r->work->plan;
  return (double)(marl_sweep_updates(plan, run, r->rung) -
                  (r->rung > 0 ? marl_sweep_rung(plan, r->rung - 1).updates : 0));
}

/* As if all that were dealt before this one were done. */
static void show_progress(Rung *r, int number, double share) {
  char name[MARL_SWEEP_NAME];
  for (; r->counted < number; ++r->counted) r->before += length_of(r, r->runs[r->counted]);
  if (number == r->count) return;
  const double done = r->before + share * length_of(r, r->runs[number]);
  marl_sweep_name(r->work->plan, r->runs[number], r->rung, name);
  if (r->best < 0)
    marl_log_progress(r->work->log, "sweep", done, r->total, "%s", name);
  else
    marl_log_progress(r->work->log, "sweep", done, r->total,
                      "%s  best here so far %.4g at point %d", name,
                      marl_sweep_mean(r->work, r->best), r->best);
}

static MarlCode folder_of(const MarlSweepWork *work, int run, int rung, char path[MARL_MAX_PATH],
                          MarlError *err) {
  char name[MARL_SWEEP_NAME];
  marl_sweep_name(work->plan, run, rung, name);
  if (snprintf(path, MARL_MAX_PATH, "%s/runs/%s", work->folder, name) < MARL_MAX_PATH)
    return MARL_OK;
  return MARL_FAIL(err, MARL_ECONFIG, "the name of the run folder is too long");
}

/* A member of a population begins with its parent's last state. An older checkpoint would be another run. */
static MarlCode build(MarlJob *job, MarlError *err) {
  SweepJob *own = (SweepJob *)job;
  MARL_TRY(marl_trainer_job.build(job, err));
  if (own->parent[0] == '\0') return MARL_OK;
  const MarlSweepPlan *plan = own->rung->work->plan;
  MarlStore *file;
  char *path =
      marl_checkpoint_path(own->parent, marl_sweep_rung(plan, own->rung->rung - 1).updates);
  if (path == NULL) return MARL_FAIL(err, MARL_EMEMORY, "sweep: no memory for a path");
  MarlCode code = marl_checkpoint_open(path, &file, err);
  free(path);
  if (code != MARL_OK) return code;
  code = marl_trainer_job.load(job, file, err);
  marl_store_close(&file);
  return code;
}

static MarlCode advance(MarlJob *job, bool *due, MarlError *err) {
  SweepJob *own = (SweepJob *)job;
  const MarlSweepPlan *plan = own->rung->work->plan;
  MARL_TRY(marl_trainer_job.advance(job, due, err));
  if (!own->is_checked && marl_trainer_updates(own->base.trainer) > 0) {
    MARL_TRY(marl_sweep_check_score(own->base.trainer, plan->score, err));
    own->is_checked = true;
  }
  marl_deal_serve(&own->rung->deal);
  const int run = own->rung->runs[own->number];
  const double before =
      own->parent[0] != '\0' ? (double)marl_sweep_rung(plan, own->rung->rung - 1).updates : 0;
  show_progress(own->rung, own->number,
                ((double)marl_trainer_updates(own->base.trainer) - before) /
                    ((double)marl_sweep_updates(plan, run, own->rung->rung) - before));
  return MARL_OK;
}

/* Has the folder a checkpoint of these updates, or of later ones? */
static bool is_trained(const char *folder, int64_t updates) {
  int64_t *numbers, newest = -1;
  size_t count;
  if (marl_checkpoint_list(folder, &numbers, &count, NULL) != MARL_OK) return false;
  if (count > 0) newest = numbers[0];
  free(numbers);
  char path[MARL_MAX_PATH + 16];
  snprintf(path, sizeof path, "%s/latest", folder); /* written last */
  return newest >= updates && access(path, F_OK) == 0;
}

/* From the run's files; false if it is not at the end of the rung yet. */
static bool read_result(const MarlSweepWork *work, int run, int rung, MarlSweepResult *out,
                        MarlCode *code, MarlError *err) {
  const MarlSweepPlan *plan = work->plan;
  const int64_t updates = marl_sweep_updates(plan, run, rung);
  char folder[MARL_MAX_PATH], path[MARL_MAX_PATH + 16];
  int64_t last;
  double score;
  *code = folder_of(work, run, rung, folder, err);
  if (*code != MARL_OK) return false;
  if (!is_trained(folder, updates)) { /* what failed later was good until then */
    snprintf(path, sizeof path, "%s/%s", folder, failure_file);
    if (access(path, F_OK) != 0) return false;
    *out = (MarlSweepResult){updates, 1, NAN};
    return true;
  }
  snprintf(path, sizeof path, "%s/metrics.csv", folder);
  *code = marl_sweep_score(path, plan->score, updates, plan->tail, &score, &last, err);
  if (*code == MARL_OK) *out = (MarlSweepResult){updates, 0, score};
  return *code == MARL_OK && last >= updates;
}

/* The command line that makes this run alone, for its record. */
typedef struct Words {
  int count;
  char *word[2 * MARL_MAX_ARGUMENTS];
  char text[64 * (2 * MARL_POINT_TEXT)];
  size_t used;
} Words;

static void add_word(Words *w, const char *word) {
  if (w->count + 1 < 2 * MARL_MAX_ARGUMENTS) w->word[w->count++] = (char *)word;
}

static void add_setting(void *context, const char *setting) {
  Words *w = context;
  const size_t size = strlen(setting) + 1;
  if (size > sizeof w->text - w->used) return;
  memcpy(w->text + w->used, setting, size);
  add_word(w, marl_flag_set.name);
  add_word(w, w->text + w->used);
  w->used += size;
}

static void fill_words(const MarlSweepWork *work, int run, int rung, const char *folder, Words *w) {
  const MarlArguments *a = work->arguments;
  w->count = 0, w->used = 0;
  add_word(w, a->argv[0]);
  add_word(w, "train");
  add_word(w, work->path);
  for (int i = 0; i < a->num_given; ++i) {
    if (a->given[i].flag != &marl_flag_set || strncmp(a->given[i].value, "sweep.", 6) == 0)
      continue;
    add_word(w, marl_flag_set.name);
    add_word(w, a->given[i].value);
  }
  marl_sweep_settings(work->plan, run, rung, add_setting, w);
  add_word(w, marl_flag_out.name);
  add_word(w, folder);
}

static MarlCode train(Rung *r, int number, MarlError *err) {
  const MarlSweepWork *work = r->work;
  const int run = r->runs[number];
  MarlJobOps ops = marl_trainer_job;
  SweepJob job = {.rung = r, .number = number};
  MarlConfig *config;
  char folder[MARL_MAX_PATH];
  Words *words = malloc(sizeof *words);
  if (words == NULL) return MARL_FAIL(err, MARL_EMEMORY, "sweep: no memory for a run");
  MarlCode code = folder_of(work, run, r->rung, folder, err);
  if (code == MARL_OK && work->plan->population != NULL && r->rung > 0)
    code = folder_of(work, marl_hyper_population_parent(work->plan->population, r->rung, run),
                     r->rung - 1, job.parent, err);
  if (code == MARL_OK) code = marl_sweep_config(work->plan, run, r->rung, &config, err);
  if (code == MARL_OK) {
    MarlRunRequest request = marl_run_request(work->arguments);
    fill_words(work, run, r->rung, folder, words);
    request.command = "train", request.resume = NULL, request.out = folder;
    request.either = request.quiet = true;
    request.argc = words->count, request.argv = words->word;
    ops.build = build;
    ops.advance = advance;
    marl_trainer_job_init(&job.base, marl_env_table, MPI_COMM_SELF);
    job.base.base.ops = &ops;
    job.base.base.heard = true;
    code = marl_job_run(&job.base.base, config, work->path, &request, err);
    marl_config_destroy(&config);
  }
  free(words);
  return code;
}

/* Numbers that are none end a run and not the sweep. Its folder says so, for whoever continues: they would
 * come again. */
static MarlCode note_failure(const MarlSweepWork *work, int run, int rung, const char *why,
                             MarlError *err) {
  char name[MARL_SWEEP_NAME], folder[MARL_MAX_PATH];
  FILE *file;
  marl_sweep_name(work->plan, run, rung, name);
  marl_log_note(work->log, "%s failed: %s", name, why);
  MARL_TRY(folder_of(work, run, rung, folder, err));
  MARL_TRY(marl_text_open(folder, failure_file, &file, err));
  fprintf(file, "%s\n", why);
  return marl_text_close(file, folder, failure_file, err);
}

static MarlCode stopped(const MarlSweepWork *work, MarlError *err) {
  return MARL_FAIL(err, MARL_ESTOPPED, "stopped by a signal; continue with %s%s",
                   work->parts > 1 ? "the same line" : "marl sweep --resume ",
                   work->parts > 1 ? "" : work->folder);
}

static MarlCode do_run(Rung *r, int number, MarlError *err) {
  const MarlSweepWork *work = r->work;
  const int run = r->runs[number], point = run / work->plan->num_seeds;
  MarlSweepResult *result = &work->results[run];
  char name[MARL_SWEEP_NAME];
  MarlCode code;
  bool known = read_result(work, run, r->rung, result, &code, err);
  MARL_TRY(code);
  if (!known) {
    code = train(r, number, err);
    if (code == MARL_ENUMERIC) {
      const MarlError why = *err;
      code = note_failure(work, run, r->rung, why.message, err);
    }
    if (code == MARL_ESTOPPED) return stopped(work, err);
    MARL_TRY(code);
    known = read_result(work, run, r->rung, result, &code, err);
    MARL_TRY(code);
  }
  marl_sweep_name(work->plan, run, r->rung, name);
  if (!known)
    return MARL_FAIL(err, MARL_EIO, "%s/runs/%s: a file of it went while it was trained",
                     work->folder, name);
  if (marl_sweep_is_known(work, point) &&
      (r->best < 0 || marl_sweep_is_better(work, point, r->best)))
    r->best = point;
  return MARL_OK;
}

/* Collective. What each rank has done is on all of them afterwards. */
static MarlCode do_rung(Rung *r, MarlError *err) {
  const MarlSweepWork *work = r->work;
  MarlCode code = MARL_OK;
  int number;
  for (int i = 0; i < r->count; ++i) work->results[r->runs[i]] = (MarlSweepResult){0, 0, 0};
  marl_deal_begin(&r->deal, r->count, work->comm);
  while (code == MARL_OK && (number = marl_deal_next(&r->deal)) >= 0) {
    show_progress(r, number, 0);
    code = do_run(r, number, err);
    if (code == MARL_OK && marl_interrupt_requested()) code = stopped(work, err);
  }
  marl_deal_end(&r->deal);
  MARL_TRY(marl_comm_agree(work->comm, code, err));
  /* each run is of one rank and zero on the others, or the same on all */
  MPI_Allreduce(MPI_IN_PLACE, work->results, work->plan->num_runs * (int)sizeof *work->results,
                MPI_BYTE, MPI_BOR, work->comm);
  return MARL_OK;
}

static int list_runs(const MarlSweepWork *work, const int *points, int count, int *runs) {
  int listed = 0;
  for (int i = 0; i < count; ++i)
    for (int s = 0; s < work->plan->num_seeds; ++s) {
      const int run = points[i] * work->plan->num_seeds + s;
      if (run % work->parts == work->part) runs[listed++] = run;
    }
  return listed;
}

static double all_updates(const MarlSweepWork *work) {
  const MarlSweepPlan *plan = work->plan;
  double total = 0;
  for (int r = 0; r < plan->num_rungs && plan->num_rungs > 1; ++r)
    total += (double)marl_sweep_rung(plan, r).points * plan->num_seeds *
             (double)(marl_sweep_rung(plan, r).updates -
                      (r > 0 ? marl_sweep_rung(plan, r - 1).updates : 0));
  for (int run = 0; run < plan->num_runs && plan->num_rungs == 1; ++run)
    if (run % work->parts == work->part) total += (double)marl_sweep_updates(plan, run, 0);
  return total;
}

MarlCode marl_sweep_runs_do(const MarlSweepWork *work, MarlError *err) {
  const MarlSweepPlan *plan = work->plan;
  const int num_points = plan->num_runs / plan->num_seeds;
  int *points = calloc((size_t)num_points + (size_t)plan->num_runs, sizeof *points);
  MarlCode code = MARL_OK;
  if (points == NULL) code = MARL_FAIL(err, MARL_EMEMORY, "sweep: no memory for its runs");
  code = marl_comm_agree(work->comm, code, err);
  Rung rung = {.work = work, .total = all_updates(work), .best = -1};
  if (points != NULL) {
    rung.runs = points + num_points;
    for (int p = 0; p < num_points; ++p) points[p] = p;
  }
  for (int r = 0; code == MARL_OK && r < plan->num_rungs; ++r) {
    const MarlSweepWork now = marl_sweep_at(work, r);
    if (r > 0 && plan->population == NULL)
      code = marl_sweep_sort(work, points, marl_sweep_rung(plan, r - 1).points, err);
    if (plan->population != NULL) rung.best = -1; /* scores of one round are compared */
    rung.work = &now;
    rung.rung = r;
    rung.counted = 0;
    rung.count = list_runs(work, points, marl_sweep_rung(plan, r).points, rung.runs);
    if (code == MARL_OK && rung.count > 0) code = do_rung(&rung, err);
    show_progress(&rung, rung.count, 0);
    if (code == MARL_OK && plan->population != NULL) code = marl_sweep_exploit(&now, r, err);
  }
  if (code == MARL_OK) marl_log_progress(work->log, "sweep", rung.total, rung.total, "done");
  marl_log_progress_end(work->log);
  free(points);
  return code;
}

int marl_sweep_missing(const MarlSweepWork *work) {
  int missing = 0;
  for (int run = 0; run < work->plan->num_runs; ++run) {
    MarlCode code;
    if (!read_result(work, run, work->plan->num_rungs - 1, &work->results[run], &code, NULL))
      ++missing;
  }
  return missing;
}
