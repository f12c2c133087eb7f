/* ctest: ranks=1,2 */
/* Anticipated vorticity of the small scales, against a flux worked out mode by mode, and its invariances. */
#include "tests/physics/closure_case.h"

enum { N = 32, NUM_MODES = 4 };
static const double C = 400, WIDTH = 5;
static const Mode modes[NUM_MODES] = {
    {0.7, 2, 1, 0.3}, {-0.4, 1, -2, 1.1}, {0.2, 3, 1, 2.0}, {0.3, 0, 2, 0.4}};
static const char *const settings[] = {"coefficient", "400", "width", "5", "power", "1", NULL};

static double delta(void) {
  return 2 * CASE_PI / N;
}

/* The modes of psi' (power < 0), or of a streamfunction whose vorticity is F w. */
static void scaled(const Mode *from, int count, double power, Mode *to) {
  for (int m = 0; m < count; ++m) {
    const double k2 = from[m].kx * from[m].kx + from[m].ky * from[m].ky;
    const double width = WIDTH * delta();
    to[m] = from[m];
    to[m].a *=
        power < 0 ? 1 - exp(-k2 * width * width / 24) : pow(sqrt(k2) * delta() / CASE_PI, power);
  }
}

/* PI_hat of the modes by the formula: the flux at the points is of wavenumbers below 10, so that 32 points are
 * enough and its transform is exact. */
static void expected(ClosureCase *c, double power, MarlComplex *out) {
  Mode small[NUM_MODES], sharp[NUM_MODES];
  double square = 0;
  scaled(c->modes, c->num_modes, -1, small);
  scaled(c->modes, c->num_modes, power, sharp);
  ClosureCase u = {.modes = small, .num_modes = c->num_modes};
  ClosureCase w = {.modes = sharp, .num_modes = c->num_modes};
  for (int m = 0; m < c->num_modes; ++m) {
    const double k2 = c->modes[m].kx * c->modes[m].kx + c->modes[m].ky * c->modes[m].ky;
    square += 0.5 * k2 * k2 * c->modes[m].a * c->modes[m].a;
  }
  double *fx = marl_fft_alloc_physical(c->grid), *fy = marl_fft_alloc_physical(c->grid);
  MarlComplex *x = marl_fft_alloc_spectral(c->grid), *y = marl_fft_alloc_spectral(c->grid);
  for (size_t i = 0; i < c->grid->num_physical; ++i) {
    double px, py;
    case_point(c, i, &px, &py);
    const double ux = case_psi(&u, 0, 1, px, py), uy = -case_psi(&u, 1, 0, px, py);
    const double along = ux * case_w(&w, 1, 0, px, py) + uy * case_w(&w, 0, 1, px, py);
    fx[i] = C / sqrt(square) * ux * along;
    fy[i] = C / sqrt(square) * uy * along;
  }
  marl_fft_forward_pair(c->fft, fx, fy, x, y);
  for (int i = 0; i < c->grid->nk_local; ++i)
    for (int j = 0; j < N; ++j) {
      const size_t at = (size_t)i * N + (size_t)j;
      out[at] = -pow(sqrt(c->grid->k2[at]) * delta() / CASE_PI, power) * _Complex_I *
                (c->grid->kx[i] * x[at] + c->grid->ky[j] * y[at]);
    }
  marl_fft_free(fx), marl_fft_free(fy), marl_fft_free(x), marl_fft_free(y);
}

/* <w PI> and <psi PI> of the tendency. */
static void transfers(const ClosureCase *c, double *enstrophy, double *energy) {
  double sum[2] = {0, 0};
  for (int i = 0; i < c->grid->nk_local; ++i)
    for (int j = 0; j < c->grid->ny; ++j) {
      const size_t at = (size_t)i * (size_t)c->grid->ny + (size_t)j;
      const double weight = c->grid->kx[i] > 0 ? 2 : 1;
      sum[0] -= weight * creal(conj(c->flow.w_hat[at]) * c->subgrid.tendency[at]);
      sum[1] -= weight * creal(conj(c->flow.psi_hat[at]) * c->subgrid.tendency[at]);
    }
  MPI_Allreduce(MPI_IN_PLACE, sum, 2, MPI_DOUBLE, MPI_SUM, MPI_COMM_WORLD);
  *enstrophy = sum[0];
  *energy = sum[1];
}

static double largest(const ClosureCase *c, const MarlComplex *minus, double scale) {
  double worst = 0;
  for (size_t i = 0; i < c->grid->num_spectral; ++i)
    worst = fmax(worst, cabs(c->subgrid.tendency[i] - scale * (minus != NULL ? minus[i] : 0)));
  MPI_Allreduce(MPI_IN_PLACE, &worst, 1, MPI_DOUBLE, MPI_MAX, MPI_COMM_WORLD);
  return worst;
}

/* Fluxes of order 100 times wavenumbers of order 10, of which PI is what remains: 2e-12 is ten eps of that. */
static void the_flux_is_its_formula(void) {
  ClosureCase c;
  case_begin(&c, N, modes, NUM_MODES);
  case_evaluate(&c, "anticipated", settings);
  MarlComplex *pi = marl_fft_alloc_spectral(c.grid);
  expected(&c, 1, pi);
  UNIT_NEAR(largest(&c, pi, -1), 0, 2e-12);
  CU_ASSERT(largest(&c, NULL, 0) > 1e-3);
  double enstrophy, energy;
  transfers(&c, &enstrophy, &energy);
  CU_ASSERT(enstrophy > 0); /* taken */
  marl_fft_free(pi);
  case_end(&c);
}

/* Vorticity is constant along the streamlines of parallel shear and of a Taylor-Green flow, whose cells are vortices:
 * nothing is taken there. */
static void shear_and_vortices_are_left_alone(void) {
  static const Mode shear[] = {{0.7, 1, 1, 0.3}, {-0.4, 2, 2, 1.1}, {0.2, 3, 3, 2.0}};
  static const Mode vortices[] = {{1, 2, 0, 0}, {1, 0, 2, 0}};
  for (int i = 0; i < 2; ++i) {
    ClosureCase c;
    case_begin(&c, N, i == 0 ? shear : vortices, i == 0 ? 3 : 2);
    case_evaluate(&c, "anticipated", settings);
    UNIT_NEAR(largest(&c, NULL, 0), 0, 2e-11); /* fluxes of order 1,000 here */
    case_end(&c);
  }
}

/* With power 0 and all of the flow small scales energy is kept while enstrophy is taken. */
static void small_scales_keep_their_energy(void) {
  static const char *const wide[] = {"coefficient", "400", "width", "1e6", "power", "0", NULL};
  ClosureCase c;
  double enstrophy, energy;
  case_begin(&c, N, modes, NUM_MODES);
  case_evaluate(&c, "anticipated", wide);
  transfers(&c, &enstrophy, &energy);
  UNIT_NEAR(energy, 0, 2e-12);
  CU_ASSERT(enstrophy > 1);
  case_end(&c);
}

/* Another unit of time: w three times as large, PI nine times. A quarter turn of the flow turns PI. */
static void units_and_turns_do_not_matter(void) {
  Mode faster[NUM_MODES], turned[NUM_MODES];
  for (int m = 0; m < NUM_MODES; ++m) {
    faster[m] = turned[m] = modes[m];
    faster[m].a *= 3;
    turned[m].kx = -modes[m].ky; /* psi(y, -x) */
    turned[m].ky = modes[m].kx;
  }
  ClosureCase c, other;
  double enstrophy[2], energy[2];
  case_begin(&c, N, modes, NUM_MODES);
  case_evaluate(&c, "anticipated", settings);
  transfers(&c, &enstrophy[0], &energy[0]);
  case_begin(&other, N, faster, NUM_MODES);
  case_evaluate(&other, "anticipated", settings);
  UNIT_NEAR(largest(&other, c.subgrid.tendency, 9), 0, 2e-11); /* ten times that of PI */
  case_end(&other);
  case_begin(&other, N, turned, NUM_MODES);
  case_evaluate(&other, "anticipated", settings);
  transfers(&other, &enstrophy[1], &energy[1]);
  UNIT_NEAR(enstrophy[1], enstrophy[0], 1e-12 * enstrophy[0]);
  UNIT_NEAR(energy[1], energy[0], 1e-12 * enstrophy[0]);
  case_end(&other);
  case_end(&c);
}

static CU_TestInfo tests[] = {
    {"the flux is its formula", the_flux_is_its_formula},
    {"shear and vortices are left alone", shear_and_vortices_are_left_alone},
    {"small scales keep their energy", small_scales_keep_their_energy},
    {"units and turns do not matter", units_and_turns_do_not_matter},
    CU_TEST_INFO_NULL,
};
static CU_SuiteInfo suites[] = {
    {"anticipated vorticity", NULL, NULL, NULL, NULL, tests},
    CU_SUITE_INFO_NULL,
};
UNIT_MAIN(suites)
