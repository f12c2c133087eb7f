#include <math.h>

#include "physics/initial.h"

static const MarlOption options[] = {
    {"radius", MARL_OPTION_REAL, "0.5", 1e-9, 1e9, NULL, "L", "its radius R"},
    {"speed", MARL_OPTION_REAL, "1", -1e9, 1e9, NULL, "L/T", "its speed U in an unbounded fluid"},
};

/* J1 by its power series: full precision for |x| < 4 */
static double bessel_j1(double x) {
  double term = 0.5 * x, sum = term;
  for (int m = 1; m < 24; ++m) {
    term *= -0.25 * x * x / (m * (m + 1.0));
    sum += term;
  }
  return sum;
}

static double dipole(const MarlInitial *in, const MarlGrid *g, double x, double y) {
  const double first_zero_of_j1 = 3.83170597020751231561, j0_there = -0.40275939570255297;
  const double q = first_zero_of_j1 / in->radius;
  const double dx = x - 0.5 * g->lx, dy = y - 0.5 * g->ly, r = hypot(dx, dy);
  if (r >= in->radius || r == 0) return 0;
  return -2 * in->speed * q * bessel_j1(q * r) * dy / (r * j0_there);
}

const MarlInitialOps marl_initial_dipole = {
    .name = "dipole",
    .summary = "the Lamb-Chaplygin dipole in the middle of the box, moving along +x",
    .source = "Lamb, Hydrodynamics, art. 165",
    .formula = "w = -2 U q J1(q r) sin(theta) / J0(q R) inside r < R, q R = 3.8317..., 1/T",
    .options = options,
    .num_options = sizeof options / sizeof options[0],
    .vorticity = dipole,
};
