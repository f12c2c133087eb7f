#include "marl/nn/value_net.h"
#include "tests/unit.h"

enum { I = 3, H = 32, K = 4, ROWS = 9 };
static const MarlValueShape shape = {I, H, K};

static void fill(float *x, size_t n, uint64_t stream) {
  const MarlKey key = marl_key_fold(marl_key(5, MARL_STREAM_INIT), stream);
  for (size_t i = 0; i < n; ++i) x[i] = (float)(2 * marl_uniform(key, i) - 1);
}

/* The header's formula in double; parameter `at` is moved by `by`. */
static double value(const float *params, size_t at, double by, const float *x, int k) {
  double q = 0;
#define PARAM(i) ((double)params[i] + ((size_t)(i) == at ? by : 0))
  for (int h = 0; h < H; ++h) {
    double a = PARAM(I * H + h);
    for (int i = 0; i < I; ++i) a += PARAM(i * H + h) * x[i];
    if (a > 0) q += PARAM((I + 1 + k) * H + h) * a;
  }
  return q + PARAM((I + 1 + K) * H + k);
#undef PARAM
}

static void test_values_follow_the_formula(void) {
  float params[(I + 1 + K) * H + K], x[ROWS * I], q[ROWS * K];
  CU_ASSERT_EQUAL(marl_value_net_num_params(&shape), sizeof params / sizeof params[0]);
  marl_value_net_init(&shape, marl_key(1, MARL_STREAM_INIT), params);
  fill(x, ROWS * I, 1);
  marl_value_net_forward(&shape, ROWS, params, x, I, q);
  for (int r = 0; r < ROWS; ++r)
    for (int k = 0; k < K; ++k) /* 40 single-precision operations on values below 1: 40 eps */
      UNIT_NEAR(q[r * K + k], value(params, SIZE_MAX, 0, x + r * I, k), 40 * 0x1p-23);
}

static void test_the_gradient_is_the_slope_of_the_weighted_values(void) {
  enum { N = 20 };
  float params[(I + 1 + K) * H + K], grad[(I + 1 + K) * H + K], x[ROWS * I], delta[N];
  int32_t index[N], choice[N];
  marl_value_net_init(&shape, marl_key(2, MARL_STREAM_INIT), params);
  fill(x, ROWS * I, 2), fill(delta, N, 3);
  for (int n = 0; n < N; ++n) index[n] = n % ROWS, choice[n] = (n * 7) % K;
  marl_value_net_backward(&shape, N, params, x, I, index, choice, delta, grad);
  for (size_t p = 0; p < sizeof params / sizeof params[0]; ++p) {
    /* the loss is piecewise linear in a parameter: exact unless a ReLU turns within 1e-6 */
    const double step = 1e-6;
    double slope = 0;
    for (int n = 0; n < N; ++n) {
      const float *row = x + index[n] * I;
      slope += delta[n] *
               (value(params, p, step, row, choice[n]) - value(params, p, -step, row, choice[n])) /
               (2 * step);
    }
    UNIT_NEAR(grad[p], slope, 1e-5); /* 20 single-precision terms below 1 */
  }
}

/* Sizes that have their own unrolled loops give what the general loop gives. */
static void test_unrolled_sizes_agree_with_padding(void) {
  for (int inputs = 2; inputs <= 4; inputs += 2) {
    const MarlValueShape narrow = {inputs, H, 2}, wide = {inputs + 1, H, 2};
    float small[(4 + 3) * H + 2], large[(5 + 3) * H + 2], q[2 * ROWS], padded_q[2 * ROWS];
    float x[ROWS * 4], padded[ROWS * 5] = {0};
    marl_value_net_init(&narrow, marl_key(3, MARL_STREAM_INIT), small);
    const size_t first = (size_t)(inputs * H);
    memcpy(large, small, first * sizeof *small);
    memset(large + first, 0, H * sizeof *large); /* weights of an input that is 0 */
    memcpy(large + first + H, small + first, (3 * H + 2) * sizeof *small);
    fill(x, (size_t)(ROWS * inputs), 4);
    for (int r = 0; r < ROWS; ++r)
      memcpy(padded + r * (inputs + 1), x + r * inputs, (size_t)inputs * sizeof *x);
    marl_value_net_forward(&narrow, ROWS, small, x, (size_t)inputs, q);
    marl_value_net_forward(&wide, ROWS, large, padded, (size_t)inputs + 1, padded_q);
    for (int i = 0; i < 2 * ROWS; ++i) UNIT_NEAR(q[i], padded_q[i], 40 * 0x1p-23);
  }
}

static void test_hidden_units_come_in_lanes(void) {
  MarlError err;
  const MarlValueShape odd = {2, 30, 2};
  UNIT_ERROR(marl_value_net_check(&odd, &err), MARL_ECONFIG, "multiple of 16");
}

static CU_TestInfo tests[] = {
    {"values follow the formula", test_values_follow_the_formula},
    {"the gradient is the slope of the weighted values",
     test_the_gradient_is_the_slope_of_the_weighted_values},
    {"unrolled sizes agree with padding", test_unrolled_sizes_agree_with_padding},
    {"hidden units come in lanes", test_hidden_units_come_in_lanes},
    CU_TEST_INFO_NULL,
};
static CU_SuiteInfo suites[] = {{"value net", NULL, NULL, NULL, NULL, tests}, CU_SUITE_INFO_NULL};
UNIT_MAIN(suites)
