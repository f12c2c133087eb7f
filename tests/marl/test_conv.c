/* Networks with convolutions: values and gradients against the same network in double, written as the
 * sum of its definition; planes of bits, which are added and not multiplied, give what numbers give. */
#include "marl/nn/network.h"
#include "tests/unit.h"

enum { ROWS = 5, TAIL = 3, OUT = 2, MOST = 4096 };

static const MarlNetworkShape shapes[] = {
    {.dense = {.num_outputs = OUT, .num_hidden = 1, .hidden = {6}},
     .conv = {.rows = 5, .cols = 6, .channels = 3, .num_layers = 1, .layer = {{3, 4, 1, 0}}}},
    {.dense = {.num_outputs = OUT, .num_hidden = 1, .hidden = {5}},
     .conv = {.rows = 7,
              .cols = 6,
              .channels = 2,
              .num_layers = 2,
              .layer = {{3, 4, 2, 1}, {2, 3, 1, 1}}}},
    {.dense = {.num_outputs = OUT},
     .conv = {.rows = 6,
              .cols = 9,
              .channels = 1,
              .num_layers = 3,
              .layer = {{5, 2, 1, 4}, {3, 3, 2, 2}, {1, 2, 1, 0}}}},
    {.dense = {.num_outputs = OUT}, /* outputs beyond one run of lanes, a kernel of 5 */
     .conv = {.rows = 6,
              .cols = 5,
              .channels = 9,
              .num_layers = 2,
              .layer = {{5, 20, 1, 2}, {3, 17, 2, 0}}}},
    {.dense = {.num_outputs = OUT}, /* more planes than a word has bits */
     .conv = {.rows = 3, .cols = 4, .channels = 33, .num_layers = 1, .layer = {{2, 3, 1, 0}}}},
    {.dense = {.num_outputs = OUT}, /* runs of lanes that go together, and what is left of them */
     .conv = {.rows = 4,
              .cols = 3,
              .channels = 33,
              .num_layers = 2,
              .layer = {{3, 40, 1, 1}, {2, 49, 1, 0}}}},
    {.dense = {.num_outputs = OUT, .num_hidden = 1, .hidden = {4}},
     .conv = {.rows = 4, .cols = 4, .channels = 2, .num_layers = 1, .layer = {{3, 3, 1, 1}}},
     .memory = 3},
};
enum { NUM_SHAPES = sizeof shapes / sizeof *shapes };

/* One layer by its definition; returns where the next parameters begin. */
static const double *convolve(const double *p, const MarlConvLayer *layer, int *rows, int *cols,
                              int *in, double *image) {
  const int k = layer->kernel, out = layer->channels;
  const int R = (*rows + 2 * layer->padding - k) / layer->stride + 1;
  const int C = (*cols + 2 * layer->padding - k) / layer->stride + 1;
  const double *bias = p + k * k * *in * out;
  static double y[MOST];
  for (int r = 0; r < R; ++r)
    for (int c = 0; c < C; ++c)
      for (int o = 0; o < out; ++o) {
        double sum = bias[o];
        for (int i = 0; i < k; ++i)
          for (int j = 0; j < k; ++j)
            for (int d = 0; d < *in; ++d) {
              const int row = r * layer->stride + i - layer->padding;
              const int col = c * layer->stride + j - layer->padding;
              if (row < 0 || row >= *rows || col < 0 || col >= *cols) continue;
              sum += image[(row * *cols + col) * *in + d] * p[((i * k + j) * *in + d) * out + o];
            }
        y[(r * C + c) * out + o] = tanh(sum);
      }
  memcpy(image, y, sizeof(double) * (size_t)(R * C * out));
  *rows = R, *cols = C, *in = out;
  return bias + out;
}

/* Features and tail of a row by the definition. */
static int features(const MarlConvShape *s, const double *params, const double *input, double *x,
                    const double **rest) {
  int rows = s->rows, cols = s->cols, in = s->channels;
  const int image = rows * cols * in;
  memcpy(x, input, sizeof(double) * (size_t)image);
  for (int l = 0; l < s->num_layers; ++l)
    params = convolve(params, &s->layer[l], &rows, &cols, &in, x);
  for (int t = 0; t < TAIL; ++t) x[rows * cols * in + t] = input[image + t];
  *rest = params;
  return rows * cols * in + TAIL;
}

/* Sum of weight * output over rows of a network without memory. */
static double reference(const MarlNetworkShape *shape, const double *params, const double *input,
                        int width, const float *weight) {
  double sum = 0;
  static double x[MOST], y[MOST];
  for (int r = 0; r < ROWS; ++r) {
    const double *p;
    int in = features(&shape->conv, params, input + r * width, x, &p);
    const MarlMlpShape *d = &shape->dense;
    for (int l = 0; l <= d->num_hidden; ++l) {
      const int out = l < d->num_hidden ? d->hidden[l] : OUT;
      for (int j = 0; j < out; ++j) {
        y[j] = p[in * out + j];
        for (int i = 0; i < in; ++i) y[j] += x[i] * p[i * out + j];
        if (l < d->num_hidden) y[j] = tanh(y[j]);
      }
      p += (in + 1) * out;
      memcpy(x, y, sizeof(double) * (size_t)out);
      in = out;
    }
    for (int j = 0; j < OUT; ++j) sum += (double)weight[r * OUT + j] * x[j];
  }
  return sum;
}

typedef struct Case {
  MarlNetworkShape shape;
  int width;
  size_t num_params;
  float *params, *input, *weight, *output, *grad;
} Case;

/* What images hold: any numbers, numbers in one cell of eight, planes of bits (then sums of the kernel's rows are looked
 * up, not multiplied). */
typedef enum Kind { NUMBERS, FEW_NUMBERS, BITS } Kind;

static float pixel(Kind kind, MarlKey key, uint64_t i) {
  const double chance = marl_uniform(marl_key_fold(key, 2), i);
  if (kind == BITS) return chance < 0.3 ? 1.0f : 0.0f;
  if (kind == FEW_NUMBERS && chance > 0.12) return 0.0f;
  return (float)marl_normal(marl_key_fold(key, 3), i);
}

static Case make(int number, Kind kind) {
  Case c = {.shape = shapes[number]};
  c.shape.conv.tail = TAIL;
  c.width = marl_conv_num_inputs(&c.shape.conv);
  c.shape.dense.num_inputs = c.width;
  c.num_params = marl_network_num_params(&c.shape);
  c.params = malloc(c.num_params * sizeof(float));
  c.grad = calloc(c.num_params, sizeof(float));
  c.input = malloc((size_t)(ROWS * c.width) * sizeof(float));
  c.weight = malloc(ROWS * OUT * sizeof(float));
  c.output = malloc(ROWS * OUT * sizeof(float));
  const MarlKey key = marl_key(7, MARL_STREAM_INIT);
  marl_network_init(&c.shape, key, 1.0f, c.params);
  for (size_t i = 0; i < c.num_params; ++i)
    c.params[i] += 0.1f * (float)marl_normal(marl_key_fold(key, 1), i);
  for (int i = 0; i < ROWS * c.width; ++i) c.input[i] = pixel(kind, key, (uint64_t)i);
  for (int i = 0; i < ROWS * OUT; ++i)
    c.weight[i] = (float)marl_normal(marl_key_fold(key, 4), (uint64_t)i);
  return c;
}

static void clear(Case *c) {
  free(c->params);
  free(c->grad);
  free(c->input);
  free(c->weight);
  free(c->output);
}

static double value(const Case *c, const float *output) {
  double sum = 0;
  for (int i = 0; i < ROWS * OUT; ++i) sum += (double)c->weight[i] * (double)output[i];
  return sum;
}

/* Values of order one through a few hundred roundings of 6e-8: 3e-5 leaves a margin; central
 * differences with 1e-5 in double are exact to 1e-9. */
static const double tolerance = 3e-5, step = 1e-5;

static void agrees(int number, Kind kind) {
  MarlError err;
  MarlNetwork *net;
  const size_t active[] = {ROWS};
  Case c = make(number, kind);
  UNIT_OK(marl_network_create(&c.shape, ROWS, &net, &err));
  CU_ASSERT_PTR_NULL(marl_network_mlp(net));
  marl_network_forward(net, 1, active, c.params, c.input, NULL, c.output);
  marl_network_backward(net, 1, active, c.params, c.input, c.weight, NULL, c.grad);
  double *params = calloc(c.num_params, sizeof(double));
  double *input = malloc((size_t)(ROWS * c.width) * sizeof(double));
  for (size_t i = 0; i < c.num_params; ++i) params[i] = (double)c.params[i];
  for (int i = 0; i < ROWS * c.width; ++i) input[i] = (double)c.input[i];
  UNIT_NEAR(value(&c, c.output), reference(&c.shape, params, input, c.width, c.weight), tolerance);
  for (size_t i = 0; i < c.num_params; i += 1 + c.num_params / 300) {
    const double at = params[i];
    params[i] = at + step;
    const double up = reference(&c.shape, params, input, c.width, c.weight);
    params[i] = at - step;
    const double down = reference(&c.shape, params, input, c.width, c.weight);
    params[i] = at;
    UNIT_NEAR((double)c.grad[i], (up - down) / (2 * step), tolerance);
  }
  free(params);
  free(input);
  marl_network_destroy(&net);
  clear(&c);
}

static void test_values_and_gradients_are_those_of_the_definition(void) {
  for (int number = 0; number < NUM_SHAPES - 1; ++number) agrees(number, NUMBERS);
}

static void test_images_of_zeros_too(void) {
  for (int number = 0; number < NUM_SHAPES - 1; ++number) agrees(number, FEW_NUMBERS);
}

static void test_planes_of_bits_too(void) {
  for (int number = 0; number < NUM_SHAPES - 1; ++number) agrees(number, BITS);
}

/* An image has the same bits in any company, also where a table of words is full: then it is multiplied, and only
 * rounds differently (outputs of order one, a hundred roundings of 6e-8). */
static void test_more_words_than_there_is_room_for(void) {
  enum { MANY = 60, SIDE = 6, PLANES = 16, OUTPUTS = SIDE * SIDE * 4 };
  MarlError err;
  MarlConv *conv;
  const MarlConvShape shape = {
      .rows = SIDE, .cols = SIDE, .channels = PLANES, .num_layers = 1, .layer = {{3, 4, 1, 1}}};
  const size_t in = SIDE * SIDE * PLANES;
  const MarlKey key = marl_key(9, MARL_STREAM_INIT);
  float *params = malloc(marl_conv_num_params(&shape) * sizeof *params);
  float *input = malloc(MANY * in * sizeof *input), *all = malloc(sizeof(float[MANY][OUTPUTS]));
  float alone[OUTPUTS];
  marl_conv_init(&shape, key, params);
  for (size_t i = 0; i < MANY * in; ++i) /* 36 cells an image, 2^16 words: all differ */
    input[i] = marl_uniform(marl_key_fold(key, 1), i) < 0.5 ? 1.0f : 0.0f;
  UNIT_OK(marl_conv_create(&shape, MANY, &conv, &err));
  marl_conv_forward(conv, MANY, params, input, all);
  for (size_t i = 0; i < MANY; ++i) {
    marl_conv_forward(conv, 1, params, input + i * in, alone);
    for (size_t o = 0; o < OUTPUTS; ++o)
      UNIT_NEAR((double)all[i * OUTPUTS + o], (double)alone[o], 1e-5);
  }
  marl_conv_destroy(&conv);
  free(params);
  free(input);
  free(all);
}

static void test_a_network_with_memory_passes_gradients_to_its_convolutions(void) {
  MarlError err;
  MarlNetwork *net;
  const size_t active[] = {2, 2, 1};
  Case c = make(NUM_SHAPES - 1, NUMBERS);
  float start[2 * 3] = {0};
  UNIT_OK(marl_network_create(&c.shape, ROWS, &net, &err));
  marl_network_forward(net, 3, active, c.params, c.input, start, c.output);
  marl_network_backward(net, 3, active, c.params, c.input, c.weight, NULL, c.grad);
  const float h = 1e-2f; /* in float: error h^2 and 1e-7 / h, 1e-4 of values of order one */
  const size_t conv = marl_conv_num_params(&c.shape.conv);
  for (size_t i = 0; i < conv; i += 3) {
    const float at = c.params[i];
    c.params[i] = at + h;
    marl_network_forward(net, 3, active, c.params, c.input, start, c.output);
    const double up = value(&c, c.output);
    c.params[i] = at - h;
    marl_network_forward(net, 3, active, c.params, c.input, start, c.output);
    const double down = value(&c, c.output);
    c.params[i] = at;
    UNIT_NEAR((double)c.grad[i], (up - down) / (2 * (double)h), 2e-3);
  }
  marl_network_destroy(&net);
  clear(&c);
}

static void test_a_kernel_that_does_not_fit_is_refused(void) {
  MarlError err;
  MarlConvShape shape = {
      .rows = 5, .cols = 5, .channels = 1, .num_layers = 2, .layer = {{3, 4, 1, 0}, {4, 4, 1, 0}}};
  UNIT_ERROR(marl_conv_check(&shape, &err), MARL_ECONFIG, "layer 2: kernel 4");
  shape.layer[1] = (MarlConvLayer){3, 4, 1, 3};
  UNIT_ERROR(marl_conv_check(&shape, &err), MARL_ECONFIG, "layer 2");
}

/* A file may ask for any: 4096 x 4096 x 4096 weights are 0 in 32 bits. */
static void test_a_layer_whose_size_is_no_int_is_refused(void) {
  MarlError err;
  MarlConvShape shape = {.rows = 4096, .cols = 4096, .channels = 1, .num_layers = 2};
  shape.layer[0] = (MarlConvLayer){1, 4, 1, 0};
  shape.layer[1] = (MarlConvLayer){4096, 4096, 1, 0};
  UNIT_ERROR(marl_conv_check(&shape, &err), MARL_ECONFIG, "at most");
  shape.rows = shape.cols = 16, shape.channels = 4096, shape.num_layers = 1;
  shape.layer[0] = (MarlConvLayer){1 << 16, 1, 1, (1 << 16) - 1};
  UNIT_ERROR(marl_conv_check(&shape, &err), MARL_ECONFIG, "layer 1");
}

static CU_TestInfo tests[] = {
    {"values and gradients are those of the definition",
     test_values_and_gradients_are_those_of_the_definition},
    {"of images of zeros too", test_images_of_zeros_too},
    {"of planes of bits too", test_planes_of_bits_too},
    {"more words than there is room for", test_more_words_than_there_is_room_for},
    {"a network with memory passes gradients to its convolutions",
     test_a_network_with_memory_passes_gradients_to_its_convolutions},
    {"a kernel that does not fit is refused", test_a_kernel_that_does_not_fit_is_refused},
    {"a layer whose size is no int is refused", test_a_layer_whose_size_is_no_int_is_refused},
    CU_TEST_INFO_NULL,
};
static CU_SuiteInfo suites[] = {{"convolutions", NULL, NULL, NULL, NULL, tests},
                                CU_SUITE_INFO_NULL};
UNIT_MAIN(suites)
