/* ctest: label=verification ranks=1,2 */
/* A closure sees what the flow resolves, not the points of its grid: 32 padded points and 48 under
 * the 2/3 rule keep the same wavenumbers (below 16), have exact products, and are one flow. */
#include "physics/closure_table.h"
#include "tests/physics/flow_fields.h"

enum { KEPT = 16, PADDED_N = 2 * KEPT, CUT_N = 3 * KEPT };

static MarlSolver *flow(int n, MarlDealias dealias) {
  MarlSolverParams p = marl_solver_defaults(n);
  p.dealias = dealias;
  p.dt = 1e-3;
  return make_solver(&p);
}

/* Modes up to `top` along each side; the steepest of them beyond the test filter of the dynamic
 * closures. */
static double modes(double x, double y, const double *top) {
  double w = 0;
  for (int k = 1; k <= (int)top[0]; ++k)
    w += 6 * cos(k * x + (k % 3 - 1) * y + k * k) / k + 5 * sin((k % 2) * x - k * y + 2 * k) / k;
  return w;
}

static MarlClosure *closure_of(const MarlSolver *s, const char *name, const char *key,
                               const char *value) {
  MarlError err;
  const MarlClosureOps *ops = NULL;
  MarlSection *section = NULL;
  MarlClosure *closure = NULL;
  UNIT_OK(marl_closure_find(name, &ops, &err));
  const MarlOptionTable table = {ops->options, ops->num_options};
  UNIT_OK(marl_section_create("closure", &table, 1, &section, &err));
  if (key != NULL) UNIT_OK(marl_section_set(section, key, value, "test", &err));
  UNIT_OK(ops->create(marl_solver_grid(s), section, &closure, &err));
  marl_section_destroy(&section);
  return closure;
}

static void the_resolved_scale_is_half_the_shortest_cut_wave(void) {
  MarlGrid *grid = NULL;
  MarlError err;
  static const struct {
    MarlDealias dealias;
    int n, kept;
  } cases[] = {{MARL_DEALIAS_PADDING, 32, 16},
               {MARL_DEALIAS_NONE, 32, 16},
               {MARL_DEALIAS_TWO_THIRDS, 48, 16},
               {MARL_DEALIAS_TWO_THIRDS, 32, 11},
               {MARL_DEALIAS_TWO_THIRDS, 64, 22}};
  for (size_t c = 0; c < sizeof cases / sizeof *cases; ++c) {
    UNIT_OK(marl_grid_create_dealiased(cases[c].n, cases[c].n, 3, 3, cases[c].dealias,
                                       MPI_COMM_WORLD, &grid, &err));
    CU_ASSERT_EQUAL(grid->kept_x, cases[c].kept);
    UNIT_NEAR(marl_grid_delta(grid), 0.5 * 3 / cases[c].kept, 1e-15);
    marl_grid_destroy(&grid);
  }
  // twice the points along y in a box as wide: the geometric mean of two scales
  UNIT_OK(marl_grid_create(32, 64, 3, 3, MPI_COMM_WORLD, &grid, &err));
  UNIT_NEAR(marl_grid_delta(grid), 3 / sqrt(32 * 64), 1e-15);
  marl_grid_destroy(&grid);
}

/* nu_e, nu_4, nu_6, nu_c that the closure gives for the same modes on both grids. Sums over modes
 * are equal to round-off; means of |S| and |grad w|, which have kinks, differ by the rule of
 * integration: the worst seen is .3 %. Before the scale followed the dealiasing it was a factor of
 * 2.25 (Smagorinsky), 3.4 (Leith) or more. */
static void check_uniform(const char *name, const char *key, const char *value, double tolerance) {
  MarlError err;
  MarlDamping got[2];
  // products of modes up to 7 are below 16, exact on both grids
  const double top = 7;
  for (int i = 0; i < 2; ++i) {
    MarlSolver *s =
        i == 0 ? flow(PADDED_N, MARL_DEALIAS_PADDING) : flow(CUT_N, MARL_DEALIAS_TWO_THIRDS);
    MarlClosure *closure = closure_of(s, name, key, value);
    const MarlSubgrid *subgrid = NULL;
    start_from(s, modes, &top);
    marl_solver_set_closure(s, closure);
    UNIT_OK(marl_solver_subgrid(s, &subgrid, &err));
    got[i] = subgrid->uniform;
    closure->ops->destroy(closure);
    marl_solver_destroy(&s);
  }
  UNIT_NEAR(got[1].viscosity, got[0].viscosity, tolerance * fabs(got[0].viscosity));
  UNIT_NEAR(got[1].biharmonic, got[0].biharmonic, tolerance * got[0].biharmonic);
  UNIT_NEAR(got[1].triharmonic, got[0].triharmonic, tolerance * got[0].triharmonic);
  UNIT_NEAR(got[1].cutoff, got[0].cutoff, tolerance * got[0].cutoff);
  UNIT_NEAR(got[1].rim, got[0].rim, tolerance * got[0].rim);
  CU_ASSERT(fabs(got[0].viscosity) + got[0].biharmonic + got[0].triharmonic + got[0].cutoff +
                got[0].rim >
            1e-8);
}

static void the_same_resolved_field_has_the_same_viscosity(void) {
  static const double round_off = 1e-12, quadrature = 0.01;
  check_uniform("smagorinsky", NULL, NULL, round_off);
  check_uniform("leith", NULL, NULL, quadrature);
  check_uniform("jansen_held", NULL, NULL, round_off);
  check_uniform("free_constants", "laplacian", "-0.01", round_off);
  check_uniform("free_constants", "biharmonic", "0.01", round_off);
  check_uniform("free_constants", "triharmonic", "0.01", round_off);
  check_uniform("free_constants", "cutoff", "0.5", round_off);
  check_uniform("free_constants", "rim", "0.2", round_off);
  check_uniform("dynamic_smagorinsky", NULL, NULL, quadrature);
  check_uniform("dynamic_leith", NULL, NULL, quadrature);
}

/* Largest difference of kept modes; both have one rank's columns of their own grid, so on one rank
 * only. */
static double difference(const MarlSolver *padded, const MarlSolver *cut) {
  double worst = 0;
  for (int i = 0; i < KEPT; ++i)
    for (int j = -KEPT + 1; j < KEPT; ++j) {
      const MarlComplex a = marl_solver_w_hat(padded)[i * PADDED_N + (j + PADDED_N) % PADDED_N];
      const MarlComplex b = marl_solver_w_hat(cut)[i * CUT_N + (j + CUT_N) % CUT_N];
      worst = fmax(worst, cabs(a - b));
    }
  return worst;
}

/* Both take the products of advection and closure at 48 x 48 points: they are the same equations,
 * product for product, also where a stress varies in space. Round-off grows little in 100 steps of
 * 1e-3. */
static void padded_and_cut_flows_with_the_same_wavenumbers_are_one(void) {
  static const char *const closures[][3] = {
      {"smagorinsky", NULL, NULL},       {"jansen_held", NULL, NULL},
      {"free_constants", "cutoff", "2"}, {"smagorinsky", "local", "true"},
      {"leith", "local", "true"},        {"gradient2", NULL, NULL},
      {"gradient4", NULL, NULL}};
  int ranks;
  MPI_Comm_size(MPI_COMM_WORLD, &ranks);
  if (ranks > 1) return;
  const double top = KEPT - 1;
  for (size_t c = 0; c < sizeof closures / sizeof *closures; ++c) {
    MarlSolver *s[2] = {flow(PADDED_N, MARL_DEALIAS_PADDING), flow(CUT_N, MARL_DEALIAS_TWO_THIRDS)};
    MarlClosure *closure[2];
    for (int i = 0; i < 2; ++i) {
      closure[i] = closure_of(s[i], closures[c][0], closures[c][1], closures[c][2]);
      start_from(s[i], modes, &top);
      marl_solver_set_closure(s[i], closure[i]);
      take_steps(s[i], 100);
    }
    UNIT_NEAR(difference(s[0], s[1]), 0, 1e-10);
    for (int i = 0; i < 2; ++i) {
      closure[i]->ops->destroy(closure[i]);
      marl_solver_destroy(&s[i]);
    }
  }
}

/* PI_hat of what marl_solver_subgrid says, at mode (i, j) of own column i. */
static MarlComplex pi_of(const MarlGrid *g, const MarlComplex *tau11, const MarlComplex *tau12,
                         int i, int j) {
  const size_t at = (size_t)i * (size_t)g->ny + (size_t)j;
  const double kx = g->kx[i], ky = g->ky[j];
  return 2 * kx * ky * tau11[at] + (ky * ky - kx * kx) * tau12[at];
}

/* A short first step with the closure and one without are PI dt apart: what budgets and scores are
 * told is what runs, in both forms of the advection. The step of 1e-7 leaves dt D and the
 * round-off of a difference, 1e-16 / 1e-7 of vorticities of order one. */
static void the_stress_that_is_told_is_the_one_that_runs(void) {
  static const char *const names[] = {"smagorinsky", "leith"};
  MarlError err;
  const double top = KEPT - 1, dt = 1e-7;
  for (int c = 0; c < 4; ++c) {
    MarlSolverParams p = marl_solver_defaults(PADDED_N);
    p.dt = dt;
    p.advection = c < 2 ? MARL_ADVECTION_BASDEVANT : MARL_ADVECTION_SKEW_SYMMETRIC;
    MarlSolver *with = make_solver(&p), *without = make_solver(&p);
    const MarlGrid *g = marl_solver_grid(with);
    MarlClosure *closure = closure_of(with, names[c % 2], "local", "true");
    const MarlSubgrid *subgrid = NULL;
    MarlComplex *tau11 = marl_fft_alloc_spectral(g), *tau12 = marl_fft_alloc_spectral(g);
    start_from(with, modes, &top), start_from(without, modes, &top);
    marl_solver_set_closure(with, closure);
    UNIT_OK(marl_solver_subgrid(with, &subgrid, &err));
    CU_ASSERT(subgrid->has_stress);
    marl_fft_forward_pair(marl_solver_fft(with), subgrid->tau11, subgrid->tau12, tau11, tau12);
    take_steps(with, 1), take_steps(without, 1);
    double worst = 0, largest = 0;
    for (int i = 0; i < g->nk_local && g->k0 + i < KEPT; ++i)
      for (int j = 0; j < g->ny; ++j) {
        const size_t at = (size_t)i * (size_t)g->ny + (size_t)j;
        if (j == g->ny / 2) continue;
        const MarlComplex pi = pi_of(g, tau11, tau12, i, j);
        const MarlComplex change = marl_solver_w_hat(with)[at] - marl_solver_w_hat(without)[at];
        worst = fmax(worst, cabs(change / dt + pi));
        largest = fmax(largest, cabs(pi));
      }
    MPI_Allreduce(MPI_IN_PLACE, &largest, 1, MPI_DOUBLE, MPI_MAX, MPI_COMM_WORLD);
    CU_ASSERT(largest > 0.01);
    UNIT_NEAR(worst, 0, 1e-7 * largest + 1e-7);
    marl_fft_free(tau11), marl_fft_free(tau12);
    closure->ops->destroy(closure);
    marl_solver_destroy(&with), marl_solver_destroy(&without);
  }
}

static CU_TestInfo tests[] = {
    {"the resolved scale is half the shortest cut wave",
     the_resolved_scale_is_half_the_shortest_cut_wave},
    {"the same resolved field has the same viscosity",
     the_same_resolved_field_has_the_same_viscosity},
    {"padded and cut flows with the same wavenumbers are one",
     padded_and_cut_flows_with_the_same_wavenumbers_are_one},
    {"the stress that is told is the one that runs", the_stress_that_is_told_is_the_one_that_runs},
    CU_TEST_INFO_NULL,
};
static CU_SuiteInfo suites[] = {{"resolved scale", NULL, NULL, NULL, NULL, tests},
                                CU_SUITE_INFO_NULL};
UNIT_MAIN(suites)
