/* recipe: cli/cmd_count.c, ENTRY(count) in cli/command_table.c */
/* Command `marl count`: how many plugins there are of each kind. */
#include <stdio.h>

#include "cli/command.h"
#include "cli/listing.h"
#include "marl/core/comm.h"

static MarlCode run(const MarlArguments *arguments, MPI_Comm comm, MarlError *err) {
  (void)arguments, (void)err;
  for (size_t k = 0; marl_kinds[k] != NULL; ++k) {
    size_t count = 0;
    while (marl_kind_at(marl_kinds[k], count) != NULL) ++count;
    if (comm == MPI_COMM_NULL || marl_comm_rank(comm) == 0)
      printf("%zu %s\n", count, marl_kinds[k]->name);
  }
  return MARL_OK;
}

const MarlCommand marl_command_count = {
    .name = "count",
    .usage = "",
    .summary = "Say how many plugins there are of each kind",
    .alone = true,
    .run = run,
};
