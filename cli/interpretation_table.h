/* What learned closures do, in words. Rank 0 only. */
#ifndef MARL_CLI_INTERPRETATION_TABLE_H
#define MARL_CLI_INTERPRETATION_TABLE_H

#include <stdio.h>

#include "envs/turbulence/interpretation.h"

/* A line a learned closure: share of backscatter. */
void marl_interpretation_print(FILE *out, const MarlInterpretation *interpretation);

#endif
