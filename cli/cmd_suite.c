#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/command.h"
#include "cli/evaluate_job.h"
#include "cli/run_request.h"
#include "cli/suite_table.h"
#include "marl/core/comm.h"
#include "marl/core/path.h"
#include "marl/run/record.h"

static const MarlFlag flag_closures = {
    "--closures", "LIST", "judge these closures on every flow, too: NAME[:KEY=VALUE]...,NAME..."};
static const MarlFlag *const flags[] = {&flag_closures,   &marl_flag_set,   &marl_flag_out,
                                        &marl_flag_quiet, &marl_flag_ranks, NULL};

enum { MAX_NAME = 128 };

/* DIR/kf8.yaml -> kf8 */
static void name_of(const char *path, char name[MAX_NAME]) {
  int length;
  const char *stem = marl_path_stem(path, &length);
  snprintf(name, MAX_NAME, "%.*s", length, stem);
}

/* The closures of the flow's own configuration, the first of which is its yardstick, and those of the
 * command line. */
static MarlCode add_closures(const char *path, const char *given, MarlConfig *config,
                             MarlError *err) {
  const char *own = marl_config_peek(config, "evaluate", "closures", NULL);
  if (own == NULL)
    return MARL_FAIL(
        err, MARL_ECONFIG,
        "%s: evaluate.closures names no yardstick: its first closure is what others are "
        "compared with on this flow, such as constants tuned there (marl tune)",
        path);
  if (given == NULL) return MARL_OK;
  const int bracket = own[0] == '['; /* as the file has the list, with or without */
  const int length = (int)strlen(own) - 2 * bracket;
  const size_t size = strlen(own) + strlen(given) + 3;
  char *both = malloc(size);
  if (both == NULL) return MARL_FAIL(err, MARL_EMEMORY, "no memory for a list of closures");
  snprintf(both, size, "%.*s, %s", length, own + bracket, given);
  const MarlCode code = marl_config_assign(config, "evaluate", "closures", both, err);
  free(both);
  return code;
}

static MarlCode evaluate_flow(const MarlArguments *arguments, const char *path, const char *folder,
                              MPI_Comm comm, MarlError *err) {
  MarlRunRequest request = marl_run_request(arguments);
  MarlConfig *config = NULL;
  MarlEvaluateJob job;
  request.out = folder;
  request.either = true; /* what was finished earlier is kept */
  MARL_TRY(marl_arguments_config(arguments, path, comm, &config, err));
  MarlCode code = add_closures(path, marl_arguments_value(arguments, &flag_closures), config, err);
  marl_evaluate_job_init(&job, false, comm);
  if (code == MARL_OK) code = marl_job_run(&job.base, config, path, &request, err);
  marl_config_destroy(&config);
  return code;
}

static MarlCode make_folder(const char *folder, MPI_Comm comm, MarlError *err) {
  MarlCode code = MARL_OK;
  if (marl_comm_rank(comm) == 0) code = marl_run_record_make(folder, err);
  return marl_comm_agree(comm, code, err);
}

/* A flow is known by its name: two of one name would share a folder, and count twice in the means. */
static MarlCode check_names(const MarlArguments *arguments, MarlError *err) {
  for (int f = 0; f < arguments->num_positional; ++f)
    for (int g = 0; g < f; ++g) {
      char name[MAX_NAME], other[MAX_NAME];
      name_of(arguments->positional[f], name);
      name_of(arguments->positional[g], other);
      if (strcmp(name, other) == 0)
        return MARL_FAIL(err, MARL_ECONFIG, "%s and %s: two flows are called '%s'",
                         arguments->positional[g], arguments->positional[f], name);
    }
  return MARL_OK;
}

static MarlCode write_table(const MarlArguments *arguments, const char *out, MarlError *err) {
  MarlSuiteTable table = {.cells = NULL};
  MarlCode code = MARL_OK;
  for (int f = 0; f < arguments->num_positional && code == MARL_OK; ++f) {
    char name[MAX_NAME], folder[MARL_MAX_PATH];
    name_of(arguments->positional[f], name);
    snprintf(folder, sizeof folder, "%s/%s", out, name);
    code = marl_suite_table_read(&table, name, folder, err);
  }
  if (code == MARL_OK) code = marl_suite_table_csv(&table, out, err);
  if (code == MARL_OK) marl_suite_table_print(stdout, &table);
  if (code == MARL_OK) printf("%s: suite.csv; a figure: marl plot %s\n", out, out);
  marl_suite_table_clear(&table);
  return code;
}

static MarlCode run(const MarlArguments *arguments, MPI_Comm comm, MarlError *err) {
  const char *out = marl_arguments_value(arguments, &marl_flag_out);
  if (out == NULL) out = "runs/suite";
  MARL_TRY(check_names(arguments, err));
  MARL_TRY(make_folder(out, comm, err));
  for (int f = 0; f < arguments->num_positional; ++f) {
    char name[MAX_NAME], folder[MARL_MAX_PATH];
    name_of(arguments->positional[f], name);
    if (snprintf(folder, sizeof folder, "%s/%s", out, name) >= (int)sizeof folder)
      return MARL_FAIL(err, MARL_ECONFIG, "the name %s/%s is too long", out, name);
    const MarlCode code = evaluate_flow(arguments, arguments->positional[f], folder, comm, err);
    if (code == MARL_ESTOPPED)
      return MARL_FAIL(err, code, "stopped by a signal at %s; the same command goes on from there",
                       name);
    MARL_TRY(code);
  }
  const MarlCode code = marl_comm_rank(comm) == 0 ? write_table(arguments, out, err) : MARL_OK;
  return marl_comm_agree(comm, code, err);
}

const MarlCommand marl_command_suite = {
    .name = "suite",
    .usage = "FLOW...",
    .summary = "Judge closures on several flows, each beside a yardstick of its own",
    .details =
        "A FLOW is a configuration of `marl evaluate`: a reference, a grid, a step, and closures "
        "of\n"
        "which the first is the flow's yardstick, such as constants that were tuned on it; those "
        "that\n"
        "are shipped are configs/closure/suite/*.yaml. The closures of --closures are run on "
        "every\n"
        "flow. Each flow's evaluation goes to DIR/FLOW, the table of e_trunc over the "
        "yardstick's,\n"
        "with geometric means and the worst flow, to DIR/suite.csv and the terminal (--out DIR,\n"
        "runs/suite). Given again with the same --out it goes on where it was stopped.",
    .min_positional = 1,
    .max_positional = MARL_MAX_ARGUMENTS,
    .flags = flags,
    .run = run,
};
