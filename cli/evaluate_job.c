#include "cli/evaluate_job.h"

#include <stdio.h>

#include "cli/interpretation_table.h"
#include "cli/score_table.h"
#include "envs/env_table.h"
#include "marl/core/comm.h"
#include "marl/learn/trainer.h"

/* The evaluation of a run has the sections of its training too. */
static MarlCode read(MarlJob *job, MarlConfig *config, MarlError *err) {
  MarlEvaluateJob *e = (MarlEvaluateJob *)job;
  if (marl_config_peek(config, "evaluate", "run", "")[0] != '\0') {
    MarlTrainerSections sections;
    MARL_TRY(marl_evaluate_inherit(config, err));
    MARL_TRY(marl_trainer_claim(config, marl_env_table, &sections, err));
  }
  MARL_TRY(marl_config_section(config, "evaluate", &marl_evaluate_options, 1, &e->section, err));
  job->seed = marl_section_int64(e->section, "seed");
  return marl_config_finish(config, err);
}

static MarlCode build(MarlJob *job, MarlError *err) {
  MarlEvaluateJob *e = (MarlEvaluateJob *)job;
  size_t count = 0;
  const char *const *closures = marl_section_texts(e->section, "closures", &count);
  const char *run = marl_section_text(e->section, "run");
  MARL_TRY(marl_scoreboard_create(e->section, closures, count, run[0] != '\0' ? run : NULL,
                                  &e->board, err));
  MARL_TRY(marl_scoreboard_check(e->board, err));
  if (!e->interpreted) return MARL_OK;
  return marl_interpretation_create(e->board->num_closures, e->board->num_fields, e->board->plan.n,
                                    e->board->reference->domain_length, &e->interpretation, err);
}

static void clear(MarlJob *job) {
  MarlEvaluateJob *e = (MarlEvaluateJob *)job;
  marl_les_parts_clear(&e->parts);
  marl_interpretation_destroy(&e->interpretation);
  marl_scoreboard_destroy(&e->board);
}

static bool is_done(const MarlEvaluateJob *e) {
  const MarlRunFolder *folder = e->base.folder;
  return marl_run_folder_is_done(folder, "parts", "scores.h5", e->base.comm) &&
         (!e->interpreted ||
          marl_run_folder_is_done(folder, "parts", "interpretation.h5", e->base.comm));
}

static MarlCode begin(MarlJob *job, bool found, MarlError *err) {
  MarlEvaluateJob *e = (MarlEvaluateJob *)job;
  (void)found;
  e->was_done = e->done = is_done(e);
  if (e->done) {
    marl_log_note(job->folder->log, "evaluated already: %s/scores.csv", job->folder->path);
    return MARL_OK;
  }
  MARL_TRY(marl_les_parts_init(&e->parts, job->folder, e->interpretation, job->comm, err));
  snprintf(e->parts.stage, sizeof e->parts.stage, "run");
  (void)marl_les_parts_note(&e->parts, e->board);
  e->parts.frame_seconds = marl_section_real(e->section, "frame_seconds");
  e->parts.frames.minutes = e->parts.frame_seconds / 60;
  return MARL_OK;
}

static MarlCode advance(MarlJob *job, bool *due, MarlError *err) {
  MarlEvaluateJob *e = (MarlEvaluateJob *)job;
  (void)due;
  MARL_TRY(marl_scoreboard_run(e->board, job->comm, &e->parts.base, err));
  e->done = true;
  return MARL_OK;
}

static bool finished(const MarlJob *job) {
  return ((const MarlEvaluateJob *)job)->done;
}

static void where(const MarlJob *job, char text[MARL_JOB_WHERE]) {
  (void)job;
  snprintf(text, MARL_JOB_WHERE, "between two runs");
}

static MarlCode write_files(const MarlScoreboard *board, const MarlRunFolder *folder,
                            MarlError *err) {
  MarlStore *store;
  MARL_TRY(marl_run_folder_create(folder, "scores.h5", &store, err));
  MARL_TRY(marl_store_end_file(&store, marl_scoreboard_write(board, store, err), err));
  MARL_TRY(marl_score_table_csv(board, folder->path, err));
  marl_score_table_print(stdout, board);
  printf("%s: scores.csv, scores.h5; to look at: marl report %s\n", folder->path, folder->path);
  return MARL_OK;
}

/* Collective: what the ranks saw of the learned closures, as a file and in words. */
static MarlCode interpret(const MarlScoreboard *board, MarlInterpretation *interpretation,
                          const MarlRunFolder *folder, MPI_Comm comm, MarlError *err) {
  MarlStore *store;
  MARL_TRY(marl_interpretation_finish(interpretation, comm, err));
  if (marl_comm_rank(comm) != 0) return MARL_OK;
  for (int r = 0; r < board->num_closures; ++r)
    snprintf(interpretation->rows[r].label, sizeof interpretation->rows[r].label, "%s",
             board->rows[r].label);
  MARL_TRY(marl_run_folder_create(folder, "interpretation.h5", &store, err));
  MARL_TRY(marl_store_end_file(&store, marl_interpretation_write(interpretation, store, err), err));
  marl_interpretation_print(stdout, interpretation);
  printf("%s: interpretation.h5\n", folder->path);
  return MARL_OK;
}

static MarlCode finish(MarlJob *job, bool whole, MarlError *err) {
  MarlEvaluateJob *e = (MarlEvaluateJob *)job;
  const bool root = marl_comm_rank(job->comm) == 0;
  if (!whole || e->was_done) return MARL_OK;
  const MarlCode code = root ? write_files(e->board, job->folder, err) : MARL_OK;
  MARL_TRY(marl_comm_agree(job->comm, code, err));
  if (e->interpretation != NULL)
    MARL_TRY(interpret(e->board, e->interpretation, job->folder, job->comm, err));
  if (root) marl_les_parts_remove(&e->parts);
  return MARL_OK;
}

static const MarlJobOps ops = {.command = "evaluate",
                               .read = read,
                               .build = build,
                               .clear = clear,
                               .begin = begin,
                               .advance = advance,
                               .finished = finished,
                               .where = where,
                               .finish = finish};

void marl_evaluate_job_init(MarlEvaluateJob *job, bool interpreted, MPI_Comm comm) {
  *job = (MarlEvaluateJob){.base = {.ops = &ops, .comm = comm}, .interpreted = interpreted};
}
