/* The transforms of vectors of lanes against their sums, of every kind that this machine has. */
#include "physics/batch/lanes.h"
#include "tests/unit.h"

static const double TWO_PI = 6.283185307179586476925286766559;

/* Tolerance: sqrt(n) terms of order one, each off by a few eps, and as much of the sum itself. */
static void try_transform(const MarlLanesOps *ops, int n, int swap, double eps) {
  int first, second;
  MarlLanesTransform transform = ops->find(n, &first, &second);
  CU_ASSERT_EQUAL(first * second, n);
  const size_t bytes = 2 * (size_t)n * (size_t)ops->width * ops->size;
  char *in = aligned_alloc(64, (bytes + 63) / 64 * 64),
       *out = aligned_alloc(64, (bytes + 63) / 64 * 64);
  char *twiddles = aligned_alloc(64, (2 * (size_t)n * ops->size + 63) / 64 * 64);
  double x[2 * 192], y[2 * 192];
  for (int k = 0; k < first; ++k)
    for (int j = 0; j < second; ++j)
      for (int c = 0; c < 2; ++c) {
        const double angle = TWO_PI * j * k / n, value = c == 0 ? cos(angle) : sin(angle);
        const int at = 2 * (k * second + j) + c;
        if (ops->size == 8)
          ((double *)twiddles)[at] = value;
        else
          ((float *)twiddles)[at] = (float)value;
      }
  for (int lane = 0; lane < ops->width; ++lane) {
    for (int i = 0; i < 2 * n; ++i) x[i] = cos(1.0 + i * i + lane);
    ops->put(in, lane, 2 * (size_t)n, x, 1);
  }
  transform(twiddles, in, 1, out, 1, swap);
  for (int lane = 0; lane < ops->width; ++lane) {
    ops->get(in, lane, 2 * (size_t)n, x, 1);
    ops->get(out, lane, 2 * (size_t)n, y, 1);
    double worst = 0;
    for (int k = 0; k < n; ++k) {
      double re = 0, im = 0;
      for (int j = 0; j < n; ++j) {
        const double angle = (swap ? -TWO_PI : TWO_PI) * (j * k % n) / n;
        re += x[2 * j] * cos(angle) - x[2 * j + 1] * sin(angle);
        im += x[2 * j] * sin(angle) + x[2 * j + 1] * cos(angle);
      }
      worst = fmax(worst, hypot(re - y[2 * k], im - y[2 * k + 1]));
    }
    UNIT_NEAR(worst, 0, 16 * sqrt(n) * eps);
  }
  free(in);
  free(out);
  free(twiddles);
}

static void every_transform_of_every_kind_of_vector_is_its_sum(void) {
  static const int lengths[] = {16, 24, 32, 48, 64, 72, 96, 128, 144, 192};
  for (int precision = 0; precision < 2; ++precision) {
    const MarlLanesOps *const *ops = precision == 0 ? marl_lanes_double : marl_lanes_float;
    for (; *ops != NULL; ++ops)
      for (size_t i = 0; i < sizeof lengths / sizeof lengths[0] && (*ops)->here(); ++i)
        for (int swap = 0; swap < 2; ++swap)
          try_transform(*ops, lengths[i], swap, precision == 0 ? 0x1p-52 : 0x1p-23);
  }
}

static CU_TestInfo tests[] = {
    {"every transform of every kind of vector is its sum",
     every_transform_of_every_kind_of_vector_is_its_sum},
    CU_TEST_INFO_NULL,
};
static CU_SuiteInfo suites[] = {{"lanes_transform", NULL, NULL, NULL, NULL, tests},
                                CU_SUITE_INFO_NULL};
UNIT_MAIN(suites)
