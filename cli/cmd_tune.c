#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/command.h"
#include "cli/les_parts.h"
#include "cli/run_request.h"
#include "cli/score_table.h"
#include "envs/turbulence/tuning.h"
#include "marl/core/comm.h"
#include "marl/core/log.h"
#include "marl/run/interrupt.h"
#include "marl/run/saving.h"

static const MarlFlag *const flags[] = {&marl_flag_set,
                                        &marl_flag_out,
                                        &marl_flag_resume,
                                        &marl_flag_continue,
                                        &marl_flag_quiet,
                                        &marl_flag_ranks,
                                        NULL};
static const char *const changeable[] = {"tune.repeats", NULL};

/* What a run of this command consists of. */
typedef struct Work {
  MarlTuning *tuning;
  const MarlRunFolder *folder;
  MarlLesParts parts;
  FILE *csv; /* rank 0's tune.csv */
  MPI_Comm comm;
} Work;

typedef struct Sections {
  const MarlSection *tune, *evaluate;
} Sections;

static MarlCode read_sections(MarlConfig *config, Sections *out, MarlError *err) {
  MARL_TRY(marl_config_section(config, "tune", &marl_tune_options, 1, &out->tune, err));
  return marl_config_section(config, "evaluate", &marl_evaluate_options, 1, &out->evaluate, err);
}

static MarlCode claim(MarlConfig *config, MarlError *err) {
  Sections sections;
  return read_sections(config, &sections, err);
}

enum { MAX_CELL = 48 };

/* "objective +- error" of a candidate, or that it blew up. */
static const char *cell_of(const MarlCandidate *candidate, char cell[MAX_CELL]) {
  if (isfinite(candidate->objective))
    snprintf(cell, MAX_CELL, "%.4g +- %.2g", candidate->objective, candidate->error);
  else
    snprintf(cell, MAX_CELL, "blew up");
  return cell;
}

static void print_candidate(FILE *csv, const MarlTuning *tuning, const MarlCandidate *candidate) {
  char text[MARL_TUNING_SPECIFICATION];
  marl_tuning_specification(tuning, candidate->point, text);
  fprintf(csv, "%d,\"%s\",%.9g,%.9g,%.9g,%.9g\n", candidate->repeat + 1, text, candidate->objective,
          candidate->error, candidate->spectrum_error, candidate->divergence);
}

/* tune.csv with the candidates so far, in the place of what the folder has. Rank 0. */
static MarlCode open_csv(Work *work, MarlError *err) {
  char path[MARL_MAX_PATH], temporary[MARL_MAX_PATH];
  MARL_TRY(marl_run_folder_file(work->folder, "tune.csv", path, err));
  MARL_TRY(marl_run_folder_file(work->folder, "tune.csv.tmp", temporary, err));
  FILE *csv = work->csv = fopen(temporary, "w");
  if (csv == NULL) return MARL_FAIL(err, MARL_EIO, "cannot write %s: %s", path, strerror(errno));
  fprintf(csv, "search,closure,objective,objective_error,e_trunc,KL_trunc\n");
  for (int i = 0; i < work->tuning->evaluations; ++i)
    print_candidate(csv, work->tuning, &work->tuning->candidates[i]);
  if (fflush(csv) != 0 || ferror(csv) || rename(temporary, path) != 0)
    return MARL_FAIL(err, MARL_EIO, "cannot write %s: %s", path, strerror(errno));
  return MARL_OK;
}

/* The candidates of the last generation, a row each. Rank 0. */
static MarlCode show_generation(const Work *work, MarlError *err) {
  const MarlTuning *tuning = work->tuning;
  MARL_TRY(marl_run_folder_check(work->folder, err));
  for (int i = tuning->evaluations - tuning->count; i < tuning->evaluations; ++i) {
    const MarlCandidate *candidate = &tuning->candidates[i];
    char text[MARL_TUNING_SPECIFICATION], cell[MAX_CELL];
    marl_tuning_specification(tuning, candidate->point, text);
    marl_log_note(work->folder->log, "%s: %s", text, cell_of(candidate, cell));
    print_candidate(work->csv, tuning, candidate);
  }
  if (fflush(work->csv) == 0 && !ferror(work->csv)) return MARL_OK;
  return MARL_FAIL(err, MARL_EIO, "cannot write tune.csv: %s", strerror(errno));
}

/* Candidates whose objective is within two standard errors of the difference of the best one: what
 * sampling noise, and not the closure, tells from it. */
static void print_equals(FILE *out, const MarlTuning *tuning) {
  const MarlCandidate *best = marl_tuning_best(tuning);
  char text[MARL_TUNING_SPECIFICATION], cell[MAX_CELL];
  marl_tuning_specification(tuning, best->point, text);
  fprintf(out, "best of %d candidates on training fields: %s, objective %s\n", tuning->evaluations,
          text, cell_of(best, cell));
  for (int i = 0; i < tuning->evaluations; ++i) {
    const MarlCandidate *other = &tuning->candidates[i];
    if (other == best || !isfinite(other->objective)) continue;
    if (other->objective - best->objective > 2 * hypot(other->error, best->error)) continue;
    marl_tuning_specification(tuning, other->point, text);
    fprintf(out, "  within two standard errors of it: %s, %s\n", text, cell_of(other, cell));
  }
}

static MarlCode save(const Work *work, MarlError *err) {
  MarlStore *store;
  const int64_t number = work->tuning->evaluations;
  MARL_TRY(marl_run_checkpoint_begin(work->folder, number, work->comm, &store, err));
  const MarlCode code = store != NULL ? marl_tuning_save(work->tuning, store, err) : MARL_OK;
  return marl_run_checkpoint_end(work->folder, number, MARL_KEPT_CHECKPOINTS, work->comm, &store,
                                 code, err);
}

/* The next generation; the runs that it has finished stay when it is stopped. */
static MarlCode step(Work *work, MarlError *err) {
  MarlTuning *tuning = work->tuning;
  char where[64];
  snprintf(work->parts.stage, sizeof work->parts.stage, "search_%06d", tuning->evaluations);
  MarlCode code = marl_tuning_step(tuning, work->comm, &work->parts.base, err);
  if (code == MARL_ESTOPPED) {
    snprintf(where, sizeof where, "after %d candidates", tuning->evaluations);
    return marl_run_folder_stopped(work->folder, "tune", where, err);
  }
  if (code == MARL_OK && marl_comm_rank(work->comm) == 0) code = show_generation(work, err);
  MARL_TRY(marl_comm_agree(work->comm, code, err));
  MARL_TRY(save(work, err));
  if (marl_comm_rank(work->comm) == 0) marl_les_parts_remove_stage(&work->parts);
  return MARL_OK;
}

static MarlCode search(Work *work, MarlError *err) {
  const MarlTuning *tuning = work->tuning;
  const double all = (double)tuning->max_evaluations * tuning->repeats;
  while (!marl_tuning_finished(tuning)) {
    MARL_TRY(step(work, err));
    const MarlCandidate *best = marl_tuning_best(tuning);
    marl_log_progress(
        work->folder->log, "tuning", tuning->evaluations, all, "search %d of %d, best %.4g",
        tuning->count > 0 ? tuning->candidates[tuning->evaluations - 1].repeat + 1 : 1,
        tuning->repeats, best == NULL ? HUGE_VAL : best->objective);
  }
  marl_log_progress_end(work->folder->log);
  if (marl_tuning_best(tuning) != NULL) return MARL_OK;
  return MARL_FAIL(err, MARL_ENUMERIC,
                   "every candidate blew up: start from other values (tune.start, tune.scale)");
}

/* How far the searches agree on held-out fields, and the best of what they found. */
static void print_spread(FILE *out, const MarlTuning *tuning, const MarlScoreboard *board) {
  double sum = 0, squares = 0, least = HUGE_VAL;
  int count = 0, best = -1;
  fprintf(out, "objective of the results on held-out fields, %g time units each:\n",
          board->plan.block * board->plan.num_blocks);
  for (int r = 0; r < tuning->repeats; ++r) {
    const MarlScoreRow *row = &board->rows[r + 1];
    double terms[2];
    const double value =
        marl_tuning_objective(board->target, tuning->kl_weight, row->value, &terms[0], &terms[1]);
    const double error =
        marl_tuning_objective(board->target, tuning->kl_weight, row->error, &terms[0], &terms[1]);
    if (row->blow_ups > 0) {
      fprintf(out, "  search %d: blew up, first after %g\n", r + 1, row->first_blow_up);
      continue;
    }
    fprintf(out, "  search %d: %.4g +- %.2g\n", r + 1, value, error);
    sum += value, squares += value * value, ++count;
    if (value < least) least = value, best = r + 1;
  }
  if (count > 1)
    fprintf(out, "mean of %d searches %.4g, standard deviation between them %.2g\n", count,
            sum / count, sqrt(fmax(squares - sum * sum / count, 0) / (count - 1)));
  if (best < 0)
    fprintf(out, "no result survives the judgement: search over longer runs (tune.time)\n");
  else
    fprintf(out, "tuned on training fields, judged on held-out ones; first row: the start\n%s\n",
            board->rows[best].label);
}

/* Run and show the board. */
static MarlCode judge_board(Work *work, MarlScoreboard *board, MarlError *err) {
  snprintf(work->parts.stage, sizeof work->parts.stage, "judge_%d", work->tuning->repeats);
  MarlCode code = marl_scoreboard_run(board, work->comm, &work->parts.base, err);
  if (code == MARL_ESTOPPED)
    return marl_run_folder_stopped(work->folder, "tune", "in the closing judgement", err);
  if (code == MARL_OK && marl_comm_rank(work->comm) == 0) {
    code = marl_run_folder_check(work->folder, err);
    if (code == MARL_OK) code = marl_score_table_csv(board, work->folder->path, err);
    print_equals(stdout, work->tuning);
    marl_score_table_print(stdout, board);
    print_spread(stdout, work->tuning, board);
    if (code == MARL_OK) marl_les_parts_remove(&work->parts);
  }
  return marl_comm_agree(work->comm, code, err);
}

/* The results on held-out fields, beside the closure as the search began. */
static MarlCode judge(Work *work, const Sections *sections, MarlError *err) {
  const MarlTuning *tuning = work->tuning;
  const size_t rows = (size_t)tuning->repeats + 1;
  char(*texts)[MARL_TUNING_SPECIFICATION] = calloc(rows, sizeof *texts);
  const char **closures = calloc(rows, sizeof *closures);
  MarlScoreboard *board = NULL;
  MarlCode code = MARL_OK;
  size_t count = 0;
  if (texts == NULL || closures == NULL)
    code = MARL_FAIL(err, MARL_EMEMORY, "no memory for %zu results", rows);
  for (size_t r = 0; r < rows && code == MARL_OK; ++r) {
    const double *point = r == 0 ? marl_section_reals(sections->tune, "start", &count)
                                 : tuning->estimates + (r - 1) * (size_t)tuning->dim;
    marl_tuning_specification(tuning, point, texts[r]);
    closures[r] = texts[r];
  }
  if (code == MARL_OK)
    code = marl_scoreboard_create(tuning->judgement, NULL, closures, rows, &board, err);
  code = marl_comm_agree(work->comm, code, err);
  if (code == MARL_OK) code = judge_board(work, board, err);
  marl_scoreboard_destroy(&board);
  free(closures);
  free(texts);
  return code;
}

static MarlCode load_own(void *state, MarlStore *from, MarlError *err) {
  return marl_tuning_load(state, from, err);
}

static MarlCode load(void *state, MarlStore *from, MarlError *err) {
  const Work *work = state;
  return marl_run_checkpoint_each(from, work->comm, load_own, work->tuning, err);
}

static MarlCode perform(Work *work, const MarlRunStart *start, const Sections *sections,
                        MarlError *err) {
  bool found = false;
  if (work->folder->resumed)
    MARL_TRY(marl_run_checkpoint_resume(work->folder, false, work->comm, load, work, &found, err));
  MARL_TRY(marl_run_folder_accept(start, work->comm, work->folder, err));
  if (found && marl_tuning_finished(work->tuning) &&
      marl_run_folder_is_done(work->folder, "parts", "scores.csv", work->comm)) {
    marl_log_note(work->folder->log, "tuned already: %s/scores.csv", work->folder->path);
    return MARL_OK;
  }
  MARL_TRY(marl_les_parts_init(&work->parts, work->folder, NULL, work->comm, err));
  MarlCode code = marl_comm_rank(work->comm) == 0 ? open_csv(work, err) : MARL_OK;
  MARL_TRY(marl_comm_agree(work->comm, code, err));
  marl_interrupt_listen();
  MARL_TRY(search(work, err));
  return judge(work, sections, err);
}

static MarlCode run(const MarlArguments *arguments, MPI_Comm comm, MarlError *err) {
  const char *path = arguments->num_positional > 0 ? arguments->positional[0] : NULL;
  MarlConfig *config = NULL;
  MarlRunFolder folder = {.log = NULL};
  Work work = {.folder = &folder, .comm = comm};
  Sections sections = {NULL, NULL};
  MARL_TRY(marl_run_config(arguments, path, comm, &config, err));
  MarlCode code = read_sections(config, &sections, err);
  if (code == MARL_OK) code = marl_config_finish(config, err);
  if (code == MARL_OK)
    code = marl_tuning_create(sections.tune, sections.evaluate, &work.tuning, err);
  code = marl_comm_agree(comm, code, err);
  if (code == MARL_OK) {
    const MarlRunStart start = {marl_run_request(arguments), config, path,
                                marl_section_int64(sections.tune, "seed"), changeable};
    code = marl_run_folder_begin(&start, comm, &folder, err);
    if (code == MARL_OK) code = perform(&work, &start, &sections, err);
  }
  if (work.csv != NULL) fclose(work.csv);
  marl_run_folder_end(&folder, code, err);
  marl_tuning_destroy(&work.tuning);
  marl_config_destroy(&config);
  return code;
}

static MarlCode check(MarlConfig *config, MPI_Comm comm, MarlError *err) {
  Sections sections;
  MarlTuning *tuning = NULL;
  MarlScoreboard *board = NULL;
  char text[MARL_TUNING_SPECIFICATION];
  const char *const closures[] = {text};
  size_t count;
  (void)comm;
  MARL_TRY(read_sections(config, &sections, err));
  MARL_TRY(marl_config_finish(config, err));
  MARL_TRY(marl_tuning_create(sections.tune, sections.evaluate, &tuning, err));
  marl_tuning_specification(tuning, marl_section_reals(sections.tune, "start", &count), text);
  MarlCode code = marl_scoreboard_create(tuning->runs, NULL, closures, 1, &board, err);
  if (code == MARL_OK) code = marl_scoreboard_check(board, err);
  marl_scoreboard_destroy(&board);
  if (code == MARL_OK)
    code = marl_scoreboard_create(tuning->judgement, NULL, closures, 1, &board, err);
  marl_scoreboard_destroy(&board);
  marl_tuning_destroy(&tuning);
  return code;
}

const MarlCommand marl_command_tune = {
    .name = "tune",
    .usage = "CONFIG | --resume DIR",
    .summary = "Find the best constants of a closure",
    .details =
        "Searches tune.parameters of tune.closure on the reference's training fields (Brent or a\n"
        "grid for one, CMA-ES for more), shows every candidate's objective, e_trunc + kl_weight\n"
        "KL_trunc, with its standard error and which ones sampling noise cannot tell from the "
        "best.\n"
        "The search is repeated tune.repeats times; all results are then judged on held-out fields "
        "over\n"
        "tune.judge_time, grid and step as section `evaluate` says, and their spread is shown. "
        "This is\n"
        "the control that a learned closure has to beat. Files go to --out, or "
        "runs/<name>-<seed>:\n"
        "tune.csv with every candidate, scores.csv. --resume DIR goes on after any interruption, "
        "also\n"
        "with a larger tune.repeats, and gives the same files.",
    .min_positional = 0,
    .max_positional = 1,
    .flags = flags,
    .run = run,
    .claim = claim,
    .check = check,
    .changeable = changeable,
    .marker = "tune",
};
