#include <string.h>

#include "cli/command.h"
#include "marl/core/nearest.h"

enum { MAX_COMMANDS = 64 };

extern const MarlCommand marl_command_config;
extern const MarlCommand marl_command_help;
extern const MarlCommand marl_command_list;
extern const MarlCommand marl_command_reference;

const MarlCommand *const marl_command_table[] = {
    &marl_command_reference, &marl_command_list, &marl_command_config, &marl_command_help, NULL,
};

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
