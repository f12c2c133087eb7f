/* ctest: label=verification */
#include "tests/physics/flow_fields.h"

static const double NU = 1e-2;

/* w = exp(-r^2 / s) s0 / s with s = s0 + 4 nu t: each axis has variance s/2 = s0/2 + 2 nu t. The
 * box removes the mean, pi s0 / (2 pi)^2; it turns with the vortex and changes nothing else. */
static double vortex(double x, double y, const double *s) {
  const double dx = x - TWO_PI / 2, dy = y - TWO_PI / 2;
  const double peak = s[0] / s[1];
  return peak * exp(-(dx * dx + dy * dy) / s[1]) - 0.5 * s[0] / TWO_PI;
}

/* The images of a square lattice strain the vortex at fourth order only: (sqrt(s) / L)^4 = 1.3e-5 of
 * its peak, 1. Its tail at the sides, exp(-pi^2 / 0.14), is 1e-31; 96 points resolve it. */
static void a_vortex_spreads_by_viscosity_alone(void) {
  MarlSolverParams p = quiet_params(96, MARL_IFRK4, 2e-2);
  p.viscosity = NU;
  MarlSolver *s = make_solver(&p);
  const double start[2] = {0.1, 0.1}, end[2] = {0.1, 0.1 + 4 * NU * 1};
  start_from(s, vortex, start);
  take_steps(s, 50);
  UNIT_NEAR(distance_to(s, vortex, end), 0, 1.3e-5);
  marl_solver_destroy(&s);
}

static CU_TestInfo tests[] = {
    {"a vortex spreads by viscosity alone", a_vortex_spreads_by_viscosity_alone},
    CU_TEST_INFO_NULL,
};
static CU_SuiteInfo suites[] = {
    {"lamb oseen", NULL, NULL, NULL, NULL, tests},
    CU_SUITE_INFO_NULL,
};
UNIT_MAIN(suites)
