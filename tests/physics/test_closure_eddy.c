/* ctest: ranks=1,2 */
/* Eddy viscosities and free constants against fields worked out by hand, at the sign that
 * dissipates. One mode w = A cos(m x): psi = (A / m^2) cos(m x), |S| = |A cos(m x)|,
 * <|S|^2> = A^2 / 2, |grad w| = |A m sin(m x)|. */
#include "tests/physics/closure_case.h"

enum { N = 32, M = 3 };
static const double A = 2.5;
static const double delta = 2 * CASE_PI / N;

static const Mode wave[] = {{2.5 / (M * M), M, 0, 0.0}};
static const Mode eddies[] = {{0.7, 2, 1, 0.3}, {-0.4, 1, -3, 1.1}, {0.2, 4, 2, 2.0}};

/* Relative tolerance: round-off of sums over 1024 points. */
static const double round_off = 1e-12;

static void nothing_comes_from_none(void) {
  ClosureCase c;
  case_begin(&c, N, eddies, 3);
  case_evaluate(&c, "none", (const char *[]){NULL});
  CU_ASSERT(!c.subgrid.has_stress && !c.subgrid.has_tendency);
  UNIT_NEAR(c.subgrid.uniform.viscosity, 0.0, 0.0);
  case_end(&c);
}

static void smagorinsky_of_one_wave(void) {
  ClosureCase c;
  case_begin(&c, N, wave, 1);
  case_evaluate(&c, "smagorinsky", (const char *[]){"coefficient", "0.17", NULL});
  const double expected = pow(0.17 * delta, 2) * A / sqrt(2.0);
  UNIT_NEAR(c.subgrid.uniform.viscosity, expected, round_off * expected);
  CU_ASSERT(!c.subgrid.has_stress);
  case_end(&c);
}

static void local_smagorinsky_of_one_wave(void) {
  ClosureCase c;
  case_begin(&c, N, wave, 1);
  case_evaluate(&c, "smagorinsky", (const char *[]){"coefficient", "0.2", "local", "true", NULL});
  CU_ASSERT(c.subgrid.has_stress);
  for (size_t i = 0; i < c.grid->num_physical; ++i) {
    double x, y;
    case_point(&c, i, &x, &y);
    // tau12 = -nu_e (v_x + u_y), v_x = A cos(m x)
    const double wave_x = A * cos(M * x);
    UNIT_NEAR(c.subgrid.tau11[i], 0.0, round_off);
    UNIT_NEAR(c.subgrid.tau12[i], -pow(0.2 * delta, 2) * fabs(wave_x) * wave_x, round_off);
  }
  case_end(&c);
}

static void leith_of_one_wave(void) {
  ClosureCase c;
  case_begin(&c, N, wave, 1);
  case_evaluate(&c, "leith", (const char *[]){"coefficient", "0.2", NULL});
  double mean = 0.0;
  for (int i = 0; i < N; ++i) mean += fabs(A * M * sin(M * i * delta)) / N;
  const double expected = pow(0.2 * delta, 3) * mean;
  UNIT_NEAR(c.subgrid.uniform.viscosity, expected, round_off * expected);
  // the sum over points is the integral 2 A m / pi up to 1 / 3 (pi m / N)^2
  UNIT_NEAR(mean, 2.0 * A * M / CASE_PI, 2.0 * A * M / CASE_PI * pow(CASE_PI * M / N, 2));
  case_end(&c);
}

static void local_leith_takes_energy_everywhere(void) {
  ClosureCase c;
  case_begin(&c, N, eddies, 3);
  case_evaluate(&c, "leith", (const char *[]){"coefficient", "0.2", "local", "true", NULL});
  CU_ASSERT(c.subgrid.has_stress);
  for (size_t i = 0; i < c.grid->num_physical; ++i) {
    double x, y;
    case_point(&c, i, &x, &y);
    const double wx = case_w(&c, 1, 0, x, y), wy = case_w(&c, 0, 1, x, y);
    const double nu = pow(0.2 * delta, 3) * sqrt(wx * wx + wy * wy);
    const double ux = case_psi(&c, 1, 1, x, y);
    const double shear = case_psi(&c, 0, 2, x, y) - case_psi(&c, 2, 0, x, y);
    UNIT_NEAR(c.subgrid.tau11[i], -2.0 * nu * ux, round_off);
    UNIT_NEAR(c.subgrid.tau12[i], -nu * shear, round_off);
  }
  case_end(&c);
}

static void jansen_held_returns_its_share_of_energy(void) {
  ClosureCase c;
  case_begin(&c, N, eddies, 3);
  const char *const bases[] = {"smagorinsky", "leith"};
  // per mode |k|^2 = k2: <q^2> of a cos is half its amplitude squared
  double square = 0.0, gradient = 0.0, energy_out = 0.0, energy_in = 0.0;
  for (int m = 0; m < 3; ++m) {
    const double k2 = eddies[m].kx * eddies[m].kx + eddies[m].ky * eddies[m].ky;
    const double psi = 0.5 * eddies[m].a * eddies[m].a;
    square += k2 * k2 * psi;
    gradient += k2 * k2 * k2 * psi;
    energy_out += k2 * k2 * k2 * psi;  // <psi lap^2 w>
    energy_in += k2 * k2 * psi;        // -<psi lap w>
  }
  for (int base = 0; base < 2; ++base) {
    case_evaluate(
        &c, "jansen_held",
        (const char *[]){"base", bases[base], "coefficient", "0.25", "backscatter", "0.9", NULL});
    const double nu4 =
        base == 0 ? pow(0.25 * delta, 4) * sqrt(square) : pow(0.25 * delta, 5) * sqrt(gradient);
    UNIT_NEAR(c.subgrid.uniform.biharmonic, nu4, round_off * nu4);
    CU_ASSERT(c.subgrid.uniform.viscosity < 0.0);
    UNIT_NEAR(-c.subgrid.uniform.viscosity * energy_in,
              0.9 * c.subgrid.uniform.biharmonic * energy_out, round_off * nu4 * energy_out);
  }
  case_end(&c);
}

static void free_constants_scale_with_the_gradient(void) {
  ClosureCase c;
  case_begin(&c, N, wave, 1);
  case_evaluate(
      &c, "free_constants",
      (const char *[]){"laplacian", "-0.01", "biharmonic", "0.02", "triharmonic", "0.003", NULL});
  const double gradient = A * M / sqrt(2.0);
  UNIT_NEAR(c.subgrid.uniform.viscosity, -0.01 * pow(delta, 3) * gradient, round_off);
  UNIT_NEAR(c.subgrid.uniform.biharmonic, 0.02 * pow(delta, 5) * gradient, round_off);
  UNIT_NEAR(c.subgrid.uniform.triharmonic, 0.003 * pow(delta, 7) * gradient, round_off * 1e-3);
  case_evaluate(&c, "free_constants",
                (const char *[]){"laplacian", "-0.01", "dimensional", "true", NULL});
  UNIT_NEAR(c.subgrid.uniform.viscosity, -0.01, 0.0);
  UNIT_NEAR(c.subgrid.uniform.biharmonic, 0.0, 0.0);
  case_end(&c);
}

static CU_TestInfo tests[] = {
    {"nothing comes from none", nothing_comes_from_none},
    {"Smagorinsky of one wave", smagorinsky_of_one_wave},
    {"local Smagorinsky of one wave", local_smagorinsky_of_one_wave},
    {"Leith of one wave", leith_of_one_wave},
    {"local Leith takes energy everywhere", local_leith_takes_energy_everywhere},
    {"Jansen-Held returns its share of energy", jansen_held_returns_its_share_of_energy},
    {"free constants scale with the gradient", free_constants_scale_with_the_gradient},
    CU_TEST_INFO_NULL,
};
static CU_SuiteInfo suites[] = {{"eddy viscosity closures", NULL, NULL, NULL, NULL, tests},
                                CU_SUITE_INFO_NULL};
UNIT_MAIN(suites)
