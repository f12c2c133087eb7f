/* ctest: label=unit ranks=1,2,4 */
#include "marl/core/rng.h"
#include "physics/fft.h"
#include "tests/unit.h"

static MarlError err;

/* A transform of N points has relative error below C eps log2 N (Gentleman and Sande 1966); the
 * fields are of order one, C is of order one, 16 leaves room. */
static double round_off(const MarlGrid *grid) {
  return 16 * 0x1p-52 * log2((double)grid->nx * grid->ny);
}

static void fill(const MarlGrid *grid, uint64_t stream, double *field) {
  const MarlKey key = marl_key_fold(marl_key(1, MARL_STREAM_INIT), stream);
  const uint64_t first = (uint64_t)grid->y0 * (uint64_t)grid->nx;
  for (size_t i = 0; i < grid->num_physical; ++i) field[i] = marl_normal(key, first + i);
}

static void check_round_trip(int nx, int ny) {
  MarlGrid *grid;
  MarlFft *fft;
  UNIT_OK(marl_grid_create(nx, ny, 1, 2, MPI_COMM_WORLD, &grid, &err));
  UNIT_OK(marl_fft_create(grid, &fft, &err));
  double *a = marl_fft_alloc_physical(grid), *b = marl_fft_alloc_physical(grid);
  double *c = marl_fft_alloc_physical(grid), *d = marl_fft_alloc_physical(grid);
  MarlComplex *p = marl_fft_alloc_spectral(grid), *q = marl_fft_alloc_spectral(grid);
  fill(grid, 1, a);
  fill(grid, 2, b);
  marl_fft_forward_pair(fft, a, b, p, q);
  marl_fft_inverse_pair(fft, p, q, c, d);
  double worst = 0;
  for (size_t i = 0; i < grid->num_physical; ++i)
    worst = fmax(worst, fmax(fabs(a[i] - c[i]), fabs(b[i] - d[i])));
  UNIT_NEAR(worst, 0, round_off(grid));

  marl_fft_inverse(fft, q, c);
  marl_fft_forward(fft, c, p);
  worst = 0;
  for (size_t i = 0; i < grid->num_spectral; ++i) worst = fmax(worst, cabs(p[i] - q[i]));
  UNIT_NEAR(worst, 0, round_off(grid));
  marl_fft_free(a);
  marl_fft_free(b);
  marl_fft_free(c);
  marl_fft_free(d);
  marl_fft_free(p);
  marl_fft_free(q);
  marl_fft_destroy(&fft);
  marl_grid_destroy(&grid);
}

static void there_and_back_is_the_identity(void) {
  check_round_trip(32, 32);
  check_round_trip(48, 20); /* neither square nor a power of two, blocks that do not divide */
  check_round_trip(10, 128);
  check_round_trip(256, 256);
}

/* A field without the columns from 5 on, there and back by a transform that has only those and works in the
 * memory of another: after any use of either, the bits of the other. */
static void a_transform_in_anothers_memory_has_its_bits(void) {
  enum { KEPT = 5 };
  MarlGrid *grid;
  MarlFft *whole, *kept;
  UNIT_OK(marl_grid_create(32, 24, 1, 2, MPI_COMM_WORLD, &grid, &err));
  UNIT_OK(marl_fft_create(grid, &whole, &err));
  UNIT_OK(marl_fft_create_kept(whole, KEPT, &kept, &err));
  double *field[4];
  MarlComplex *hat[3];
  for (int i = 0; i < 4; ++i) field[i] = marl_fft_alloc_physical(grid);
  for (int i = 0; i < 3; ++i) hat[i] = marl_fft_alloc_spectral(grid);
  fill(grid, 1, field[0]);
  fill(grid, 2, field[1]);
  const size_t own = grid->k0 < KEPT ? (size_t)(KEPT - grid->k0) * (size_t)grid->ny : 0;
  const size_t columns = own < grid->num_spectral ? own : grid->num_spectral;
  const size_t bytes = grid->num_physical * sizeof(double);
  marl_fft_forward(whole, field[0], hat[0]);
  for (size_t i = columns; i < grid->num_spectral; ++i) hat[0][i] = 0;
  marl_fft_forward(kept, field[0], hat[1]);
  UNIT_BITS_EQUAL(hat[0], hat[1], grid->num_spectral * sizeof *hat[0]);
  marl_fft_inverse(whole, hat[0], field[2]);
  marl_fft_forward(whole, field[1], hat[2]); /* leaves other numbers behind */
  marl_fft_inverse(kept, hat[0], field[3]);
  UNIT_BITS_EQUAL(field[2], field[3], bytes);
  marl_fft_inverse_pair(whole, hat[2], hat[0], field[0], field[1]);
  marl_fft_inverse_pair(kept, hat[0], hat[1], field[2], field[3]);
  marl_fft_inverse_pair(whole, hat[0], hat[1], field[0], field[1]);
  UNIT_BITS_EQUAL(field[0], field[2], bytes);
  UNIT_BITS_EQUAL(field[1], field[3], bytes);
  for (int i = 0; i < 4; ++i) marl_fft_free(field[i]);
  for (int i = 0; i < 3; ++i) marl_fft_free(hat[i]);
  marl_fft_destroy(&kept);
  marl_fft_destroy(&whole);
  marl_grid_destroy(&grid);
}

/* q = 3 cos(2 x) sin(5 y) + 4 on [0, 2 pi]^2: q_hat(0, 0) = 4, q_hat(2, +-5) = -+ 3 i / 4. */
static void a_single_mode_has_its_textbook_coefficients(void) {
  MarlGrid *grid;
  MarlFft *fft;
  const double two_pi = 2 * acos(-1.0);
  UNIT_OK(marl_grid_create(32, 24, two_pi, two_pi, MPI_COMM_WORLD, &grid, &err));
  UNIT_OK(marl_fft_create(grid, &fft, &err));
  double *q = marl_fft_alloc_physical(grid);
  MarlComplex *q_hat = marl_fft_alloc_spectral(grid);
  for (int j = 0; j < grid->ny_local; ++j)
    for (int i = 0; i < 32; ++i)
      q[j * 32 + i] = 4 + 3 * cos(2 * two_pi * i / 32) * sin(5 * two_pi * (grid->y0 + j) / 24);
  marl_fft_forward(fft, q, q_hat);
  double worst = 0;
  for (int k = 0; k < grid->nk_local; ++k)
    for (int j = 0; j < 24; ++j) {
      MarlComplex expected = 0;
      if (grid->k0 + k == 0 && j == 0) expected = 4;
      if (grid->k0 + k == 2 && j == 5) expected = CMPLX(0, -0.75);
      if (grid->k0 + k == 2 && j == 24 - 5) expected = CMPLX(0, 0.75);
      worst = fmax(worst, cabs(q_hat[k * 24 + j] - expected));
    }
  UNIT_NEAR(worst, 0, 7 * round_off(grid)); /* max |q| is 7 */
  marl_fft_free(q);
  marl_fft_free(q_hat);
  marl_fft_destroy(&fft);
  marl_grid_destroy(&grid);
}

static void impossible_grids_are_refused(void) {
  MarlGrid *grid;
  UNIT_ERROR(marl_grid_create(31, 32, 1, 1, MPI_COMM_WORLD, &grid, &err), MARL_ECONFIG, "even");
  UNIT_ERROR(marl_grid_create(32, 32, 0, 1, MPI_COMM_WORLD, &grid, &err), MARL_ECONFIG, "positive");
  int ranks;
  MPI_Comm_size(MPI_COMM_WORLD, &ranks);
  if (ranks > 3)
    UNIT_ERROR(marl_grid_create(4, 8, 1, 1, MPI_COMM_WORLD, &grid, &err), MARL_ECONFIG, "ranks");
}

static CU_TestInfo tests[] = {
    {"there and back is the identity", there_and_back_is_the_identity},
    {"a single mode has its textbook coefficients", a_single_mode_has_its_textbook_coefficients},
    {"impossible grids are refused", impossible_grids_are_refused},
    {"a transform in another's memory has its bits", a_transform_in_anothers_memory_has_its_bits},
    CU_TEST_INFO_NULL,
};
static CU_SuiteInfo suites[] = {
    {"fft round trip", NULL, NULL, NULL, NULL, tests},
    CU_SUITE_INFO_NULL,
};
UNIT_MAIN(suites)
