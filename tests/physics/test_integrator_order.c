/* ctest: label=verification */
#include "tests/physics/flow_fields.h"

static const double END = 0.5;

static MarlSolverParams turbulent_params(MarlIntegrator integrator, double dt, bool first_order) {
  MarlSolverParams p = quiet_params(48, integrator, dt);
  p.viscosity = 5e-3;
  p.forcing = (MarlForcing){
      .ops = &marl_forcing_kolmogorov, .wavenumber = 4, .amplitude = 1, .in_x = true, .in_y = true};
  if (first_order) {
    p.linear_drag = 0.5;
    p.beta = 4;
  }
  return p;
}

static MarlSolver *run(MarlIntegrator integrator, double dt, bool first_order) {
  const MarlSolverParams p = turbulent_params(integrator, dt, first_order);
  MarlSolver *s = make_solver(&p);
  const double top = 5;
  start_from(s, smooth_field, &top);
  take_steps(s, (int64_t)nearbyint(END / dt));
  return s;
}

static double difference(const MarlSolver *a, const MarlSolver *b) {
  const size_t n = marl_solver_grid(a)->num_spectral;
  double sum = 0;
  for (size_t i = 0; i < n; ++i) {
    const double d = cabs(marl_solver_w_hat(a)[i] - marl_solver_w_hat(b)[i]);
    sum += d * d;
  }
  return sqrt(sum);
}

/* Slopes of the error over three steps dt, dt/2, dt/4 against RK4 with a step that is exact beside
 * them. Within 0.1 of the order: the next term of the expansion at these dt. */
static void check_slopes(MarlIntegrator integrator, double dt, bool first_order, double order) {
  MarlSolver *exact = run(MARL_IFRK4, 1e-3, first_order);
  double error[3];
  for (int i = 0; i < 3; ++i) {
    MarlSolver *s = run(integrator, dt / (1 << i), first_order);
    error[i] = difference(s, exact);
    marl_solver_destroy(&s);
  }
  printf("\n    errors %.2e %.2e %.2e, slopes %.3f %.3f ", error[0], error[1], error[2],
         order_of(error[0], error[1]), order_of(error[1], error[2]));
  UNIT_NEAR(order_of(error[0], error[1]), order, 0.1);
  UNIT_NEAR(order_of(error[1], error[2]), order, 0.1);
  marl_solver_destroy(&exact);
}

static void ab2cn_is_second_order(void) {
  check_slopes(MARL_AB2CN, 2.5e-3, false, 2);
}

/* with drag and beta, too */
static void ifab2_is_second_order(void) {
  check_slopes(MARL_IFAB2, 2.5e-3, true, 2);
}

/* Its drag is implicit Euler and its beta explicit Euler, as in the papers' codes. */
static void ab2cn_is_first_order_in_drag_and_beta(void) {
  check_slopes(MARL_AB2CN, 2.5e-3, true, 1);
}

static void ifrk4_is_fourth_order(void) {
  check_slopes(MARL_IFRK4, 2.5e-2, true, 4);
}

static CU_TestInfo tests[] = {
    {"ifab2 is second order", ifab2_is_second_order},
    {"ab2cn is second order", ab2cn_is_second_order},
    {"ab2cn is first order in drag and beta", ab2cn_is_first_order_in_drag_and_beta},
    {"ifrk4 is fourth order", ifrk4_is_fourth_order},
    CU_TEST_INFO_NULL,
};
static CU_SuiteInfo suites[] = {
    {"integrator order", NULL, NULL, NULL, NULL, tests},
    CU_SUITE_INFO_NULL,
};
UNIT_MAIN(suites)
