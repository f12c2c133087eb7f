#include "cli/command.h"
#include "cli/completion.h"
#include "cli/usage.h"
#include "marl/core/comm.h"

static const MarlFlag flag_completion = {"--completion", NULL,
                                         "print a script for bash: . <(marl help --completion)"};
static const MarlFlag *const flags[] = {&flag_completion, NULL};

static MarlCode run(const MarlArguments *arguments, MPI_Comm comm, MarlError *err) {
  FILE *out = marl_comm_rank(comm) == 0 ? stdout : NULL;
  if (marl_arguments_has(arguments, &flag_completion)) return marl_completion(out, err);
  const MarlCommand *command = NULL;
  if (arguments->num_positional > 0)
    MARL_TRY(marl_command_find(arguments->positional[0], &command, err));
  if (out == NULL) return MARL_OK;
  if (command != NULL)
    marl_usage_command(out, command);
  else
    marl_usage_program(out);
  return MARL_OK;
}

const MarlCommand marl_command_help = {
    .name = "help",
    .usage = "[COMMAND]",
    .summary = "Tell what the program or one command does",
    .max_positional = 1,
    .flags = flags,
    .alone = true,
    .run = run,
};
