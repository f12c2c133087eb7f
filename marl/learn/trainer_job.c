#include "marl/learn/trainer_job.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "marl/core/comm.h"
#include "marl/learn/trainer_internal.h"
#include "marl/run/interrupt.h"

enum { MAX_FIGURES = 240, SHOWN_FIGURES = 4 };

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

/* What the best fixed behavior that is known comes to, beside the figure that it is a yardstick of. */
static double yardstick_of(const MarlTrainer *trainer, const char *figure) {
  const MarlEnvOps *ops = trainer->sections.env_ops;
  if (ops->yardstick == NULL || strncmp(figure, "env/", 4) != 0) return 0;
  const char *followed = marl_vec_env_spec(trainer->replicas[0].base.vec[0])->metrics[0];
  for (size_t m = 0; m < ops->num_measures; ++m)
    if ((ops->measures[m].is & MARL_MEASURE_FOLLOWED) != 0) followed = ops->measures[m].name;
  if (strcmp(figure + 4, followed) != 0) return 0;
  return marl_section_real(trainer->sections.env, ops->yardstick);
}

static void show_progress(MarlTrainerWatch *watch, const MarlTrainerProgress *p) {
  const MarlTrainerJob *job = (const MarlTrainerJob *)((JobWatch *)watch)->job;
  char shown[MAX_FIGURES] = "";
  size_t used = 0;
  bool under_way = false;
  for (int rank = 0, count = 0; rank < 3; ++rank)
    for (int i = 0; i < p->count && count < SHOWN_FIGURES && used < sizeof shown; ++i) {
      if (isnan(p->so_far[i]) || !is_of_rank(p->names[i], rank)) continue;
      const double yardstick = yardstick_of(job->trainer, p->names[i]);
      under_way = under_way || isnan(p->values[i]);
      used += (size_t)snprintf(shown + used, sizeof shown - used, "%s%s %.4g",
                               count > 0 ? "  " : "", p->names[i], p->so_far[i]);
      if (yardstick != 0 && used < sizeof shown)
        used += (size_t)snprintf(shown + used, sizeof shown - used, " (%s %.4g)",
                                 job->trainer->sections.env_ops->yardstick, yardstick);
      ++count;
    }
  marl_log_progress(job->base.folder->log, "training", (double)p->update, (double)p->num_updates,
                    "%s%s", under_way ? "first episodes so far: " : "", shown);
}

/* The first environment of the first replica. */
static MarlCode look(MarlJob *job, MarlPicture *picture, MarlError *err) {
  const MarlTrainer *trainer = ((const MarlTrainerJob *)job)->trainer;
  const MarlEnvOps *ops = trainer->sections.env_ops;
  marl_picture_begin(picture, "update", (double)trainer->update, MARL_PICTURE_PANELS);
  if (trainer->rank != 0 || ops->look == NULL) return MARL_OK;
  return ops->look(marl_vec_env_member(trainer->replicas[0].base.vec[0], 0), picture, err);
}

static int profile(const MarlJob *job, MarlJobPart parts[MARL_JOB_PARTS]) {
  const MarlTrainerProfile p = marl_trainer_profile(((const MarlTrainerJob *)job)->trainer);
  const MarlJobPart own[] = {{"acting", p.act},
                             {"environments", p.environments},
                             {"observing", p.observe},
                             {"updates", p.update}};
  memcpy(parts, own, sizeof own);
  return sizeof own / sizeof own[0];
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
  t->base.frame_seconds = t->trainer->frame_seconds;
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
  const double output = trainer->profile.output;
  MARL_TRY(marl_trainer_advance(trainer, watch, &job->asked_to_stop, err));
  job->writing += trainer->profile.output - output;
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

const char *const marl_trainer_changeable[] = {
    "run.updates", "run.checkpoint_every", "run.checkpoint_minutes",
    "run.keep",    "run.frame_seconds",    NULL};

const MarlJobOps marl_trainer_job = {.command = "train",
                                     .changeable = marl_trainer_changeable,
                                     .read = read,
                                     .build = build,
                                     .clear = clear,
                                     .begin = begin,
                                     .advance = advance,
                                     .finished = finished,
                                     .where = where,
                                     .look = look,
                                     .profile = profile,
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
