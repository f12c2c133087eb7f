#include <math.h>

#include "envs/turbulence/interpolation.h"

/* Hat function of distance d in agent spacings. */
static double hat(double d) {
  return fmax(0, 1 - fabs(d));
}

static double cardinal(double d, int agents) {
  return marl_interpolation_periodic(hat, d, agents);
}

const MarlInterpolationOps marl_interpolation_bilinear = {
    .name = "bilinear",
    .summary = "linear between neighboring agents",
    .formula = "W(d) = max(0, 1 - |d|), d in agent spacings",
    .cardinal = cardinal,
};
