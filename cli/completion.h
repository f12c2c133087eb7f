/* Completion of command lines in bash, from the tables of commands, flags and options. */
#ifndef MARL_CLI_COMPLETION_H
#define MARL_CLI_COMPLETION_H

#include <stdio.h>

#include "marl/core/error.h"

/* Writes a script that bash can source; NULL: only checks the tables. */
MarlCode marl_completion(FILE *out, MarlError *err) MARL_NODISCARD;

#endif
