/* Help texts, printed from the tables of commands and flags. */
#ifndef MARL_CLI_USAGE_H
#define MARL_CLI_USAGE_H

#include <stdio.h>

#include "cli/command.h"

void marl_usage_program(FILE *out);
void marl_usage_command(FILE *out, const MarlCommand *command);

#endif
