/* ctest: ranks=1,2 */
/* Gradient models against what they expand: PI = F[u.grad w] - F[u].grad F[w] for a Gaussian
 * filter F of width D = 2 L / N, from a few modes whose products are worked out by hand. As N grows
 * at fixed modes the error falls as D^4 (GM2) and D^6 (GM4). */
#include "physics/filter.h"
#include "tests/physics/closure_case.h"

static const Mode modes[] = {{0.7, 2, 1, 0.3}, {-0.4, 1, -2, 1.1}, {0.2, 3, 1, 2.0}};
enum { NUM_MODES = 3 };

static double transfer(double width, double kx, double ky) {
  return marl_filter_transfer(MARL_FILTER_GAUSSIAN, width, kx, ky);
}

/* F[u.grad w] - F[u].grad F[w] at (x, y) of the modes `unfiltered`. */
static double exact(const Mode *unfiltered, double width, double x, double y) {
  double sum = 0.0;
  for (int p = 0; p < NUM_MODES; ++p)
    for (int q = 0; q < NUM_MODES; ++q) {
      const Mode *a = &unfiltered[p], *b = &unfiltered[q];
      const double b2 = b->kx * b->kx + b->ky * b->ky;
      const double ta = a->kx * x + a->ky * y + a->phase, tb = b->kx * x + b->ky * y + b->phase;
      // psi_y w_x - psi_x w_y of one pair: factor sin(ta) sin(tb)
      const double factor = a->a * b->a * b2 * (a->ky * b->kx - a->kx * b->ky);
      const double minus = 0.5 * cos(ta - tb), plus = -0.5 * cos(ta + tb);
      const double both = transfer(width, a->kx, a->ky) * transfer(width, b->kx, b->ky);
      sum += factor * (minus * (transfer(width, a->kx - b->kx, a->ky - b->ky) - both) +
                       plus * (transfer(width, a->kx + b->kx, a->ky + b->ky) - both));
    }
  return sum;
}

/* Largest |PI_model - PI_exact| over the grid of N points, for the filtered modes. */
static double model_error(const char *name, int n) {
  ClosureCase c;
  Mode filtered[NUM_MODES];
  const double width = 4.0 * CASE_PI / n;
  for (int m = 0; m < NUM_MODES; ++m) {
    filtered[m] = modes[m];
    filtered[m].a *= transfer(width, modes[m].kx, modes[m].ky);
  }
  case_begin(&c, n, filtered, NUM_MODES);
  case_evaluate(&c, name, (const char *[]){NULL});
  CU_ASSERT(c.subgrid.has_tendency);
  marl_fft_inverse(c.fft, c.subgrid.tendency, c.fields[7]);
  double largest = 0.0;
  for (size_t i = 0; i < c.grid->num_physical; ++i) {
    double x, y;
    case_point(&c, i, &x, &y);
    // the tendency is -PI
    largest = fmax(largest, fabs(-c.fields[7][i] - exact(modes, width, x, y)));
  }
  MPI_Allreduce(MPI_IN_PLACE, &largest, 1, MPI_DOUBLE, MPI_MAX, MPI_COMM_WORLD);
  case_end(&c);
  return largest;
}

static void check_order(const char *name, double order) {
  const double coarse = model_error(name, 128), fine = model_error(name, 256);
  // the next term of the expansion is D^2 smaller: 0.1 at these widths
  UNIT_NEAR(log2(coarse / fine), order, 0.1);
}

static void second_order_model_errs_by_the_fourth_power(void) {
  check_order("gradient2", 4.0);
}
static void fourth_order_model_errs_by_the_sixth_power(void) {
  check_order("gradient4", 6.0);
}

static void second_order_model_transfers_no_energy(void) {
  // <psi PI> vanishes identically in two dimensions (Jakhar et al. 2024)
  ClosureCase c;
  case_begin(&c, 32, modes, NUM_MODES);
  case_evaluate(&c, "gradient2", (const char *[]){NULL});
  marl_fft_inverse(c.fft, c.subgrid.tendency, c.fields[7]);
  double size = 0.0;
  for (size_t i = 0; i < c.grid->num_physical; ++i) {
    double x, y;
    case_point(&c, i, &x, &y);
    const double psi = case_psi(&c, 0, 0, x, y);
    size = fmax(size, fabs(psi * c.fields[7][i]));
    c.fields[7][i] *= psi;
  }
  CU_ASSERT(size > 1e-4);
  UNIT_NEAR(case_mean(&c, c.fields[7]), 0.0, 1e-15);
  case_end(&c);
}

static CU_TestInfo tests[] = {
    {"second-order model errs by the fourth power", second_order_model_errs_by_the_fourth_power},
    {"fourth-order model errs by the sixth power", fourth_order_model_errs_by_the_sixth_power},
    {"second-order model transfers no energy", second_order_model_transfers_no_energy},
    CU_TEST_INFO_NULL,
};
static CU_SuiteInfo suites[] = {{"gradient closures", NULL, NULL, NULL, NULL, tests},
                                CU_SUITE_INFO_NULL};
UNIT_MAIN(suites)
