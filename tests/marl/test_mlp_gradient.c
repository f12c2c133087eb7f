#include "marl/nn/mlp.h"
#include "tests/unit.h"

/* The network once more, in double and with libm: row by row, without the engine's kernels. */
static double reference_loss(const MarlMlpShape *shape, size_t rows, const double *params,
                             const double *input, const float *weight) {
  double loss = 0;
  for (size_t r = 0; r < rows; ++r) {
    double x[256], y[256];
    int in = shape->num_inputs;
    for (int i = 0; i < in; ++i) x[i] = input[r * (size_t)in + (size_t)i];
    const double *w = params;
    for (int l = 0; l <= shape->num_hidden; ++l) {
      const bool last = l == shape->num_hidden;
      const int out = last ? shape->num_outputs : shape->hidden[l];
      for (int j = 0; j < out; ++j) {
        y[j] = w[in * out + j];
        for (int i = 0; i < in; ++i) y[j] += x[i] * w[i * out + j];
        if (!last) y[j] = shape->activation == MARL_TANH ? tanh(y[j]) : fmax(y[j], 0);
      }
      memcpy(x, y, (size_t)out * sizeof *x);
      w += (in + 1) * out;
      in = out;
    }
    for (int j = 0; j < in; ++j) loss += weight[r * (size_t)in + (size_t)j] * x[j];
  }
  return loss;
}

typedef struct Problem {
  MarlMlpShape shape;
  size_t rows, num_params;
  float *params, *input, *weight, *output, *params_grad, *input_grad;
  double *params_double, *input_double;
} Problem;

static void setup(Problem *p, const MarlMlpShape *shape, size_t rows) {
  p->shape = *shape;
  p->rows = rows;
  p->num_params = marl_mlp_num_params(shape);
  const size_t in = rows * (size_t)shape->num_inputs, out = rows * (size_t)shape->num_outputs;
  p->params = calloc(2 * p->num_params + 2 * in + 2 * out, sizeof(float));
  p->params_grad = p->params + p->num_params;
  p->input = p->params_grad + p->num_params;
  p->input_grad = p->input + in;
  p->weight = p->input_grad + in;
  p->output = p->weight + out;
  p->params_double = calloc(p->num_params + in, sizeof(double));
  p->input_double = p->params_double + p->num_params;
  const MarlKey key = marl_key(5, MARL_STREAM_INIT);
  marl_mlp_init(shape, key, 1.0f, p->params);
  /* biases that are not zero, so that their use is seen */
  for (size_t i = 0; i < p->num_params; ++i)
    if (p->params[i] == 0) p->params[i] = 0.1f * (float)marl_normal(key, 9000 + i);
  marl_normal_fill(marl_key_fold(key, 100), 0, in, p->input);
  marl_normal_fill(marl_key_fold(key, 101), 0, out, p->weight);
  for (size_t i = 0; i < p->num_params; ++i) p->params_double[i] = p->params[i];
  for (size_t i = 0; i < in; ++i) p->input_double[i] = p->input[i];
}

static void clear(Problem *p) {
  free(p->params);
  free(p->params_double);
}

/* Loss = sum of weight * output: its derivatives are the analytic gradients. */
static void run(Problem *p) {
  MarlError err;
  MarlMlp *mlp;
  UNIT_OK(marl_mlp_create(&p->shape, 1, p->rows, &mlp, &err));
  marl_mlp_forward(mlp, 1, p->rows, p->params, p->input, p->output);
  memset(p->params_grad, 0, p->num_params * sizeof(float));
  marl_mlp_backward(mlp, 1, p->rows, p->params, p->input, p->weight, p->params_grad, p->input_grad);
  marl_mlp_destroy(&mlp);
}

/* d loss / d values[i] by central differences in double. With step 1e-5 the truncation error is
 * about 1e-10 and the round-off 1e-11: neither is seen beside single precision. */
static double difference(const Problem *p, double *value) {
  const double step = 1e-5, kept = *value;
  *value = kept + step;
  const double up =
      reference_loss(&p->shape, p->rows, p->params_double, p->input_double, p->weight);
  *value = kept - step;
  const double down =
      reference_loss(&p->shape, p->rows, p->params_double, p->input_double, p->weight);
  *value = kept;
  return (up - down) / (2 * step);
}

/* Single precision: a gradient is a sum over `rows` rows of products of order 1 through at most 4
 * layers of sums of up to 24 terms. Each term carries some 2 sqrt(24) 4 eps and the tanh adds
 * 5e-7, independent from row to row: below 3e-6 sqrt(rows), and 6 standard deviations are asked. */
static void check_gradients(const MarlMlpShape *shape, size_t rows) {
  Problem p;
  setup(&p, shape, rows);
  run(&p);
  const double tolerance = 3e-6 * sqrt((double)rows);
  const size_t params_step = p.num_params > 400 ? p.num_params / 400 : 1;
  for (size_t i = 0; i < p.num_params; i += params_step)
    UNIT_NEAR(p.params_grad[i], difference(&p, &p.params_double[i]), tolerance);
  const size_t inputs = rows * (size_t)shape->num_inputs;
  const size_t inputs_step = inputs > 50 ? inputs / 50 : 1;
  for (size_t i = 0; i < inputs; i += inputs_step)
    UNIT_NEAR(p.input_grad[i], difference(&p, &p.input_double[i]), 3e-6);
  clear(&p);
}

static void tanh_network_matches_differences(void) {
  const MarlMlpShape shape = {5, 3, 2, {16, 24}, MARL_TANH};
  check_gradients(&shape, 7);
  check_gradients(&shape, 33);
}

/* No preactivation comes within 1e-5 of the kink for this key (the differences would show it). */
static void relu_network_matches_differences(void) {
  const MarlMlpShape shape = {4, 2, 3, {9, 17, 8}, MARL_RELU};
  check_gradients(&shape, 7);
  check_gradients(&shape, 40);
}

static void networks_without_and_with_four_hidden_layers(void) {
  const MarlMlpShape linear = {3, 20, 0, {0}, MARL_TANH};
  check_gradients(&linear, 5);
  const MarlMlpShape deep = {2, 1, 4, {5, 6, 7, 8}, MARL_TANH};
  check_gradients(&deep, 50);
}

/* Two blocks of rows, the second incomplete. */
static void more_rows_than_a_block(void) {
  const MarlMlpShape shape = {3, 2, 1, {8}, MARL_TANH};
  check_gradients(&shape, MARL_MLP_BLOCK + 37);
}

static void gradients_add_to_what_is_there(void) {
  const MarlMlpShape shape = {3, 2, 1, {8}, MARL_TANH};
  Problem p;
  setup(&p, &shape, 40);
  run(&p);
  float once[256];
  CU_ASSERT_FATAL(p.num_params <= 256);
  memcpy(once, p.params_grad, p.num_params * sizeof(float));
  MarlError err;
  MarlMlp *mlp;
  UNIT_OK(marl_mlp_create(&shape, 1, 40, &mlp, &err));
  marl_mlp_forward(mlp, 1, 40, p.params, p.input, p.output);
  marl_mlp_backward(mlp, 1, 40, p.params, p.input, p.weight, p.params_grad, NULL);
  /* one rounding of the sum */
  for (size_t i = 0; i < p.num_params; ++i)
    UNIT_NEAR(p.params_grad[i], 2.0 * once[i], 2e-6 * (1 + fabs((double)once[i])));
  marl_mlp_destroy(&mlp);
  clear(&p);
}

static void a_wrong_shape_is_an_error(void) {
  MarlError err;
  MarlMlp *mlp;
  const MarlMlpShape deep = {3, 2, 5, {8, 8, 8, 8}, MARL_TANH};
  UNIT_ERROR(marl_mlp_create(&deep, 1, 1, &mlp, &err), MARL_ECONFIG, "0 to 4 hidden layers");
  const MarlMlpShape empty = {3, 2, 2, {8, 0}, MARL_TANH};
  UNIT_ERROR(marl_mlp_create(&empty, 1, 1, &mlp, &err), MARL_ECONFIG, "hidden layer 2 has 0 units");
}

static CU_TestInfo tests[] = {
    {"a tanh network's gradients match central differences", tanh_network_matches_differences},
    {"a relu network's gradients match central differences", relu_network_matches_differences},
    {"so do no hidden layer and four", networks_without_and_with_four_hidden_layers},
    {"so do more rows than a block holds", more_rows_than_a_block},
    {"parameter gradients add to what is there", gradients_add_to_what_is_there},
    {"a wrong shape is an error that names it", a_wrong_shape_is_an_error},
    CU_TEST_INFO_NULL,
};
static CU_SuiteInfo suites[] = {
    {"mlp_gradient", NULL, NULL, NULL, NULL, tests},
    CU_SUITE_INFO_NULL,
};
UNIT_MAIN(suites)
