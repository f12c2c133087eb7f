/* ctest: label=verification ranks=1,2 */
/* The measured budget is the rate at which energy and enstrophy change, with every form in which a
 * closure may act: uniform coefficients, a stress, a tendency. */
#include "physics/budget.h"

#include "physics/closure.h"
#include "tests/unit.h"

enum { N = 48 };
static const double pi = 3.14159265358979323846;
static MarlError err;

static MarlClosure *make_closure(const MarlGrid *grid, const char *name, const char *key,
                                 const char *value) {
  const MarlClosureOps *ops;
  MarlSection *section;
  MarlClosure *closure;
  UNIT_OK(marl_closure_find(name, &ops, &err));
  const MarlOptionTable table = {ops->options, ops->num_options};
  UNIT_OK(marl_section_create("closure", &table, 1, &section, &err));
  if (key != NULL) UNIT_OK(marl_section_set(section, key, value, "test", &err));
  UNIT_OK(ops->create(grid, section, &closure, &err));
  marl_section_destroy(&section);
  return closure;
}

static MarlSolver *make_flow(double dt) {
  MarlSolverParams params = marl_solver_defaults(N);
  params.integrator = MARL_IFRK4;
  params.dt = dt;
  params.viscosity = 2e-3;
  params.beta = 5.0;
  MarlSolver *solver;
  UNIT_OK(marl_solver_create(&params, MPI_COMM_WORLD, &solver, &err));
  const MarlGrid *grid = marl_solver_grid(solver);
  double *w = marl_fft_alloc_physical(grid);
  for (size_t i = 0; i < grid->num_physical; ++i) {
    const double x = (double)(i % N) * 2 * pi / N;
    const double y = (double)(grid->y0 + (int)(i / N)) * 2 * pi / N;
    w[i] = 3 * cos(4 * x + 0.5) * cos(y) + 2 * sin(x - 3 * y) + cos(2 * x + 5 * y) + cos(4 * y);
  }
  UNIT_OK(marl_solver_set_vorticity(solver, w, &err));
  marl_fft_free(w);
  return solver;
}

static double rate(const MarlBudgetTerms *terms) {
  return terms->forcing + terms->viscosity + terms->drag + terms->subgrid;
}

/* Change over two steps against Simpson's rule of the measured rates. */
static void check(const char *name, const char *key, const char *value) {
  const double dt = 2e-3;
  MarlSolver *solver = make_flow(dt);
  MarlClosure *closure = make_closure(marl_solver_grid(solver), name, key, value);
  MarlBudgetMeter meter;
  MarlBudget at[3];
  UNIT_OK(marl_budget_meter_init(&meter, marl_solver_grid(solver), &err));
  marl_solver_set_closure(solver, closure);
  for (int i = 0; i < 3; ++i) {
    UNIT_OK(marl_budget_measure(&meter, solver, &at[i], &err));
    UNIT_OK(marl_solver_step(solver, 1, &err));
  }
  const double energy =
      (rate(&at[0].energy) + 4 * rate(&at[1].energy) + rate(&at[2].energy)) * dt / 3;
  const double enstrophy =
      (rate(&at[0].enstrophy) + 4 * rate(&at[1].enstrophy) + rate(&at[2].enstrophy)) * dt / 3;
  // both scheme and rule are of order dt^5 a stretch: 3e-14 times derivatives of order 10^3; the
  // stress is not smooth where |S| or |grad w| vanish, which leaves dt^3
  UNIT_NEAR(at[2].energy.total - at[0].energy.total, energy, 2e-9);
  UNIT_NEAR(at[2].enstrophy.total - at[0].enstrophy.total, enstrophy, 2e-8);
  marl_budget_meter_clear(&meter);
  marl_solver_destroy(&solver);
  closure->ops->destroy(closure);
}

/* 3 <= |k| <= 5 by hand: 4 modes with k^2 = 9, 8 with 10, 8 with 13, 4 with 16, 8 with 17, 4 with 18,
 * 8 with 20 and 12 with 25; their mean is 952 / 56 = 17. The modes at both edges count in every box,
 * however their wavenumbers are rounded. */
static void a_ring_books_the_modes_that_it_forces(void) {
  static const double boxes[] = {1, 2 * 3.14159265358979323846, 60, 0.3};
  for (size_t b = 0; b < sizeof boxes / sizeof *boxes; ++b) {
    const double unit = 2 * pi / boxes[b];
    MarlSolverParams params = marl_solver_defaults(60);
    params.lx = params.ly = boxes[b];
    params.forcing = (MarlForcing){
        .ops = &marl_forcing_ring, .wavenumber = 4 * unit, .width = 2 * unit, .injection = 0.7};
    MarlSolver *solver;
    MarlBudgetMeter meter;
    MarlBudget budget;
    UNIT_OK(marl_solver_create(&params, MPI_COMM_WORLD, &solver, &err));
    UNIT_OK(marl_budget_meter_init(&meter, marl_solver_grid(solver), &err));
    UNIT_OK(marl_budget_measure(&meter, solver, &budget, &err));
    UNIT_NEAR(budget.enstrophy.forcing / (budget.energy.forcing * unit * unit), 17, 1e-12);
    marl_budget_meter_clear(&meter);
    marl_solver_destroy(&solver);
  }
}

static void budget_closes_without_a_model(void) {
  check("none", NULL, NULL);
}
static void budget_closes_with_uniform_coefficients(void) {
  check("jansen_held", "coefficient", "0.5");
}
static void budget_closes_with_a_stress(void) {
  check("smagorinsky", "local", "true");
}
static void budget_closes_with_a_tendency(void) {
  check("gradient4", NULL, NULL);
}

static void terms_of_one_wave_are_those_by_hand(void) {
  // w = 2 cos(4y): psi = w/16, Z = 1, E = 1/16; f = 4 [cos(4x) + cos(4y)]: <w f> = 4
  MarlSolverParams params = marl_solver_defaults(N);
  MarlSolver *solver;
  MarlBudgetMeter meter;
  MarlBudget budget;
  UNIT_OK(marl_solver_create(&params, MPI_COMM_WORLD, &solver, &err));
  const MarlGrid *grid = marl_solver_grid(solver);
  double *w = marl_fft_alloc_physical(grid);
  for (size_t i = 0; i < grid->num_physical; ++i)
    w[i] = 2 * cos(4.0 * (grid->y0 + (int)(i / N)) * 2 * pi / N);
  UNIT_OK(marl_solver_set_vorticity(solver, w, &err));
  UNIT_OK(marl_budget_meter_init(&meter, grid, &err));
  UNIT_OK(marl_budget_measure(&meter, solver, &budget, &err));
  UNIT_NEAR(budget.enstrophy.total, 1.0, 1e-14);
  UNIT_NEAR(budget.energy.total, 1.0 / 16, 1e-14);
  UNIT_NEAR(budget.enstrophy.forcing, -4.0, 1e-13);
  UNIT_NEAR(budget.energy.forcing, -0.25, 1e-14);
  UNIT_NEAR(budget.enstrophy.viscosity, -2 * 5e-5 * 16, 1e-16);
  UNIT_NEAR(budget.enstrophy.drag, -0.2, 1e-14);
  UNIT_NEAR(budget.energy.drag, -0.2 / 16, 1e-15);
  UNIT_NEAR(budget.enstrophy.subgrid, 0.0, 0.0);
  marl_fft_free(w);
  marl_budget_meter_clear(&meter);
  marl_solver_destroy(&solver);
}

static CU_TestInfo tests[] = {
    {"a ring books the modes that it forces", a_ring_books_the_modes_that_it_forces},
    {"terms of one wave are those by hand", terms_of_one_wave_are_those_by_hand},
    {"budget closes without a model", budget_closes_without_a_model},
    {"budget closes with uniform coefficients", budget_closes_with_uniform_coefficients},
    {"budget closes with a stress", budget_closes_with_a_stress},
    {"budget closes with a tendency", budget_closes_with_a_tendency},
    CU_TEST_INFO_NULL,
};
static CU_SuiteInfo suites[] = {{"budget", NULL, NULL, NULL, NULL, tests}, CU_SUITE_INFO_NULL};
UNIT_MAIN(suites)
