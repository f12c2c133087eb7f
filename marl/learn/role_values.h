/* Options whose value may differ by role.
 *
 *   learning_rate: 0.01                           every role
 *   learning_rate: [0.01, play=0.1]               play 0.1, the others 0.01
 *   learning_rate: [play=0.1, punish=0.001]       no role without a value
 *
 * A list that names every role may name more: roles come and go with the rules of an environment,
 * and one list serves them all. Next to a value for the others an unknown name is a mistake. */
#ifndef MARL_LEARN_ROLE_VALUES_H
#define MARL_LEARN_ROLE_VALUES_H

#include "marl/core/option.h"
#include "marl/learn/env.h"

/* Of the TEXTS option `key`, each within the option's min and max, into out[role * stride]; `whole`:
 * whole numbers only. MARL_ECONFIG names the entry or the role. */
MarlCode marl_role_values(const MarlSection *section, const char *key, bool whole,
                          const MarlRole *roles, int num_roles, size_t stride, double *out,
                          MarlError *err) MARL_NODISCARD;

#endif
