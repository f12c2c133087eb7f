#include "marl/nn/vecmath.h"

#include <stdint.h>

#include "tests/unit.h"

enum { CHUNK = 4096 };

/* Every 997th bit pattern: 4.3 million floats of every sign and size, NaNs and infinities too. */
static bool next_chunk(uint64_t *bits, float *x) {
  for (int i = 0; i < CHUNK; ++i, *bits += 997) {
    const uint32_t word = (uint32_t)(*bits < UINT32_MAX ? *bits : 0);
    memcpy(&x[i], &word, sizeof word);
  }
  return *bits < UINT32_MAX;
}

/* The bounds that vecmath.h states; measured 2.9e-7 absolute, and relative where tanh is small. */
static void tanh_is_within_its_bound(void) {
  static float x[CHUNK], y[CHUNK];
  double worst = 0, worst_relative = 0;
  bool bounded = true, nan_passes = true;
  for (uint64_t bits = 0; next_chunk(&bits, x);) {
    marl_vec_tanh(CHUNK, x, y);
    for (int i = 0; i < CHUNK; ++i) {
      if (isnan(x[i])) {
        nan_passes = nan_passes && isnan(y[i]);
        continue;
      }
      const double exact = tanh((double)x[i]), error = fabs(y[i] - exact);
      worst = fmax(worst, error);
      /* below 2^-120 the last steps of x P / Q are subnormal */
      if (fabsf(x[i]) > 0x1p-120f) worst_relative = fmax(worst_relative, error / fabs(exact));
      bounded = bounded && fabsf(y[i]) <= 1;
    }
  }
  UNIT_NEAR(worst, 0, 5e-7);
  UNIT_NEAR(worst_relative, 0, 5e-7);
  CU_ASSERT(bounded);
  CU_ASSERT(nan_passes);
}

static void exp_is_within_its_bound(void) {
  static float x[CHUNK], y[CHUNK];
  double worst = 0, worst_subnormal = 0;
  bool overflows = true, nan_passes = true;
  for (uint64_t bits = 0; next_chunk(&bits, x);) {
    marl_vec_exp(CHUNK, x, y);
    for (int i = 0; i < CHUNK; ++i) {
      const double exact = exp((double)x[i]);
      if (isnan(x[i]))
        nan_passes = nan_passes && isnan(y[i]);
      else if (exact > 0x1.ffffffp127) /* rounds to more than the largest float */
        overflows = overflows && y[i] == INFINITY;
      else if (exact < 0x1p-126)
        worst_subnormal = fmax(worst_subnormal, fabs(y[i] - exact));
      else
        worst = fmax(worst, fabs(y[i] - exact) / exact);
    }
  }
  UNIT_NEAR(worst, 0, 5e-7);
  UNIT_NEAR(worst_subnormal, 0, 0x1p-149); /* one unit of the subnormals */
  CU_ASSERT(overflows);
  CU_ASSERT(nan_passes);
}

static void saturation_is_exact(void) {
  const float x[8] = {10, -10, INFINITY, -INFINITY, 1e30f, -1e30f, 0.0f, -0.0f};
  float y[8];
  marl_vec_tanh(8, x, y);
  const float expected_tanh[8] = {1, -1, 1, -1, 1, -1, 0.0f, -0.0f};
  UNIT_BITS_EQUAL(y, expected_tanh, sizeof y);
  marl_vec_exp(6, x + 2, y);
  CU_ASSERT(y[0] == INFINITY && y[1] == 0 && y[2] == INFINITY && y[3] == 0);
  CU_ASSERT(y[4] == 1 && y[5] == 1);
}

/* A value's result does not depend on where it stands: vector body and scalar rest agree. */
static void results_do_not_depend_on_position(void) {
  float x[67], whole[67], tanh_one, exp_one;
  for (int i = 0; i < 67; ++i) x[i] = 0.37f * (float)(i - 33);
  for (int n = 1; n <= 67; ++n) {
    marl_vec_tanh((size_t)n, x, whole);
    for (int i = 0; i < n; ++i) {
      marl_vec_tanh(1, &x[i], &tanh_one);
      UNIT_BITS_EQUAL(&whole[i], &tanh_one, sizeof tanh_one);
    }
    marl_vec_exp((size_t)n, x, whole);
    for (int i = 0; i < n; ++i) {
      marl_vec_exp(1, &x[i], &exp_one);
      UNIT_BITS_EQUAL(&whole[i], &exp_one, sizeof exp_one);
    }
  }
}

static void rows_with_bias_are_the_plain_functions_of_the_sum(void) {
  enum { ROWS = 5, WIDTH = 19 };
  float bias[WIDTH], x[ROWS * WIDTH], sum[ROWS * WIDTH], expected[ROWS * WIDTH], y[ROWS * WIDTH];
  for (int i = 0; i < ROWS * WIDTH; ++i) {
    bias[i % WIDTH] = 0.1f * (float)(i % WIDTH) - 1;
    x[i] = (float)(i % 7) - 3;
  }
  for (int i = 0; i < ROWS * WIDTH; ++i) sum[i] = x[i] + bias[i % WIDTH];
  memcpy(y, x, sizeof y);
  marl_rows_add(ROWS, WIDTH, bias, y);
  UNIT_BITS_EQUAL(y, sum, sizeof y);
  memcpy(y, x, sizeof y);
  marl_vec_tanh(ROWS * WIDTH, sum, expected);
  marl_rows_add_tanh(ROWS, WIDTH, bias, y);
  UNIT_BITS_EQUAL(y, expected, sizeof y);
  memcpy(y, x, sizeof y);
  marl_vec_relu(ROWS * WIDTH, sum, expected);
  marl_rows_add_relu(ROWS, WIDTH, bias, y);
  UNIT_BITS_EQUAL(y, expected, sizeof y);
  CU_ASSERT(expected[0] == 0 && expected[6] > 0);
  float nan_row[1] = {NAN};
  marl_rows_add_relu(1, 1, bias, nan_row);
  CU_ASSERT(isnan(nan_row[0]));
}

static CU_TestInfo tests[] = {
    {"tanh is within its bound, never beyond 1, NaN for NaN", tanh_is_within_its_bound},
    {"exp is within its bound, infinite when it overflows, NaN for NaN", exp_is_within_its_bound},
    {"saturation is exact", saturation_is_exact},
    {"results do not depend on position", results_do_not_depend_on_position},
    {"rows with bias are the plain functions of the sum",
     rows_with_bias_are_the_plain_functions_of_the_sum},
    CU_TEST_INFO_NULL,
};
static CU_SuiteInfo suites[] = {
    {"vecmath", NULL, NULL, NULL, NULL, tests},
    CU_SUITE_INFO_NULL,
};
UNIT_MAIN(suites)
