/* ctest: label=verification */
#include "tests/physics/eddy_closures.h"

static MarlSolver *turbulent_flow(double dt, EddyClosure *closure) {
  MarlSolverParams p = quiet_params(48, MARL_IFRK4, dt);
  p.viscosity = 3e-3;
  p.linear_drag = 0.2;
  p.beta = 3;
  p.forcing = (MarlForcing){
      .ops = &marl_forcing_kolmogorov, .wavenumber = 4, .amplitude = 1, .in_x = true, .in_y = true};
  MarlSolver *s = make_solver(&p);
  const double top = 6;
  start_from(s, smooth_field, &top);
  marl_solver_set_closure(s, &closure->base);
  return s;
}

typedef struct Rates {
  double energy, enstrophy;
} Rates;

/* dE/dt = -2 nu Z - 2 mu E - <psi f> - <psi PI>, dZ/dt = -2 nu P - 2 mu Z - <w f> - <w PI>: each term
 * from the physical fields of the view; PI of the eddy viscosity is -nu_e lap w. */
static Rates rates(MarlSolver *s, double eddy) {
  const MarlSolverParams *p = marl_solver_params(s);
  const MarlGrid *g = marl_solver_grid(s);
  const MarlFlow *flow = marl_solver_flow(
      s, MARL_NEED_VELOCITY | MARL_NEED_STRAIN | MARL_NEED_VORTICITY | MARL_NEED_GRAD_VORTICITY);
  const double points = (double)g->nx * g->ny;
  double psi_f = 0, w_f = 0, z = 0, palinstrophy = 0, energy = 0;
  for (size_t i = 0; i < g->num_physical; ++i) {
    energy += 0.5 * (flow->u[i] * flow->u[i] + flow->v[i] * flow->v[i]) / points;
    z += 0.5 * flow->w[i] * flow->w[i] / points;
    palinstrophy += 0.5 * (flow->wx[i] * flow->wx[i] + flow->wy[i] * flow->wy[i]) / points;
    const double x = (double)(i % (size_t)g->nx) * g->lx / g->nx;
    const double y = (double)(i / (size_t)g->nx) * g->ly / g->ny;
    w_f += flow->w[i] * 4 * (cos(4 * x) + cos(4 * y)) / points;
  }
  psi_f = w_f / 16; /* f lives on k = 4 */
  const double nu = p->viscosity + eddy, mu = p->linear_drag;
  return (Rates){.energy = -2 * nu * z - 2 * mu * energy - psi_f,
                 .enstrophy = -2 * nu * palinstrophy - 2 * mu * z - w_f};
}

/* Relative residuals after END time units of the change against Simpson's integral of the rates;
 * both are of fourth order in dt. */
static void residuals(double dt, double *energy, double *enstrophy) {
  const int64_t steps = (int64_t)nearbyint(0.4 / dt);
  EddyClosure eddy = {.base = {.ops = &eddy_stress_ops}, .viscosity = 2e-3};
  MarlSolver *s = turbulent_flow(dt, &eddy);
  const double e = total_energy(s), z = total_enstrophy(s);
  double change_e = 0, change_z = 0;
  for (int64_t i = 0; i <= steps; ++i) {
    const double weight = (i == 0 || i == steps ? 1 : i % 2 == 1 ? 4 : 2) * dt / 3;
    const Rates r = rates(s, eddy.viscosity);
    change_e += weight * r.energy;
    change_z += weight * r.enstrophy;
    if (i < steps) take_steps(s, 1);
  }
  *energy = fabs(total_energy(s) - e - change_e) / e;
  *enstrophy = fabs(total_enstrophy(s) - z - change_z) / z;
  marl_solver_destroy(&s);
}

/* Halving dt must divide the residual by 2^4 or more: no term is missing, none has another factor
 * (either leaves a residual that dt does not change). */
static void energy_and_enstrophy_budgets_close(void) {
  double e1, z1, e2, z2;
  residuals(2e-2, &e1, &z1);
  residuals(1e-2, &e2, &z2);
  printf("\n    energy %.2e -> %.2e, enstrophy %.2e -> %.2e ", e1, e2, z1, z2);
  CU_ASSERT(order_of(e1, e2) > 3.9);
  CU_ASSERT(order_of(z1, z2) > 3.9);
}

static CU_TestInfo tests[] = {
    {"energy and enstrophy budgets close", energy_and_enstrophy_budgets_close},
    CU_TEST_INFO_NULL,
};
static CU_SuiteInfo suites[] = {
    {"budget closes", NULL, NULL, NULL, NULL, tests},
    CU_SUITE_INFO_NULL,
};
UNIT_MAIN(suites)
