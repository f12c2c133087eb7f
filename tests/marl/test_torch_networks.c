/* Values and gradients of dense, convolutional and recurrent networks against PyTorch's, which
 * tools/make_torch_networks.py has computed in double and stored with its version and seed. */
#include "marl/nn/network.h"
#include "tests/marl/torch_reference.h"

enum { ROWS = 12, OUTPUTS = 3, TAIL = 4 };

typedef struct Case {
  const char *name;
  MarlNetworkShape shape;
  size_t steps, active[4];
} Case;

static const Case cases[] = {
    {"dense", {.dense = {.num_inputs = 5, .num_hidden = 2, .hidden = {8, 8}}}, 1, {ROWS}},
    {"sparse", {.dense = {.num_inputs = 124, .num_hidden = 2, .hidden = {32, 16}}}, 1, {ROWS}},
    {"conv",
     {.dense = {.num_inputs = 90 + TAIL, .num_hidden = 1, .hidden = {6}},
      .conv = {.rows = 6,
               .cols = 5,
               .channels = 3,
               .num_layers = 2,
               .layer = {{3, 4, 2, 1}, {2, 3, 1, 1}}}},
     1,
     {ROWS}},
    {"conv_bits",
     {.dense = {.num_inputs = 245 + TAIL, .num_hidden = 1, .hidden = {8}, .activation = MARL_RELU},
      .conv = {.rows = 7,
               .cols = 7,
               .channels = 5,
               .num_layers = 2,
               .layer = {{3, 16, 1, 0}, {3, 16, 1, 0}},
               .activation = MARL_RELU}},
     1,
     {ROWS}},
    {"gru",
     {.dense = {.num_inputs = 6, .num_hidden = 1, .hidden = {8}}, .memory = 5},
     4,
     {4, 4, 3, 1}},
    {"conv_gru",
     {.dense = {.num_inputs = 50 + TAIL, .activation = MARL_RELU},
      .conv = {.rows = 5,
               .cols = 5,
               .channels = 2,
               .num_layers = 1,
               .layer = {{3, 3, 1, 0}},
               .activation = MARL_RELU},
      .memory = 4},
     3,
     {5, 4, 3}},
};

static void compare(MarlStore *file, const Case *c) {
  MarlError err;
  MarlNetwork *net;
  MarlNetworkShape shape = c->shape;
  shape.dense.num_outputs = OUTPUTS;
  if (shape.conv.num_layers > 0) shape.conv.tail = TAIL;
  const size_t n = marl_network_num_params(&shape), width = (size_t)shape.dense.num_inputs;
  const size_t memory = c->active[0] * (size_t)shape.memory;
  float *params = torch_read(file, c->name, "params", MARL_F32, n);
  float *input = torch_read(file, c->name, "input", MARL_F32, ROWS * width);
  float *start = torch_read(file, c->name, "start", MARL_F32, memory > 0 ? memory : 1);
  float *weight = torch_read(file, c->name, "weight", MARL_F32, ROWS * OUTPUTS);
  double *output_there = torch_read(file, c->name, "output", MARL_F64, ROWS * OUTPUTS);
  double *grad_there = torch_read(file, c->name, "grad", MARL_F64, n);
  float output[ROWS * OUTPUTS], *grad = calloc(n, sizeof *grad);
  UNIT_OK(marl_network_create(&shape, ROWS, &net, &err));
  marl_network_forward(net, c->steps, c->active, params, input, start, output);
  marl_network_backward(net, c->steps, c->active, params, input, weight, NULL, grad);
  torch_near(c->name, "outputs", ROWS * OUTPUTS, output, output_there);
  torch_near(c->name, "gradient", n, grad, grad_there);
  marl_network_destroy(&net);
  void *all[] = {params, input, start, weight, output_there, grad_there, grad};
  for (size_t i = 0; i < sizeof all / sizeof *all; ++i) free(all[i]);
}

static void test_networks_and_gradients_are_pytorchs(void) {
  MarlStore *file = torch_open("torch_networks.h5");
  for (size_t i = 0; i < sizeof cases / sizeof *cases; ++i) compare(file, &cases[i]);
  marl_store_close(&file);
}

static CU_TestInfo tests[] = {
    {"networks and their gradients are PyTorch's", test_networks_and_gradients_are_pytorchs},
    CU_TEST_INFO_NULL,
};
static CU_SuiteInfo suites[] = {{"networks of PyTorch", NULL, NULL, NULL, NULL, tests},
                                CU_SUITE_INFO_NULL};
UNIT_MAIN(suites)
