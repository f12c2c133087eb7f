/* recipe: envs/turbulence/interpolation_nearest.c, ENTRY(nearest) in envs/turbulence/interpolation_table.c */
/* Interpolation `nearest`: the value of the nearest agent; half way between two, their mean. */
#include <math.h>

#include "envs/turbulence/interpolation.h"

static double box(double d) {
  return fabs(d) < 0.5 ? 1 : fabs(d) == 0.5 ? 0.5 : 0;
}

static double cardinal(double d, int agents) {
  return marl_interpolation_periodic(box, d, agents);
}

const MarlInterpolationOps marl_interpolation_nearest = {
    .name = "nearest",
    .summary = "the value of the nearest agent",
    .source = "the recipe of docs/plugins.md",
    .formula = "W(d) = 1 for |d| < 1/2, 1/2 at 1/2, d in agent spacings",
    .cardinal = cardinal,
};
