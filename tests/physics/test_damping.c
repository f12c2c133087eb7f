/* ctest: label=verification ranks=1,2 */
#include "physics/budget.h"
#include "physics/closure_table.h"
#include "tests/physics/flow_fields.h"

/* On 32 x 32 points w = cos(kx x + ky y) has |k|^2 as the only wavenumber: advection is nothing, and
 * the mode decays at D(kx, ky) alone. */
enum { N = 32 };
static const char *const constants[] = {"laplacian", "-1e-3",  "biharmonic", "2e-5", "triharmonic",
                                        "3e-8",      "cutoff", "4",          "rim",  "3"};

/* The formula of damping.h, written again. */
static double rate(double kx, double ky) {
  const double k2 = kx * kx + ky * ky;
  return -1e-3 * k2 + 2e-5 * k2 * k2 + 3e-8 * k2 * k2 * k2 +
         4 * (pow(kx / (N / 2), 24) + pow(ky / (N / 2), 24)) +
         3 * (exp((fabs(kx) - N / 2) / MARL_RIM_WIDTH) + exp((fabs(ky) - N / 2) / MARL_RIM_WIDTH));
}

static double wave(double x, double y, const double *k) {
  return k[2] * cos(k[0] * x + k[1] * y);
}

static MarlClosure *free_constants(const MarlSolver *s) {
  MarlError err;
  const MarlOptionTable table = {marl_closure_free_constants.options,
                                 marl_closure_free_constants.num_options};
  MarlSection *section = NULL;
  MarlClosure *closure = NULL;
  UNIT_OK(marl_section_create("closure", &table, 1, &section, &err));
  UNIT_OK(marl_section_set(section, "dimensional", "true", "test", &err));
  for (size_t i = 0; i < sizeof constants / sizeof *constants; i += 2)
    UNIT_OK(marl_section_set(section, constants[i], constants[i + 1], "test", &err));
  UNIT_OK(marl_closure_free_constants.create(marl_solver_grid(s), section, &closure, &err));
  marl_section_destroy(&section);
  return closure;
}

/* Axis, edge, next to the edge, corner, both signs of ky */
static const double modes[][2] = {{0, 15}, {15, 0}, {14, 3}, {15, -15}, {3, -15}, {5, 7}};

/* After n steps the amplitude is factor^n, to the round-off of n steps and of transforms. */
static void decays_by(MarlIntegrator integrator, double (*factor)(double decay, double dt)) {
  enum { STEPS = 20 };
  const double dt = 1e-2;
  for (size_t m = 0; m < sizeof modes / sizeof *modes; ++m) {
    MarlSolverParams p = quiet_params(N, integrator, dt);
    p.dealias = MARL_DEALIAS_PADDING;
    MarlSolver *s = make_solver(&p);
    double k[3] = {modes[m][0], modes[m][1], 1};
    start_from(s, wave, k);
    MarlClosure *closure = free_constants(s);
    marl_solver_set_closure(s, closure);
    take_steps(s, STEPS);
    k[2] = pow(factor(rate(k[0], k[1]), dt), STEPS);
    UNIT_NEAR(distance_to(s, wave, k), 0, 1e-12);
    closure->ops->destroy(closure);
    marl_solver_destroy(&s);
  }
}

static double exact(double decay, double dt) {
  return exp(-decay * dt);
}
static double crank_nicolson(double decay, double dt) {
  return (1 - dt / 2 * decay) / (1 + dt / 2 * decay);
}

static void ifrk4_and_ifab2_decay_exactly(void) {
  decays_by(MARL_IFRK4, exact);
  decays_by(MARL_IFAB2, exact);
}

static void ab2cn_decays_as_crank_nicolson(void) {
  decays_by(MARL_AB2CN, crank_nicolson);
}

/* Enstrophy of one mode falls at 2 D, energy too. */
static void the_budget_has_the_same_rate(void) {
  MarlError err;
  for (size_t m = 0; m < sizeof modes / sizeof *modes; ++m) {
    MarlSolverParams p = quiet_params(N, MARL_IFAB2, 1e-2);
    p.dealias = MARL_DEALIAS_PADDING;
    MarlSolver *s = make_solver(&p);
    const double k[3] = {modes[m][0], modes[m][1], 1};
    start_from(s, wave, k);
    MarlClosure *closure = free_constants(s);
    marl_solver_set_closure(s, closure);
    MarlBudgetMeter meter;
    MarlBudget budget;
    UNIT_OK(marl_budget_meter_init(&meter, marl_solver_grid(s), &err));
    UNIT_OK(marl_budget_measure(&meter, s, &budget, &err));
    const double expected = -2 * rate(k[0], k[1]);
    UNIT_NEAR(budget.enstrophy.subgrid / budget.enstrophy.total, expected, 1e-11 * fabs(expected));
    UNIT_NEAR(budget.energy.subgrid / budget.energy.total, expected, 1e-11 * fabs(expected));
    marl_budget_meter_clear(&meter);
    closure->ops->destroy(closure);
    marl_solver_destroy(&s);
  }
}

/* The damping of the rim at a distance from the cut is that of every other grid, bit for bit; that of the edge
 * is not: a part of the wavenumbers. */
static void the_rim_is_as_many_wavenumbers_wide_on_every_grid(void) {
  static const int sizes[] = {48, 64, 96, 256};
  const MarlDealias ways[] = {MARL_DEALIAS_PADDING, MARL_DEALIAS_TWO_THIRDS};
  MarlError err;
  MarlGrid *first = NULL;
  UNIT_OK(marl_grid_create(N, N, 1, 1, MPI_COMM_SELF, &first, &err));
  for (size_t g = 0; g < 8; ++g) {
    MarlGrid *grid = NULL;
    UNIT_OK(marl_grid_create_dealiased(sizes[g / 2], sizes[g / 2], 2, 3, ways[g % 2], MPI_COMM_SELF,
                                       &grid, &err));
    for (int from_cut = 1; from_cut < 15; ++from_cut) {
      const int x = grid->kept_x - from_cut, y = grid->kept_y - from_cut, here = 16 - from_cut;
      CU_ASSERT_EQUAL(grid->rim_x[x], first->rim_x[here]);
      CU_ASSERT_EQUAL(grid->rim_y[y], first->rim_y[here]);
      CU_ASSERT_EQUAL(grid->rim_y[grid->ny - y], first->rim_y[here]);
      CU_ASSERT(grid->kept_x == 16 || grid->edge_x[x] > first->edge_x[here]);
    }
    marl_grid_destroy(&grid);
  }
  marl_grid_destroy(&first);
}

static CU_TestInfo tests[] = {
    {"the rim is as many wavenumbers wide on every grid",
     the_rim_is_as_many_wavenumbers_wide_on_every_grid},
    {"ifrk4 and ifab2 decay exactly", ifrk4_and_ifab2_decay_exactly},
    {"ab2cn decays as Crank-Nicolson", ab2cn_decays_as_crank_nicolson},
    {"the budget has the same rate", the_budget_has_the_same_rate},
    CU_TEST_INFO_NULL,
};
static CU_SuiteInfo suites[] = {{"linear damping", NULL, NULL, NULL, NULL, tests},
                                CU_SUITE_INFO_NULL};
UNIT_MAIN(suites)
