#include <stdio.h>
#include <string.h>

#include "cli/command.h"
#include "marl/core/nearest.h"

enum { MAX_COMMANDS = 64 };

extern const MarlCommand marl_command_check;
extern const MarlCommand marl_command_compare;
extern const MarlCommand marl_command_config;
extern const MarlCommand marl_command_evaluate;
extern const MarlCommand marl_command_export;
extern const MarlCommand marl_command_help;
extern const MarlCommand marl_command_info;
extern const MarlCommand marl_command_lattice;
extern const MarlCommand marl_command_list;
extern const MarlCommand marl_command_reference;
extern const MarlCommand marl_command_simulate;
extern const MarlCommand marl_command_theory;
extern const MarlCommand marl_command_train;
extern const MarlCommand marl_command_tune;

/* one line a command */
/* clang-format off */
const MarlCommand *const marl_command_table[] = {
    &marl_command_train,
    &marl_command_tune,
    &marl_command_evaluate,
    &marl_command_compare,
    &marl_command_lattice,
    &marl_command_export,
    &marl_command_simulate,
    &marl_command_reference,
    &marl_command_info,
    &marl_command_theory,
    &marl_command_check,
    &marl_command_list,
    &marl_command_config,
    &marl_command_help,
    NULL,
};
/* clang-format on */

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
