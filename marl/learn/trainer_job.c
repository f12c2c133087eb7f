#include "marl/learn/trainer_job.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "marl/core/comm.h"
#include "marl/learn/trainer_internal.h"
#include "marl/run/interrupt.h"

enum { MAX_FIGURES = 160, SHOWN_FIGURES = 4 };

void marl_trainer_job_init(MarlTrainerJob *job, const MarlEnvOps *const *env_table, MPI_Comm comm) {
  *job = (MarlTrainerJob){.base = {.ops = &marl_trainer_job, .comm = comm}, .env_table = env_table};
}

/* Base first: what the job itself hears of its trainer. */
typedef struct JobWatch {
  MarlTrainerWatch base;
  const MarlJob *job;
} JobWatch;

/* Returns first, then the environment's own figures, whose first is the one that it is about (of
 * a closure its error), then all others; what is not known yet is left out. */
static bool is_of_rank(const char *name, int rank) {
  const bool is_return = strncmp(name, "return_", 7) == 0, is_env = strncmp(name, "env/", 4) == 0;
  return rank == 0 ? is_return : (rank == 1 ? is_env : !is_return && !is_env);
}

static void show_progress(MarlTrainerWatch *watch, const MarlTrainerProgress *p) {
  char shown[MAX_FIGURES] = "";
  size_t used = 0;
  for (int rank = 0, count = 0; rank < 3; ++rank)
    for (int i = 0; i < p->count && count < SHOWN_FIGURES && used < sizeof shown; ++i) {
      if (isnan(p->values[i]) || !is_of_rank(p->names[i], rank)) continue;
      used += (size_t)snprintf(shown + used, sizeof shown - used, "%s%s %.4g",
                               count > 0 ? "  " : "", p->names[i], p->values[i]);
      ++count;
    }
  marl_log_progress(((JobWatch *)watch)->job->folder->log, "training", (double)p->update,
                    (double)p->num_updates, "%s", shown);
}

static bool should_stop(MarlTrainerWatch *watch) {
  (void)watch;
  return marl_interrupt_requested();
}

static MarlCode read(MarlJob *job, MarlConfig *config, MarlError *err) {
  MarlTrainerJob *t = (MarlTrainerJob *)job;
  MarlTrainerSections sections;
  t->config = config;
  MARL_TRY(marl_trainer_claim(config, t->env_table, &sections, err));
  job->seed = marl_section_int64(sections.run, "seed");
  return marl_config_finish(config, err);
}

static MarlCode build(MarlJob *job, MarlError *err) {
  MarlTrainerJob *t = (MarlTrainerJob *)job;
  const char *folder = job->folder != NULL ? job->folder->path : NULL;
  return marl_trainer_create(t->config, t->env_table, folder, job->comm, &t->trainer, err);
}

static void clear(MarlJob *job) {
  marl_trainer_destroy(&((MarlTrainerJob *)job)->trainer);
}

static void take_cadence(MarlTrainerJob *t) {
  t->base.keep = t->trainer->keep;
  t->base.minutes = t->trainer->checkpoint_minutes;
  t->trainer->run = t->base.folder;
}

/* Rows of metrics.csv after the checkpoint are cut, all of them where there is none yet. */
static MarlCode begin(MarlJob *job, bool found, MarlError *err) {
  MarlTrainerJob *t = (MarlTrainerJob *)job;
  MarlCode code = MARL_OK;
  take_cadence(t);
  if (found)
    marl_log_note(job->folder->log, "resumed from update %lld", (long long)t->trainer->update);
  if (job->folder->resumed && marl_comm_rank(job->comm) == 0)
    code = marl_trainer_rewind_metrics(t->trainer, err);
  return marl_comm_agree(job->comm, code, err);
}

static MarlCode advance(MarlJob *job, bool *due, MarlError *err) {
  MarlTrainerJob *t = (MarlTrainerJob *)job;
  MarlTrainer *trainer = t->trainer;
  JobWatch own = {{show_progress, NULL, should_stop}, job};
  MarlTrainerWatch *watch = t->watch != NULL ? t->watch : &own.base;
  MARL_TRY(marl_trainer_advance(trainer, watch, &job->asked_to_stop, err));
  *due = trainer->stats[0].updated && trainer->update % trainer->checkpoint_every == 0;
  return MARL_OK;
}

static bool finished(const MarlJob *job) {
  return marl_trainer_finished(((const MarlTrainerJob *)job)->trainer);
}

static void where(const MarlJob *job, char text[MARL_JOB_WHERE]) {
  snprintf(text, MARL_JOB_WHERE, "after update %lld",
           (long long)marl_trainer_updates(((const MarlTrainerJob *)job)->trainer));
}

static MarlCode finish(MarlJob *job, bool whole, MarlError *err) {
  (void)err;
  ((MarlTrainerJob *)job)->trainer->run = NULL;
  if (whole) marl_log_note(job->folder->log, "trained; the run is in %s", job->folder->path);
  return MARL_OK;
}

static int64_t number(const MarlJob *job) {
  return ((const MarlTrainerJob *)job)->trainer->update;
}

static MarlCode save(MarlJob *job, MarlStore *to, MarlError *err) {
  return marl_trainer_save(((MarlTrainerJob *)job)->trainer, to, err);
}

static MarlCode load(MarlJob *job, MarlStore *from, MarlError *err) {
  return marl_trainer_load(((MarlTrainerJob *)job)->trainer, from, err);
}

const char *const marl_trainer_changeable[] = {"run.updates", "run.checkpoint_every",
                                               "run.checkpoint_minutes", "run.keep", NULL};

const MarlJobOps marl_trainer_job = {.command = "train",
                                     .changeable = marl_trainer_changeable,
                                     .read = read,
                                     .build = build,
                                     .clear = clear,
                                     .begin = begin,
                                     .advance = advance,
                                     .finished = finished,
                                     .where = where,
                                     .finish = finish,
                                     .number = number,
                                     .save = save,
                                     .load = load,
                                     .each_rank_loads = true};

/* The loop in a folder that is the caller's, or in none. */
MarlCode marl_trainer_run(MarlTrainer *trainer, MarlTrainerWatch *watch, MarlError *err) {
  MarlTrainerWatch nobody = {NULL, NULL, NULL};
  MarlJobOps ops = marl_trainer_job;
  MarlRunFolder folder = {.log = NULL};
  bool stopped;
  MarlCode code = MARL_OK;
  if (trainer->folder == NULL)
    ops.save = NULL;
  else if (snprintf(folder.path, sizeof folder.path, "%s", trainer->folder) >= MARL_MAX_PATH)
    code = MARL_FAIL(err, MARL_ECONFIG, "the name of the run folder is too long");
  else if (trainer->rank == 0)
    code = marl_provenance_init(&folder.provenance, "train", (int64_t)trainer->seed,
                                trainer->config, trainer->folder, err);
  MarlTrainerJob job = {.base = {.ops = &ops, .comm = trainer->comm, .folder = &folder},
                        .trainer = trainer,
                        .watch = watch != NULL ? watch : &nobody};
  code = marl_comm_agree(trainer->comm, code, err);
  if (code == MARL_OK) code = marl_job_follow(&job.base, false, &stopped, err);
  trainer->run = NULL;
  marl_provenance_clear(&folder.provenance);
  return code;
}
