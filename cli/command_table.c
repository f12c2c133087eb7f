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
  ENTRY(suite)       \
  ENTRY(follow)      \
  ENTRY(compare)     \
  ENTRY(sweep)       \
  ENTRY(schelling)   \
  ENTRY(tournament)  \
  ENTRY(lattice)     \
  ENTRY(episode)     \
  ENTRY(report)      \
  ENTRY(plot)        \
  ENTRY(collect)     \
  ENTRY(predict)     \
  ENTRY(render)      \
  ENTRY(view)        \
  ENTRY(tensorboard) \
  ENTRY(export)      \
  ENTRY(submit)      \
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

MarlCode marl_command_reader(const char *name, const MarlConfig *config, const MarlCommand **out,
                             MarlError *err) {
  if (name != NULL) {
    MARL_TRY(marl_command_find(name, out, err));
    if ((*out)->claim != NULL) return MARL_OK;
    return MARL_FAIL(err, MARL_ECONFIG, "--for %s: this command reads no configuration", name);
  }
  for (int own = 1; own >= 0; --own) {
    for (const MarlCommand *const *c = marl_command_table; *c != NULL; ++c) {
      *out = *c;
      if ((*c)->marker != NULL && (strcmp((*c)->marker, (*c)->name) == 0) == (own == 1) &&
          marl_config_has_section(config, (*c)->marker))
        return MARL_OK;
    }
  }
  return MARL_FAIL(err, MARL_ECONFIG,
                   "no section tells which command reads this configuration; say --for COMMAND");
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

MarlCode marl_command_visit_options(const MarlCommand *command, MarlOptionVisit *visit,
                                    void *context, MarlError *err) {
  MarlConfig *config;
  if (command->claim == NULL) return MARL_OK;
  MARL_TRY(marl_config_create(&config, err));
  const MarlCode code = marl_command_claim_example(command, config, err);
  for (size_t s = 0; code == MARL_OK && s < marl_config_num_claimed(config); ++s) {
    const MarlSection *section = marl_config_claimed(config, s);
    for (size_t i = 0; i < marl_section_size(section); ++i)
      visit(context, section, marl_section_option(section, i));
  }
  marl_config_destroy(&config);
  return code;
}
