/* The command line of every command, one argument a line: parsed, and its configuration built from
 * the --set of the same line. Nothing is run. */
#include <string.h>

#include "cli/command.h"
#include "tests/fuzz/fuzz.h"

enum { MAX_BYTES = 1 << 14, MAX_ARGC = MARL_MAX_ARGUMENTS + 8 };

static void claim(const MarlCommand *command, const MarlArguments *arguments) {
  MarlConfig *config;
  if (marl_arguments_config(arguments, NULL, MPI_COMM_SELF, &config, NULL) != MARL_OK) return;
  if (command->claim != NULL && command->claim(config, NULL) == MARL_OK)
    (void)(marl_config_finish(config, NULL) == MARL_OK);
  marl_config_destroy(&config);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  static MarlArguments arguments;
  char text[MAX_BYTES + 1], *argv[MAX_ARGC + 1];
  fuzz_begin();
  if (size > MAX_BYTES) return 0;
  memcpy(text, data, size);
  text[size] = '\0';
  int argc = 0, number;
  argv[argc++] = "marl";
  for (char *at = text; at != NULL && argc < MAX_ARGC;) {
    argv[argc++] = at;
    at = strchr(at, '\n');
    if (at != NULL) *at++ = '\0';
  }
  argv[argc] = NULL;
  const MarlCommand *command;
  MarlError err;
  if (marl_command_find(argv[1], &command, &err) != MARL_OK) return 0;
  if (marl_arguments_parse(argc, argv, 2, command->flags, &arguments, &err) != MARL_OK) return 0;
  if (marl_arguments_int(&arguments, &marl_flag_ranks, 1, 1 << 20, 0, &number, &err) != MARL_OK)
    return 0;
  claim(command, &arguments);
  return 0;
}
