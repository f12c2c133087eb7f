#define _POSIX_C_SOURCE 200809L /* rmdir */
#include "cli/les_parts.h"

#include <dirent.h>
#include <math.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "envs/turbulence/closures.h"
#include "marl/core/comm.h"
#include "marl/run/interrupt.h"
#include "marl/run/record.h"
#include "physics/flow_fields.h"

static const char subfolder[] = "parts";

enum { NAME_SIZE = 96 };
static void name_of(const MarlLesParts *parts, int job, char name[NAME_SIZE]) {
  snprintf(name, NAME_SIZE, "%s/%s_%06d.h5", subfolder, parts->stage, job);
}

static bool stop(MarlLesWatch *watch) {
  (void)watch;
  return marl_interrupt_requested();
}

static void show_progress(MarlLesWatch *watch, const MarlLesProgress *p) {
  marl_log_progress(((MarlLesParts *)watch)->folder->log, "evaluating", p->done, 1, "%s: %s %.3g",
                    p->closure, p->score, p->value);
}

/* As marl/run/job.c does it, of one of rank 0's flows. */
static MarlCode show_frame(MarlLesParts *parts, int job, MarlSolver *solver,
                           const MarlClosure *closure, MarlError *err) {
  const double began = marl_timer_seconds(), least = parts->frame_seconds / 60;
  if (parts->shown < 0) parts->shown = job;
  if (parts->folder->log == NULL || parts->shown != job ||
      !marl_run_clock_due(&parts->frames, MPI_COMM_SELF))
    return MARL_OK;
  marl_picture_begin(&parts->picture, "time", marl_solver_time(solver), MARL_PICTURE_PANELS);
  MARL_TRY(marl_flow_fields_look(solver, &parts->picture, err));
  if (closure->ops->look != NULL) MARL_TRY(closure->ops->look(closure, &parts->picture, err));
  const MarlCode code = marl_picture_write(&parts->picture, parts->folder, "frame.h5", err);
  if (code == MARL_EBUSY) return code; /* the folder is another's now */
  if (code != MARL_OK) {               /* no run ends for a picture */
    marl_log_note(parts->folder->log, "no more pictures: %s", err->message);
    parts->frame_seconds = 0;
    parts->frames.minutes = 0;
    return MARL_OK;
  }
  parts->frames.minutes = fmax(least, 50 * (marl_timer_seconds() - began) / 60);
  return MARL_OK;
}

static MarlCode look(MarlLesWatch *watch, int job, MarlSolver *solver, const MarlClosure *closure,
                     MarlError *err) {
  MarlInterpretation *interpretation = ((MarlLesParts *)watch)->interpretation;
  const MarlAgentClosure *agents = marl_closure_agents(closure);
  MARL_TRY(show_frame((MarlLesParts *)watch, job, solver, closure, err));
  if (interpretation == NULL || agents == NULL) return MARL_OK;
  const MarlFlow *flow = marl_solver_flow(solver, MARL_INTERPRETATION_NEEDS);
  if (flow == NULL) return MARL_FAIL(err, MARL_EMEMORY, "no memory for the fields of a flow");
  marl_interpretation_sample(interpretation, job, flow, agents);
  return MARL_OK;
}

static MarlCode keep(MarlLesWatch *watch, const MarlLesPlan *plan, int job,
                     const MarlLesOutput *part, MarlError *err) {
  MarlLesParts *parts = (MarlLesParts *)watch;
  char name[NAME_SIZE];
  MarlStore *store = NULL;
  if (parts->shown == job) parts->shown = -1;
  name_of(parts, job, name);
  MARL_TRY(marl_run_folder_create(parts->folder, name, &store, err));
  MarlCode code = marl_les_save(plan, part, store, err);
  if (code == MARL_OK && parts->interpretation != NULL)
    code = marl_interpretation_save(parts->interpretation, job, store, err);
  return marl_store_end_file(&store, code, err);
}

/* What a damaged file has left in the output is cleared before the run. */
static bool recall(MarlLesWatch *watch, const MarlLesPlan *plan, int job,
                   const MarlLesOutput *part) {
  const MarlLesParts *parts = (const MarlLesParts *)watch;
  char name[NAME_SIZE], path[MARL_MAX_PATH];
  MarlStore *store = NULL;
  name_of(parts, job, name);
  if (marl_run_folder_file(parts->folder, name, path, NULL) != MARL_OK || access(path, R_OK) != 0)
    return false;
  if (marl_store_open(path, &store, NULL) != MARL_OK) return false;
  MarlCode code = marl_les_load(plan, part, store, NULL);
  if (code == MARL_OK && parts->interpretation != NULL) {
    code = marl_interpretation_load(parts->interpretation, job, store, NULL);
    if (code != MARL_OK) marl_interpretation_forget(parts->interpretation, job);
  }
  marl_store_close(&store);
  return code == MARL_OK;
}

MarlCode marl_les_parts_init(MarlLesParts *parts, const MarlRunFolder *folder,
                             MarlInterpretation *interpretation, MPI_Comm comm, MarlError *err) {
  char path[MARL_MAX_PATH];
  *parts = (MarlLesParts){.base = {.progress = show_progress,
                                   .sampled = look,
                                   .stop = stop,
                                   .keep = keep,
                                   .recall = recall},
                          .folder = folder,
                          .shown = -1,
                          .interpretation = interpretation};
  MARL_TRY(marl_run_folder_file(folder, subfolder, path, err));
  const MarlCode code = marl_comm_rank(comm) == 0 ? marl_run_record_make(path, err) : MARL_OK;
  return marl_comm_agree(comm, code, err);
}

bool marl_les_parts_note(const MarlLesParts *parts, const MarlScoreboard *board) {
  bool any = false;
  for (int c = 0; c < board->num_closures; ++c) {
    const MarlLesRemarks *r = &board->rows[c].remarks;
    if (r->hold > 0)
      marl_log_note(parts->folder->log,
                    "%s: an action is held for %g here and was for %g in the training; "
                    "closure.interval is its number of steps",
                    board->rows[c].label, r->hold, r->hold_training);
    if (r->alone == NULL) continue;
    any = true;
    marl_log_note(parts->folder->log, "lanes: %s is run alone: %s", board->rows[c].label, r->alone);
  }
  return any;
}

void marl_les_parts_clear(MarlLesParts *parts) {
  marl_picture_clear(&parts->picture);
}

/* DIR/parts/<start>*.h5 */
static void remove_files(const MarlLesParts *parts, const char *start, char folder[MARL_MAX_PATH]) {
  char path[MARL_MAX_PATH];
  if (marl_run_folder_file(parts->folder, subfolder, folder, NULL) != MARL_OK) return;
  DIR *directory = opendir(folder);
  if (directory == NULL) return;
  for (const struct dirent *entry; (entry = readdir(directory)) != NULL;) {
    const char *ending = strrchr(entry->d_name, '.');
    if (ending == NULL || strcmp(ending, ".h5") != 0 ||
        strncmp(entry->d_name, start, strlen(start)) != 0)
      continue;
    if (marl_run_record_path(folder, entry->d_name, path, NULL) == MARL_OK) (void)unlink(path);
  }
  closedir(directory);
}

void marl_les_parts_remove_stage(const MarlLesParts *parts) {
  char folder[MARL_MAX_PATH];
  remove_files(parts, parts->stage, folder);
}

void marl_les_parts_remove(const MarlLesParts *parts) {
  char folder[MARL_MAX_PATH];
  remove_files(parts, "", folder);
  (void)rmdir(folder);
}
