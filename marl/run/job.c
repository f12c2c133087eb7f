#include "marl/run/job.h"

#include <math.h>
#include <stdio.h>

#include "marl/core/comm.h"
#include "marl/core/store_shared.h"
#include "marl/run/interrupt.h"
#include "marl/run/saving.h"

static MarlCode write_checkpoint(MarlJob *job, MarlError *err) {
  const int64_t number = job->ops->number(job);
  MarlStore *store;
  MARL_TRY(marl_run_checkpoint_begin(job->folder, number, job->comm, &store, err));
  const MarlCode code = job->ops->save(job, store, err);
  return marl_run_checkpoint_end(job->folder, number, job->keep, job->comm, &store, code, err);
}

/* Seconds since `began`, but for those that went into messages since `messages`. */
static double seconds_without_messages(double began, double messages) {
  return marl_timer_seconds() - began - (marl_comm_seconds() - messages);
}

static MarlCode save(MarlJob *job, MarlError *err) {
  const double began = marl_timer_seconds(), messages = marl_comm_seconds();
  const MarlCode code = write_checkpoint(job, err);
  job->writing += seconds_without_messages(began, messages);
  return code;
}

/* When the next frame is due. Writing takes a fiftieth of the time at most: no frame before fifty
 * times as long as the last one took, but for the one of how the run ended. */
typedef struct Frames {
  MarlRunClock clock;
  MarlPicture picture;
} Frames;

static MarlCode write_frame(MarlJob *job, Frames *frames, bool last, MarlError *err) {
  const double began = marl_timer_seconds(), messages = marl_comm_seconds();
  if (job->ops->look == NULL || !(frames->clock.minutes > 0)) return MARL_OK;
  if (!last && !marl_run_clock_due(&frames->clock, job->comm)) return MARL_OK;
  MarlCode code = marl_comm_agree(job->comm, job->ops->look(job, &frames->picture, err), err);
  if (code == MARL_OK && marl_comm_rank(job->comm) == 0 && frames->picture.num_panels > 0)
    code = marl_picture_write(&frames->picture, job->folder, "frame.h5", err);
  const double took = marl_timer_seconds() - began;
  frames->clock.minutes = fmax(job->frame_seconds, 50 * took) / 60;
  job->writing += seconds_without_messages(began, messages);
  code = marl_comm_agree(job->comm, code, err);
  if (code == MARL_OK || code == MARL_EBUSY) return code; /* busy: the folder is another's now */
  marl_log_note(job->folder->log, "no more pictures: %s", err->message);
  frames->clock.minutes = 0; /* no run ends for a picture */
  return MARL_OK;
}

/* "the time went into environments 61 %, ...": of rank 0, whose log it is. */
static void tell_profile(const MarlJob *job, double messages) {
  MarlJobPart parts[MARL_JOB_PARTS] = {{"computing", 0}};
  char text[MARL_JOB_PARTS * 40] = "";
  size_t used = 0;
  const double total = marl_timer_seconds() - job->began;
  const int count = job->ops->profile != NULL ? job->ops->profile(job, parts) : 1;
  if (!(total > 0)) return;
  if (job->ops->profile == NULL) parts[0].seconds = total - messages - job->writing;
  for (int i = 0; i < count && used < sizeof text; ++i)
    used += (size_t)snprintf(text + used, sizeof text - used, "%.20s %.3g %%, ", parts[i].name,
                             100 * fmax(parts[i].seconds, 0) / total);
  marl_log_note(job->folder->log, "%.3g s: %scommunication %.3g %%, I/O %.3g %%", total, text,
                100 * messages / total, 100 * fmax(job->writing, 0) / total);
}

static MarlCode finish(MarlJob *job, bool whole, MarlError *err) {
  const double began = marl_timer_seconds(), messages = marl_comm_seconds();
  marl_log_progress_end(job->folder->log);
  const MarlCode code = job->ops->finish != NULL ? job->ops->finish(job, whole, err) : MARL_OK;
  job->writing += seconds_without_messages(began, messages);
  return code;
}

/* A stretch. A job that fails leaves what it has, if it can; the error stays as it was. */
static MarlCode advance(MarlJob *job, bool *due, bool *stop, MarlError *err) {
  MarlCode code = job->ops->advance(job, due, err);
  *stop = code == MARL_ESTOPPED;
  if (*stop) return MARL_OK;
  code = marl_comm_agree(job->comm, code, err);
  job->failure = code;
  if (code != MARL_OK) (void)!finish(job, false, NULL);
  return code;
}

static MarlCode follow(MarlJob *job, bool found, Frames *frames, bool *stopped, MarlError *err) {
  const MarlJobOps *ops = job->ops;
  const double messages = marl_comm_seconds();
  bool stop = false;
  job->began = marl_timer_seconds();
  job->writing = 0;
  MARL_TRY(ops->begin(job, found, err));
  MarlRunClock clock = {.minutes = job->minutes};
  frames->clock.minutes = job->frame_seconds / 60;
  if (!found && ops->saves_the_start) MARL_TRY(save(job, err));
  while (!ops->finished(job) && !stop) {
    bool due = false, saved_itself = false;
    MARL_TRY(advance(job, &due, &saved_itself, err));
    stop = saved_itself || job->asked_to_stop || marl_run_interrupted(job->comm);
    if (ops->save != NULL && !saved_itself &&
        (marl_run_clock_due(&clock, job->comm) || due || stop || ops->finished(job)))
      MARL_TRY(save(job, err));
    MARL_TRY(write_frame(job, frames, stop || ops->finished(job), err));
    if (ops->report != NULL) ops->report(job);
  }
  *stopped = !ops->finished(job);
  MARL_TRY(finish(job, !*stopped, err));
  tell_profile(job, marl_comm_seconds() - messages);
  return MARL_OK;
}

MarlCode marl_job_follow(MarlJob *job, bool found, bool *stopped, MarlError *err) {
  Frames frames = {.picture = {.num_panels = 0}};
  const MarlCode code = follow(job, found, &frames, stopped, err);
  marl_picture_clear(&frames.picture);
  return code;
}

static MarlCode load(void *job, MarlStore *from, MarlError *err) {
  return ((MarlJob *)job)->ops->load(job, from, err);
}

static MarlCode follow_in_folder(MarlJob *job, const MarlRunStart *start, MarlError *err) {
  const MarlRunFolder *folder = job->folder;
  bool found = false, stopped = false;
  if (folder->resumed && job->ops->load != NULL)
    MARL_TRY(marl_run_checkpoint_resume(folder, job->ops->each_rank_loads, job->comm, load, job,
                                        &found, err));
  MARL_TRY(marl_run_folder_accept(start, job->comm, folder, err));
  if (!job->heard) marl_interrupt_listen();
  MARL_TRY(marl_job_follow(job, found, &stopped, err));
  if (!stopped) return MARL_OK;
  char where[MARL_JOB_WHERE] = "";
  job->ops->where(job, where);
  return marl_run_folder_stopped(folder, job->ops->command, where, err);
}

/* The files of results that a configuration names are read by rank 0 for all. */
typedef struct Sharing {
  MPI_Comm comm;
  MarlCode code;
  MarlError *err;
} Sharing;

static void share(void *context, const char *path) {
  Sharing *sharing = context;
  if (sharing->code == MARL_OK) sharing->code = marl_store_share(path, sharing->comm, sharing->err);
}

static void unshare(void *context, const char *path) {
  (void)context;
  marl_store_unshare(path);
}

MarlCode marl_job_share(const MarlConfig *config, MPI_Comm comm, MarlError *err) {
  Sharing sharing = {comm, MARL_OK, err};
  marl_config_files(config, share, &sharing);
  return sharing.code;
}

void marl_job_unshare(const MarlConfig *config) {
  marl_config_files(config, unshare, NULL);
}

MarlCode marl_job_run(MarlJob *job, MarlConfig *config, const char *config_path,
                      const MarlRunRequest *request, MarlError *err) {
  MarlRunFolder folder = {.log = NULL};
  job->folder = &folder;
  MarlCode code = marl_comm_agree(job->comm, job->ops->read(job, config, err), err);
  const MarlRunStart start = {*request, config, config_path, job->seed, job->ops->changeable};
  if (code == MARL_OK) code = marl_run_folder_choose(&start, job->comm, &folder, err);
  const bool shares = code == MARL_OK;
  if (shares) code = marl_job_share(config, job->comm, err);
  if (code == MARL_OK) code = marl_comm_agree(job->comm, job->ops->build(job, err), err);
  if (code == MARL_OK) code = marl_run_folder_open(&start, job->comm, &folder, err);
  if (code == MARL_OK)
    code = marl_run_folder_cause(&folder, job->comm, follow_in_folder(job, &start, err), err);
  job->ops->clear(job);
  if (shares) marl_job_unshare(config);
  marl_run_folder_end(&folder, code, err);
  job->folder = NULL;
  return code;
}

MarlCode marl_job_check(MarlJob *job, MarlConfig *config, MarlError *err) {
  MarlCode code = marl_comm_agree(job->comm, job->ops->read(job, config, err), err);
  if (code == MARL_OK) code = marl_comm_agree(job->comm, job->ops->build(job, err), err);
  job->ops->clear(job);
  return code;
}
