/* The known word that a user most likely meant, for error messages. */
#ifndef MARL_CORE_NEAREST_H
#define MARL_CORE_NEAREST_H

#include <stddef.h>

#include "marl/core/error.h"

/* The candidate with the smallest edit distance to `word`, or NULL when none is near: the
 * distance must be at most a third of the longer word, rounded up. Candidates are borrowed. */
const char *marl_nearest(const char *word, const char *const *candidates, size_t num_candidates);

/* MARL_ECONFIG: "no <kind> '<name>'; did you mean '...'? known: ...". For every table of plugins. */
MarlCode marl_fail_unknown(MarlError *err, const char *kind, const char *name,
                           const char *const *known, size_t num_known);

#endif
