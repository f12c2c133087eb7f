/* The transforms of vectors of lanes against their sums, of every kind that this machine has. */
#include "physics/batch/lanes.h"
#include "tests/unit.h"

static const double TWO_PI = 6.283185307179586476925286766559;

/* Are there numbers 0 .. kept-1 and n-kept+1 .. n-1 alone? */
static bool in_gap(int n, int kept, int e) {
  return e >= kept && e <= n - kept;
}

/* From modes to points or back, with a gap in the modes, which are folded over it (kept < n), or without.
 * Tolerance: sqrt(n) terms of order one, each off by a few eps, and as much of the sum itself. */
static void try_transform(const MarlLanesOps *ops, int n, int back, int kept, double eps) {
  int first, second;
  MarlLanesTransform to_points, to_modes;
  CU_ASSERT_FATAL(ops->find(n, &first, &second, &to_points, &to_modes));
  CU_ASSERT_EQUAL(first * second, n);
  const int fold = kept < n ? n - (2 * kept - 1) : 0;
  const MarlLanesModes modes = {.step = 1, .kept = kept, .fold = fold};
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
    ops->put(out, lane, 2 * (size_t)n, x, 1);
  }
  (back ? to_modes : to_points)(twiddles, in, out, modes, 1);
  for (int lane = 0; lane < ops->width; ++lane) {
    ops->get(in, lane, 2 * (size_t)n, x, 1);
    ops->get(out, lane, 2 * (size_t)n, y, 1);
    double worst = 0;
    for (int k = 0; k < n; ++k) {
      double re = 0, im = 0;
      for (int j = 0; j < n; ++j) {
        const double angle = (back ? -TWO_PI : TWO_PI) * (j * k % n) / n;
        const int at = !back && j >= kept ? j - fold : j;
        if (!back && in_gap(n, kept, j)) continue;
        re += x[2 * at] * cos(angle) - x[2 * at + 1] * sin(angle);
        im += x[2 * at] * sin(angle) + x[2 * at + 1] * cos(angle);
      }
      if (back && in_gap(n, kept, k)) continue;
      const int at = back && k >= kept ? k - fold : k;
      worst = fmax(worst, hypot(re - y[2 * at], im - y[2 * at + 1]));
    }
    for (int i = 2 * (n - fold); back && i < 2 * n; ++i)
      UNIT_NEAR(y[i], ops->size == 8 ? x[i] : (double)(float)x[i], 0); /* not written */
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
        for (int back = 0; back < 2; ++back) {
          const int n = lengths[i], kept[] = {n, (n + 2) / 3, n / 2};
          for (int gap = 0; gap < 3; ++gap)
            try_transform(*ops, n, back, kept[gap], precision == 0 ? 0x1p-52 : 0x1p-23);
        }
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
