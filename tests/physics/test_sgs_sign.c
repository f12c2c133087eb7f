/* ctest: label=verification ranks=1,2 */
#include "tests/physics/eddy_closures.h"

static MarlSolver *flow_with(const MarlClosureOps *ops, EddyClosure *closure, MarlIntegrator scheme,
                             MarlDealias dealias, int64_t steps) {
  MarlSolverParams p = quiet_params(48, scheme, 2e-3);
  p.dealias = dealias;
  MarlSolver *s = make_solver(&p);
  const double top = 5;
  start_from(s, smooth_field, &top);
  closure->base.ops = ops;
  marl_solver_set_closure(s, ops != NULL ? &closure->base : NULL);
  take_steps(s, steps);
  return s;
}

static double largest_difference(const MarlSolver *a, const MarlSolver *b) {
  const size_t n = marl_solver_grid(a)->num_spectral;
  double worst = 0;
  for (size_t i = 0; i < n; ++i)
    worst = fmax(worst, cabs(marl_solver_w_hat(a)[i] - marl_solver_w_hat(b)[i]));
  MPI_Allreduce(MPI_IN_PLACE, &worst, 1, MPI_DOUBLE, MPI_MAX, MPI_COMM_WORLD);
  return worst;
}

/* tau = -2 nu_e S, -PI = nu_e lap w and -PI_hat = -nu_e k^2 w_hat are one model in three forms. Each
 * goes through another part of the scheme, all fourth order in ifrk4: their differences after 100
 * steps are (rate dt)^4 = (nu_e 50 dt)^4 = 1e-10 of w at the most. */
static void the_three_forms_are_one_model(void) {
  for (int d = 0; d < 3; ++d) {
    EddyClosure a = {.viscosity = 0.02}, b = a, c = a;
    MarlSolver *stress = flow_with(&eddy_stress_ops, &a, MARL_IFRK4, (MarlDealias)d, 100);
    MarlSolver *uniform = flow_with(&eddy_uniform_ops, &b, MARL_IFRK4, (MarlDealias)d, 100);
    MarlSolver *tendency = flow_with(&eddy_tendency_ops, &c, MARL_IFRK4, (MarlDealias)d, 100);
    UNIT_NEAR(largest_difference(stress, uniform), 0, 1e-9);
    UNIT_NEAR(largest_difference(tendency, uniform), 0, 1e-9);
    marl_solver_destroy(&stress);
    marl_solver_destroy(&uniform);
    marl_solver_destroy(&tendency);
  }
}

/* The same in ifab2, all of second order: AB2 of a decay at rate nu_e k^2 <= 1 is off by
 * 5/12 (rate dt)^2 = 2e-6 a rate and unit time, of w ~ 1. */
static void ifab2_has_the_same_three_forms(void) {
  EddyClosure a = {.viscosity = 0.02}, b = a, c = a;
  MarlSolver *stress = flow_with(&eddy_stress_ops, &a, MARL_IFAB2, MARL_DEALIAS_TWO_THIRDS, 100);
  MarlSolver *uniform = flow_with(&eddy_uniform_ops, &b, MARL_IFAB2, MARL_DEALIAS_TWO_THIRDS, 100);
  MarlSolver *tendency =
      flow_with(&eddy_tendency_ops, &c, MARL_IFAB2, MARL_DEALIAS_TWO_THIRDS, 100);
  UNIT_NEAR(largest_difference(stress, uniform), 0, 1e-4);
  UNIT_NEAR(largest_difference(stress, tendency), 0, 1e-10); /* the same extrapolation */
  marl_solver_destroy(&stress);
  marl_solver_destroy(&uniform);
  marl_solver_destroy(&tendency);
}

/* The same in the scheme of the papers to its order in dt: Crank-Nicolson, AB2 and Euler parts
 * differ by dt times second derivatives; wrong by a factor or a sign they would differ by 1. */
static void ab2cn_has_the_same_three_forms(void) {
  EddyClosure a = {.viscosity = 0.02}, b = a, c = a;
  MarlSolver *stress = flow_with(&eddy_stress_ops, &a, MARL_AB2CN, MARL_DEALIAS_TWO_THIRDS, 100);
  MarlSolver *uniform = flow_with(&eddy_uniform_ops, &b, MARL_AB2CN, MARL_DEALIAS_TWO_THIRDS, 100);
  MarlSolver *tendency =
      flow_with(&eddy_tendency_ops, &c, MARL_AB2CN, MARL_DEALIAS_TWO_THIRDS, 100);
  UNIT_NEAR(largest_difference(stress, uniform), 0, 1e-4);
  UNIT_NEAR(largest_difference(tendency, uniform), 0, 2e-3);
  marl_solver_destroy(&stress);
  marl_solver_destroy(&uniform);
  marl_solver_destroy(&tendency);
}

/* <w PI> > 0 for nu_e > 0: enstrophy falls, and rises for nu_e < 0; without a closure it stays to
 * the order of the scheme (1e-8 here). */
static void a_positive_eddy_viscosity_dissipates_enstrophy(void) {
  EddyClosure plus = {.viscosity = 0.01}, minus = {.viscosity = -0.01}, none = {.viscosity = 0};
  MarlSolver *start = flow_with(NULL, &none, MARL_IFRK4, MARL_DEALIAS_TWO_THIRDS, 0);
  const double z = total_enstrophy(start), e = total_energy(start);
  MarlSolver *damped = flow_with(&eddy_stress_ops, &plus, MARL_IFRK4, MARL_DEALIAS_TWO_THIRDS, 50);
  MarlSolver *driven = flow_with(&eddy_stress_ops, &minus, MARL_IFRK4, MARL_DEALIAS_TWO_THIRDS, 50);
  CU_ASSERT(total_enstrophy(damped) < 0.99 * z && total_energy(damped) < 0.999 * e);
  CU_ASSERT(total_enstrophy(driven) > 1.01 * z && total_energy(driven) > 1.001 * e);
  marl_solver_destroy(&start);
  marl_solver_destroy(&damped);
  marl_solver_destroy(&driven);
}

static CU_TestInfo tests[] = {
    {"the three forms are one model", the_three_forms_are_one_model},
    {"ifab2 has the same three forms", ifab2_has_the_same_three_forms},
    {"ab2cn has the same three forms", ab2cn_has_the_same_three_forms},
    {"a positive eddy viscosity dissipates enstrophy",
     a_positive_eddy_viscosity_dissipates_enstrophy},
    CU_TEST_INFO_NULL,
};
static CU_SuiteInfo suites[] = {
    {"sgs sign", NULL, NULL, NULL, NULL, tests},
    CU_SUITE_INFO_NULL,
};
UNIT_MAIN(suites)
