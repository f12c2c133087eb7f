#include "cli/tune_job.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "cli/score_table.h"
#include "cli/tune_table.h"
#include "marl/core/comm.h"
#include "marl/run/saving.h"

static MarlCode read_sections(MarlConfig *config, MarlTuneSections *out, MarlError *err) {
  MARL_TRY(marl_config_section(config, "tune", &marl_tune_options, 1, &out->tune, err));
  return marl_config_section(config, "evaluate", &marl_evaluate_options, 1, &out->evaluate, err);
}

MarlCode marl_tune_claim(MarlConfig *config, MarlError *err) {
  MarlTuneSections sections;
  return read_sections(config, &sections, err);
}

static MarlCode read(MarlJob *job, MarlConfig *config, MarlError *err) {
  MarlTuneJob *t = (MarlTuneJob *)job;
  MARL_TRY(read_sections(config, &t->sections, err));
  job->seed = marl_section_int64(t->sections.tune, "seed");
  return marl_config_finish(config, err);
}

/* Could the closure run, in the search and in the judgement? The log of a run hears of it once if it
 * has no form for lanes. */
static MarlCode try_boards(const MarlTuneJob *t, MarlError *err) {
  const MarlTuning *tuning = t->tuning;
  const MarlSection *const boards[] = {tuning->runs, tuning->judgement};
  char text[MARL_TUNING_SPECIFICATION];
  const char *const closures[] = {text};
  size_t count;
  marl_tuning_specification(tuning, marl_section_reals(t->sections.tune, "start", &count), text);
  bool told = t->base.folder == NULL;
  for (int b = 0; b < 2; ++b) {
    MarlScoreboard *board = NULL;
    MarlCode code = marl_scoreboard_create(boards[b], closures, 1, NULL, &board, err);
    if (code == MARL_OK) code = marl_tuning_check_target(tuning, board->target, err);
    if (code == MARL_OK) code = marl_scoreboard_check(board, err);
    if (code == MARL_OK && !told) told = marl_les_parts_note(&t->parts, board);
    marl_scoreboard_destroy(&board);
    if (code != MARL_OK) return code;
  }
  return MARL_OK;
}

static MarlCode build(MarlJob *job, MarlError *err) {
  MarlTuneJob *t = (MarlTuneJob *)job;
  MARL_TRY(marl_tuning_create(t->sections.tune, t->sections.evaluate, &t->tuning, err));
  return job->folder == NULL ? try_boards(t, err) : MARL_OK;
}

static void clear(MarlJob *job) {
  MarlTuneJob *t = (MarlTuneJob *)job;
  if (t->csv != NULL) (void)fclose(t->csv);
  t->csv = NULL;
  marl_tuning_destroy(&t->tuning);
}

/* tune.csv with the candidates so far, in the place of what the folder has. Rank 0. */
static MarlCode open_csv(MarlTuneJob *t, MarlError *err) {
  char path[MARL_MAX_PATH], temporary[MARL_MAX_PATH];
  MARL_TRY(marl_run_folder_file(t->base.folder, "tune.csv", path, err));
  MARL_TRY(marl_run_folder_file(t->base.folder, "tune.csv.tmp", temporary, err));
  (void)remove(temporary);
  FILE *csv = t->csv = fopen(temporary, "w");
  if (csv == NULL) return MARL_FAIL(err, MARL_EIO, "cannot write %s: %s", path, strerror(errno));
  marl_tune_print_header(csv);
  for (int i = 0; i < t->tuning->evaluations; ++i)
    marl_tune_print_candidate(csv, t->tuning, &t->tuning->candidates[i]);
  if (fflush(csv) != 0 || ferror(csv) || rename(temporary, path) != 0)
    return MARL_FAIL(err, MARL_EIO, "cannot write %s: %s", path, strerror(errno));
  return MARL_OK;
}

/* The candidates of the last generation, a row each. Rank 0. */
static MarlCode show_generation(const MarlTuneJob *t, MarlError *err) {
  const MarlTuning *tuning = t->tuning;
  MARL_TRY(marl_run_folder_check(t->base.folder, err));
  for (int i = tuning->evaluations - tuning->count; i < tuning->evaluations; ++i) {
    const MarlCandidate *candidate = &tuning->candidates[i];
    char text[MARL_TUNING_SPECIFICATION], cell[MARL_TUNE_CELL];
    marl_tuning_specification(tuning, candidate->point, text);
    marl_log_note(t->base.folder->log, "%s: %s", text, marl_tune_cell(candidate, cell));
    marl_tune_print_candidate(t->csv, tuning, candidate);
  }
  if (fflush(t->csv) == 0 && !ferror(t->csv)) return MARL_OK;
  return MARL_FAIL(err, MARL_EIO, "cannot write tune.csv: %s", strerror(errno));
}

static MarlCode begin(MarlJob *job, bool found, MarlError *err) {
  MarlTuneJob *t = (MarlTuneJob *)job;
  if (found && marl_tuning_finished(t->tuning) &&
      marl_run_folder_is_done(job->folder, "parts", "scores.csv", job->comm)) {
    marl_log_note(job->folder->log, "tuned already: %s/scores.csv", job->folder->path);
    t->judged = true;
    return MARL_OK;
  }
  MARL_TRY(marl_les_parts_init(&t->parts, job->folder, NULL, job->comm, err));
  MarlCode code = try_boards(t, err);
  if (code == MARL_OK && marl_comm_rank(job->comm) == 0) code = open_csv(t, err);
  return marl_comm_agree(job->comm, code, err);
}

/* The next generation; the runs that it has finished stay when it is stopped, and those of the one
 * before go now that a checkpoint has what they gave. */
static MarlCode search(MarlTuneJob *t, MarlError *err) {
  const bool root = marl_comm_rank(t->base.comm) == 0;
  if (root && t->parts.stage[0] != '\0') marl_les_parts_remove_stage(&t->parts);
  snprintf(t->parts.stage, sizeof t->parts.stage, "search_%06d", t->tuning->evaluations);
  MARL_TRY(marl_tuning_step(t->tuning, t->base.comm, &t->parts.base, err));
  const MarlCode code = root ? show_generation(t, err) : MARL_OK;
  return marl_comm_agree(t->base.comm, code, err);
}

/* Run and show the board. */
static MarlCode judge_board(MarlTuneJob *t, MarlScoreboard *board, MarlError *err) {
  const MarlRunFolder *folder = t->base.folder;
  MarlCode code = MARL_OK;
  snprintf(t->parts.stage, sizeof t->parts.stage, "judge_%d", t->tuning->repeats);
  MARL_TRY(marl_scoreboard_run(board, t->base.comm, &t->parts.base, err));
  t->judged = true;
  if (marl_comm_rank(t->base.comm) == 0) {
    code = marl_run_folder_check(folder, err);
    if (code == MARL_OK) code = marl_score_table_csv(board, folder->path, err);
    marl_tune_print_equals(stdout, t->tuning);
    marl_score_table_print(stdout, board);
    marl_tune_print_spread(stdout, t->tuning, board);
    if (code == MARL_OK) marl_les_parts_remove(&t->parts);
  }
  return marl_comm_agree(t->base.comm, code, err);
}

/* The results on held-out fields, beside the closure as the search began. */
static MarlCode judge(MarlTuneJob *t, MarlError *err) {
  const MarlTuning *tuning = t->tuning;
  const size_t rows = (size_t)tuning->repeats + 1;
  char(*texts)[MARL_TUNING_SPECIFICATION] = calloc(rows, sizeof *texts);
  const char **closures = calloc(rows, sizeof *closures);
  MarlScoreboard *board = NULL;
  MarlCode code = MARL_OK;
  size_t count = 0;
  if (marl_tuning_best(tuning) == NULL)
    code = MARL_FAIL(err, MARL_ENUMERIC,
                     "every candidate blew up: start from other values (tune.start, tune.scale)");
  else if (texts == NULL || closures == NULL)
    code = MARL_FAIL(err, MARL_EMEMORY, "no memory for %zu results", rows);
  for (size_t r = 0; r < rows && code == MARL_OK; ++r) {
    const double *point = r == 0 ? marl_section_reals(t->sections.tune, "start", &count)
                                 : tuning->estimates + (r - 1) * (size_t)tuning->dim;
    marl_tuning_specification(tuning, point, texts[r]);
    closures[r] = texts[r];
  }
  if (code == MARL_OK)
    code = marl_scoreboard_create(tuning->judgement, closures, rows, NULL, &board, err);
  code = marl_comm_agree(t->base.comm, code, err);
  if (code == MARL_OK) code = judge_board(t, board, err);
  marl_scoreboard_destroy(&board);
  free(closures);
  free(texts);
  return code;
}

/* A checkpoint after each generation. */
static MarlCode advance(MarlJob *job, bool *due, MarlError *err) {
  MarlTuneJob *t = (MarlTuneJob *)job;
  *due = !marl_tuning_finished(t->tuning);
  return *due ? search(t, err) : judge(t, err);
}

static bool finished(const MarlJob *job) {
  return ((const MarlTuneJob *)job)->judged;
}

static void where(const MarlJob *job, char text[MARL_JOB_WHERE]) {
  const MarlTuning *tuning = ((const MarlTuneJob *)job)->tuning;
  if (marl_tuning_finished(tuning))
    snprintf(text, MARL_JOB_WHERE, "in the closing judgement");
  else
    snprintf(text, MARL_JOB_WHERE, "after %d candidates", tuning->evaluations);
}

static void report(MarlJob *job) {
  const MarlTuneJob *t = (const MarlTuneJob *)job;
  const MarlTuning *tuning = t->tuning;
  const MarlCandidate *best = marl_tuning_best(tuning);
  if (t->judged) return;
  marl_log_progress(job->folder->log, "tuning", tuning->evaluations,
                    (double)tuning->max_evaluations * tuning->repeats, "search %d of %d, best %.4g",
                    tuning->count > 0 ? tuning->candidates[tuning->evaluations - 1].repeat + 1 : 1,
                    tuning->repeats, best == NULL ? HUGE_VAL : best->objective);
}

static int64_t number(const MarlJob *job) {
  return ((const MarlTuneJob *)job)->tuning->evaluations;
}

static MarlCode save(MarlJob *job, MarlStore *to, MarlError *err) {
  return to != NULL ? marl_tuning_save(((MarlTuneJob *)job)->tuning, to, err) : MARL_OK;
}

static MarlCode load_own(void *state, MarlStore *from, MarlError *err) {
  return marl_tuning_load(state, from, err);
}

static MarlCode load(MarlJob *job, MarlStore *from, MarlError *err) {
  return marl_run_checkpoint_each(from, job->comm, load_own, ((MarlTuneJob *)job)->tuning, err);
}

const char *const marl_tune_changeable[] = {"tune.repeats", NULL};

static const MarlJobOps ops = {.command = "tune",
                               .changeable = marl_tune_changeable,
                               .read = read,
                               .build = build,
                               .clear = clear,
                               .begin = begin,
                               .advance = advance,
                               .finished = finished,
                               .where = where,
                               .report = report,
                               .number = number,
                               .save = save,
                               .load = load};

void marl_tune_job_init(MarlTuneJob *job, MPI_Comm comm) {
  *job = (MarlTuneJob){.base = {.ops = &ops, .comm = comm, .keep = MARL_KEPT_CHECKPOINTS}};
}
