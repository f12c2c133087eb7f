#include "marl/nn/value_net.h"
#include "tests/unit.h"

enum { I = 3, H = 32, K = 4, ROWS = 9 };
static const MarlValueShape shape = {I, H, K};

static void fill(float *x, size_t n, uint64_t stream) {
  const MarlKey key = marl_key_fold(marl_key(5, MARL_STREAM_INIT), stream);
  for (size_t i = 0; i < n; ++i) x[i] = (float)(2 * marl_uniform(key, i) - 1);
}

static size_t num_params(int inputs, int choices) {
  return (size_t)((inputs + 1 + choices) * H + choices);
}

/* The header's formula in double; parameter `at` is moved by `by`. */
static double value(const float *params, size_t at, double by, const float *x, int k) {
  double q = 0;
#define PARAM(i) ((double)params[i] + ((size_t)(i) == at ? by : 0))
  for (int h = 0; h < H; ++h) {
    double a = PARAM(I * H + h);
    for (int i = 0; i < I; ++i) a += PARAM(i * H + h) * x[i];
    if (a > 0) q += PARAM((I + 1) * H + h * K + k) * a;
  }
  return q + PARAM((I + 1 + K) * H + k);
#undef PARAM
}

static void test_values_follow_the_formula(void) {
  float params[(I + 1 + K) * H + K], x[ROWS * I], q[ROWS * K];
  fill(params, num_params(I, K), 6);
  fill(x, ROWS * I, 1);
  marl_value_net_forward(&shape, ROWS, params, x, q);
  for (int r = 0; r < ROWS; ++r)
    for (int k = 0; k < K; ++k) /* 40 single-precision operations on values below 4 */
      UNIT_NEAR(q[r * K + k], value(params, SIZE_MAX, 0, x + r * I, k), 4 * 40 * 0x1p-23);
}

static void test_the_gradient_is_the_slope_of_the_weighted_values(void) {
  float params[(I + 1 + K) * H + K], grad[(I + 1 + K) * H + K], x[ROWS * I], delta[ROWS * K];
  fill(params, num_params(I, K), 7), fill(x, ROWS * I, 2), fill(delta, ROWS * K, 3);
  for (int n = 0; n < ROWS * K; n += 3) delta[n] = 0;        /* choices that were not taken */
  for (size_t p = 0; p < num_params(I, K); ++p) grad[p] = 1; /* it is added to what is there */
  marl_value_net_backward(&shape, ROWS, params, x, delta, grad);
  for (size_t p = 0; p < num_params(I, K); ++p) {
    /* the loss is piecewise linear in a parameter: exact unless a ReLU turns within 1e-6 */
    const double step = 1e-6;
    double slope = 1;
    for (int r = 0; r < ROWS; ++r)
      for (int k = 0; k < K; ++k)
        slope += delta[r * K + k] *
                 (value(params, p, step, x + r * I, k) - value(params, p, -step, x + r * I, k)) /
                 (2 * step);
    UNIT_NEAR(grad[p], slope, 1e-5); /* 36 single-precision terms below 4 */
  }
}

/* The parameters are a network's of marl/nn/mlp.h. */
static void test_values_are_those_of_the_general_network(void) {
  MarlError err;
  const MarlMlpShape wide = {
      .num_inputs = I, .num_outputs = K, .num_hidden = 1, .hidden = {H}, .activation = MARL_RELU};
  MarlValueShape fits;
  MarlMlp *mlp = NULL;
  float params[(I + 1 + K) * H + K], x[ROWS * I], q[ROWS * K], expected[ROWS * K], alone[K];
  CU_ASSERT_TRUE(marl_value_net_fits(&wide, &fits));
  CU_ASSERT_TRUE(fits.num_inputs == I && fits.hidden == H && fits.num_choices == K);
  UNIT_OK(marl_mlp_create(&wide, 1, ROWS, &mlp, &err));
  marl_mlp_init_uniform(&wide, marl_key(1, MARL_STREAM_INIT), params);
  fill(x, ROWS * I, 1);
  marl_value_net_forward(&shape, ROWS, params, x, q);
  marl_mlp_forward(mlp, 1, ROWS, params, x, expected);
  for (int i = 0; i < ROWS * K; ++i) UNIT_NEAR(q[i], expected[i], 40 * 0x1p-23);
  marl_value_net_forward(&shape, 1, params, x + 4 * I, alone);
  UNIT_BITS_EQUAL(alone, q + 4 * K, sizeof alone); /* a row does not depend on its neighbors */
  marl_mlp_destroy(&mlp);
}

/* Sizes that have their own unrolled loops give what the general loop gives. */
static void test_unrolled_sizes_agree_with_padding(void) {
  for (int inputs = 2; inputs <= 4; inputs += 2) {
    const MarlValueShape narrow = {inputs, H, 2}, wide = {inputs + 1, H, 2};
    float small[(4 + 3) * H + 2], large[(5 + 3) * H + 2], q[2 * ROWS], padded_q[2 * ROWS];
    float x[ROWS * 4], padded[ROWS * 5] = {0};
    fill(small, num_params(inputs, 2), 5);
    const size_t first = (size_t)(inputs * H);
    memcpy(large, small, first * sizeof *small);
    memset(large + first, 0, H * sizeof *large); /* weights of an input that is 0 */
    memcpy(large + first + H, small + first, (3 * H + 2) * sizeof *small);
    fill(x, (size_t)(ROWS * inputs), 4);
    for (int r = 0; r < ROWS; ++r)
      memcpy(padded + r * (inputs + 1), x + r * inputs, (size_t)inputs * sizeof *x);
    marl_value_net_forward(&narrow, ROWS, small, x, q);
    marl_value_net_forward(&wide, ROWS, large, padded, padded_q);
    for (int i = 0; i < 2 * ROWS; ++i) UNIT_NEAR(q[i], padded_q[i], 4 * 40 * 0x1p-23);
  }
}

static void test_other_networks_are_left_to_the_general_one(void) {
  const MarlMlpShape fine = {
      .num_inputs = 2, .num_outputs = 2, .num_hidden = 1, .hidden = {32}, .activation = MARL_RELU};
  MarlMlpShape odd = fine, deep = fine, smooth = fine, many = fine;
  MarlValueShape out;
  odd.hidden[0] = 30, deep.num_hidden = 2, deep.hidden[1] = 32;
  smooth.activation = MARL_TANH, many.num_outputs = 65;
  CU_ASSERT_TRUE(marl_value_net_fits(&fine, &out));
  CU_ASSERT_FALSE(marl_value_net_fits(&odd, &out)); /* no multiple of 16 lanes */
  CU_ASSERT_FALSE(marl_value_net_fits(&deep, &out));
  CU_ASSERT_FALSE(marl_value_net_fits(&smooth, &out));
  CU_ASSERT_FALSE(marl_value_net_fits(&many, &out));
}

static CU_TestInfo tests[] = {
    {"values follow the formula", test_values_follow_the_formula},
    {"the gradient is the slope of the weighted values",
     test_the_gradient_is_the_slope_of_the_weighted_values},
    {"unrolled sizes agree with padding", test_unrolled_sizes_agree_with_padding},
    {"values are those of the general network", test_values_are_those_of_the_general_network},
    {"other networks are left to the general one", test_other_networks_are_left_to_the_general_one},
    CU_TEST_INFO_NULL,
};
static CU_SuiteInfo suites[] = {{"value net", NULL, NULL, NULL, NULL, tests}, CU_SUITE_INFO_NULL};
UNIT_MAIN(suites)
