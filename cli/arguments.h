/* Command-line arguments: positional ones and declared flags, "--out DIR" or "--out=DIR".
 * The flags that several commands share are declared here once. */
#ifndef MARL_CLI_ARGUMENTS_H
#define MARL_CLI_ARGUMENTS_H

#include <mpi.h>
#include <stdbool.h>

#include "marl/core/config.h"
#include "marl/core/error.h"
#include "marl/run/record.h"

typedef struct MarlFlag {
  const char *name;  /* "--out" */
  const char *value; /* name of its value for the help text: "DIR"; NULL for a switch */
  const char *help;  /* one line, no full stop */
} MarlFlag;

extern const MarlFlag marl_flag_set;      /* --set SECTION.KEY=VALUE, repeated */
extern const MarlFlag marl_flag_out;      /* --out DIR */
extern const MarlFlag marl_flag_resume;   /* --resume DIR */
extern const MarlFlag marl_flag_continue; /* --continue, with --out */
extern const MarlFlag marl_flag_for;      /* --for COMMAND, that reads a configuration */
extern const MarlFlag marl_flag_quiet;    /* --quiet */
extern const MarlFlag marl_flag_ranks;    /* -n RANKS: main starts the program again under mpirun */

enum { MARL_MAX_ARGUMENTS = 256 };

typedef struct MarlArguments {
  const char *program;
  int num_positional;
  const char *positional[MARL_MAX_ARGUMENTS];
  int num_given;
  struct {
    const MarlFlag *flag;
    const char *value; /* NULL for a switch */
  } given[MARL_MAX_ARGUMENTS];
  bool help;
  int argc; /* the whole command line, for provenance and for -n */
  char **argv;
} MarlArguments;

/* Arguments argv[first..argc-1]; `flags` is NULL-terminated or NULL. Borrowed. */
MarlCode marl_arguments_parse(int argc, char **argv, int first, const MarlFlag *const *flags,
                              MarlArguments *out, MarlError *err) MARL_NODISCARD;

bool marl_arguments_has(const MarlArguments *arguments, const MarlFlag *flag);
/* The last value given for the flag, or NULL. */
const char *marl_arguments_value(const MarlArguments *arguments, const MarlFlag *flag);
/* NAME of --out NAME with an ending. MARL_ECONFIG if that is too long. */
MarlCode marl_arguments_name(const char *name, const char *ending, char path[MARL_MAX_PATH],
                             MarlError *err) MARL_NODISCARD;
/* The last value as a whole number in [min, max], or `fallback`. */
MarlCode marl_arguments_int(const MarlArguments *arguments, const MarlFlag *flag, int min, int max,
                            int fallback, int *out, MarlError *err) MARL_NODISCARD;

/* Collective over comm. Rank 0 reads the file `path` (NULL: an empty configuration; one that is not
 * there is looked for among the shipped data), every rank parses it and applies each --set. The
 * caller destroys *out. */
MarlCode marl_arguments_config(const MarlArguments *arguments, const char *path, MPI_Comm comm,
                               MarlConfig **out, MarlError *err) MARL_NODISCARD;

#endif
