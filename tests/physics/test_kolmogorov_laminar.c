/* ctest: label=verification */
#include "tests/physics/flow_fields.h"

static const double NU = 0.02, MU = 0.3, AMPLITUDE = 0.7;
enum { KF = 4 };

static double rate(void) {
  return NU * KF * KF + MU;
}

/* w = -amplitude kf cos(kf y) factor / (nu kf^2 + mu) */
static double laminar(double x, double y, const double *factor) {
  (void)x;
  return -factor[0] * AMPLITUDE * KF * cos(KF * y) / rate();
}

static MarlSolver *laminar_flow(MarlIntegrator integrator, int64_t steps) {
  MarlSolverParams p = quiet_params(32, integrator, 1e-2);
  p.viscosity = NU;
  p.linear_drag = MU;
  p.forcing = (MarlForcing){
      .ops = &marl_forcing_kolmogorov, .wavenumber = KF, .amplitude = AMPLITUDE, .in_y = true};
  MarlSolver *s = make_solver(&p);
  take_steps(s, steps);
  return s;
}

/* From rest the flow tends to u = amplitude sin(kf y) / (nu kf^2 + mu), v = 0, which is a fixed
 * point of ab2cn to round-off: after 60 e-foldings only 1e-26 of the start is left. The fixed point
 * of ifab2 is off by (rate dt)^2 / 24 of 4.5 = 7e-6 to the next order, that of ifrk4 by
 * O((rate dt)^4) = 1.5e-9. */
static const double fixed_point_error[] = {
    [MARL_IFAB2] = 8e-6, [MARL_AB2CN] = 1e-12, [MARL_IFRK4] = 1e-8};

static void forcing_drag_and_viscosity_balance(void) {
  const double one = 1;
  for (int i = 0; i < 3; ++i) {
    const MarlIntegrator integrator = (MarlIntegrator)i;
    MarlSolver *s = laminar_flow(integrator, 10000);
    UNIT_NEAR(distance_to(s, laminar, &one), 0, fixed_point_error[integrator]);
    const MarlFlow *flow = marl_solver_flow(s, MARL_NEED_VELOCITY);
    double worst = 0;
    for (int y = 0; y < 32; ++y)
      for (int x = 0; x < 32; ++x) {
        const double u = AMPLITUDE * sin(KF * TWO_PI * y / 32) / rate();
        worst = fmax(worst, fabs(flow->u[32 * y + x] - u) + fabs(flow->v[32 * y + x]));
      }
    UNIT_NEAR(worst, 0, fixed_point_error[integrator]);
    marl_solver_destroy(&s);
  }
}

/* On the way there w grows as 1 - exp(-(nu kf^2 + mu) t); RK4: error of order (rate dt)^4. */
static void the_transient_is_exponential(void) {
  const double factor = 1 - exp(-rate() * 2);
  MarlSolver *s = laminar_flow(MARL_IFRK4, 200);
  UNIT_NEAR(distance_to(s, laminar, &factor), 0, 1e-8);
  marl_solver_destroy(&s);
}

static CU_TestInfo tests[] = {
    {"forcing, drag and viscosity balance", forcing_drag_and_viscosity_balance},
    {"the transient is exponential", the_transient_is_exponential},
    CU_TEST_INFO_NULL,
};
static CU_SuiteInfo suites[] = {
    {"kolmogorov laminar", NULL, NULL, NULL, NULL, tests},
    CU_SUITE_INFO_NULL,
};
UNIT_MAIN(suites)
