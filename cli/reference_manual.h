/* docs/configuration.md: every section and option of every command, from the tables. */
#ifndef MARL_CLI_REFERENCE_MANUAL_H
#define MARL_CLI_REFERENCE_MANUAL_H

#include <stdio.h>

#include "marl/core/error.h"

/* Writes Markdown to `out`; NULL: only checks the tables. */
MarlCode marl_reference_manual(FILE *out, MarlError *err) MARL_NODISCARD;

#endif
