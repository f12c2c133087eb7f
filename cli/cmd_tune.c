#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "cli/command.h"
#include "cli/run_folder.h"
#include "cli/score_table.h"
#include "envs/turbulence/tuning.h"
#include "marl/core/comm.h"
#include "marl/core/log.h"

static const MarlFlag *const flags[] = {&marl_flag_set, &marl_flag_out, &marl_flag_quiet,
                                        &marl_flag_ranks, NULL};

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

/* The candidates of the last generation, a row each, on rank 0; `csv` is NULL on others. */
static void show_generation(const MarlTuning *tuning, FILE *csv, MarlLog *log) {
  for (int i = tuning->evaluations - tuning->count; i < tuning->evaluations; ++i) {
    const MarlCandidate *candidate = &tuning->candidates[i];
    char text[MARL_TUNING_SPECIFICATION], cell[MAX_CELL];
    marl_tuning_specification(tuning, candidate->point, text);
    marl_log_note(log, "%s: %s", text, cell_of(candidate, cell));
    if (csv == NULL) continue;
    fprintf(csv, "\"%s\",%.9g,%.9g,%.9g,%.9g\n", text, candidate->objective, candidate->error,
            candidate->spectrum_error, candidate->divergence);
  }
  if (csv != NULL) fflush(csv);
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

static MarlCode search(MarlTuning *tuning, FILE *csv, MarlLog *log, MPI_Comm comm, MarlError *err) {
  if (csv != NULL) fprintf(csv, "closure,objective,objective_error,spectrum_error,KL\n");
  while (!marl_tuning_finished(tuning)) {
    MARL_TRY(marl_tuning_step(tuning, comm, err));
    show_generation(tuning, csv, log);
    const MarlCandidate *best = marl_tuning_best(tuning);
    marl_log_progress(log, "tuning", tuning->evaluations, tuning->max_evaluations, "best %.4g",
                      best == NULL ? HUGE_VAL : best->objective);
  }
  marl_log_progress_end(log);
  if (marl_tuning_best(tuning) != NULL) return MARL_OK;
  return MARL_FAIL(err, MARL_ENUMERIC,
                   "every candidate blew up: start from other values (tune.start, tune.scale)");
}

/* The result on held-out fields, beside the closure as the search began. */
static MarlCode judge(const MarlTuning *tuning, const Sections *sections,
                      const MarlRunFolder *folder, MPI_Comm comm, MarlError *err) {
  double point[MARL_TUNING_MAX_PARAMETERS];
  char tuned[MARL_TUNING_SPECIFICATION], started[MARL_TUNING_SPECIFICATION];
  size_t count = 0;
  marl_search_estimate(tuning->search, point);
  marl_tuning_specification(tuning, point, tuned);
  marl_tuning_specification(tuning, marl_section_reals(sections->tune, "start", &count), started);
  const char *const closures[] = {started, tuned};
  MarlScoreboard *board = NULL;
  MarlCode code = marl_scoreboard_create(sections->evaluate, NULL, closures, 2, &board, err);
  code = marl_comm_agree(comm, code, err);
  if (code == MARL_OK) code = marl_scoreboard_run(board, comm, NULL, err);
  if (code == MARL_OK && marl_comm_rank(comm) == 0) {
    code = marl_score_table_csv(board, folder->path, err);
    print_equals(stdout, tuning);
    marl_score_table_print(stdout, board);
    printf("tuned on training fields, judged on held-out ones; first row: the start\n%s\n", tuned);
  }
  marl_scoreboard_destroy(&board);
  return code;
}

static MarlCode open_csv(const MarlRunFolder *folder, FILE **out, MarlError *err) {
  char path[MARL_MAX_PATH];
  if (snprintf(path, sizeof path, "%s/tune.csv", folder->path) >= (int)sizeof path)
    return MARL_FAIL(err, MARL_EIO, "the folder's name is too long: %.60s...", folder->path);
  *out = fopen(path, "w");
  if (*out == NULL) return MARL_FAIL(err, MARL_EIO, "cannot write %s: %s", path, strerror(errno));
  return MARL_OK;
}

static MarlCode run(const MarlArguments *arguments, MPI_Comm comm, MarlError *err) {
  const char *path = arguments->num_positional > 0 ? arguments->positional[0] : NULL;
  MarlConfig *config = NULL;
  MarlRunFolder folder = {.log = NULL};
  MarlTuning *tuning = NULL;
  Sections sections = {NULL, NULL};
  FILE *csv = NULL;
  MARL_TRY(marl_arguments_config(arguments, path, comm, &config, err));
  MarlCode code = read_sections(config, &sections, err);
  if (code == MARL_OK) code = marl_config_finish(config, err);
  if (code == MARL_OK) code = marl_tuning_create(sections.tune, sections.evaluate, &tuning, err);
  code = marl_comm_agree(comm, code, err);
  if (code == MARL_OK)
    code = marl_run_folder_choose(arguments, path, marl_section_int64(sections.tune, "seed"), comm,
                                  &folder, err);
  if (code == MARL_OK) code = marl_run_folder_record(&folder, arguments, config, comm, err);
  if (code == MARL_OK) code = marl_run_folder_open_log(&folder, arguments, comm, err);
  if (code == MARL_OK && marl_comm_rank(comm) == 0) code = open_csv(&folder, &csv, err);
  code = marl_comm_agree(comm, code, err);
  if (code == MARL_OK) code = search(tuning, csv, folder.log, comm, err);
  if (csv != NULL) fclose(csv);
  if (code == MARL_OK) code = judge(tuning, &sections, &folder, comm, err);
  marl_run_folder_end(&folder);
  marl_tuning_destroy(&tuning);
  marl_config_destroy(&config);
  return code;
}

const MarlCommand marl_command_tune = {
    .name = "tune",
    .usage = "CONFIG",
    .summary = "Find the best constants of a closure",
    .details =
        "Searches tune.parameters of tune.closure on the reference's training fields (Brent or a\n"
        "grid for one, Nelder-Mead or CMA-ES for more), shows every candidate's objective with "
        "its\n"
        "standard error and which ones sampling noise cannot tell from the best, then judges the\n"
        "result on held-out fields as section `evaluate` says. This is the control that a learned\n"
        "closure has to beat. Files go to --out, or runs/<name>-<seed>: tune.csv with every\n"
        "candidate, scores.csv.",
    .min_positional = 1,
    .max_positional = 1,
    .flags = flags,
    .run = run,
    .claim = claim,
    .marker = "tune",
};
