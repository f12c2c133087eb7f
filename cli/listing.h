/* The tables of plugins, seen alike: what `marl list` prints and the documentation is made of. */
#ifndef MARL_CLI_LISTING_H
#define MARL_CLI_LISTING_H

#include <stdbool.h>
#include <stddef.h>

#include "marl/core/error.h"
#include "marl/core/option.h"

typedef struct MarlListed {
  const char *name, *summary, *source;
  const MarlOption *options;
  size_t num_options;
} MarlListed;

typedef struct MarlKind {
  const char *name;                               /* "envs", as in `marl list envs` */
  const char *title;                              /* "Environments" */
  const char *section;                            /* of the configuration: "env" */
  const char *key;                                /* that takes a name: "env.name" */
  bool (*entry)(size_t index, MarlListed *entry); /* false at the end of the table */
} MarlKind;

extern const MarlKind marl_kinds[];
extern const size_t marl_num_kinds;

MarlCode marl_kind_find(const char *name, const MarlKind **out, MarlError *err) MARL_NODISCARD;

#endif
