/* What may change when a run resumes: one rule for all commands.
 *
 * A run resumes with what it began with. A command lists the options that may change ("time.end",
 * ...: lengths, budgets, output intervals, checkpoints; MarlCommand.changeable); every other one is
 * refused by its name with both values, and so is an option that is added later, until somebody
 * lists it. The number of ranks is no option and may always change. */
#ifndef MARL_RUN_RULE_H
#define MARL_RUN_RULE_H

#include <stdbool.h>

#include "marl/core/config.h"

/* `recorded` is the run's configuration as config.yaml has it, `path` that file. Rank-local.
 * MARL_ECONFIG that names the first option which may not change. */
MarlCode marl_run_rule_check(const MarlConfig *config, const MarlConfig *recorded, const char *path,
                             const char *const *changeable, MarlError *err) MARL_NODISCARD;

#endif
