#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "cli/command.h"
#include "cli/gnuplot.h"
#include "cli/interpretation_plots.h"
#include "cli/les_parts.h"
#include "cli/run_request.h"
#include "cli/score_table.h"
#include "envs/env_table.h"
#include "envs/turbulence/closures.h"
#include "envs/turbulence/params.h"
#include "envs/turbulence/scoreboard.h"
#include "marl/core/comm.h"
#include "marl/core/log.h"
#include "marl/learn/evaluate.h"
#include "marl/learn/trainer.h"
#include "marl/run/folder.h"
#include "marl/run/interrupt.h"
#include "marl/run/record.h"

enum { MAX_LIST = 4096 };

static const MarlFlag flag_closures = {"--closures", "LIST",
                                       "judge these closures: NAME[:KEY=VALUE]...,NAME..."};
static const MarlFlag flag_against = {"--against", "FILE", "reference statistics to judge against"};
static const MarlFlag flag_episodes = {"--episodes", "NUMBER", "episodes of a policy (100)"};
static const MarlFlag flag_sample = {"--sample", NULL, "draw the policy's actions"};
static const MarlFlag flag_interpret = {"--interpret", NULL,
                                        "what learned closures do where: statistics and maps"};
static const MarlFlag *const flags[] = {&flag_closures,   &flag_against,     &flag_interpret,
                                        &flag_episodes,   &flag_sample,      &marl_flag_set,
                                        &marl_flag_out,   &marl_flag_resume, &marl_flag_continue,
                                        &marl_flag_quiet, &marl_flag_ranks,  NULL};

static bool is_folder(const char *path) {
  struct stat info;
  return stat(path, &info) == 0 && S_ISDIR(info.st_mode);
}

/* section.key=value, where the configuration does not say otherwise. */
static MarlCode set_default(MarlConfig *config, const char *section, const char *key,
                            const char *value, MarlError *err) {
  char assignment[MAX_LIST];
  if (marl_config_peek(config, section, key, NULL) != NULL) return MARL_OK;
  if (snprintf(assignment, sizeof assignment, "%s.%s=%s", section, key, value) >=
      (int)sizeof assignment)
    return MARL_FAIL(err, MARL_ECONFIG, "%s.%s is longer than %d characters", section, key,
                     MAX_LIST);
  return marl_config_set(config, assignment, err);
}

/* A run folder's flow and grid become those of the evaluation, where it does not say otherwise. */
static MarlCode adopt_run(MarlConfig *config, MarlError *err) {
  static const char *const keys[] = {"reference", "resolution", "dt", "dealias", "advection"};
  for (size_t i = 0; i < sizeof keys / sizeof keys[0]; ++i) {
    const char *value = marl_config_peek(config, "env", keys[i], NULL);
    if (value != NULL) MARL_TRY(set_default(config, "evaluate", keys[i], value, err));
  }
  return MARL_OK;
}

/* The flags that are options, so that the run folder records them. */
static MarlCode take_flags(const MarlArguments *arguments, MarlConfig *config, MarlError *err) {
  const MarlFlag *const given[] = {&flag_closures, &flag_against};
  static const char *const keys[] = {"closures", "reference"};
  for (size_t i = 0; i < sizeof given / sizeof *given; ++i) {
    const char *value = marl_arguments_value(arguments, given[i]);
    char assignment[MAX_LIST];
    if (value == NULL) continue;
    if (snprintf(assignment, sizeof assignment, "evaluate.%s=%s", keys[i], value) >=
        (int)sizeof assignment)
      return MARL_FAIL(err, MARL_ECONFIG, "%s is longer than %d characters", given[i]->name,
                       MAX_LIST);
    MARL_TRY(marl_config_set(config, assignment, err));
  }
  return MARL_OK;
}

/* The classical closures, then the policy of each replica of a run; the text's length, at least
 * `room` if it does not fit. */
static int list_run(const char *run, const char *replicas, char *text, size_t room) {
  const long count = strtol(replicas, NULL, 10);
  int size = snprintf(text, room, "none,smagorinsky,leith,dynamic_smagorinsky,dynamic_leith");
  if (count == 1)
    return size +
           snprintf(text + size, room - (size_t)size, ",learned:policy=%s:label=learned", run);
  for (long r = 0; r < count && size < (int)room; ++r)
    size += snprintf(text + size, room - (size_t)size,
                     ",learned:policy=%s:replica=%ld:label=learned_%ld", run, r, r);
  return size;
}

/* The run folder `run` as a closure, beside the classical ones. */
static MarlCode add_run(MarlConfig *config, const char *run, MarlError *err) {
  char closures[MAX_LIST];
  const char *replicas = marl_config_peek(config, "run", "replicas", "1");
  if (list_run(run, replicas, closures, sizeof closures) >= (int)sizeof closures)
    return MARL_FAIL(err, MARL_ECONFIG, "the list of closures is longer than %d characters",
                     MAX_LIST);
  MARL_TRY(adopt_run(config, err));
  return set_default(config, "evaluate", "closures", closures, err);
}

static MarlCode write_files(const MarlScoreboard *board, const MarlRunFolder *folder,
                            MarlError *err) {
  MarlStore *store;
  MARL_TRY(marl_run_folder_create(folder, "scores.h5", &store, err));
  MARL_TRY(marl_store_end_file(&store, marl_scoreboard_write(board, store, err), err));
  MARL_TRY(marl_score_table_csv(board, folder->path, err));
  MARL_TRY(marl_score_plots(board, folder->path, err));
  marl_score_table_print(stdout, board);
  printf("%s: scores.csv, scores.h5%s\n", folder->path,
         marl_gnuplot(folder->path, "plot.gp", folder->log)
             ? ", spectra, pdf, extremes and snapshots (.png, .svg)"
             : "");
  return MARL_OK;
}

/* Collective: what the ranks saw of the learned closures, as files and figures. */
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
  MARL_TRY(marl_interpretation_plots(interpretation, folder->path, err));
  marl_interpretation_print(stdout, interpretation);
  printf("%s: interpretation.h5%s\n", folder->path,
         marl_gnuplot(folder->path, "interpretation.gp", folder->log)
             ? ", coefficients and maps of each learned closure (.png, .svg)"
             : "");
  return MARL_OK;
}

static bool is_done(const MarlRunFolder *folder, bool with_interpretation, MPI_Comm comm) {
  return marl_run_folder_is_done(folder, "parts", "scores.h5", comm) &&
         (!with_interpretation ||
          marl_run_folder_is_done(folder, "parts", "interpretation.h5", comm));
}

static MarlCode run_and_write(MarlScoreboard *board, MarlInterpretation *interpretation,
                              const MarlRunFolder *folder, MPI_Comm comm, MarlError *err) {
  MarlLesParts parts;
  MARL_TRY(marl_les_parts_init(&parts, folder, interpretation, comm, err));
  snprintf(parts.stage, sizeof parts.stage, "run");
  marl_interrupt_listen();
  MarlCode code = marl_scoreboard_run(board, comm, &parts.base, err);
  marl_log_progress_end(folder->log);
  if (code == MARL_ESTOPPED)
    code = marl_run_folder_stopped(folder, "evaluate", "between two runs", err);
  MARL_TRY(code);
  if (marl_comm_rank(comm) == 0) {
    code = marl_run_folder_check(folder, err);
    if (code == MARL_OK) code = write_files(board, folder, err);
  }
  MARL_TRY(marl_comm_agree(comm, code, err));
  if (interpretation != NULL) MARL_TRY(interpret(board, interpretation, folder, comm, err));
  if (marl_comm_rank(comm) == 0) marl_les_parts_remove(&parts);
  return MARL_OK;
}

static MarlCode judge(const MarlRunStart *start, const MarlSection *section, bool interpreted,
                      MPI_Comm comm, MarlError *err) {
  MarlScoreboard *board = NULL;
  MarlInterpretation *interpretation = NULL;
  MarlRunFolder folder = {.log = NULL};
  size_t count = 0;
  const char *const *closures = marl_section_texts(section, "closures", &count);
  MarlCode code = marl_scoreboard_create(section, NULL, closures, count, &board, err);
  if (code == MARL_OK) code = marl_scoreboard_check(board, err);
  if (code == MARL_OK && interpreted)
    code = marl_interpretation_create(board->num_closures, board->num_fields, board->plan.n,
                                      board->reference->domain_length, &interpretation, err);
  code = marl_comm_agree(comm, code, err);
  if (code == MARL_OK) code = marl_run_folder_begin(start, comm, &folder, err);
  if (code == MARL_OK) code = marl_run_folder_accept(start, comm, &folder, err);
  if (code == MARL_OK && is_done(&folder, interpreted, comm))
    marl_log_note(folder.log, "evaluated already: %s/scores.csv", folder.path);
  else if (code == MARL_OK)
    code = run_and_write(board, interpretation, &folder, comm, err);
  marl_run_folder_end(&folder, code, err);
  marl_interpretation_destroy(&interpretation);
  marl_scoreboard_destroy(&board);
  return code;
}

/* The scoreboard of closures; `run` is the run folder that is judged, or NULL. */
static MarlCode evaluate_closures(const MarlArguments *arguments, const char *run,
                                  const char *config_path, MarlConfig *config, MPI_Comm comm,
                                  MarlError *err) {
  char name[MAX_LIST];
  const MarlSection *section = NULL;
  MARL_TRY(take_flags(arguments, config, err));
  if (run != NULL) MARL_TRY(add_run(config, run, err));
  MARL_TRY(marl_config_section(config, "evaluate", &marl_evaluate_options, 1, &section, err));
  MARL_TRY(marl_config_finish(config, err));
  if (run != NULL) { /* RUN -> runs/RUN-evaluation */
    const char *slash = strrchr(run, '/');
    snprintf(name, sizeof name, "%.200s-evaluation", slash == NULL ? run : slash + 1);
    config_path = name;
  }
  const MarlRunStart start = {marl_run_request(arguments), config, config_path,
                              marl_section_int64(section, "seed"), NULL};
  return judge(&start, section, marl_arguments_has(arguments, &flag_interpret), comm, err);
}

static void print_evaluation(const MarlEvaluation *evaluation, const char *what) {
  printf("%s%d episodes\n", what, evaluation->episodes);
  for (int i = 0; i < evaluation->count; ++i)
    printf("  %-28s %12.6g +- %.3g\n", evaluation->name[i], evaluation->mean[i],
           evaluation->standard_error[i]);
}

/* Over replicas: the mean of their means, with its standard error. */
static void print_replicas(const MarlEvaluation *evaluations, int replicas) {
  printf("mean of %d replicas, with its error over replicas\n", replicas);
  for (int i = 0; i < evaluations[0].count; ++i) {
    double n = 0, sum = 0, squares = 0;
    for (int r = 0; r < replicas; ++r)
      if (!isnan(evaluations[r].mean[i])) sum += evaluations[r].mean[i], n += 1;
    const double mean = n > 0 ? sum / n : (double)NAN;
    for (int r = 0; r < replicas; ++r) {
      const double d = evaluations[r].mean[i] - mean;
      if (!isnan(d)) squares += d * d;
    }
    printf("  %-28s %12.6g +- %.3g\n", evaluations[0].name[i], mean,
           n > 1 ? sqrt(squares / (n - 1) / n) : (double)NAN);
  }
}

/* Every replica on the same episodes. */
static MarlCode evaluate_replicas(const char *run, const MarlEvaluationTask *task, int replicas,
                                  int first, MPI_Comm comm, MarlEvaluation *evaluations,
                                  MarlError *err) {
  for (int r = 0; r < replicas; ++r) {
    MarlPolicy *policy = NULL;
    char what[64] = "";
    if (replicas > 1) snprintf(what, sizeof what, "replica %d, ", first + r);
    const MarlCode opened = marl_policy_open(run, r, &policy, err);
    MarlCode code = marl_comm_agree(comm, opened, err);
    if (code == MARL_OK) code = marl_evaluate_policy(policy, task, comm, &evaluations[r], err);
    if (code == MARL_OK && marl_comm_rank(comm) == 0) print_evaluation(&evaluations[r], what);
    marl_policy_destroy(&policy);
    if (code != MARL_OK) return code;
  }
  if (replicas > 1 && marl_comm_rank(comm) == 0) print_replicas(evaluations, replicas);
  return MARL_OK;
}

/* The policies of a run on the environment that they were trained on. */
static MarlCode evaluate_policy(const MarlArguments *arguments, const char *run, MarlConfig *config,
                                MPI_Comm comm, MarlError *err) {
  MarlTrainerSections sections;
  int episodes;
  MARL_TRY(marl_arguments_int(arguments, &flag_episodes, 1, 1000000, 100, &episodes, err));
  MARL_TRY(marl_trainer_claim(config, marl_env_table, &sections, err));
  MARL_TRY(marl_config_finish(config, err));
  const MarlEvaluationTask task = {
      .ops = sections.env_ops,
      .config = sections.env,
      .episodes = episodes,
      .greedy = !marl_arguments_has(arguments, &flag_sample),
      .key = marl_key_fold(
          marl_key((uint64_t)marl_section_int64(sections.run, "seed"), MARL_STREAM_ENV),
          UINT64_MAX), /* episodes that no training environment has seen */
  };
  const int replicas = marl_section_int(sections.run, "replicas");
  MarlEvaluation *evaluations = calloc((size_t)replicas, sizeof *evaluations);
  if (evaluations == NULL)
    return MARL_FAIL(err, MARL_EMEMORY, "out of memory for %d replicas", replicas);
  const MarlCode code =
      evaluate_replicas(run, &task, replicas, marl_section_int(sections.run, "first_replica"), comm,
                        evaluations, err);
  free(evaluations);
  return code;
}

/* The file to read: CONFIG, RUN/config.yaml, or that of the run which goes on; NULL: none. */
static MarlCode choose_file(const char *given, const char *run, const char *continued,
                            char file[MARL_MAX_PATH], const char **out, MarlError *err) {
  const char *folder = run != NULL ? run : given == NULL ? continued : NULL;
  *out = given;
  if (folder == NULL) return MARL_OK;
  *out = file;
  return marl_run_record_path(folder, "config.yaml", file, err);
}

static MarlCode run(const MarlArguments *arguments, MPI_Comm comm, MarlError *err) {
  const char *given = arguments->num_positional > 0 ? arguments->positional[0] : NULL;
  const char *folder = given != NULL && is_folder(given) ? given : NULL;
  const char *path = NULL, *continued = NULL;
  char file[MARL_MAX_PATH];
  MarlConfig *config = NULL;
  const MarlRunRequest request = marl_run_request(arguments);
  MARL_TRY(marl_run_folder_to_continue(&request, comm, &continued, err));
  MARL_TRY(choose_file(given, folder, continued, file, &path, err));
  MARL_TRY(marl_arguments_config(arguments, path, comm, &config, err));
  const char *env = marl_config_peek(config, "env", "name", "");
  MarlCode code = MARL_OK;
  if (path == NULL && !marl_arguments_has(arguments, &flag_closures) &&
      marl_config_peek(config, "evaluate", "closures", NULL) == NULL)
    code = MARL_FAIL(err, MARL_ECONFIG,
                     "nothing to judge: give a run folder, a CONFIG file or --closures LIST");
  else if (folder != NULL && strcmp(env, "turbulence") != 0) {
    code = evaluate_policy(arguments, folder, config, comm, err);
  } else {
    if ((folder != NULL || given == NULL) && env[0] != '\0') { /* a run's other sections, too */
      MarlTrainerSections sections;
      code = marl_trainer_claim(config, marl_env_table, &sections, err);
    }
    if (code == MARL_OK) code = evaluate_closures(arguments, folder, path, config, comm, err);
  }
  marl_config_destroy(&config);
  return code;
}

static MarlCode claim(MarlConfig *config, MarlError *err) {
  const MarlSection *section = NULL;
  return marl_config_section(config, "evaluate", &marl_evaluate_options, 1, &section, err);
}

static MarlCode check(MarlConfig *config, MPI_Comm comm, MarlError *err) {
  const MarlSection *section = NULL;
  MarlScoreboard *board = NULL;
  size_t count = 0;
  (void)comm;
  MARL_TRY(marl_config_section(config, "evaluate", &marl_evaluate_options, 1, &section, err));
  MARL_TRY(marl_config_finish(config, err));
  const char *const *closures = marl_section_texts(section, "closures", &count);
  MarlCode code = marl_scoreboard_create(section, NULL, closures, count, &board, err);
  if (code == MARL_OK) code = marl_scoreboard_check(board, err);
  marl_scoreboard_destroy(&board);
  return code;
}

const MarlCommand marl_command_evaluate = {
    .name = "evaluate",
    .usage = "RUN | CONFIG",
    .summary = "Judge a trained policy, or closures against a reference",
    .details =
        "RUN, a folder of `marl train`, of any environment but turbulence: mean return and "
        "metrics\n"
        "of the policy of each replica over --episodes episodes, with standard errors, and their\n"
        "mean over replicas. RUN of turbulence: the policy of each replica as a closure beside "
        "the\n"
        "classical ones. CONFIG with a section `evaluate`, or no\n"
        "configuration at all: the closures of evaluate.closures or --closures. Each closure runs\n"
        "from the reference's held-out initial fields; the table has standard errors from blocks\n"
        "of time of all runs. Files go to --out, or runs/<name>-<seed>: scores.csv, scores.h5 and\n"
        "plots of spectra, densities and snapshots. With --interpret also interpretation.h5, with "
        "the\n"
        "coefficients of learned closures against strain, vorticity and Okubo-Weiss, the share of\n"
        "backscatter and maps, and figures of them. The same figures on any number of ranks.\n"
        "Runs that are finished are kept until all are: --resume DIR goes on without them.",
    .max_positional = 1,
    .flags = flags,
    .run = run,
    .claim = claim,
    .check = check,
    .marker = "evaluate",
};
