/* Options of a learner that may differ between roles: a list with one value for all roles, or with one
 * for each in the environment's order. */
#ifndef MARL_LEARN_ROLE_OPTION_H
#define MARL_LEARN_ROLE_OPTION_H

#include "marl/core/option.h"

/* The REALS `key` into out[role * stride], role 0 .. num_roles - 1. MARL_ECONFIG on another number of
 * values. */
MarlCode marl_role_reals(const MarlSection *section, const char *key, int num_roles, size_t stride,
                         double *out, MarlError *err) MARL_NODISCARD;

#endif
