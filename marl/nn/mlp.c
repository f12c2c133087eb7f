#include "marl/nn/mlp.h"

#include <assert.h>
#include <cblas.h>
#include <stdbool.h>
#include <stdlib.h>

#include "marl/nn/mlp_sparse.h"
#include "marl/nn/vecmath.h"

/* Rows go through in blocks. The hidden activations of a block lie together, layer after layer, at
 * (rows before the block, over all sets of the call) * hidden_width. */
struct MarlMlp {
  MarlMlpShape shape;
  int max_sets;
  size_t max_rows;
  size_t block; /* rows that go through together, at most MARL_MLP_BLOCK */
  int num_layers;
  int width[MARL_MLP_MAX_HIDDEN + 2]; /* inputs, hidden layers, outputs */
  size_t hidden_width;                /* sum of the hidden widths */
  size_t num_params;                  /* of one set */
  float *hidden;                      /* [max_sets, max_rows, hidden_width], owned */
  float *delta[2];                    /* each [block, widest hidden layer] */
  MarlSparse
      *sparse; /* of the first layer, or NULL: its inputs are few or its outputs no whole lanes */
  float *transposed; /* as the parameters of a set, but weights [out, in] */
};

/* What OpenBLAS multiplies without packing, 1.4 times as fast as with it: rows * in * out. It has
 * no such kernel for y W^T, so from a few rows on that is done as a product with W transposed. */
static const size_t small_product = 1000000;
enum { CACHED_ROWS = 128, TRANSPOSING_ROWS = 32 };

/* One layer of one block of one set. */
typedef struct Layer {
  int rows, in, out;
  const float *weights;    /* [in, out], then the bias [out] */
  const float *transposed; /* [out, in], or NULL */
} Layer;

static float *bias_of(const Layer *layer, float *params) {
  return params + (size_t)layer->in * (size_t)layer->out;
}

static void layer_widths(const MarlMlpShape *shape, int width[MARL_MLP_MAX_HIDDEN + 2]) {
  width[0] = shape->num_inputs;
  for (int l = 0; l < shape->num_hidden; ++l) width[l + 1] = shape->hidden[l];
  width[shape->num_hidden + 1] = shape->num_outputs;
}

static size_t layer_params(const int *width, int layer) {
  return ((size_t)width[layer] + 1) * (size_t)width[layer + 1];
}

size_t marl_mlp_num_params(const MarlMlpShape *shape) {
  int width[MARL_MLP_MAX_HIDDEN + 2];
  layer_widths(shape, width);
  size_t count = 0;
  for (int l = 0; l <= shape->num_hidden; ++l) count += layer_params(width, l);
  return count;
}

static MarlCode check_shape(const MarlMlpShape *shape, int max_sets, size_t max_rows,
                            MarlError *err) {
  if (max_sets < 1 || max_rows < 1)
    return MARL_FAIL(err, MARL_EARG, "a network needs at least one set and one row, not %d and %zu",
                     max_sets, max_rows);
  if (shape->num_hidden < 0 || shape->num_hidden > MARL_MLP_MAX_HIDDEN)
    return MARL_FAIL(err, MARL_ECONFIG, "a network has 0 to %d hidden layers, not %d",
                     MARL_MLP_MAX_HIDDEN, shape->num_hidden);
  if (shape->num_inputs < 1 || shape->num_outputs < 1)
    return MARL_FAIL(err, MARL_EARG, "a network needs inputs and outputs, not %d and %d",
                     shape->num_inputs, shape->num_outputs);
  for (int l = 0; l < shape->num_hidden; ++l)
    if (shape->hidden[l] < 1)
      return MARL_FAIL(err, MARL_ECONFIG, "hidden layer %d has %d units; it needs at least 1",
                       l + 1, shape->hidden[l]);
  return MARL_OK;
}

/* As many rows as keep every product small, and at 64 units the arrays in the first-level cache;
 * layers too wide for that take large blocks. Measured: docs/networks.md. */
static size_t block_rows(const MarlMlpShape *shape) {
  int width[MARL_MLP_MAX_HIDDEN + 2];
  layer_widths(shape, width);
  size_t rows = CACHED_ROWS;
  for (int l = 0; l <= shape->num_hidden; ++l) {
    const size_t most = small_product / ((size_t)width[l] * (size_t)width[l + 1]) / 4 * 4;
    if (most < rows) rows = most;
  }
  return rows < TRANSPOSING_ROWS ? MARL_MLP_BLOCK : rows;
}

MarlCode marl_mlp_create(const MarlMlpShape *shape, int max_sets, size_t max_rows, MarlMlp **out,
                         MarlError *err) {
  MARL_TRY(check_shape(shape, max_sets, max_rows, err));
  size_t hidden_width = 0, widest = 0;
  for (int l = 0; l < shape->num_hidden; ++l) {
    const size_t width = (size_t)shape->hidden[l];
    hidden_width += width;
    if (width > widest) widest = width;
  }
  const size_t line = 64;
  const size_t head = (sizeof(MarlMlp) + line - 1) / line * line;
  const size_t block = block_rows(shape);
  const size_t delta = block * widest;
  const size_t hidden = (size_t)max_sets * max_rows * hidden_width;
  const size_t num_params = marl_mlp_num_params(shape);
  const size_t bytes = head + (2 * delta + hidden + num_params) * sizeof(float);
  char *memory = aligned_alloc(line, (bytes + line - 1) / line * line);
  if (memory == NULL)
    return MARL_FAIL(err, MARL_EMEMORY,
                     "no memory for the activations of %d x %zu rows (%zu bytes)", max_sets,
                     max_rows, bytes);
  float *floats = (float *)(void *)(memory + head);
  MarlMlp *mlp = (MarlMlp *)(void *)memory;
  *mlp = (MarlMlp){.shape = *shape,
                   .max_sets = max_sets,
                   .max_rows = max_rows,
                   .block = block,
                   .num_layers = shape->num_hidden + 1,
                   .hidden_width = hidden_width,
                   .num_params = num_params,
                   .delta = {floats, floats + delta},
                   .hidden = floats + 2 * delta,
                   .transposed = floats + 2 * delta + hidden};
  layer_widths(shape, mlp->width);
  const size_t in = (size_t)mlp->width[0], first = (size_t)mlp->width[1];
  MarlCode code = MARL_OK;
  if (marl_sparse_fits(in, first))
    code = marl_sparse_create(in, first, (size_t)max_sets * max_rows, &mlp->sparse, err);
  if (code == MARL_OK)
    *out = mlp;
  else
    marl_mlp_destroy(&mlp);
  return code;
}

void marl_mlp_destroy(MarlMlp **mlp) {
  if (*mlp != NULL) marl_sparse_destroy(&(*mlp)->sparse);
  free(*mlp);
  *mlp = NULL;
}

/* y = x W */
static void multiply(const Layer *layer, const float *x, float *y) {
  cblas_sgemm(CblasRowMajor, CblasNoTrans, CblasNoTrans, layer->rows, layer->out, layer->in, 1.0f,
              x, layer->in, layer->weights, layer->out, 0.0f, y, layer->out);
}

/* dx = dy W^T for few outputs, which sgemm does at a fifth of its speed. `out` is a constant where
 * this is called, so that the compiler unrolls the sum and vectorises over the inputs. */
static inline void multiply_narrow(const Layer *layer, size_t out, const float *restrict dy,
                                   float *restrict dx) {
  const size_t in = (size_t)layer->in;
  const float *restrict weights = layer->weights;
  for (size_t r = 0; r < (size_t)layer->rows; ++r)
    for (size_t k = 0; k < in; ++k) {
      float sum = 0;
      for (size_t j = 0; j < out; ++j) sum += dy[r * out + j] * weights[k * out + j];
      dx[r * in + k] = sum;
    }
}

/* dx = dy W^T */
static void multiply_transposed(const Layer *layer, const float *dy, float *dx) {
  switch (layer->out) {
    case 1:
      multiply_narrow(layer, 1, dy, dx);
      break;
    case 2:
      multiply_narrow(layer, 2, dy, dx);
      break;
    case 3:
      multiply_narrow(layer, 3, dy, dx);
      break;
    case 4:
      multiply_narrow(layer, 4, dy, dx);
      break;
    default:
      if (layer->transposed != NULL)
        cblas_sgemm(CblasRowMajor, CblasNoTrans, CblasNoTrans, layer->rows, layer->in, layer->out,
                    1.0f, dy, layer->out, layer->transposed, layer->in, 0.0f, dx, layer->in);
      else
        cblas_sgemm(CblasRowMajor, CblasNoTrans, CblasTrans, layer->rows, layer->in, layer->out,
                    1.0f, dy, layer->out, layer->weights, layer->out, 0.0f, dx, layer->in);
  }
}

/* dW += x^T dy */
static void add_weight_gradients(const Layer *layer, const float *x, const float *dy,
                                 float *params_grad) {
  cblas_sgemm(CblasRowMajor, CblasTrans, CblasNoTrans, layer->in, layer->out, layer->rows, 1.0f, x,
              layer->in, dy, layer->out, 1.0f, params_grad, layer->out);
}

/* db += column sums of dy */
static void add_bias_gradients(const Layer *layer, const float *dy, float *params_grad) {
  float *restrict bias_grad = bias_of(layer, params_grad);
  for (int r = 0; r < layer->rows; ++r) {
    const float *restrict row = dy + (size_t)r * (size_t)layer->out;
    for (int j = 0; j < layer->out; ++j) bias_grad[j] += row[j];
  }
}

void marl_mlp_slope(MarlActivation activation, size_t n, const float *restrict h,
                    float *restrict delta) {
  if (activation == MARL_TANH)
    for (size_t i = 0; i < n; ++i) delta[i] *= 1.0f - h[i] * h[i];
  else
    for (size_t i = 0; i < n; ++i) delta[i] = h[i] > 0 ? delta[i] : 0;
}

/* Eight inputs at a time: what is written is contiguous. */
static void transpose(size_t in, size_t out, const float *restrict weights,
                      float *restrict transposed) {
  enum { TILE = 8 };
  size_t first = 0;
  for (; first + TILE <= in; first += TILE)
    for (size_t j = 0; j < out; ++j)
      for (size_t k = first; k < first + TILE; ++k) transposed[j * in + k] = weights[k * out + j];
  for (size_t k = first; k < in; ++k)
    for (size_t j = 0; j < out; ++j) transposed[j * in + k] = weights[k * out + j];
}

/* The transposed weights of a set for a backward pass over `rows` rows, or NULL if they do not
 * pay. */
static const float *transpose_set(const MarlMlp *mlp, size_t rows, const float *params) {
  if (rows < TRANSPOSING_ROWS || mlp->block == MARL_MLP_BLOCK) return NULL;
  size_t offset = 0;
  for (int l = 0; l < mlp->num_layers; ++l) {
    transpose((size_t)mlp->width[l], (size_t)mlp->width[l + 1], params + offset,
              mlp->transposed + offset);
    offset += layer_params(mlp->width, l);
  }
  return mlp->transposed;
}

/* Rows `at` .. of all that the call has. */
static void forward_block(const MarlMlp *mlp, size_t at, int rows, const float *params,
                          const float *input, float *hidden, float *output) {
  const float *x = input;
  for (int l = 0; l < mlp->num_layers; ++l) {
    const Layer layer = {rows, mlp->width[l], mlp->width[l + 1], params, NULL};
    const float *bias = params + (size_t)layer.in * (size_t)layer.out;
    const bool last = l + 1 == mlp->num_layers;
    float *y = last ? output : hidden;
    if (l > 0 || mlp->sparse == NULL ||
        !marl_sparse_forward(mlp->sparse, at, (size_t)rows, params, x, y))
      multiply(&layer, x, y);
    if (last)
      marl_rows_add((size_t)rows, (size_t)layer.out, bias, y);
    else if (mlp->shape.activation == MARL_TANH)
      marl_rows_add_tanh((size_t)rows, (size_t)layer.out, bias, y);
    else
      marl_rows_add_relu((size_t)rows, (size_t)layer.out, bias, y);
    x = y;
    hidden += (size_t)rows * (size_t)layer.out;
    params += layer_params(mlp->width, l);
  }
}

static void backward_block(const MarlMlp *mlp, size_t at, int rows, const float *params,
                           const float *transposed, const float *input, const float *hidden,
                           const float *output_grad, float *params_grad, float *input_grad) {
  const float *h = hidden + (size_t)rows * mlp->hidden_width;
  const float *delta = output_grad;
  size_t offset = mlp->num_params;
  for (int l = mlp->num_layers - 1; l >= 0; --l) {
    offset -= layer_params(mlp->width, l);
    const Layer layer = {rows, mlp->width[l], mlp->width[l + 1], params + offset,
                         transposed == NULL ? NULL : transposed + offset};
    const size_t size = (size_t)rows * (size_t)layer.in;
    h = l > 0 ? h - size : input;
    if (l > 0 || mlp->sparse == NULL ||
        !marl_sparse_add_gradient(mlp->sparse, at, (size_t)rows, h, delta, params_grad + offset))
      add_weight_gradients(&layer, h, delta, params_grad + offset);
    add_bias_gradients(&layer, delta, params_grad + offset);
    float *x_grad = l > 0 ? mlp->delta[l % 2] : input_grad;
    if (x_grad == NULL) continue;
    multiply_transposed(&layer, delta, x_grad);
    if (l > 0) marl_mlp_slope(mlp->shape.activation, size, h, x_grad);
    delta = x_grad;
  }
}

void marl_mlp_forward(MarlMlp *mlp, int num_sets, size_t rows, const float *restrict params,
                      const float *restrict input, float *restrict output) {
  assert(num_sets <= mlp->max_sets && rows <= mlp->max_rows);
  const size_t in = (size_t)mlp->shape.num_inputs, out = (size_t)mlp->shape.num_outputs;
  for (int p = 0; p < num_sets; ++p)
    for (size_t row = 0; row < rows; row += mlp->block) {
      const size_t left = rows - row, at = (size_t)p * rows + row;
      forward_block(mlp, at, (int)(left < mlp->block ? left : mlp->block),
                    params + (size_t)p * mlp->num_params, input + at * in,
                    mlp->hidden + at * mlp->hidden_width, output + at * out);
    }
}

void marl_mlp_backward(MarlMlp *mlp, int num_sets, size_t rows, const float *restrict params,
                       const float *restrict input, const float *restrict output_grad,
                       float *restrict params_grad, float *restrict input_grad) {
  assert(num_sets <= mlp->max_sets && rows <= mlp->max_rows);
  const size_t in = (size_t)mlp->shape.num_inputs, out = (size_t)mlp->shape.num_outputs;
  for (int p = 0; p < num_sets; ++p) {
    const float *own = params + (size_t)p * mlp->num_params;
    const float *transposed = transpose_set(mlp, rows, own);
    for (size_t row = 0; row < rows; row += mlp->block) {
      const size_t left = rows - row, at = (size_t)p * rows + row;
      backward_block(mlp, at, (int)(left < mlp->block ? left : mlp->block), own, transposed,
                     input + at * in, mlp->hidden + at * mlp->hidden_width, output_grad + at * out,
                     params_grad + (size_t)p * mlp->num_params,
                     input_grad == NULL ? NULL : input_grad + at * in);
    }
  }
}
