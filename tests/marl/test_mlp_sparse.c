/* A first layer whose inputs are mostly 0: values and gradients of one linear layer against their definition in
 * double, y = x W + b, dW = x^T delta; who adds rows and who multiplies them agree. */
#include <math.h>

#include "marl/nn/mlp.h"
#include "tests/unit.h"

enum { IN = 150, ROWS = 200, SETS = 2 };

typedef struct Case {
  int out;
  size_t params;
  float *x, *weights, *y, *delta, *grad;
} Case;

/* A share of the inputs is not 0: 1, or any number where `numbers`. */
static Case make(int out, double share, bool numbers) {
  const MarlKey key = marl_key(3, MARL_STREAM_INIT);
  Case c = {.out = out, .params = (IN + 1) * (size_t)out};
  c.x = malloc(SETS * ROWS * IN * sizeof(float));
  c.weights = malloc(SETS * c.params * sizeof(float));
  c.grad = calloc(SETS * c.params, sizeof(float));
  c.y = malloc(SETS * ROWS * (size_t)out * sizeof(float));
  c.delta = malloc(SETS * ROWS * (size_t)out * sizeof(float));
  for (size_t i = 0; i < SETS * ROWS * IN; ++i) {
    const bool there = marl_uniform(marl_key_fold(key, 1), i) < share;
    c.x[i] = !there ? 0.0f : numbers ? (float)marl_normal(marl_key_fold(key, 2), i) : 1.0f;
  }
  marl_normal_fill(marl_key_fold(key, 3), 0, SETS * c.params, c.weights);
  marl_normal_fill(marl_key_fold(key, 4), 0, SETS * ROWS * (size_t)out, c.delta);
  return c;
}

static void clear(Case *c) {
  free(c->x);
  free(c->weights);
  free(c->y);
  free(c->delta);
  free(c->grad);
}

/* Sums of at most IN or ROWS products of order one, each rounded to 6e-8 of what it has come to, at most 40. */
static const double tolerance = 1e-4;

static void check_set(const Case *c, size_t set) {
  const size_t out = (size_t)c->out;
  const float *x = c->x + set * ROWS * IN, *w = c->weights + set * c->params;
  const float *y = c->y + set * ROWS * out, *delta = c->delta + set * ROWS * out;
  const float *grad = c->grad + set * c->params;
  double worst = 0;
  for (size_t r = 0; r < ROWS; ++r)
    for (size_t o = 0; o < out; ++o) {
      double sum = (double)w[IN * out + o];
      for (size_t i = 0; i < IN; ++i) sum += (double)x[r * IN + i] * (double)w[i * out + o];
      worst = fmax(worst, fabs(sum - (double)y[r * out + o]));
    }
  for (size_t i = 0; i <= IN; ++i)
    for (size_t o = 0; o < out; ++o) {
      double sum = 0;
      for (size_t r = 0; r < ROWS; ++r)
        sum += (i < IN ? (double)x[r * IN + i] : 1.0) * (double)delta[r * out + o];
      worst = fmax(worst, fabs(sum - (double)grad[i * out + o]));
    }
  UNIT_NEAR(worst, 0.0, tolerance);
}

static void agrees(int out, double share, bool numbers) {
  MarlError err;
  MarlMlp *mlp;
  const MarlMlpShape shape = {.num_inputs = IN, .num_outputs = out};
  Case c = make(out, share, numbers);
  UNIT_OK(marl_mlp_create(&shape, SETS, ROWS, &mlp, &err));
  marl_mlp_forward(mlp, SETS, ROWS, c.weights, c.x, c.y);
  marl_mlp_backward(mlp, SETS, ROWS, c.weights, c.x, c.delta, c.grad, NULL);
  for (size_t set = 0; set < SETS; ++set) check_set(&c, set);
  marl_mlp_destroy(&mlp);
  clear(&c);
}

static void test_bits_add_rows_of_the_weights(void) {
  agrees(16, 0.1, false);
  agrees(128, 0.1, false);
  agrees(208, 0.1, false); /* 128 + 64 + 16: every number of vectors at once */
}

static void test_so_do_numbers(void) {
  agrees(48, 0.1, true);
  agrees(128, 0.1, true);
}

static void test_what_is_not_sparse_is_multiplied(void) {
  agrees(32, 0.6, false);
  agrees(9, 0.1, false); /* no whole run of lanes */
}

static void test_rows_of_zeros_are_the_bias(void) {
  agrees(32, 0.0, false);
}

/* A NaN is not 0: whoever has one sees it. */
static void test_a_nan_stays_one(void) {
  MarlError err;
  MarlMlp *mlp;
  const MarlMlpShape shape = {.num_inputs = IN, .num_outputs = 16};
  Case c = make(16, 0.1, false);
  c.x[7] = NAN;
  UNIT_OK(marl_mlp_create(&shape, SETS, ROWS, &mlp, &err));
  marl_mlp_forward(mlp, SETS, ROWS, c.weights, c.x, c.y);
  CU_ASSERT_TRUE(isnan(c.y[0]));
  CU_ASSERT_FALSE(isnan(c.y[16]));
  marl_mlp_destroy(&mlp);
  clear(&c);
}

static CU_TestInfo tests[] = {
    {"bits add rows of the weights", test_bits_add_rows_of_the_weights},
    {"so do numbers", test_so_do_numbers},
    {"what is not sparse is multiplied", test_what_is_not_sparse_is_multiplied},
    {"rows of zeros are the bias", test_rows_of_zeros_are_the_bias},
    {"a NaN stays one", test_a_nan_stays_one},
    CU_TEST_INFO_NULL,
};
static CU_SuiteInfo suites[] = {{"sparse first layer", NULL, NULL, NULL, NULL, tests},
                                CU_SUITE_INFO_NULL};
UNIT_MAIN(suites)
