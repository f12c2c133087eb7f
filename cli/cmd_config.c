#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/command.h"
#include "marl/core/comm.h"

static const MarlFlag flag_check = {"--check", NULL, "check FILE and say whether it is good"};
static const MarlFlag flag_resolved = {"--resolved", NULL,
                                       "print FILE with every default filled in"};
static const MarlFlag flag_defaults = {"--defaults", NULL, "print a file that holds the defaults"};
static const MarlFlag *const flags[] = {&flag_check,    &flag_resolved, &flag_defaults,
                                        &marl_flag_for, &marl_flag_set, NULL};

static MarlCode check(const MarlArguments *arguments, MarlConfig *config, MPI_Comm comm,
                      MarlError *err) {
  const MarlCommand *reader;
  MARL_TRY(
      marl_command_reader(marl_arguments_value(arguments, &marl_flag_for), config, &reader, err));
  if (marl_arguments_has(arguments, &flag_check) && reader->check != NULL)
    MARL_TRY(reader->check(config, comm, err));
  else if (marl_arguments_has(arguments, &flag_defaults))
    MARL_TRY(marl_command_claim_example(reader, config, err));
  else
    MARL_TRY(reader->claim(config, err));
  MARL_TRY(marl_config_finish(config, err));
  if (marl_comm_rank(comm) != 0) return MARL_OK;
  if (marl_arguments_has(arguments, &flag_resolved) ||
      marl_arguments_has(arguments, &flag_defaults)) {
    char *text;
    MARL_TRY(marl_config_resolved(config, &text, err));
    fputs(text, stdout);
    free(text);
  } else {
    printf("%s is a good configuration of marl %s\n", arguments->positional[0], reader->name);
  }
  return MARL_OK;
}

static MarlCode run(const MarlArguments *arguments, MPI_Comm comm, MarlError *err) {
  const int asked = (int)marl_arguments_has(arguments, &flag_check) +
                    (int)marl_arguments_has(arguments, &flag_resolved) +
                    (int)marl_arguments_has(arguments, &flag_defaults);
  if (asked != 1)
    return MARL_FAIL(err, MARL_ECONFIG, "say one of --check FILE, --resolved FILE and --defaults");
  const bool defaults = marl_arguments_has(arguments, &flag_defaults);
  if (defaults != (arguments->num_positional == 0))
    return MARL_FAIL(err, MARL_ECONFIG, "%s",
                     defaults ? "--defaults reads no FILE" : "a FILE is missing");
  if (defaults && !marl_arguments_has(arguments, &marl_flag_for))
    return MARL_FAIL(err, MARL_ECONFIG, "--defaults needs --for COMMAND, such as --for train");
  MarlConfig *config;
  MARL_TRY(marl_arguments_config(arguments, defaults ? NULL : arguments->positional[0], comm,
                                 &config, err));
  const MarlCode code = check(arguments, config, comm, err);
  marl_config_destroy(&config);
  return code;
}

const MarlCommand marl_command_config = {
    .name = "config",
    .usage = "--check FILE | --resolved FILE | --defaults --for COMMAND",
    .summary = "Check a configuration, or print it with its defaults",
    .max_positional = 1,
    .flags = flags,
    .run = run,
};
