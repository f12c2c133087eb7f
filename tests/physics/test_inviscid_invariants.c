/* ctest: label=verification */
#include "tests/physics/flow_fields.h"

enum { MAX_MODE = 5 };

/* Relative drift of energy and enstrophy over one time unit. */
static void drift(MarlIntegrator integrator, MarlDealias dealias, double dt, double *energy,
                  double *enstrophy) {
  MarlSolverParams p = quiet_params(32, integrator, dt);
  p.dealias = dealias;
  MarlSolver *s = make_solver(&p);
  const double top = MAX_MODE;
  start_from(s, smooth_field, &top);
  const double e = total_energy(s), z = total_enstrophy(s);
  take_steps(s, (int64_t)nearbyint(1 / dt));
  *energy = fabs(total_energy(s) / e - 1);
  *enstrophy = fabs(total_enstrophy(s) / z - 1);
  marl_solver_destroy(&s);
}

/* The truncated, dealiased equation conserves both; what is left is the scheme's error in time.
 * AB2 conserves quadratic invariants to O(dt^3) per step in phase and O(dt^3) in amplitude over
 * a fixed time; RK4 to O(dt^5) (its amplification factor on the imaginary axis is
 * 1 - z^6/144). Halving dt must show at least the order of the scheme. */
static void check_order(MarlIntegrator integrator, MarlDealias dealias, double dt, double order) {
  double e1, z1, e2, z2;
  drift(integrator, dealias, dt, &e1, &z1);
  drift(integrator, dealias, dt / 2, &e2, &z2);
  printf("\n    energy %.2e -> %.2e, enstrophy %.2e -> %.2e, orders %.2f %.2f ", e1, e2, z1, z2,
         order_of(e1, e2), order_of(z1, z2));
  CU_ASSERT(order_of(e1, e2) > order - 0.1);
  CU_ASSERT(order_of(z1, z2) > order - 0.1);
}

static void both_are_conserved_at_the_order_of_the_scheme(void) {
  check_order(MARL_IFAB2, MARL_DEALIAS_TWO_THIRDS, 2e-3, 2);
  check_order(MARL_AB2CN, MARL_DEALIAS_TWO_THIRDS, 2e-3, 2);
  check_order(MARL_IFRK4, MARL_DEALIAS_TWO_THIRDS, 5e-2, 4);
  check_order(MARL_IFRK4, MARL_DEALIAS_PADDING, 5e-2, 4);
}

/* Without dealiasing the drift does not go away with dt. */
static void aliasing_breaks_conservation(void) {
  double e1, z1, e2, z2;
  drift(MARL_IFRK4, MARL_DEALIAS_NONE, 5e-3, &e1, &z1);
  drift(MARL_IFRK4, MARL_DEALIAS_TWO_THIRDS, 5e-3, &e2, &z2);
  printf("\n    enstrophy drift: aliased %.2e, dealiased %.2e ", z1, z2);
  CU_ASSERT(z1 > 100 * z2);
}

static CU_TestInfo tests[] = {
    {"both are conserved at the order of the scheme",
     both_are_conserved_at_the_order_of_the_scheme},
    {"aliasing breaks conservation", aliasing_breaks_conservation},
    CU_TEST_INFO_NULL,
};
static CU_SuiteInfo suites[] = {
    {"inviscid invariants", NULL, NULL, NULL, NULL, tests},
    CU_SUITE_INFO_NULL,
};
UNIT_MAIN(suites)
