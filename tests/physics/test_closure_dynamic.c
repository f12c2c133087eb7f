/* ctest: ranks=1,2 */
/* Dynamic coefficients. psi = a cos(k2.x) + b cos(k3.x) with both waves beyond the test filter and
 * k2 - k3 within: F[w] = 0, so L = F[u.grad w] is one wave worked out by hand, and
 * M = Delta^p F[s lap w]; its Fourier sums are taken here point by point, without FFT. */
#include "physics/closure_table.h"
#include "tests/physics/closure_case.h"

enum { N = 32, CUT = N / 4 };
static const double delta = 2 * CASE_PI / N;

static const Mode large[] = {{1.0, 1, 0, 0.0}, {0.5, 1, 2, 0.4}};
static const Mode small[] = {{0.02, 9, 1, 0.2}, {0.03, 8, 4, 1.0}};

static double scale_at(const ClosureCase *c, bool leith, double x, double y) {
  if (leith) return hypot(case_w(c, 1, 0, x, y), case_w(c, 0, 1, x, y));
  return hypot(2.0 * case_psi(c, 1, 1, x, y), case_psi(c, 0, 2, x, y) - case_psi(c, 2, 0, x, y));
}

/* product by direct sums into out, only the modes of the test filter */
static void filter_directly(const double *product, double *out) {
  for (int i = 0; i < N * N; ++i) out[i] = 0.0;
  for (int kx = -CUT + 1; kx < CUT; ++kx)
    for (int ky = -CUT + 1; ky < CUT; ++ky) {
      double re = 0.0, im = 0.0;
      for (int i = 0; i < N * N; ++i) {
        const double angle = (kx * (i % N) + ky * (i / N)) * delta;
        re += product[i] * cos(angle) / (N * N);
        im -= product[i] * sin(angle) / (N * N);
      }
      for (int i = 0; i < N * N; ++i) {
        const double angle = (kx * (i % N) + ky * (i / N)) * delta;
        out[i] += re * cos(angle) - im * sin(angle);
      }
    }
}

/* F[s lap w] by direct sums over all points and the modes of the test filter. */
static void filtered_product(const ClosureCase *c, bool leith, double *out) {
  static double product[N * N];
  for (int i = 0; i < N * N; ++i) {
    const double x = i % N * delta, y = (i / N) * delta;
    product[i] = scale_at(c, leith, x, y) * (case_w(c, 2, 0, x, y) + case_w(c, 0, 2, x, y));
  }
  filter_directly(product, out);
}

/* L by hand: J = a b (|k3|^2 - |k2|^2) (k2y k3x - k2x k3y) sin(th2) sin(th3), of which the
 * difference wave passes. */
static double resolved_advection(double x, double y) {
  const Mode *p = &small[0], *q = &small[1];
  const double p2 = p->kx * p->kx + p->ky * p->ky, q2 = q->kx * q->kx + q->ky * q->ky;
  const double cross = p->ky * q->kx - p->kx * q->ky;
  const double angle = (p->kx - q->kx) * x + (p->ky - q->ky) * y + p->phase - q->phase;
  return 0.5 * p->a * q->a * (q2 - p2) * cross * cos(angle);
}

static void expected_coefficient(const ClosureCase *c, bool leith, int p, double *uniform,
                                 double *local) {
  static double m[N * N];
  double lm = 0.0, mm = 0.0;
  filtered_product(c, leith, m);
  for (int i = 0; i < N * N; ++i) {
    m[i] *= pow(delta, p);
    local[i] = fmax(resolved_advection(i % N * delta, (i / N) * delta) * m[i], 0.0);
    lm += local[i];
    mm += m[i] * m[i];
  }
  *uniform = lm / mm;
  for (int i = 0; i < N * N; ++i) local[i] /= mm / (N * N);
}

static void check(const char *name, bool leith) {
  ClosureCase c;
  const int p = leith ? 3 : 2;
  static double local[N * N];
  double coefficient, square = 0.0, gradient = 0.0;
  case_begin(&c, N, small, 2);
  expected_coefficient(&c, leith, p, &coefficient, local);
  for (int i = 0; i < N * N; ++i) {
    const double x = i % N * delta, y = (i / N) * delta;
    square += pow(scale_at(&c, false, x, y), 2) / (N * N);
    gradient += scale_at(&c, true, x, y) / (N * N);
  }
  CU_ASSERT(coefficient > 0.0);
  case_evaluate(&c, name, (const char *[]){NULL});
  const double expected = coefficient * pow(delta, p) * (leith ? gradient : sqrt(square));
  // round-off of the direct sums over 1024 points and 225 modes
  UNIT_NEAR(c.subgrid.uniform.viscosity, expected, 1e-10 * expected);

  case_evaluate(&c, name, (const char *[]){"local", "true", NULL});
  CU_ASSERT(c.subgrid.has_stress);
  double largest = 0.0;
  for (int i = 0; i < N * N; ++i) largest = fmax(largest, local[i]);
  for (size_t i = 0; i < c.grid->num_physical; ++i) {
    double x, y;
    case_point(&c, i, &x, &y);
    const size_t at = i + (size_t)c.grid->y0 * N;
    const double nu = local[at] * pow(delta, p) * scale_at(&c, leith, x, y);
    const double tolerance = 1e-10 * largest * pow(delta, p) * 100.0;
    UNIT_NEAR(c.subgrid.tau11[i], -2.0 * nu * case_psi(&c, 1, 1, x, y), tolerance);
  }
  case_end(&c);
}

static void smagorinsky_coefficient_by_direct_sums(void) {
  check("dynamic_smagorinsky", false);
}
static void leith_coefficient_by_direct_sums(void) {
  check("dynamic_leith", true);
}

/* u.grad w at (x, y) */
static double advection(const ClosureCase *c, double x, double y) {
  return case_psi(c, 0, 1, x, y) * case_w(c, 1, 0, x, y) -
         case_psi(c, 1, 0, x, y) * case_w(c, 0, 1, x, y);
}

static double laplacian(const ClosureCase *c, double x, double y) {
  return case_w(c, 2, 0, x, y) + case_w(c, 0, 2, x, y);
}

static void both_levels_enter_the_identity(void) {
  // waves on both sides of the test filter: the first two are all of F[w]
  static const Mode mixed[] = {
      {1.0, 1, 0, 0.0}, {0.5, 1, 2, 0.4}, {0.02, 9, 1, 0.2}, {0.03, 8, 4, 1.0}};
  static double product[N * N], l[N * N], m[N * N], scale[N * N];
  ClosureCase c, resolved;
  double lm = 0.0, mm = 0.0, mean = 0.0;
  case_begin(&c, N, mixed, 4);
  case_begin(&resolved, N, mixed, 2);
  for (int i = 0; i < N * N; ++i) product[i] = advection(&c, i % N * delta, (i / N) * delta);
  filter_directly(product, l);
  for (int i = 0; i < N * N; ++i) product[i] = scale_at(&c, true, i % N * delta, (i / N) * delta);
  filter_directly(product, scale);
  for (int i = 0; i < N * N; ++i) {
    mean += product[i] / (N * N);
    product[i] *= laplacian(&c, i % N * delta, (i / N) * delta);
  }
  filter_directly(product, m);
  for (int i = 0; i < N * N; ++i) {
    const double x = i % N * delta, y = (i / N) * delta;
    l[i] -= advection(&resolved, x, y);
    m[i] = pow(delta, 3) * m[i] - pow(2 * delta, 3) * scale[i] * laplacian(&resolved, x, y);
    lm += fmax(l[i] * m[i], 0.0);
    mm += m[i] * m[i];
  }
  case_evaluate(&c, "dynamic_leith", (const char *[]){NULL});
  const double expected = lm / mm * pow(delta, 3) * mean;
  CU_ASSERT(expected > 0.0);
  UNIT_NEAR(c.subgrid.uniform.viscosity, expected, 1e-10 * expected);
  case_end(&c);
  case_end(&resolved);
}

/* Least squares of the stress, all filters by direct sums: u_i, S_ij, s of both scales are worked out
 * from the waves, those of the test level from the one that passes; the difference of the other two is
 * the passing one, whose phase decides on the sign of the energy that it loses to them. */
static double check_least_squares(const char *name, bool leith, double phase) {
  const Mode mixed[] = {{1.0, 1, -3, phase}, {0.3, 9, 1, 0.2}, {0.2, 8, 4, 1.0}};
  static double fine[N * N], filtered[4][N * N];
  const int p = leith ? 3 : 2;
  ClosureCase c, passed;
  double lm = 0.0, mm = 0.0, square = 0.0, gradient = 0.0;
  case_begin(&c, N, mixed, 3);
  case_begin(&passed, N, mixed, 1);
  for (int f = 0; f < 4; ++f) {  // (uu - vv)/2, u v, s S11, s S12
    for (int i = 0; i < N * N; ++i) {
      const double x = i % N * delta, y = (i / N) * delta;
      const double u = case_psi(&c, 0, 1, x, y), v = -case_psi(&c, 1, 0, x, y);
      const double s11 = case_psi(&c, 1, 1, x, y);
      const double s12 = 0.5 * (case_psi(&c, 0, 2, x, y) - case_psi(&c, 2, 0, x, y));
      const double s = scale_at(&c, leith, x, y);
      fine[i] = f == 0 ? 0.5 * (u * u - v * v) : f == 1 ? u * v : s * (f == 2 ? s11 : s12);
    }
    filter_directly(fine, filtered[f]);
  }
  for (int i = 0; i < N * N; ++i) {
    const double x = i % N * delta, y = (i / N) * delta;
    const double u = case_psi(&passed, 0, 1, x, y), v = -case_psi(&passed, 1, 0, x, y);
    const double s11 = case_psi(&passed, 1, 1, x, y);
    const double s12 = 0.5 * (case_psi(&passed, 0, 2, x, y) - case_psi(&passed, 2, 0, x, y));
    const double coarse = pow(2 * delta, p) * scale_at(&passed, leith, x, y);
    const double l11 = filtered[0][i] - 0.5 * (u * u - v * v), l12 = filtered[1][i] - u * v;
    const double m11 = 2 * (pow(delta, p) * filtered[2][i] - coarse * s11);
    const double m12 = 2 * (pow(delta, p) * filtered[3][i] - coarse * s12);
    lm += 2 * (l11 * m11 + l12 * m12);  // of all four components
    mm += 2 * (m11 * m11 + m12 * m12);
    square += pow(scale_at(&c, false, x, y), 2) / (N * N);
    gradient += scale_at(&c, true, x, y) / (N * N);
  }
  case_evaluate(&c, name, (const char *[]){"identity", "germano_lilly", NULL});
  // a least square may be negative, the viscosity is not
  const double coefficient = fmax(lm / mm, 0.0);
  const double expected = coefficient * pow(delta, p) * (leith ? gradient : sqrt(square));
  UNIT_NEAR(c.subgrid.uniform.viscosity, expected, 1e-10 * fabs(lm / mm));
  case_end(&c);
  case_end(&passed);
  return lm / mm;
}

static void least_squares_of_the_stress_by_direct_sums(void) {
  CU_ASSERT(check_least_squares("dynamic_smagorinsky", false, 5.0) > 1e-3);
  CU_ASSERT(check_least_squares("dynamic_leith", true, 5.0) > 1e-3);
  CU_ASSERT(check_least_squares("dynamic_smagorinsky", false, 1.5) < -1e-3);
  CU_ASSERT(check_least_squares("dynamic_leith", true, 1.5) < -1e-3);
}

/* The same of the vorticity equation: nothing clipped, the rate of the test level that of the wave
 * that passes. */
static double check_vorticity_least_squares(const char *name, bool leith, double phase) {
  const Mode mixed[] = {{1.0, 1, -3, phase}, {0.3, 9, 1, 0.2}, {0.2, 8, 4, 1.0}};
  static double product[N * N], l[N * N], m[N * N];
  const int p = leith ? 3 : 2;
  ClosureCase c, passed;
  double lm = 0.0, mm = 0.0, square = 0.0, gradient = 0.0;
  case_begin(&c, N, mixed, 3);
  case_begin(&passed, N, mixed, 1);
  for (int i = 0; i < N * N; ++i) product[i] = advection(&c, i % N * delta, (i / N) * delta);
  filter_directly(product, l);
  filtered_product(&c, leith, m);
  for (int i = 0; i < N * N; ++i) {
    const double x = i % N * delta, y = (i / N) * delta;
    l[i] -= advection(&passed, x, y);
    m[i] = pow(delta, p) * m[i] -
           pow(2 * delta, p) * scale_at(&passed, leith, x, y) * laplacian(&passed, x, y);
    lm += l[i] * m[i];
    mm += m[i] * m[i];
    square += pow(scale_at(&c, false, x, y), 2) / (N * N);
    gradient += scale_at(&c, true, x, y) / (N * N);
  }
  case_evaluate(&c, name, (const char *[]){"identity", "germano_lilly_vorticity", NULL});
  const double expected = fmax(lm / mm, 0.0) * pow(delta, p) * (leith ? gradient : sqrt(square));
  UNIT_NEAR(c.subgrid.uniform.viscosity, expected, 1e-10 * fabs(lm / mm));
  case_end(&c);
  case_end(&passed);
  return lm / mm;
}

static void least_squares_of_the_vorticity_by_direct_sums(void) {
  for (int leith = 0; leith < 2; ++leith) {
    const char *name = leith ? "dynamic_leith" : "dynamic_smagorinsky";
    const double one = check_vorticity_least_squares(name, leith == 1, 5.0);
    const double other = check_vorticity_least_squares(name, leith == 1, 5.0 - CASE_PI);
    CU_ASSERT(fmax(one, other) > 1e-4 && fmin(one, other) < -1e-4);
  }
}

/* L and M both grow with the square of a velocity: the coefficient has no unit of time, nor the
 * viscosity more than one. */
static void a_faster_flow_has_the_same_coefficient(void) {
  static const char *const identities[] = {"guan", "germano_lilly"};
  static const char *const names[] = {"dynamic_smagorinsky", "dynamic_leith"};
  const Mode slow[] = {{1.0, 1, -3, 5.0}, {0.3, 9, 1, 0.2}, {0.2, 8, 4, 1.0}};
  Mode fast[3];
  for (int m = 0; m < 3; ++m) fast[m] = slow[m], fast[m].a *= 3;
  for (int n = 0; n < 4; ++n) {
    double viscosity[2];
    for (int f = 0; f < 2; ++f) {
      ClosureCase c;
      case_begin(&c, N, f == 0 ? slow : fast, 3);
      case_evaluate(&c, names[n % 2], (const char *[]){"identity", identities[n / 2], NULL});
      viscosity[f] = c.subgrid.uniform.viscosity;
      case_end(&c);
    }
    CU_ASSERT(viscosity[0] > 0);
    UNIT_NEAR(viscosity[1], 3 * viscosity[0], 1e-12 * viscosity[1]);
  }
}

static void least_squares_have_no_local_form(void) {
  ClosureCase c;
  MarlError err;
  MarlClosure *closure = NULL;
  MarlSection *section = NULL;
  case_begin(&c, N, large, 2);
  const MarlOptionTable table = {marl_closure_dynamic_leith.options,
                                 marl_closure_dynamic_leith.num_options};
  UNIT_OK(marl_section_create("closure", &table, 1, &section, &err));
  UNIT_OK(marl_section_set(section, "identity", "germano_lilly", "test", &err));
  UNIT_OK(marl_section_set(section, "local", "true", "test", &err));
  UNIT_ERROR(marl_closure_dynamic_leith.create(c.grid, section, &closure, &err), MARL_ECONFIG,
             "singular");
  marl_section_destroy(&section);
  case_end(&c);
}

static void a_resolved_flow_needs_no_viscosity(void) {
  // products of modes below a quarter of the cut stay inside it: L vanishes to round-off
  ClosureCase c;
  case_begin(&c, N, large, 2);
  case_evaluate(&c, "dynamic_smagorinsky", (const char *[]){NULL});
  UNIT_NEAR(c.subgrid.uniform.viscosity, 0.0, 1e-13);
  case_evaluate(&c, "dynamic_leith", (const char *[]){NULL});
  UNIT_NEAR(c.subgrid.uniform.viscosity, 0.0, 1e-13);
  case_end(&c);
}

static CU_TestInfo tests[] = {
    {"Smagorinsky coefficient by direct sums", smagorinsky_coefficient_by_direct_sums},
    {"Leith coefficient by direct sums", leith_coefficient_by_direct_sums},
    {"both levels enter the identity", both_levels_enter_the_identity},
    {"least squares of the stress by direct sums", least_squares_of_the_stress_by_direct_sums},
    {"least squares of the vorticity by direct sums",
     least_squares_of_the_vorticity_by_direct_sums},
    {"a faster flow has the same coefficient", a_faster_flow_has_the_same_coefficient},
    {"least squares have no local form", least_squares_have_no_local_form},
    {"a resolved flow needs no viscosity", a_resolved_flow_needs_no_viscosity},
    CU_TEST_INFO_NULL,
};
static CU_SuiteInfo suites[] = {{"dynamic closures", NULL, NULL, NULL, NULL, tests},
                                CU_SUITE_INFO_NULL};
UNIT_MAIN(suites)
