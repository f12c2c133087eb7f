/* What ran, from which source, on which machine: key=value lines for meta.txt and results. */
#ifndef MARL_CLI_PROVENANCE_H
#define MARL_CLI_PROVENANCE_H

#include <stdio.h>

void marl_provenance_print(FILE *out, int argc, char *const *argv, int ranks);

#endif
