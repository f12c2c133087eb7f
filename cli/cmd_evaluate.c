#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "cli/command.h"
#include "cli/evaluate_job.h"
#include "cli/evaluate_policy.h"
#include "cli/run_request.h"
#include "marl/core/path.h"
#include "marl/run/record.h"

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

/* What is judged, where the command line says it, as options: so that the run folder records it. */
static MarlCode take_flags(const MarlArguments *arguments, const char *run, MarlConfig *config,
                           MarlError *err) {
  static const char *const keys[] = {"run", "closures", "reference"};
  const char *const values[] = {run, marl_arguments_value(arguments, &flag_closures),
                                marl_arguments_value(arguments, &flag_against)};
  for (size_t i = 0; i < sizeof keys / sizeof *keys; ++i)
    if (values[i] != NULL)
      MARL_TRY(marl_config_assign(config, "evaluate", keys[i], values[i], err));
  return MARL_OK;
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

static MarlCode evaluate_policy(const MarlArguments *arguments, const char *run, MarlConfig *config,
                                MPI_Comm comm, MarlError *err) {
  int episodes;
  MARL_TRY(marl_arguments_int(arguments, &flag_episodes, 1, 1000000, 100, &episodes, err));
  return marl_evaluate_run(run, config, episodes, !marl_arguments_has(arguments, &flag_sample),
                           comm, err);
}

/* The scoreboard of closures; `run` is the run folder that is judged, or NULL. */
static MarlCode evaluate_closures(const MarlArguments *arguments, const char *run,
                                  const char *config_path, MarlConfig *config, MPI_Comm comm,
                                  MarlError *err) {
  const MarlRunRequest request = marl_run_request(arguments);
  char name[MARL_MAX_PATH];
  MarlEvaluateJob job;
  marl_evaluate_job_init(&job, marl_arguments_has(arguments, &flag_interpret), comm);
  MARL_TRY(take_flags(arguments, run, config, err));
  if (run != NULL) { /* RUN -> runs/RUN-evaluation */
    int length;
    const char *own = marl_path_name(run, &length);
    snprintf(name, sizeof name, "%.*s-evaluation.yaml", length, own);
    config_path = name;
  }
  return marl_job_run(&job.base, config, config_path, &request, err);
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
  MarlCode code = MARL_OK;
  if (path == NULL && !marl_arguments_has(arguments, &flag_closures) &&
      marl_config_peek(config, "evaluate", "closures", NULL) == NULL)
    code = MARL_FAIL(err, MARL_ECONFIG,
                     "nothing to judge: give a run folder, a CONFIG file or --closures LIST");
  else if (folder != NULL && strcmp(marl_config_peek(config, "env", "name", ""), "turbulence") != 0)
    code = evaluate_policy(arguments, folder, config, comm, err);
  else
    code = evaluate_closures(arguments, folder, path, config, comm, err);
  marl_config_destroy(&config);
  return code;
}

static MarlCode claim(MarlConfig *config, MarlError *err) {
  const MarlSection *section = NULL;
  return marl_config_section(config, "evaluate", &marl_evaluate_options, 1, &section, err);
}

static MarlCode check(MarlConfig *config, MPI_Comm comm, MarlError *err) {
  MarlEvaluateJob job;
  marl_evaluate_job_init(&job, false, comm);
  return marl_job_check(&job.base, config, err);
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
        "of time of all runs. Files go to --out, or runs/<name>-<seed>: scores.csv, and scores.h5\n"
        "with spectra, densities and snapshots. With --interpret also interpretation.h5, with "
        "the\n"
        "coefficients of learned closures against strain, vorticity and Okubo-Weiss, the share of\n"
        "backscatter and maps. The same numbers on any number of ranks; `marl report` draws them.\n"
        "Runs that are finished are kept until all are: --resume DIR goes on without them.",
    .max_positional = 1,
    .flags = flags,
    .run = run,
    .claim = claim,
    .check = check,
    .marker = "evaluate",
};
