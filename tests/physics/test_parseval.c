/* ctest: label=unit ranks=1,2,4 */
#include "marl/core/rng.h"
#include "physics/fft.h"
#include "physics/spectrum.h"
#include "tests/unit.h"

static MarlError err;

static MarlComplex *noise_without_nyquist(const MarlGrid *grid, MarlFft *fft, double *mean_square) {
  double *q = marl_fft_alloc_physical(grid);
  MarlComplex *q_hat = marl_fft_alloc_spectral(grid);
  const MarlKey key = marl_key(5, MARL_STREAM_INIT);
  const uint64_t first = (uint64_t)grid->y0 * (uint64_t)grid->nx;
  for (size_t i = 0; i < grid->num_physical; ++i) q[i] = marl_normal(key, first + i);
  marl_fft_forward(fft, q, q_hat);
  for (int i = 0; i < grid->nk_local; ++i)
    for (int j = 0; j < grid->ny; ++j)
      if (grid->k0 + i == grid->nx / 2 || j == grid->ny / 2) q_hat[i * grid->ny + j] = 0;
  marl_fft_inverse(fft, q_hat, q);
  double sum = 0;
  for (size_t i = 0; i < grid->num_physical; ++i) sum += q[i] * q[i];
  MPI_Allreduce(MPI_IN_PLACE, &sum, 1, MPI_DOUBLE, MPI_SUM, MPI_COMM_WORLD);
  *mean_square = sum / ((double)grid->nx * grid->ny);
  marl_fft_free(q);
  return q_hat;
}

static double one_sided_sum(const double *s, int n) {
  double sum = s[0];
  for (int k = 1; k < n; ++k) sum += 2 * s[k];
  return sum;
}

/* Sums of n^2 positive terms of order one: relative round-off below n^2 eps = 2e-12 at 96. */
static void spectra_sum_to_half_the_mean_square(void) {
  enum { NX = 96, NY = 64 };
  MarlGrid *grid;
  MarlFft *fft;
  UNIT_OK(marl_grid_create(NX, NY, 1, 1, MPI_COMM_WORLD, &grid, &err));
  UNIT_OK(marl_fft_create(grid, &fft, &err));
  double mean_square, s_x[NX / 2], s_y[NY / 2];
  MarlComplex *q_hat = noise_without_nyquist(grid, fft, &mean_square);
  marl_spectrum_xy(grid, q_hat, s_x, s_y);
  UNIT_NEAR(one_sided_sum(s_x, NX / 2), 0.5 * mean_square, 2e-12);
  UNIT_NEAR(one_sided_sum(s_y, NY / 2), 0.5 * mean_square, 2e-12);
  marl_fft_free(q_hat);
  marl_fft_destroy(&fft);
  marl_grid_destroy(&grid);
}

/* Shells hold every mode once, corners too: their sums are those of the 1-D spectra, and the mode
 * (3, 4) is in shell 5, (2, 1) with |k| = 2.24 in 2. */
static void shells_sum_to_the_same(void) {
  enum { N = 32 };
  MarlGrid *grid;
  MarlFft *fft;
  UNIT_OK(marl_grid_create(N, N, 3, 3, MPI_COMM_WORLD, &grid, &err));
  UNIT_OK(marl_fft_create(grid, &fft, &err));
  double mean_square, z[N / 2], e[N / 2], z_shell[N], e_shell[N], sums[2] = {0, 0};
  MarlComplex *q_hat = noise_without_nyquist(grid, fft, &mean_square);
  if (grid->k0 == 0) q_hat[0] = 0; /* the mean has no energy */
  const int n = marl_spectrum_num_shells(grid);
  CU_ASSERT_FATAL(n <= N);
  marl_spectrum_enstrophy_energy(grid, q_hat, z, e);
  marl_spectrum_shells(grid, q_hat, z_shell, e_shell);
  for (int k = 0; k < n; ++k) {
    sums[0] += z_shell[k];
    sums[1] += e_shell[k];
  }
  UNIT_NEAR(sums[0], one_sided_sum(z, N / 2), 2e-12 * sums[0]);
  UNIT_NEAR(sums[1], one_sided_sum(e, N / 2), 2e-12 * sums[1]);
  for (size_t i = 0; i < grid->num_spectral; ++i) q_hat[i] = 0;
  for (int k = 2; k <= 3; ++k)
    if (grid->k0 <= k && k < grid->k0 + grid->nk_local)
      q_hat[(k - grid->k0) * N + (k == 3 ? 4 : 1)] = 1;
  marl_spectrum_shells(grid, q_hat, z_shell, e_shell);
  for (int k = 0; k < n; ++k) UNIT_NEAR(z_shell[k], k == 2 || k == 5 ? 1 : 0, 1e-15);
  marl_fft_free(q_hat);
  marl_fft_destroy(&fft);
  marl_grid_destroy(&grid);
}

/* w = cos(3 x) has <w^2>/2 = 1/4: s_x(3) = 1/8, s_y(0) = 1/4, so the mean of both is 1/16 at 3 and
 * 1/8 at 0; the energy is 9 times smaller. Exact in a few operations. */
static void one_mode_has_the_spectrum_on_paper(void) {
  enum { N = 16 };
  MarlGrid *grid;
  const double two_pi = 2 * acos(-1.0);
  UNIT_OK(marl_grid_create(N, N, two_pi, two_pi, MPI_COMM_WORLD, &grid, &err));
  MarlComplex *w_hat = marl_fft_alloc_spectral(grid);
  if (grid->k0 <= 3 && 3 < grid->k0 + grid->nk_local) w_hat[(3 - grid->k0) * N] = 0.5;
  double z[N / 2], e[N / 2];
  marl_spectrum_enstrophy_energy(grid, w_hat, z, e);
  for (int k = 0; k < N / 2; ++k) {
    const double expected = k == 0 ? 1.0 / 8 : k == 3 ? 1.0 / 16 : 0;
    UNIT_NEAR(z[k], expected, 1e-15);
    UNIT_NEAR(e[k], expected / 9, 1e-15);
  }
  marl_fft_free(w_hat);
  marl_grid_destroy(&grid);
}

/* Cutting keeps the coefficients below both Nyquist numbers bit for bit, padding adds zeros, so
 * padding then cutting is the identity. */
static void padding_then_cutting_is_the_identity(void) {
  enum { N = 16, M = 40 };
  MarlGrid *small, *large;
  MarlFft *fft;
  double mean_square;
  UNIT_OK(marl_grid_create(N, N, 1, 1, MPI_COMM_SELF, &small, &err));
  UNIT_OK(marl_grid_create(M, M, 1, 1, MPI_COMM_SELF, &large, &err));
  UNIT_OK(marl_fft_create(small, &fft, &err));
  MarlComplex *a = noise_without_nyquist(small, fft, &mean_square);
  MarlComplex *b = marl_fft_alloc_spectral(large), *c = marl_fft_alloc_spectral(small);
  marl_spectral_resize(small, a, large, b);
  UNIT_BITS_EQUAL(&a[3 * N + N - 2], &b[3 * M + M - 2], sizeof *a);
  marl_spectral_resize(large, b, small, c);
  UNIT_BITS_EQUAL(a, c, small->num_spectral * sizeof *a);
  marl_fft_free(a);
  marl_fft_free(b);
  marl_fft_free(c);
  marl_fft_destroy(&fft);
  marl_grid_destroy(&small);
  marl_grid_destroy(&large);
}

static CU_TestInfo tests[] = {
    {"spectra sum to half the mean square", spectra_sum_to_half_the_mean_square},
    {"shells sum to the same", shells_sum_to_the_same},
    {"one mode has the spectrum on paper", one_mode_has_the_spectrum_on_paper},
    {"padding then cutting is the identity", padding_then_cutting_is_the_identity},
    CU_TEST_INFO_NULL,
};
static CU_SuiteInfo suites[] = {
    {"parseval", NULL, NULL, NULL, NULL, tests},
    CU_SUITE_INFO_NULL,
};
UNIT_MAIN(suites)
