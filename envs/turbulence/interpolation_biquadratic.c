#include <math.h>

#include "envs/turbulence/interpolation.h"

static const double PI = 3.14159265358979323846;

/* Centered quadratic B-spline. */
static double quadratic(double d) {
  d = fabs(d);
  if (d <= 0.5) return 0.75 - d * d;
  return d < 1.5 ? 0.5 * (1.5 - d) * (1.5 - d) : 0;
}

/* Cardinal quadratic spline: the B-spline coefficients that interpolate a one at agent 0 are
 * b_m = 1/A sum_k cos(2 pi k m / A) / (3/4 + 1/4 cos(2 pi k / A)), because the collocation matrix
 * is circulant with the B-spline's values 3/4 and 1/8. */
static double cardinal(double d, int agents) {
  double sum = 0;
  for (int m = 0; m < agents; ++m) {
    double coefficient = 0;
    for (int k = 0; k < agents; ++k)
      coefficient += cos(2 * PI * k * m / agents) / (0.75 + 0.25 * cos(2 * PI * k / agents));
    sum += coefficient / agents * marl_interpolation_periodic(quadratic, d - m, agents);
  }
  return sum;
}

const MarlInterpolationOps marl_interpolation_biquadratic = {
    .name = "biquadratic",
    .summary = "quadratic spline with knots half way between the agents",
    .source =
        "the degree of the public code of Mojgani et al. 2023, arXiv:2312.00907, here periodic",
    .formula = "sum_m b_m B_2(d - m), B_2 the centered quadratic B-spline",
    .cardinal = cardinal,
};
