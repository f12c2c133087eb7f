/* ctest: label=verification ranks=1,2,4 */
/* Every filter multiplies mode k by its transfer function, and truncation keeps what an LES grid
 * can hold. */
#include "physics/filter.h"

#include "physics/fft.h"
#include "tests/unit.h"

enum { N = 32 };
static const double pi = 3.14159265358979323846;

static MarlError err;
static MarlGrid *grid;
static MarlFft *fft;
static double *field, *expected;
static MarlComplex *hat, *out;

static void begin(void) {
  UNIT_OK(marl_grid_create(N, N, 2 * pi, 2 * pi, MPI_COMM_WORLD, &grid, &err));
  UNIT_OK(marl_fft_create(grid, &fft, &err));
  field = marl_fft_alloc_physical(grid);
  expected = marl_fft_alloc_physical(grid);
  hat = marl_fft_alloc_spectral(grid);
  out = marl_fft_alloc_spectral(grid);
}

static void end(void) {
  marl_fft_free(field);
  marl_fft_free(expected);
  marl_fft_free(hat);
  marl_fft_free(out);
  marl_fft_destroy(&fft);
  marl_grid_destroy(&grid);
}

/* cos(kx x + ky y + 0.3) on the own rows */
static void wave(double kx, double ky, double amplitude, double *to) {
  for (size_t i = 0; i < grid->num_physical; ++i) {
    const double x = (double)(i % N) * grid->lx / N;
    const double y = (double)(grid->y0 + (int)(i / N)) * grid->ly / N;
    to[i] = amplitude * cos(kx * x + ky * y + 0.3);
  }
}

static void each_filter_multiplies_a_wave_by_its_transfer_function(void) {
  const double width = 0.6;
  const double cut = 2 * pi / width;  // 10.47
  const int waves[][2] = {{0, 3}, {4, -5}, {10, 0}, {9, 8}, {3, -11}};
  begin();
  for (size_t m = 0; m < sizeof waves / sizeof waves[0]; ++m) {
    const double kx = waves[m][0], ky = waves[m][1], k2 = kx * kx + ky * ky;
    const double x = kx * width / 2, y = ky * width / 2;
    const double transfer[] = {
        exp(-k2 * width * width / 24),
        (kx == 0 ? 1 : sin(x) / x) * (ky == 0 ? 1 : sin(y) / y),
        sqrt(k2) < cut,
        fabs(kx) < cut && fabs(ky) < cut,
    };
    wave(kx, ky, 1.0, field);
    marl_fft_forward(fft, field, hat);
    for (int f = MARL_FILTER_GAUSSIAN; f <= MARL_FILTER_SHARP_SQUARE; ++f) {
      marl_filter_apply(grid, (MarlFilter)f, width, hat, out);
      marl_fft_inverse(fft, out, field);
      wave(kx, ky, transfer[f], expected);
      // round-off of two transforms of 1024 points
      for (size_t i = 0; i < grid->num_physical; ++i) UNIT_NEAR(field[i], expected[i], 1e-13);
    }
  }
  end();
}

static void the_gaussian_keeps_the_second_moment_of_the_box(void) {
  // both have the variance D^2/12: they agree to fourth order in k D
  const double k = 0.01;
  UNIT_NEAR(marl_filter_transfer(MARL_FILTER_GAUSSIAN, 1.0, k, 0.0),
            marl_filter_transfer(MARL_FILTER_BOX, 1.0, k, 0.0), k * k * k * k);
  UNIT_NEAR(1.0 - marl_filter_transfer(MARL_FILTER_GAUSSIAN, 1.0, k, 0.0), k * k / 24,
            k * k * k * k);
}

static void truncation_keeps_what_the_small_grid_holds(void) {
  enum { CUT = 16 };
  MarlGrid *small;
  MarlFft *small_fft;
  begin();
  UNIT_OK(marl_grid_create(CUT, CUT, 2 * pi, 2 * pi, MPI_COMM_SELF, &small, &err));
  UNIT_OK(marl_fft_create(small, &small_fft, &err));
  MarlComplex *small_hat = marl_fft_alloc_spectral(small);
  double *small_field = marl_fft_alloc_physical(small);
  // inside, inside with negative ky, at the cut's Nyquist number, beyond it
  const int waves[][3] = {{3, 5, 1}, {7, -7, 1}, {8, 2, 0}, {1, -8, 0}, {2, 12, 0}};
  for (size_t i = 0; i < grid->num_physical; ++i) field[i] = 0.0;
  for (size_t m = 0; m < sizeof waves / sizeof waves[0]; ++m) {
    wave(waves[m][0], waves[m][1], 1.0, expected);
    for (size_t i = 0; i < grid->num_physical; ++i) field[i] += expected[i];
  }
  marl_fft_forward(fft, field, hat);
  marl_filter_truncate(grid, hat, small, small_hat);
  marl_fft_inverse(small_fft, small_hat, small_field);
  for (int i = 0; i < CUT * CUT; ++i) {
    const double x = i % CUT * small->lx / CUT, y = (i / CUT) * small->ly / CUT;
    double sum = 0.0;
    for (size_t m = 0; m < sizeof waves / sizeof waves[0]; ++m)
      sum += waves[m][2] * cos(waves[m][0] * x + waves[m][1] * y + 0.3);
    UNIT_NEAR(small_field[i], sum, 1e-13);
  }
  marl_fft_free(small_hat);
  marl_fft_free(small_field);
  marl_fft_destroy(&small_fft);
  marl_grid_destroy(&small);
  end();
}

static CU_TestInfo tests[] = {
    {"each filter multiplies a wave by its transfer function",
     each_filter_multiplies_a_wave_by_its_transfer_function},
    {"the Gaussian keeps the second moment of the box",
     the_gaussian_keeps_the_second_moment_of_the_box},
    {"truncation keeps what the small grid holds", truncation_keeps_what_the_small_grid_holds},
    CU_TEST_INFO_NULL,
};
static CU_SuiteInfo suites[] = {{"filter", NULL, NULL, NULL, NULL, tests}, CU_SUITE_INFO_NULL};
UNIT_MAIN(suites)
