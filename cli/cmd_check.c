#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "cli/command.h"
#include "envs/env_table.h"
#include "marl/core/comm.h"
#include "marl/learn/env_check.h"
#include "marl/learn/trainer.h"

enum { MAX_ASSIGNMENT = 256, DEFAULT_STEPS = 200 };

static const MarlFlag flag_steps = {"--steps", "NUMBER", "steps of each walk (200)"};
static const MarlFlag *const flags[] = {&flag_steps, &marl_flag_set, NULL};

/* A file, or the name of one that is shipped; environments have no such names. */
static bool is_config(const char *what) {
  const char *suffix = strrchr(what, '.');
  return strchr(what, '/') != NULL || (suffix != NULL && strcmp(suffix, ".yaml") == 0) ||
         access(what, F_OK) == 0;
}

/* `what` is a configuration, or the name of an environment with its defaults. */
static MarlCode read_config(const MarlArguments *arguments, const char *what, MPI_Comm comm,
                            MarlConfig **config, MarlError *err) {
  char assignment[MAX_ASSIGNMENT];
  const bool file = is_config(what);
  MARL_TRY(marl_arguments_config(arguments, file ? what : NULL, comm, config, err));
  if (file) return MARL_OK;
  if (snprintf(assignment, sizeof assignment, "env.name=%s", what) >= (int)sizeof assignment)
    return MARL_FAIL(err, MARL_ECONFIG, "'%.40s...' is too long for an environment's name", what);
  return marl_config_set(*config, assignment, err);
}

static void print(const MarlTrainerSections *sections, const MarlEnvCheckReport *report) {
  for (int i = 0; i < report->num_notes; ++i) printf("note: %s\n", report->note[i]);
  printf("%s keeps the contract of an environment: %" PRId64 " steps, %" PRId64 " episodes\n",
         sections->env_ops->name, report->steps, report->episodes);
}

static MarlCode check(const MarlArguments *arguments, MarlConfig *config, MPI_Comm comm,
                      MarlError *err) {
  MarlTrainerSections sections;
  MarlEnvCheckReport report;
  int steps;
  MARL_TRY(marl_arguments_int(arguments, &flag_steps, 4, 1000000, DEFAULT_STEPS, &steps, err));
  MARL_TRY(marl_trainer_claim(config, marl_env_table, &sections, err));
  MARL_TRY(marl_config_finish(config, err));
  if (marl_comm_rank(comm) != 0) return MARL_OK;
  MARL_TRY(marl_env_check(sections.env_ops, sections.env,
                          (uint64_t)marl_section_int64(sections.run, "seed"), steps, &report, err));
  print(&sections, &report);
  return MARL_OK;
}

static MarlCode run(const MarlArguments *arguments, MPI_Comm comm, MarlError *err) {
  MarlConfig *config = NULL;
  MarlCode code = read_config(arguments, arguments->positional[0], comm, &config, err);
  if (code == MARL_OK) code = check(arguments, config, comm, err);
  code = marl_comm_agree(comm, code, err);
  marl_config_destroy(&config);
  return code;
}

const MarlCommand marl_command_check = {
    .name = "check",
    .usage = "ENV | CONFIG",
    .summary = "Run an environment through the contract that learners rely on",
    .details =
        "ENV is a name of `marl list envs`, CONFIG a file as for `marl train`. Random actions, "
        "some\n"
        "at the ends of their range, are taken in instances of the environment: what a learner "
        "sees\n"
        "must be finite and within what the environment declares, must repeat bit for bit with "
        "the\n"
        "same seed, whatever was run before or is run beside it, and must go on after save and "
        "load\n"
        "as if nothing had been. The first broken promise is an error that names agent, episode "
        "and\n"
        "step. Environments of a program of its own: marl_env_check in marl/learn/env_check.h.",
    .min_positional = 1,
    .max_positional = 1,
    .flags = flags,
    .run = run,
};
