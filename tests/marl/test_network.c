/* Networks with memory and with a second head: values and gradients against the same network in double, row by row. */
#include "marl/nn/gru.h"
#include "marl/nn/network.h"
#include "tests/unit.h"

enum { IN = 3, HIDDEN = 6, MEMORY = 4, OUT = 2, STEPS = 5, SEQUENCES = 3, WIDEST = 8 };

/* Sequences of 5, 3 and 3 steps, step after step. */
static const size_t active[STEPS] = {3, 3, 3, 1, 1};
enum { ROWS = 11 };

static const MarlNetworkShape shapes[] = {
    {.dense = {.num_inputs = IN, .num_outputs = OUT, .num_hidden = 1, .hidden = {HIDDEN}},
     .memory = MEMORY},
    {.dense = {.num_inputs = IN,
               .num_outputs = OUT,
               .num_hidden = 2,
               .hidden = {5, HIDDEN},
               .activation = MARL_RELU},
     .memory = MEMORY},
    {.dense = {.num_inputs = IN, .num_outputs = OUT}, .memory = MEMORY},
};

/* With a second head behind the first of two hidden layers, behind all of them, behind a memory. */
static const MarlNetworkShape branching[] = {
    {.dense = {.num_inputs = IN, .num_outputs = OUT, .num_hidden = 2, .hidden = {5, HIDDEN}},
     .has_trunk = true,
     .trunk_hidden = 1},
    {.dense = {.num_inputs = IN,
               .num_outputs = OUT,
               .num_hidden = 2,
               .hidden = {HIDDEN, 5},
               .activation = MARL_RELU},
     .has_trunk = true,
     .trunk_hidden = 2},
    {.dense = {.num_inputs = IN, .num_outputs = OUT, .num_hidden = 1, .hidden = {HIDDEN}},
     .memory = MEMORY,
     .has_trunk = true,
     .trunk_hidden = 1},
};

static double sigmoid(double a) {
  return 1 / (1 + exp(-a));
}

/* y [out] of x [in] and weights [in, out] then biases. */
static const double *dense(const double *p, int in, int out, const double *x, double *y) {
  for (int j = 0; j < out; ++j) {
    y[j] = p[in * out + j];
    for (int i = 0; i < in; ++i) y[j] += x[i] * p[i * out + j];
  }
  return p + (in + 1) * out;
}

/* Cho et al. 2014, equations 5 to 8, as gru.h has them. */
static const double *recur(const double *p, int in, const double *x, double h[MEMORY]) {
  enum { H = MEMORY, W = 3 * MEMORY };
  const double *b = p + in * W, *u = b + W, *c = u + H * W;
  double next[H];
  for (int j = 0; j < H; ++j) {
    double a[3], q[3] = {0, 0, c[j]};
    for (int g = 0; g < 3; ++g) {
      a[g] = b[g * H + j];
      for (int i = 0; i < in; ++i) a[g] += x[i] * p[i * W + g * H + j];
      for (int i = 0; i < H; ++i) q[g] += h[i] * u[i * W + g * H + j];
    }
    const double z = sigmoid(a[1] + q[1]), n = tanh(a[2] + sigmoid(a[0] + q[0]) * q[2]);
    next[j] = (1 - z) * n + z * h[j];
  }
  for (int j = 0; j < H; ++j) h[j] = next[j];
  return c + H;
}

/* Sum over all rows of weight * output, and of trunk_weight [rows, width] * what the trunk says where there is one;
 * outputs in `out` unless NULL. */
static double reference(const MarlNetworkShape *shape, const double *params, const double *input,
                        const double *start, const float *weight, const float *trunk_weight,
                        double *out) {
  const int width = marl_network_trunk_width(shape);
  const MarlMlpShape *d = &shape->dense;
  double sum = 0;
  for (size_t s = 0; s < SEQUENCES; ++s) {
    double h[MEMORY];
    memcpy(h, start + s * MEMORY, sizeof h);
    size_t at = 0;
    for (size_t t = 0; t < STEPS && active[t] > s; at += active[t++]) {
      const double *p = params;
      double x[WIDEST], y[WIDEST];
      int in = IN;
      memcpy(x, input + (at + s) * IN, sizeof(double) * IN);
      for (int l = 0; l < d->num_hidden; ++l) {
        p = dense(p, in, d->hidden[l], x, y);
        in = d->hidden[l];
        for (int j = 0; j < in; ++j) x[j] = d->activation == MARL_TANH ? tanh(y[j]) : fmax(y[j], 0);
        for (int j = 0;
             shape->has_trunk && shape->memory == 0 && l + 1 == shape->trunk_hidden && j < in; ++j)
          sum += (double)trunk_weight[(at + s) * (size_t)width + (size_t)j] * x[j];
      }
      if (shape->memory > 0) p = recur(p, in, x, h);
      for (int j = 0; shape->has_trunk && shape->memory > 0 && j < MEMORY; ++j)
        sum += (double)trunk_weight[(at + s) * MEMORY + (size_t)j] * h[j];
      dense(p, shape->memory > 0 ? MEMORY : in, OUT, shape->memory > 0 ? h : x, y);
      for (int j = 0; j < OUT; ++j) sum += (double)weight[(at + s) * OUT + (size_t)j] * y[j];
      if (out != NULL) memcpy(out + (at + s) * OUT, y, sizeof(double) * OUT);
    }
  }
  return sum;
}

/* Values of order one through a dozen roundings and tanh of 5e-7 an element: 3e-5 leaves a margin of
 * three; central differences with 1e-5 in double are exact to 1e-9. */
static const double tolerance = 3e-5, step = 1e-5;

static void check(const MarlNetworkShape *shape) {
  MarlError err;
  MarlNetwork *net;
  const size_t n = marl_network_num_params(shape);
  float *params = calloc(2 * n, sizeof *params), *grad = params + n;
  double *exact = calloc(n, sizeof *exact);
  float input[ROWS * IN], start[SEQUENCES * MEMORY], weight[ROWS * OUT], output[ROWS * OUT];
  float second[ROWS * WIDEST];
  double x[ROWS * IN], h[SEQUENCES * MEMORY], y[ROWS * OUT];
  const MarlKey key = marl_key(3, MARL_STREAM_INIT);
  marl_network_init(shape, key, 1, params);
  for (size_t i = 0; i < n; ++i) {
    if (params[i] == 0) params[i] = 0.2f * (float)marl_normal(key, 5000 + i); /* biases */
    exact[i] = params[i];
  }
  marl_normal_fill(marl_key_fold(key, 1), 0, ROWS * IN, input);
  marl_normal_fill(marl_key_fold(key, 2), 0, SEQUENCES * MEMORY, start);
  marl_normal_fill(marl_key_fold(key, 3), 0, ROWS * OUT, weight);
  marl_normal_fill(marl_key_fold(key, 4), 0, ROWS * WIDEST, second);
  for (int i = 0; i < ROWS * IN; ++i) x[i] = input[i];
  for (int i = 0; i < SEQUENCES * MEMORY; ++i) h[i] = start[i];

  UNIT_OK(marl_network_create(shape, ROWS, &net, &err));
  CU_ASSERT_PTR_NULL(marl_network_mlp(net));
  marl_network_forward(net, STEPS, active, params, input, start, output);
  reference(shape, exact, x, h, weight, second, y);
  for (int i = 0; i < ROWS * OUT; ++i) UNIT_NEAR(output[i], y[i], tolerance);
  marl_network_backward(net, STEPS, active, params, input, weight, shape->has_trunk ? second : NULL,
                        grad);
  for (size_t i = 0; i < n; ++i) {
    const double kept = exact[i];
    exact[i] = kept + step;
    const double up = reference(shape, exact, x, h, weight, second, NULL);
    exact[i] = kept - step;
    const double down = reference(shape, exact, x, h, weight, second, NULL);
    exact[i] = kept;
    UNIT_NEAR(grad[i], (up - down) / (2 * step), tolerance);
  }
  marl_network_destroy(&net);
  free(params);
  free(exact);
}

static void test_values_and_gradients_are_those_of_the_definition(void) {
  for (size_t i = 0; i < sizeof shapes / sizeof shapes[0]; ++i) check(&shapes[i]);
}

static void test_a_second_head_adds_its_gradient_to_the_trunk(void) {
  for (size_t i = 0; i < sizeof branching / sizeof branching[0]; ++i) check(&branching[i]);
}

/* Weights, initial weights and outputs are those without one, to the rounding of one more block of rows; and if the
 * second head says nothing, so are gradients. */
static void test_a_trunk_changes_nothing_but_what_can_be_read(void) {
  for (size_t i = 0; i < sizeof branching / sizeof branching[0]; ++i) {
    MarlError err;
    MarlNetwork *net[2];
    MarlNetworkShape plain = branching[i];
    plain.has_trunk = false;
    float params[2][512], input[ROWS * IN], start[SEQUENCES * MEMORY], weight[ROWS * OUT];
    float output[2][ROWS * OUT], grad[2][512] = {{0}};
    const MarlKey key = marl_key(7, MARL_STREAM_INIT);
    const size_t n = marl_network_num_params(&plain);
    CU_ASSERT_FATAL(n == marl_network_num_params(&branching[i]) && n <= 512);
    marl_normal_fill(key, 0, ROWS * IN, input);
    marl_normal_fill(key, 100, SEQUENCES * MEMORY, start);
    marl_normal_fill(key, 200, ROWS * OUT, weight);
    for (int k = 0; k < 2; ++k) {
      const MarlNetworkShape *shape = k == 0 ? &plain : &branching[i];
      marl_network_init(shape, key, 1, params[k]);
      UNIT_OK(marl_network_create(shape, ROWS, &net[k], &err));
      marl_network_forward(net[k], STEPS, active, params[k], input, start, output[k]);
      marl_network_backward(net[k], STEPS, active, params[k], input, weight, NULL, grad[k]);
      marl_network_destroy(&net[k]);
    }
    UNIT_BITS_EQUAL(params[0], params[1], n * sizeof(float));
    for (int j = 0; j < ROWS * OUT; ++j) UNIT_NEAR(output[0][j], output[1][j], 1e-6);
    for (size_t j = 0; j < n; ++j) UNIT_NEAR(grad[0][j], grad[1][j], 5e-6);
  }
}

static void test_a_trunk_that_cannot_be_is_refused(void) {
  MarlError err;
  MarlNetwork *net;
  MarlNetworkShape shape = branching[2];
  shape.trunk_hidden = 0;
  UNIT_ERROR(marl_network_create(&shape, ROWS, &net, &err), MARL_ECONFIG,
             "a trunk ends behind the recurrent layer");
  shape = branching[0];
  shape.trunk_hidden = 3;
  UNIT_ERROR(marl_network_create(&shape, ROWS, &net, &err), MARL_ECONFIG,
             "a trunk of 3 hidden layers of a network that has 2");
  shape.trunk_hidden = 0;
  UNIT_ERROR(marl_network_create(&shape, ROWS, &net, &err), MARL_ECONFIG, "a trunk needs a layer");
}

/* Step by step, each with the memory that the last one left, is the same as all at once: what acts
 * is what learns. Single rows may differ from blocks by rounding (mlp.h). */
static void test_step_by_step_is_the_sequence(void) {
  MarlError err;
  MarlNetwork *net;
  const MarlNetworkShape *shape = &shapes[0];
  float params[512], input[ROWS * IN], memory[SEQUENCES * MEMORY], all[ROWS * OUT], one[OUT * 3];
  CU_ASSERT_FATAL(marl_network_num_params(shape) <= 512);
  marl_network_init(shape, marl_key(4, MARL_STREAM_INIT), 1, params);
  marl_normal_fill(marl_key(5, MARL_STREAM_INIT), 0, ROWS * IN, input);
  memset(memory, 0, sizeof memory);
  UNIT_OK(marl_network_create(shape, ROWS, &net, &err));
  marl_network_forward(net, STEPS, active, params, input, memory, all);
  size_t at = 0;
  for (size_t t = 0; t < STEPS; at += active[t++]) {
    marl_network_forward(net, 1, &active[t], params, input + at * IN, memory, one);
    memcpy(memory, marl_network_memory(net), active[t] * MEMORY * sizeof(float));
    for (size_t i = 0; i < active[t] * OUT; ++i) UNIT_NEAR(one[i], all[at * OUT + i], 1e-6);
  }
  marl_network_destroy(&net);
}

/* Without memory it is the MLP, bit for bit, its initial weights too. */
static void test_without_memory_it_is_the_mlp(void) {
  MarlError err;
  MarlNetwork *net;
  MarlMlp *mlp;
  const MarlNetworkShape shape = {.dense = shapes[1].dense};
  float a[256], b[256], input[ROWS * IN], weight[ROWS * OUT], x[ROWS * OUT], y[ROWS * OUT];
  float a_grad[256] = {0}, b_grad[256] = {0};
  const MarlKey key = marl_key(6, MARL_STREAM_INIT);
  const size_t n = marl_network_num_params(&shape), rows = ROWS;
  CU_ASSERT_FATAL(n == marl_mlp_num_params(&shape.dense) && n <= 256);
  marl_network_init(&shape, key, 0.5f, a);
  marl_mlp_init(&shape.dense, key, 0.5f, b);
  UNIT_BITS_EQUAL(a, b, n * sizeof *a);
  marl_normal_fill(key, 0, ROWS * IN, input);
  marl_normal_fill(key, 100, ROWS * OUT, weight);
  UNIT_OK(marl_network_create(&shape, ROWS, &net, &err));
  UNIT_OK(marl_mlp_create(&shape.dense, 1, ROWS, &mlp, &err));
  marl_network_forward(net, 1, &rows, a, input, NULL, x);
  marl_network_backward(net, 1, &rows, a, input, weight, NULL, a_grad);
  marl_mlp_forward(mlp, 1, rows, b, input, y);
  marl_mlp_backward(mlp, 1, rows, b, input, weight, b_grad, NULL);
  UNIT_BITS_EQUAL(x, y, sizeof x);
  UNIT_BITS_EQUAL(a_grad, b_grad, n * sizeof *a_grad);
  marl_network_destroy(&net);
  marl_mlp_destroy(&mlp);
}

static CU_TestInfo tests[] = {
    {"values and gradients are those of the definition",
     test_values_and_gradients_are_those_of_the_definition},
    {"a second head adds its gradient to the trunk",
     test_a_second_head_adds_its_gradient_to_the_trunk},
    {"a trunk changes nothing but what can be read",
     test_a_trunk_changes_nothing_but_what_can_be_read},
    {"a trunk that cannot be is refused", test_a_trunk_that_cannot_be_is_refused},
    {"step by step is the sequence", test_step_by_step_is_the_sequence},
    {"without memory it is the MLP", test_without_memory_it_is_the_mlp},
    CU_TEST_INFO_NULL,
};
static CU_SuiteInfo suites[] = {
    {"marl/network", NULL, NULL, NULL, NULL, tests},
    CU_SUITE_INFO_NULL,
};
UNIT_MAIN(suites)
