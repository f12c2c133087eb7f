/* The kinds of plugins: what `marl list` prints and the documentation is made of. */
#ifndef MARL_CLI_LISTING_H
#define MARL_CLI_LISTING_H

#include "marl/core/plugin.h"

extern const MarlKind *const marl_kinds[]; /* NULL-terminated */

/* Option `index` that a plugin brings beside its own table, and the section that it is in: the lists
 * of environments and populations in section compare, the learner of a population. NULL behind the
 * last. */
const MarlOption *marl_kind_further(const MarlKind *kind, const MarlPlugin *plugin, size_t index,
                                    const char **section);

MarlCode marl_kinds_find(const char *name, const MarlKind **out, MarlError *err) MARL_NODISCARD;

#endif
