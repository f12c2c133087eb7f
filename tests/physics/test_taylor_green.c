/* ctest: label=verification */
#include "tests/physics/flow_fields.h"

enum { K = 3 };

/* w = 2 k cos(k x) cos(k y) exp(-2 nu k^2 t): an exact solution, because w is a function of psi */
static double vortices(double x, double y, const double *amplitude) {
  return amplitude[0] * 2 * K * cos(K * x) * cos(K * y);
}

static void check_decay(MarlIntegrator integrator, double tolerance) {
  const double nu = 0.05, end = 1;
  MarlSolverParams p = quiet_params(32, integrator, 1e-3);
  p.viscosity = nu;
  MarlSolver *s = make_solver(&p);
  const double one = 1, left = exp(-2 * nu * K * K * end);
  start_from(s, vortices, &one);
  take_steps(s, 1000);
  UNIT_NEAR(marl_solver_time(s), end, 1e-12);
  UNIT_NEAR(distance_to(s, vortices, &left) / (2 * K * left), 0, tolerance);
  marl_solver_destroy(&s);
}

/* Crank-Nicolson on exp(-lambda t), lambda = 2 nu k^2 = 0.9: relative error lambda^3 dt^2 t / 12 =
 * 6e-8. Integrating factors are exact: round-off of 1000 steps. */
static void vortices_decay_at_the_viscous_rate(void) {
  check_decay(MARL_AB2CN, 1.1 * 0.9 * 0.9 * 0.9 * 1e-6 / 12);
  check_decay(MARL_IFRK4, 1000 * 0x1p-52 * 16);
  check_decay(MARL_IFAB2, 1000 * 0x1p-52 * 16);
}

/* Without viscosity nothing moves, whatever the dealiasing. */
static void the_nonlinear_term_vanishes_to_round_off(void) {
  for (int dealias = 0; dealias < 3; ++dealias) {
    MarlSolverParams p = quiet_params(32, MARL_IFAB2, 1e-2);
    p.dealias = (MarlDealias)dealias;
    MarlSolver *s = make_solver(&p);
    const double one = 1;
    start_from(s, vortices, &one);
    take_steps(s, 100);
    UNIT_NEAR(distance_to(s, vortices, &one), 0, 100 * 0x1p-52 * 16 * 2 * K);
    marl_solver_destroy(&s);
  }
}

static CU_TestInfo tests[] = {
    {"vortices decay at the viscous rate", vortices_decay_at_the_viscous_rate},
    {"the nonlinear term vanishes to round-off", the_nonlinear_term_vanishes_to_round_off},
    CU_TEST_INFO_NULL,
};
static CU_SuiteInfo suites[] = {
    {"taylor green", NULL, NULL, NULL, NULL, tests},
    CU_SUITE_INFO_NULL,
};
UNIT_MAIN(suites)
