/* ctest: ranks=1,2 */
/* Dynamic coefficients. psi = a cos(k2.x) + b cos(k3.x) with both waves beyond the test filter and
 * k2 - k3 within: F[w] = 0, so L = F[u.grad w] is one wave worked out by hand, and
 * M = Delta^p F[s lap w]; its Fourier sums are taken here point by point, without FFT. */
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
    {"a resolved flow needs no viscosity", a_resolved_flow_needs_no_viscosity},
    CU_TEST_INFO_NULL,
};
static CU_SuiteInfo suites[] = {{"dynamic closures", NULL, NULL, NULL, NULL, tests},
                                CU_SUITE_INFO_NULL};
UNIT_MAIN(suites)
