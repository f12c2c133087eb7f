/* Figures of what learned closures do. Rank 0 only. */
#ifndef MARL_CLI_INTERPRETATION_PLOTS_H
#define MARL_CLI_INTERPRETATION_PLOTS_H

#include <stdio.h>

#include "envs/turbulence/interpretation.h"

/* A line a learned closure: share of backscatter. */
void marl_interpretation_print(FILE *out, const MarlInterpretation *interpretation);
/* Data in FOLDER and the script interpretation.gp, which draws for each learned row r
 * coefficients_<r> (means and deviations of the coefficients given strain, vorticity, Okubo-Weiss)
 * and maps_<r> (vorticity and the coefficients beside it) as PNG and SVG. */
MarlCode marl_interpretation_plots(const MarlInterpretation *interpretation, const char *folder,
                                   MarlError *err) MARL_NODISCARD;

#endif
