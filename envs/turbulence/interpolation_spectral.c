#include <math.h>

#include "envs/turbulence/interpolation.h"

static const double PI = 3.14159265358979323846;

/* Trigonometric cardinal function at distance d (in agent spacings) for `agents` values. */
static double cardinal(double d, int agents) {
  double sum = 1;
  for (int k = 1; 2 * k <= agents; ++k)
    sum += (2 * k == agents ? 1 : 2) * cos(2 * PI * k * d / agents);
  return sum / agents;
}

const MarlInterpolationOps marl_interpolation_spectral = {
    .name = "spectral",
    .summary = "trigonometric; for an even number of agents the highest mode is a cosine",
    .formula = "W(d) = 1/A sum_k cos(2 pi k d / A), A agents a side",
    .cardinal = cardinal,
};
