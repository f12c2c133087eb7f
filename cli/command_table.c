#include <stdio.h>
#include <string.h>

#include "cli/command.h"
#include "marl/core/nearest.h"

enum { MAX_COMMANDS = 64 };

/* one line a command: cli/cmd_<name>.c */
#define TABLE(ENTRY) \
  ENTRY(train)       \
  ENTRY(tune)        \
  ENTRY(evaluate)    \
  ENTRY(compare)     \
  ENTRY(lattice)     \
  ENTRY(episode)     \
  ENTRY(report)      \
  ENTRY(plot)        \
  ENTRY(collect)     \
  ENTRY(render)      \
  ENTRY(view)        \
  ENTRY(tensorboard) \
  ENTRY(export)      \
  ENTRY(simulate)    \
  ENTRY(reference)   \
  ENTRY(info)        \
  ENTRY(theory)      \
  ENTRY(check)       \
  ENTRY(list)        \
  ENTRY(config)      \
  ENTRY(help)

#define DECLARE(name) extern const MarlCommand marl_command_##name;
#define POINTER(name) &marl_command_##name,
TABLE(DECLARE)
const MarlCommand *const marl_command_table[] = {TABLE(POINTER) NULL};

MarlCode marl_command_find(const char *name, const MarlCommand **out, MarlError *err) {
  const char *names[MAX_COMMANDS] = {NULL};
  size_t count = 0;
  for (; marl_command_table[count] != NULL && count < MAX_COMMANDS; ++count) {
    names[count] = marl_command_table[count]->name;
    if (strcmp(names[count], name) == 0) {
      *out = marl_command_table[count];
      return MARL_OK;
    }
  }
  return marl_fail_unknown(err, "command", name, names, count);
}

static MarlCode set_if_absent(MarlConfig *config, const char *assignment, MarlError *err) {
  char section[64] = "", key[64] = "";
  if (sscanf(assignment, "%63[^.].%63[^=]", section, key) == 2 &&
      marl_config_peek(config, section, key, NULL) != NULL)
    return MARL_OK;
  return marl_config_set(config, assignment, err);
}

MarlCode marl_command_claim_example(const MarlCommand *command, MarlConfig *config,
                                    MarlError *err) {
  for (const char *const *e = command->examples; e != NULL && *e != NULL; ++e)
    MARL_TRY(set_if_absent(config, *e, err));
  return command->claim(config, err);
}
