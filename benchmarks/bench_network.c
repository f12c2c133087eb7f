/* Forward and backward of the networks of grid worlds against the bare matrix products.
 *
 * A block of 512 windows of bits, forward, then the gradients of all parameters. Bare OpenBLAS: the sgemm
 * calls of the same network where patches lie unfolded already, y = P W, dW = P^T dy and, but for the first layer,
 * dP = dy W^T, without bias, activation, unfolding or anything else; in blocks of 16 and of 128 images, the faster
 * counts. GFLOP/s count the products of the definition for both, also those with zeros that ours leaves out.
 *
 *   bench_network          each network in turn with its products */
#include <cblas.h>
#include <stdbool.h>

#include "benchmarks/bench.h"
#include "marl/nn/network.h"

char *openblas_get_corename(void); /* no header of OpenBLAS declares it everywhere */

enum { ROWS = 512, MOST_LAYERS = 8, TAIL = 4 };

typedef struct Product {
  int positions, patch, out; /* of one image */
} Product;

typedef struct Problem {
  const char *name;
  MarlNetwork *net;
  size_t num_params;
  float *params, *grad, *input, *output;
  float *patches, *weights, *y; /* of the widest product, 128 images */
  MarlNetworkShape shape;
  Product product[MOST_LAYERS];
  int num_products;
} Problem;

static const MarlConvLayer third = {3, 16, 1, 0};

static Problem problems[] = {
    {.name = "small_7x7x5",
     .shape = {.dense = {.num_outputs = 9, .num_hidden = 1, .hidden = {32}},
               .conv = {.rows = 7, .cols = 7, .channels = 5, .num_layers = 2}}},
    {.name = "small_11x11x12",
     .shape = {.dense = {.num_outputs = 9, .num_hidden = 1, .hidden = {32}},
               .conv = {.rows = 11, .cols = 11, .channels = 12, .num_layers = 2}}},
    {.name = "socialjax_11x11x19",
     .shape = {.dense = {.num_outputs = 10, .num_hidden = 1, .hidden = {64}},
               .conv = {.rows = 11,
                        .cols = 11,
                        .channels = 19,
                        .num_layers = 3,
                        .layer = {{5, 32, 1, 2}, {3, 32, 1, 1}, {3, 32, 1, 1}}}}},
    {.name = "dense_605+4",
     .shape = {.dense = {.num_outputs = 9, .num_hidden = 2, .hidden = {128, 128}},
               .conv = {.rows = 11, .cols = 11, .channels = 5}}},
};
enum { NUM_PROBLEMS = sizeof problems / sizeof *problems };

static void forward_and_back(void *context) {
  Problem *p = context;
  const size_t rows = ROWS;
  marl_network_forward(p->net, 1, &rows, p->params, p->input, NULL, p->output);
  marl_network_backward(p->net, 1, &rows, p->params, p->input, p->output, NULL, p->grad);
}

static void multiply(const Problem *p, int images) {
  for (int at = 0; at < ROWS; at += images)
    for (int l = 0; l < p->num_products; ++l) {
      const int rows = images * p->product[l].positions, k = p->product[l].patch;
      const int out = p->product[l].out;
      cblas_sgemm(CblasRowMajor, CblasNoTrans, CblasNoTrans, rows, out, k, 1, p->patches, k,
                  p->weights, out, 0, p->y, out);
      cblas_sgemm(CblasRowMajor, CblasTrans, CblasNoTrans, k, out, rows, 1, p->patches, k, p->y,
                  out, 0, p->weights, out);
      if (l > 0)
        cblas_sgemm(CblasRowMajor, CblasNoTrans, CblasTrans, rows, k, out, 1, p->y, out, p->weights,
                    out, 0, p->patches, k);
    }
}
static void multiply_16(void *context) {
  multiply(context, 16);
}
static void multiply_128(void *context) {
  multiply(context, 128);
}

/* The products of the network, and their operations for ROWS rows. */
static double list_products(Problem *p) {
  const MarlConvShape *conv = &p->shape.conv;
  int rows = conv->rows, cols = conv->cols, in = conv->channels;
  double operations = 0;
  for (int l = 0; l < conv->num_layers; ++l) {
    const MarlConvLayer *layer = &conv->layer[l];
    rows = (rows + 2 * layer->padding - layer->kernel) / layer->stride + 1;
    cols = (cols + 2 * layer->padding - layer->kernel) / layer->stride + 1;
    p->product[p->num_products++] =
        (Product){rows * cols, layer->kernel * layer->kernel * in, layer->channels};
    in = layer->channels;
  }
  int width = rows * cols * in + TAIL;
  for (int l = 0; l <= p->shape.dense.num_hidden; ++l) {
    const int out =
        l < p->shape.dense.num_hidden ? p->shape.dense.hidden[l] : p->shape.dense.num_outputs;
    p->product[p->num_products++] = (Product){1, width, out};
    width = out;
  }
  for (int l = 0; l < p->num_products; ++l)
    operations += (l > 0 ? 6.0 : 4.0) * p->product[l].positions * p->product[l].patch *
                  p->product[l].out * ROWS;
  return operations;
}

/* Windows: half of the cells hold one thing, a tenth two. */
static void fill_input(Problem *p) {
  const MarlConvShape *conv = &p->shape.conv;
  const MarlKey key = marl_key(1, MARL_STREAM_ENV);
  const size_t width = (size_t)p->shape.dense.num_inputs,
               cells = (size_t)conv->rows * (size_t)conv->cols;
  const size_t planes = (size_t)conv->channels;
  for (size_t r = 0; r < ROWS; ++r)
    for (size_t c = 0; c < cells; ++c) {
      const uint64_t at = 2 * (r * cells + c);
      float *cell = p->input + r * width + c * planes;
      const double chance = marl_uniform(key, at);
      const size_t plane = marl_below(key, at + 1, planes);
      if (chance < 0.6) cell[plane] = 1;
      if (chance < 0.1) cell[(plane + 1) % planes] = 1;
    }
}

static float *numbers(size_t count, uint64_t of) {
  float *x = calloc(count, sizeof *x);
  if (x == NULL) exit(EXIT_FAILURE);
  if (of > 0) marl_normal_fill(marl_key(of, MARL_STREAM_INIT), 0, count, x);
  return x;
}

static void begin(Problem *p, double *operations) {
  MarlError err;
  MarlConvShape *conv = &p->shape.conv;
  size_t patches = 1, weights = 1, y = 1;
  p->shape.dense.activation = conv->activation = MARL_RELU;
  p->shape.dense.num_inputs = conv->rows * conv->cols * conv->channels + TAIL;
  conv->tail = conv->num_layers > 0 ? TAIL : 0;
  for (int l = 0; l < conv->num_layers; ++l)
    if (conv->layer[l].kernel == 0) conv->layer[l] = third;
  *operations = list_products(p);
  for (int l = 0; l < p->num_products; ++l) {
    const size_t rows = 128 * (size_t)p->product[l].positions, k = (size_t)p->product[l].patch;
    const size_t out = (size_t)p->product[l].out;
    patches = rows * k > patches ? rows * k : patches;
    weights = k * out > weights ? k * out : weights;
    y = rows * out > y ? rows * out : y;
  }
  p->num_params = marl_network_num_params(&p->shape);
  p->params = numbers(p->num_params, 0);
  p->grad = numbers(p->num_params, 0);
  p->input = numbers(ROWS * (size_t)p->shape.dense.num_inputs, 0);
  p->output = numbers(ROWS * (size_t)p->shape.dense.num_outputs, 0);
  p->patches = numbers(patches, 2);
  p->weights = numbers(weights, 3);
  p->y = numbers(y, 4);
  marl_network_init(&p->shape, marl_key(1, MARL_STREAM_INIT), 1, p->params);
  fill_input(p);
  if (marl_network_create(&p->shape, ROWS, &p->net, &err) != MARL_OK) exit(EXIT_FAILURE);
}

static void end(Problem *p) {
  float *all[] = {p->params, p->grad, p->input, p->output, p->patches, p->weights, p->y};
  for (size_t i = 0; i < sizeof all / sizeof *all; ++i) free(all[i]);
  marl_network_destroy(&p->net);
}

int main(void) {
  for (int i = 0; i < NUM_PROBLEMS; ++i) {
    Problem *p = &problems[i];
    double operations;
    begin(p, &operations);
    BenchTask tasks[] = {{.run = forward_and_back, .context = p},
                         {.run = multiply_16, .context = p},
                         {.run = multiply_128, .context = p}};
    bench_race(3, tasks, 2.0);
    const bool small = tasks[1].cpu_median < tasks[2].cpu_median;
    const BenchTask *bare = small ? &tasks[1] : &tasks[2];
    bench_begin("network");
    printf(
        " net=%s rows=%d mflop_a_row=%.2f microseconds_a_row=%.2f gflops=%.1f sgemm_gflops=%.1f "
        "share=%.2f share_of_fastest=%.2f kernel=%s",
        p->name, ROWS, operations / ROWS * 1e-6, tasks[0].cpu_median / ROWS * 1e6,
        operations / tasks[0].cpu_median * 1e-9, operations / bare->cpu_median * 1e-9,
        bare->cpu_median / tasks[0].cpu_median, bare->cpu_min / tasks[0].cpu_min,
        openblas_get_corename());
    bench_end();
    end(p);
  }
  return 0;
}
