#include "cli/command.h"
#include "cli/usage.h"
#include "marl/core/comm.h"

static MarlCode run(const MarlArguments *arguments, MPI_Comm comm, MarlError *err) {
  const MarlCommand *command = NULL;
  if (arguments->num_positional > 0)
    MARL_TRY(marl_command_find(arguments->positional[0], &command, err));
  if (marl_comm_rank(comm) != 0) return MARL_OK;
  if (command != NULL)
    marl_usage_command(stdout, command);
  else
    marl_usage_program(stdout);
  return MARL_OK;
}

const MarlCommand marl_command_help = {
    .name = "help",
    .usage = "[COMMAND]",
    .summary = "Tell what the program or one command does",
    .max_positional = 1,
    .run = run,
};
