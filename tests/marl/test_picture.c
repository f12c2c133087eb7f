/* Pictures of runs: small however large the run, means and kinds as they are. */
#include "marl/run/picture.h"

#include <stdlib.h>

#include "tests/unit.h"

static void numbers_become_means_of_blocks(void) {
  MarlError err;
  MarlPicture picture = {.num_panels = 0};
  enum { SIDE = 600 };
  double *x = malloc(sizeof *x * SIDE * SIDE), sum = 0, mean = 0;
  for (int i = 0; i < SIDE * SIDE; ++i) sum += x[i] = i / SIDE + 0.001 * (i % SIDE);
  marl_picture_begin(&picture, "time", 2.5, 1);
  UNIT_OK(marl_picture_numbers(&picture, "x", "1", SIDE, SIDE, x, &err));
  const MarlPanel *panel = &picture.panel[0];
  /* 80,000 bytes hold 20,000 floats: 120 x 120 of blocks of 5, since 150 x 150 of blocks of 4 do not fit */
  CU_ASSERT_EQUAL(panel->block, 5);
  CU_ASSERT_EQUAL(panel->rows * panel->columns, 120 * 120);
  const float *values = panel->values;
  for (int i = 0; i < panel->rows * panel->columns; ++i) mean += (double)values[i] / (120 * 120);
  UNIT_NEAR(mean, sum / (SIDE * SIDE), 1e-4);      /* 32-bit values of up to 600 */
  UNIT_NEAR((double)values[121], 7 + 0.007, 1e-5); /* rows and columns 5 to 9 */
  marl_picture_clear(&picture);
  free(x);
}

static void a_block_at_the_edge_is_the_mean_of_what_it_has(void) {
  MarlError err;
  MarlPicture picture = {.num_panels = 0};
  enum { ROWS = 1, COLUMNS = 20001 }; /* one too many for blocks of one */
  double *x = malloc(sizeof *x * COLUMNS);
  for (int i = 0; i < COLUMNS; ++i) x[i] = i;
  marl_picture_begin(&picture, "time", 0, 1);
  UNIT_OK(marl_picture_numbers(&picture, "x", "1", ROWS, COLUMNS, x, &err));
  const MarlPanel *panel = &picture.panel[0];
  CU_ASSERT_EQUAL(panel->columns, 10001);
  UNIT_NEAR((double)((const float *)panel->values)[10000], 20000, 0);
  marl_picture_clear(&picture);
  free(x);
}

static void kinds_are_those_of_some_point(void) {
  static const char *const kinds[] = {"C", "D"};
  MarlError err;
  MarlPicture picture = {.num_panels = 0};
  enum { SIDE = 1000 };
  uint8_t *x = malloc(SIDE * SIDE);
  for (int i = 0; i < SIDE * SIDE; ++i) x[i] = (uint8_t)(i / SIDE / 4 % 2); /* stripes of 4 rows */
  marl_picture_begin(&picture, "cycle", 0, 1);
  UNIT_OK(marl_picture_kinds(&picture, "kind", kinds, 2, SIDE, SIDE, x, &err));
  const MarlPanel *panel = &picture.panel[0];
  CU_ASSERT_EQUAL(panel->block, 4); /* 250 x 250 bytes */
  for (int r = 0; r < panel->rows; ++r)
    CU_ASSERT_EQUAL(((const uint8_t *)panel->values)[r * panel->columns], r % 2);
  marl_picture_clear(&picture);
  free(x);
}

static void four_panels_share_the_bytes_and_a_fifth_is_refused(void) {
  MarlError err;
  MarlPicture picture = {.num_panels = 0};
  enum { SIDE = 200 };
  double *x = calloc(SIDE * SIDE, sizeof *x);
  size_t bytes = 0;
  marl_picture_begin(&picture, "step", 0, MARL_PICTURE_PANELS);
  for (int p = 0; p < MARL_PICTURE_PANELS; ++p)
    UNIT_OK(marl_picture_numbers(&picture, "x", "1", SIDE, SIDE, x, &err));
  for (int p = 0; p < picture.num_panels; ++p)
    bytes += sizeof(float) * (size_t)(picture.panel[p].rows * picture.panel[p].columns);
  CU_ASSERT_TRUE(bytes <= MARL_PICTURE_BYTES);
  UNIT_ERROR(marl_picture_numbers(&picture, "y", "1", SIDE, SIDE, x, &err), MARL_EARG,
             "no place for 'y'");
  marl_picture_clear(&picture);
  free(x);
}

static CU_TestInfo tests[] = {
    {"numbers become means of blocks", numbers_become_means_of_blocks},
    {"a block at the edge is the mean of what it has",
     a_block_at_the_edge_is_the_mean_of_what_it_has},
    {"kinds are those of some point", kinds_are_those_of_some_point},
    {"four panels share the bytes, a fifth is refused",
     four_panels_share_the_bytes_and_a_fifth_is_refused},
    CU_TEST_INFO_NULL,
};
static CU_SuiteInfo suites[] = {
    {"picture", NULL, NULL, NULL, NULL, tests},
    CU_SUITE_INFO_NULL,
};
UNIT_MAIN(suites)
