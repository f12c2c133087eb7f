/* Forward and backward of a training step's networks against the bare matrix products.
 *
 * The network: blocks of 512 rows, as a learner hands them over; forward, then the gradients of
 * all parameters (not of the input, which training does not need). Bare OpenBLAS: the eight sgemm
 * calls that a network of three layers needs, on arrays of the same shapes, without bias,
 * activation or anything else; in blocks of 128 rows, of 512, and on the whole batch. The fastest
 * of the three counts. A population is 100 networks of their own with few rows each; there the
 * three are the same.
 * GFLOP/s count the matrix products only, for both. */
#include <cblas.h>

#include "benchmarks/bench.h"
#include "marl/nn/mlp.h"

enum { LAYERS = 3 };

typedef struct Problem {
  MarlMlp *mlp;
  int width[LAYERS + 1], sets;
  size_t rows, num_params; /* of one set */
  float *params, *params_grad, *input, *output;
  float *h[LAYERS + 1], *delta[LAYERS + 1]; /* of the bare products */
} Problem;

static size_t smaller(size_t a, size_t b) {
  return a < b ? a : b;
}

/* More rows than a block only with one set. */
static void network(void *context) {
  Problem *p = context;
  const size_t in = (size_t)p->width[0], out = (size_t)p->width[LAYERS];
  const size_t rows = smaller(p->rows, MARL_MLP_BLOCK);
  for (size_t row = 0; row < p->rows; row += rows) {
    float *input = p->input + row * in, *output = p->output + row * out;
    marl_mlp_forward(p->mlp, p->sets, rows, p->params, input, output);
    /* the output stands for the gradient of a loss */
    marl_mlp_backward(p->mlp, p->sets, rows, p->params, input, output, p->params_grad, NULL);
  }
}

static void products_of_block(const Problem *p, int set, const float *input, int rows) {
  const float *w[LAYERS];
  float *dw[LAYERS];
  size_t offset = (size_t)set * p->num_params;
  for (int l = 0; l < LAYERS; ++l) {
    w[l] = p->params + offset;
    dw[l] = p->params_grad + offset;
    offset += ((size_t)p->width[l] + 1) * (size_t)p->width[l + 1];
  }
  for (int l = 0; l < LAYERS; ++l) {
    const int in = p->width[l], out = p->width[l + 1];
    cblas_sgemm(CblasRowMajor, CblasNoTrans, CblasNoTrans, rows, out, in, 1.0f,
                l == 0 ? input : p->h[l], in, w[l], out, 0.0f, p->h[l + 1], out);
  }
  for (int l = LAYERS - 1; l >= 0; --l) {
    const int in = p->width[l], out = p->width[l + 1];
    cblas_sgemm(CblasRowMajor, CblasTrans, CblasNoTrans, in, out, rows, 1.0f,
                l == 0 ? input : p->h[l], in, p->delta[l + 1], out, 1.0f, dw[l], out);
    if (l > 0)
      cblas_sgemm(CblasRowMajor, CblasNoTrans, CblasTrans, rows, in, out, 1.0f, p->delta[l + 1],
                  out, w[l], out, 0.0f, p->delta[l], in);
  }
}

static void bare_products(const Problem *p, size_t block) {
  block = smaller(block, p->rows);
  for (int set = 0; set < p->sets; ++set)
    for (size_t row = 0; row < p->rows; row += block)
      products_of_block(p, set, p->input + ((size_t)set * p->rows + row) * (size_t)p->width[0],
                        (int)block);
}

static void bare_128(void *context) {
  bare_products(context, 128);
}

static void bare_512(void *context) {
  bare_products(context, 512);
}

static void bare_whole(void *context) {
  bare_products(context, ((Problem *)context)->rows);
}

static float *numbers(size_t n, float scale) {
  float *x = malloc(n * sizeof *x);
  if (x == NULL) exit(EXIT_FAILURE);
  marl_normal_fill(marl_key(1, MARL_STREAM_INIT), 0, n, x);
  for (size_t i = 0; i < n; ++i) x[i] *= scale;
  return x;
}

static void report(const Problem *p, const BenchTask tasks[4]) {
  double flops = 0; /* three products a layer, but two in the first */
  for (int l = 0; l < LAYERS; ++l)
    flops += (l == 0 ? 4.0 : 6.0) * p->width[l] * p->width[l + 1] * (double)p->rows * p->sets;
  double bare = tasks[1].median, bare_cpu = tasks[1].cpu_median;
  for (int t = 2; t < 4; ++t) {
    if (tasks[t].median < bare) bare = tasks[t].median;
    if (tasks[t].cpu_median < bare_cpu) bare_cpu = tasks[t].cpu_median;
  }
  bench_begin("mlp");
  printf(" net=%d-%d-%d-%d sets=%d rows=%zu", p->width[0], p->width[1], p->width[2], p->width[3],
         p->sets, p->rows);
  printf(" median_s=%.3e gflops=%.1f bare_gflops=%.1f ratio=%.3f", tasks[0].median,
         1e-9 * flops / tasks[0].median, 1e-9 * flops / bare, bare / tasks[0].median);
  printf(" cpu_gflops=%.1f bare_cpu_gflops=%.1f cpu_ratio=%.3f", 1e-9 * flops / tasks[0].cpu_median,
         1e-9 * flops / bare_cpu, bare_cpu / tasks[0].cpu_median);
  printf(" bare_128_cpu_gflops=%.1f bare_512_cpu_gflops=%.1f bare_whole_cpu_gflops=%.1f rounds=%d",
         1e-9 * flops / tasks[1].cpu_median, 1e-9 * flops / tasks[2].cpu_median,
         1e-9 * flops / tasks[3].cpu_median, tasks[0].rounds);
  bench_end();
}

static void bench(int inputs, int hidden, int sets, size_t rows) {
  const MarlMlpShape shape = {inputs, 2, 2, {hidden, hidden}, MARL_TANH};
  Problem p = {.width = {inputs, hidden, hidden, 2}, .sets = sets, .rows = rows};
  MarlError err;
  if (marl_mlp_create(&shape, sets, MARL_MLP_BLOCK, &p.mlp, &err) != MARL_OK) {
    fprintf(stderr, "bench_mlp: %s\n", err.message);
    exit(EXIT_FAILURE);
  }
  p.num_params = marl_mlp_num_params(&shape);
  const size_t all = rows * (size_t)sets;
  /* gradients grow with every repetition but stay finite */
  p.params = numbers((size_t)sets * p.num_params, 0.1f);
  p.params_grad = numbers((size_t)sets * p.num_params, 0);
  p.input = numbers(all * (size_t)inputs, 1);
  p.output = numbers(all * 2, 0);
  for (int l = 1; l <= LAYERS; ++l) {
    p.h[l] = numbers(rows * (size_t)p.width[l], 0);
    p.delta[l] = numbers(rows * (size_t)p.width[l], 1e-3f);
  }
  BenchTask tasks[] = {{.run = network, .context = &p},
                       {.run = bare_128, .context = &p},
                       {.run = bare_512, .context = &p},
                       {.run = bare_whole, .context = &p}};
  bench_race(4, tasks, 1.0);
  report(&p, tasks);
  for (int l = 1; l <= LAYERS; ++l) {
    free(p.h[l]);
    free(p.delta[l]);
  }
  free(p.params);
  free(p.params_grad);
  free(p.input);
  free(p.output);
  marl_mlp_destroy(&p.mlp);
}

int main(void) {
  for (int hidden = 64; hidden <= 128; hidden *= 2)
    for (size_t rows = 512; rows <= 65536; rows *= 2) bench(10, hidden, 1, rows);
  for (size_t rows = 1; rows <= 32; rows *= 2) bench(8, 64, 100, rows);
  return 0;
}
