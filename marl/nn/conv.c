#include "marl/nn/conv.h"

#include <cblas.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "marl/nn/conv_sparse.h"
#include "marl/nn/vecmath.h"

/* Patches of a block of images: about half of a second-level cache. */
static const size_t block_floats = 48 * 1024;

struct MarlConv {
  MarlConvShape shape;
  MarlConvPlan plan[MARL_CONV_MAX_LAYERS];
  size_t max_rows;
  float *y[MARL_CONV_MAX_LAYERS]; /* [max_rows, outputs of the layer] after the activation */
  float *grad[2];                 /* [block, widest layer] */
  float *patches, *patches_grad;  /* [block, positions, patch], of the layer with the largest */
  size_t block;                   /* images that go through together */
};

static void plan_layers(const MarlConvShape *shape, MarlConvPlan *plan) {
  int rows = shape->rows, cols = shape->cols, channels = shape->channels;
  size_t at = 0;
  for (int l = 0; l < shape->num_layers; ++l) {
    const MarlConvLayer *layer = &shape->layer[l];
    MarlConvPlan *p = &plan[l];
    *p = (MarlConvPlan){.rows = rows,
                        .cols = cols,
                        .in = channels,
                        .kernel = layer->kernel,
                        .stride = layer->stride,
                        .padding = layer->padding,
                        .out = layer->channels,
                        .params_at = at};
    p->out_rows = (rows + 2 * layer->padding - layer->kernel) / layer->stride + 1;
    p->out_cols = (cols + 2 * layer->padding - layer->kernel) / layer->stride + 1;
    p->patch = layer->kernel * layer->kernel * channels;
    at += ((size_t)p->patch + 1) * (size_t)p->out;
    rows = p->out_rows, cols = p->out_cols, channels = p->out;
  }
}

/* Products of these sizes are made in int, and a policy's file may ask for anything. */
enum { LARGEST = 1 << 26 }; /* numbers: 256 MiB */

static MarlCode check_layer(const MarlConvLayer *layer, int number, const int64_t image[3],
                            MarlError *err) {
  const int64_t least = (image[0] < image[1] ? image[0] : image[1]) + 2 * (int64_t)layer->padding;
  if (layer->kernel < 1 || layer->stride < 1 || layer->channels < 1 || layer->padding < 0 ||
      layer->kernel > least || layer->padding >= layer->kernel)
    return MARL_FAIL(err, MARL_ECONFIG,
                     "convolution layer %d: kernel %d and padding %d on an image of %d x %d; the "
                     "kernel must fit, and be wider than the padding",
                     number, layer->kernel, layer->padding, (int)image[0], (int)image[1]);
  const double patch = (double)layer->kernel * layer->kernel * (double)image[2];
  const double positions =
      (double)(image[0] + 2 * layer->padding) * (double)(image[1] + 2 * layer->padding);
  if (patch * layer->channels > LARGEST || patch * positions > LARGEST ||
      positions * layer->channels > LARGEST)
    return MARL_FAIL(err, MARL_ECONFIG,
                     "convolution layer %d: kernel %d and %d channels on an image of %d x %d x %d; "
                     "weights, patches and outputs have at most %d numbers each",
                     number, layer->kernel, layer->channels, (int)image[0], (int)image[1],
                     (int)image[2], (int)LARGEST);
  return MARL_OK;
}

MarlCode marl_conv_check(const MarlConvShape *shape, MarlError *err) {
  int64_t image[3] = {shape->rows, shape->cols, shape->channels};
  for (int l = 0; l < shape->num_layers; ++l) {
    const MarlConvLayer *layer = &shape->layer[l];
    MARL_TRY(check_layer(layer, l + 1, image, err));
    for (int side = 0; side < 2; ++side)
      image[side] = (image[side] + 2 * layer->padding - layer->kernel) / layer->stride + 1;
    image[2] = layer->channels;
  }
  return MARL_OK;
}

int marl_conv_num_inputs(const MarlConvShape *shape) {
  return shape->rows * shape->cols * shape->channels + shape->tail;
}

static size_t plan_outputs(const MarlConvPlan *plan) {
  return (size_t)plan->out_rows * (size_t)plan->out_cols * (size_t)plan->out;
}

static size_t plan_inputs(const MarlConvPlan *plan) {
  return (size_t)plan->rows * (size_t)plan->cols * (size_t)plan->in;
}

static size_t plan_patches(const MarlConvPlan *plan) {
  return (size_t)plan->out_rows * (size_t)plan->out_cols * (size_t)plan->patch;
}

int marl_conv_num_outputs(const MarlConvShape *shape) {
  MarlConvPlan plan[MARL_CONV_MAX_LAYERS];
  plan_layers(shape, plan);
  return (int)plan_outputs(&plan[shape->num_layers - 1]) + shape->tail;
}

size_t marl_conv_num_params(const MarlConvShape *shape) {
  MarlConvPlan plan[MARL_CONV_MAX_LAYERS];
  if (shape->num_layers == 0) return 0;
  plan_layers(shape, plan);
  const MarlConvPlan *last = &plan[shape->num_layers - 1];
  return last->params_at + ((size_t)last->patch + 1) * (size_t)last->out;
}

void marl_conv_init(const MarlConvShape *shape, MarlKey key, float *params) {
  MarlConvPlan plan[MARL_CONV_MAX_LAYERS];
  plan_layers(shape, plan);
  for (int l = 0; l < shape->num_layers; ++l) {
    const size_t in = (size_t)plan[l].patch, out = (size_t)plan[l].out;
    float *weights = params + plan[l].params_at;
    marl_weights_init(marl_key_fold(key, (uint64_t)l), in, out, out,
                      marl_mlp_hidden_gain(shape->activation), weights);
    memset(weights + in * out, 0, out * sizeof *weights);
  }
}

MarlCode marl_conv_create(const MarlConvShape *shape, size_t max_rows, MarlConv **out,
                          MarlError *err) {
  *out = NULL;
  MARL_TRY(marl_conv_check(shape, err));
  MarlConv *conv = calloc(1, sizeof *conv);
  if (conv == NULL) return MARL_FAIL(err, MARL_EMEMORY, "no memory for a convolution");
  conv->shape = *shape;
  conv->max_rows = max_rows;
  plan_layers(shape, conv->plan);
  size_t patches = 1, widest = 1;
  bool whole = true;
  for (int l = 0; l < shape->num_layers; ++l) {
    const MarlConvPlan *p = &conv->plan[l];
    if (plan_patches(p) > patches) patches = plan_patches(p);
    if (plan_outputs(p) > widest) widest = plan_outputs(p);
    conv->y[l] = malloc(max_rows * plan_outputs(p) * sizeof(float));
    whole = whole && conv->y[l] != NULL;
  }
  conv->block = block_floats / patches > 0 ? block_floats / patches : 1;
  if (conv->block > max_rows) conv->block = max_rows;
  for (int i = 0; i < 2; ++i) conv->grad[i] = malloc(conv->block * widest * sizeof(float));
  conv->patches = malloc(conv->block * patches * sizeof(float));
  conv->patches_grad = malloc(conv->block * patches * sizeof(float));
  if (whole && conv->grad[0] != NULL && conv->grad[1] != NULL && conv->patches != NULL &&
      conv->patches_grad != NULL) {
    *out = conv;
    return MARL_OK;
  }
  marl_conv_destroy(&conv);
  return MARL_FAIL(err, MARL_EMEMORY, "no memory for a convolution of %zu rows", max_rows);
}

void marl_conv_destroy(MarlConv **conv) {
  MarlConv *c = *conv;
  if (c == NULL) return;
  for (int l = 0; l < MARL_CONV_MAX_LAYERS; ++l) free(c->y[l]);
  free(c->grad[0]);
  free(c->grad[1]);
  free(c->patches);
  free(c->patches_grad);
  free(c);
  *conv = NULL;
}

/* y = patches W of `count` images, x [count, stride of a row]. */
static void multiply(const MarlConv *conv, const MarlConvPlan *p, size_t count, const float *x,
                     size_t stride, const float *weights, float *y) {
  const size_t positions = (size_t)p->out_rows * (size_t)p->out_cols;
  for (size_t i = 0; i < count; ++i)
    marl_conv_unfold(p, x + i * stride, conv->patches + i * plan_patches(p));
  cblas_sgemm(CblasRowMajor, CblasNoTrans, CblasNoTrans, (int)(count * positions), p->out, p->patch,
              1.0f, conv->patches, p->patch, weights, p->out, 0.0f, y, p->out);
}

/* W += patches^T delta */
static void multiply_transposed(const MarlConv *conv, const MarlConvPlan *p, size_t count,
                                const float *x, size_t stride, const float *delta, float *grad) {
  const size_t positions = (size_t)p->out_rows * (size_t)p->out_cols;
  for (size_t i = 0; i < count; ++i)
    marl_conv_unfold(p, x + i * stride, conv->patches + i * plan_patches(p));
  cblas_sgemm(CblasRowMajor, CblasTrans, CblasNoTrans, p->patch, p->out, (int)(count * positions),
              1.0f, conv->patches, p->patch, delta, p->out, 1.0f, grad, p->out);
}

/* One layer of one block of images. Only the first, which sees what agents see, looks for zeros. */
static void forward_layer(const MarlConv *conv, const MarlConvPlan *p, size_t count,
                          const float *params, const float *x, size_t stride, float *y) {
  const float *weights = params + p->params_at;
  const float *bias = weights + (size_t)p->patch * (size_t)p->out;
  if (p != conv->plan) multiply(conv, p, count, x, stride, weights, y);
  for (size_t i = 0; i < count && p == conv->plan; ++i) {
    float *own = y + i * plan_outputs(p);
    if (marl_conv_is_sparse(p, x + i * stride))
      marl_conv_sparse_forward(p, weights, x + i * stride, own);
    else
      multiply(conv, p, 1, x + i * stride, stride, weights, own);
  }
  const size_t positions = count * (size_t)p->out_rows * (size_t)p->out_cols;
  if (conv->shape.activation == MARL_TANH)
    marl_rows_add_tanh(positions, (size_t)p->out, bias, y);
  else
    marl_rows_add_relu(positions, (size_t)p->out, bias, y);
}

void marl_conv_forward(MarlConv *conv, size_t rows, const float *params, const float *input,
                       float *output) {
  const MarlConvShape *shape = &conv->shape;
  const size_t in = (size_t)marl_conv_num_inputs(shape), tail = (size_t)shape->tail;
  const size_t features = plan_outputs(&conv->plan[shape->num_layers - 1]);
  for (size_t row = 0; row < rows; row += conv->block) {
    const size_t count = rows - row < conv->block ? rows - row : conv->block;
    const float *x = input + row * in;
    size_t stride = in;
    for (int l = 0; l < shape->num_layers; ++l) {
      float *y = conv->y[l] + row * plan_outputs(&conv->plan[l]);
      forward_layer(conv, &conv->plan[l], count, params, x, stride, y);
      x = y;
      stride = plan_outputs(&conv->plan[l]);
    }
    for (size_t i = row; i < row + count; ++i) {
      float *out = output + i * (features + tail);
      memcpy(out, x + (i - row) * features, features * sizeof *out);
      memcpy(out + features, input + (i + 1) * in - tail, tail * sizeof *out);
    }
  }
}

/* delta [count, outputs] of a layer, before its activation: adds to the gradient of the parameters. */
static void add_layer_gradient(const MarlConv *conv, const MarlConvPlan *p, size_t count,
                               const float *x, size_t stride, const float *delta, float *grad) {
  float *weights = grad + p->params_at;
  float *bias = weights + (size_t)p->patch * (size_t)p->out;
  if (p != conv->plan) multiply_transposed(conv, p, count, x, stride, delta, weights);
  for (size_t i = 0; i < count && p == conv->plan; ++i) {
    const float *own = delta + i * plan_outputs(p);
    if (marl_conv_is_sparse(p, x + i * stride))
      marl_conv_sparse_backward(p, x + i * stride, own, weights);
    else
      multiply_transposed(conv, p, 1, x + i * stride, stride, own, weights);
  }
  const size_t positions = count * (size_t)p->out_rows * (size_t)p->out_cols;
  for (size_t r = 0; r < positions; ++r)
    for (int c = 0; c < p->out; ++c) bias[c] += delta[r * (size_t)p->out + (size_t)c];
}

/* What a layer's input gets: x_grad [count, inputs]. */
static void pull_back(const MarlConv *conv, const MarlConvPlan *p, size_t count,
                      const float *params, const float *delta, float *x_grad) {
  const size_t positions = (size_t)p->out_rows * (size_t)p->out_cols;
  cblas_sgemm(CblasRowMajor, CblasNoTrans, CblasTrans, (int)(count * positions), p->patch, p->out,
              1.0f, delta, p->out, params + p->params_at, p->out, 0.0f, conv->patches_grad,
              p->patch);
  memset(x_grad, 0, count * plan_inputs(p) * sizeof *x_grad);
  for (size_t i = 0; i < count; ++i)
    marl_conv_fold(p, conv->patches_grad + i * plan_patches(p), x_grad + i * plan_inputs(p));
}

void marl_conv_backward(MarlConv *conv, size_t rows, const float *params, const float *input,
                        const float *output_grad, float *params_grad) {
  const MarlConvShape *shape = &conv->shape;
  const size_t in = (size_t)marl_conv_num_inputs(shape), tail = (size_t)shape->tail;
  const size_t features = plan_outputs(&conv->plan[shape->num_layers - 1]);
  for (size_t row = 0; row < rows; row += conv->block) {
    const size_t count = rows - row < conv->block ? rows - row : conv->block;
    float *delta = conv->grad[0], *next = conv->grad[1];
    for (size_t i = 0; i < count; ++i)
      memcpy(delta + i * features, output_grad + (row + i) * (features + tail),
             features * sizeof *delta);
    for (int l = shape->num_layers - 1; l >= 0; --l) {
      const MarlConvPlan *p = &conv->plan[l];
      const size_t width = l > 0 ? plan_inputs(p) : in;
      const float *x = l > 0 ? conv->y[l - 1] + row * width : input + row * width;
      marl_mlp_slope(shape->activation, count * plan_outputs(p), conv->y[l] + row * plan_outputs(p),
                     delta);
      add_layer_gradient(conv, p, count, x, width, delta, params_grad);
      if (l == 0) break;
      pull_back(conv, p, count, params, delta, next);
      float *swap = delta;
      delta = next;
      next = swap;
    }
  }
}
