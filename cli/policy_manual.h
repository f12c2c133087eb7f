/* What an exported policy sees and does, for people: the head of the files of `marl export`. */
#ifndef MARL_CLI_POLICY_MANUAL_H
#define MARL_CLI_POLICY_MANUAL_H

#include "cli/code_text.h"
#include "envs/turbulence/closure_description.h"
#include "marl/learn/policy.h"

/* Malloc'd text. `closure` is NULL if it is none; `config` that of the training, NULL if it is not known: what
 * agents see is then said by its environment (the plugin's formula), with the options that were set. */
MarlCode marl_policy_manual(const MarlPolicy *policy, const MarlClosureDescription *closure,
                            const MarlConfig *config, char **text, MarlError *err) MARL_NODISCARD;

#endif
