/* ctest: label=verification */
#include "physics/initial.h"
#include "tests/physics/flow_fields.h"

static MarlError err;

/* Centroid of w^2 along x on the circle of circumference lx. */
static double position(MarlSolver *s) {
  const MarlGrid *g = marl_solver_grid(s);
  const MarlFlow *flow = marl_solver_flow(s, MARL_NEED_VORTICITY);
  double re = 0, im = 0;
  for (size_t i = 0; i < g->num_physical; ++i) {
    const double angle = TWO_PI * (double)(i % (size_t)g->nx) / g->nx;
    re += flow->w[i] * flow->w[i] * cos(angle);
    im += flow->w[i] * flow->w[i] * sin(angle);
  }
  return atan2(im, re) * g->lx / TWO_PI;
}

static double measured_speed(double radius) {
  MarlSolverParams p = quiet_params(256, MARL_IFRK4, 4e-3);
  p.viscosity = 1e-5;
  MarlSolver *s = make_solver(&p);
  const MarlInitial dipole = {.ops = &marl_initial_dipole, .radius = radius, .speed = 1};
  UNIT_OK(marl_initial_apply(&dipole, s, &err));
  const double before = position(s), time = 2 * radius;
  take_steps(s, (int64_t)nearbyint(time / p.dt));
  const double way = position(s) - before;
  const double speed = (way < -1 ? way + TWO_PI : way) / marl_solver_time(s);
  marl_solver_destroy(&s);
  return speed;
}

/* In an unbounded fluid the dipole moves at U = 1. In a box of area A without mean flow the
 * images' drift is -impulse / 2A with impulse = 2 pi R^2 U, so U (1 - pi R^2 / A); what is left are
 * the images' strain, (R/L)^4 = 4e-4 at most, and a kink in w at r = R that 256 points smear. Over
 * two radii of way 0.3 % covers both. */
static void a_dipole_moves_at_its_own_speed(void) {
  const double radii[2] = {0.5, 0.9};
  for (int i = 0; i < 2; ++i) {
    const double area = TWO_PI * TWO_PI, r = radii[i];
    const double speed = measured_speed(r);
    printf("\n    R = %.2f: speed %.5f, expected %.5f ", r, speed, 1 - TWO_PI / 2 * r * r / area);
    UNIT_NEAR(speed, 1 - TWO_PI / 2 * r * r / area, 3e-3);
  }
}

static CU_TestInfo tests[] = {
    {"a dipole moves at its own speed", a_dipole_moves_at_its_own_speed},
    CU_TEST_INFO_NULL,
};
static CU_SuiteInfo suites[] = {
    {"dipole speed", NULL, NULL, NULL, NULL, tests},
    CU_SUITE_INFO_NULL,
};
UNIT_MAIN(suites)
