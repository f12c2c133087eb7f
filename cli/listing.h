/* The kinds of plugins: what `marl list` prints and the documentation is made of. */
#ifndef MARL_CLI_LISTING_H
#define MARL_CLI_LISTING_H

#include "marl/core/plugin.h"

extern const MarlKind *const marl_kinds[]; /* NULL-terminated */

MarlCode marl_kinds_find(const char *name, const MarlKind **out, MarlError *err) MARL_NODISCARD;

#endif
