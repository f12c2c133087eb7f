#include "physics/wisdom.h"

#include "marl/core/rng.h"
#include "physics/pencil.h"
#include "tests/unit.h"

enum { N = 128, LENGTH = 192, KEPT = 64 };
static const MarlPencilShape shape = {
    .width = 2, .mx = LENGTH, .my = LENGTH, .kept_x = KEPT, .kept_y = LENGTH / 2 + 1};

/* Both passes of pseudo-random columns; the first rows of z are left in row_z. */
static void transform(MarlPencil *p) {
  const MarlKey key = marl_key(5, MARL_STREAM_INIT);
  for (int c = 0; c < p->columns; c += p->block) {
    const int n = c + p->block <= p->columns ? p->block : p->columns - c;
    for (int i = 0; i < 2 * n * LENGTH; ++i) {
      const uint64_t index = 2 * (uint64_t)(2 * c * LENGTH + i);
      p->column_in[i] = CMPLX(marl_normal(key, index), marl_normal(key, index + 1));
    }
    marl_pencil_scatter(p, c, n);
  }
  marl_pencil_rows_inverse(p, 0, p->row_block);
}

static MarlGrid *make_grid(void) {
  MarlError err;
  MarlGrid *grid;
  UNIT_OK(marl_grid_create(N, N, 1, 1, MPI_COMM_SELF, &grid, &err));
  grid->transform = MARL_TRANSFORM_FFTW;
  return grid;
}

/* The sums of 4 KEPT LENGTH numbers of order one by two orders of operations: values of order
 * sqrt(5e4), round-off of eps log2 of their number each. */
static void a_stored_plan_computes_what_the_estimated_one_does(void) {
  MarlError err;
  MarlGrid *grid = make_grid();
  MarlPencil *stored, *estimated;
  fftw_forget_wisdom();
  UNIT_OK(marl_pencil_create_planned(grid, shape, FFTW_ESTIMATE, &estimated, &err));
  UNIT_OK(marl_pencil_create(grid, shape, &stored, &err));
  transform(stored);
  transform(estimated);
  double worst = 0, largest = 0;
  for (int i = 0; i < stored->row_block * LENGTH; ++i) {
    worst = fmax(worst, cabs(stored->row_z[i] - estimated->row_z[i]));
    largest = fmax(largest, cabs(stored->row_z[i]));
  }
  CU_ASSERT(largest > 100);
  UNIT_NEAR(worst / largest, 0, 16 * 0x1p-52);
  marl_pencil_destroy(&stored);
  marl_pencil_destroy(&estimated);
  marl_grid_destroy(&grid);
}

/* Whatever FFTW knew before: nothing, or the table already. */
static void plans_are_the_same_every_time(void) {
  MarlError err;
  MarlGrid *grid = make_grid();
  MarlPencil *p[2];
  for (int i = 0; i < 2; ++i) {
    if (i == 0) fftw_forget_wisdom();
    UNIT_OK(marl_pencil_create(grid, shape, &p[i], &err));
    transform(p[i]);
  }
  const size_t count = (size_t)p[0]->row_block * LENGTH;
  UNIT_BITS_EQUAL(p[0]->row_z, p[1]->row_z, count * sizeof(MarlComplex));
  marl_pencil_destroy(&p[0]);
  marl_pencil_destroy(&p[1]);
  marl_grid_destroy(&grid);
}

static CU_TestInfo tests[] = {
    {"a stored plan computes what the estimated one does",
     a_stored_plan_computes_what_the_estimated_one_does},
    {"plans are the same every time", plans_are_the_same_every_time},
    CU_TEST_INFO_NULL,
};
static CU_SuiteInfo suites[] = {{"stored plans", NULL, NULL, NULL, NULL, tests},
                                CU_SUITE_INFO_NULL};
UNIT_MAIN(suites)
