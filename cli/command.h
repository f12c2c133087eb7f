/* The subcommands of the program. To add one: cli/cmd_<name>.c that defines
 * `const MarlCommand marl_command_<name>`, and its line in cli/command_table.c.
 *
 * Every rank runs the same command with the same arguments. A command reports errors only by its
 * return value; main agrees on the code over the communicator and prints one line. */
#ifndef MARL_CLI_COMMAND_H
#define MARL_CLI_COMMAND_H

#include <mpi.h>

#include "cli/arguments.h"
#include "marl/core/config.h"
#include "marl/core/error.h"

typedef struct MarlCommand {
  const char *name;    /* "train" */
  const char *usage;   /* arguments without flags: "CONFIG" */
  const char *summary; /* one line, no full stop */
  const char *details; /* paragraphs for `marl help NAME`, or NULL */
  int min_positional, max_positional;
  const MarlFlag *const *flags; /* NULL-terminated, or NULL; --help is always there */

  /* Collective over comm. The arguments live until the program ends. A command that computes nothing
   * is `alone`: unless a launcher started it, MPI (its daemon takes most of a second) does not begin,
   * and comm is MPI_COMM_NULL. */
  bool alone;
  MarlCode (*run)(const MarlArguments *arguments, MPI_Comm comm, MarlError *err);

  /* For commands that read a configuration, else NULL: claims every section that the command may
   * read, for `marl config` and the documentation; does not call marl_config_finish. */
  MarlCode (*claim)(MarlConfig *config, MarlError *err);
  /* Everything that run() would refuse of a configuration, found by building what it describes and
   * writing nothing; for `marl config --check`. NULL: claim() sees all. Collective over comm. */
  MarlCode (*check)(MarlConfig *config, MPI_Comm comm, MarlError *err);
  /* For commands with a run folder: "section.key" of what may change on --resume, NULL-terminated;
   * everything else is refused (run_rule.h). */
  const char *const *changeable;
  /* "section.key=value" of what has no default, as examples for manuals; NULL-terminated or NULL */
  const char *const *examples;
  /* "section.key" of the INT option that bounds the number of ranks, or NULL. */
  const char *most_ranks;
  /* The section by which `marl config FILE` knows whose configuration it is, or NULL. */
  const char *marker;
} MarlCommand;

extern const MarlCommand *const marl_command_table[]; /* NULL-terminated */

/* claim() of a command that has it, the examples standing in for what the configuration lacks. */
MarlCode marl_command_claim_example(const MarlCommand *command, MarlConfig *config,
                                    MarlError *err) MARL_NODISCARD;

/* Every option that the command's configuration may have, section by section; none of a command that
 * reads no configuration. */
typedef void MarlOptionVisit(void *context, const MarlSection *section, const MarlOption *option);
MarlCode marl_command_visit_options(const MarlCommand *command, MarlOptionVisit *visit,
                                    void *context, MarlError *err) MARL_NODISCARD;

/* The command of that name, which reads a configuration; NULL: the first one whose section the
 * configuration has, where a section of a command's own name tells more than one that several share. */
MarlCode marl_command_reader(const char *name, const MarlConfig *config, const MarlCommand **out,
                             MarlError *err) MARL_NODISCARD;

/* MARL_ECONFIG with the nearest name when there is no such command. */
MarlCode marl_command_find(const char *name, const MarlCommand **out,
                           MarlError *err) MARL_NODISCARD;

#endif
