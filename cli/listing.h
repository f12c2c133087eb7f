/* The kinds of plugins: what `marl list` prints and the documentation is made of. */
#ifndef MARL_CLI_LISTING_H
#define MARL_CLI_LISTING_H

#include "marl/core/plugin.h"

extern const MarlKind *const marl_kinds[]; /* NULL-terminated */

/* Option `index` that a plugin brings, and the section that it is in: of its own table "", the kind's own;
 * then the learner of a population, and the lists of environments and populations in section compare. NULL
 * behind the last. */
const MarlOption *marl_kind_option(const MarlKind *kind, const MarlPlugin *plugin, size_t index,
                                   const char **section);

MarlCode marl_kinds_find(const char *name, const MarlKind **out, MarlError *err) MARL_NODISCARD;

#endif
