#include "marl/nn/conv.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "marl/nn/conv_bits.h"
#include "marl/nn/conv_layer.h"
#include "marl/nn/vecmath.h"

/* What a layer reads and writes of a block of images: two thirds of a first-level cache. */
static const size_t block_floats = 8 * 1024;

struct MarlConv {
  MarlConvShape shape;
  MarlConvPlan plan[MARL_CONV_MAX_LAYERS];
  size_t max_rows;
  float *y[MARL_CONV_MAX_LAYERS]; /* [max_rows, outputs of the layer] after the activation */
  float *packed[MARL_CONV_MAX_LAYERS], *turned[MARL_CONV_MAX_LAYERS]; /* weights (conv_layer.h) */
  MarlConvBits *bits; /* of the first layer; NULL: it has more planes than a word has bits */
  float *grad[2];     /* [block, widest layer] */
  float *bordered;    /* [block, largest image with its border] */
  float *scratch;     /* [block, largest scratch of a layer] */
  size_t block;       /* images that go through together */
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

int marl_conv_num_outputs(const MarlConvShape *shape) {
  MarlConvPlan plan[MARL_CONV_MAX_LAYERS];
  plan_layers(shape, plan);
  return (int)marl_conv_plan_outputs(&plan[shape->num_layers - 1]) + shape->tail;
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

static size_t larger(size_t a, size_t b) {
  return a > b ? a : b;
}

static float *floats(size_t count) {
  return malloc(larger(count, 1) * sizeof(float));
}

/* All arrays; false: no memory. */
static bool allocate(MarlConv *conv) {
  size_t touched = 1, widest = 1, bordered = 1, scratch = 1;
  bool whole = true;
  for (int l = 0; l < conv->shape.num_layers; ++l) {
    const MarlConvPlan *p = &conv->plan[l];
    touched = larger(touched, marl_conv_plan_bordered(p) + marl_conv_plan_outputs(p));
    widest = larger(widest, marl_conv_plan_outputs(p));
    bordered = larger(bordered, marl_conv_plan_bordered(p));
    scratch = larger(scratch, marl_conv_plan_scratch(p));
    conv->y[l] = floats(conv->max_rows * marl_conv_plan_outputs(p));
    conv->packed[l] = floats(marl_conv_plan_packed(p));
    conv->turned[l] = floats(marl_conv_plan_turned(p));
    whole = whole && conv->y[l] != NULL && conv->packed[l] != NULL && conv->turned[l] != NULL;
  }
  conv->block = larger(block_floats / touched, 1);
  if (conv->block > conv->max_rows) conv->block = conv->max_rows;
  for (int i = 0; i < 2; ++i) conv->grad[i] = floats(conv->block * widest);
  for (int l = 0; l < conv->shape.num_layers; ++l) {
    MarlConvPlan *p = &conv->plan[l];
    const size_t cells = conv->block * marl_conv_plan_outputs(p) / (size_t)p->out;
    p->cell = malloc(larger(cells, 1) * sizeof *p->cell);
    whole = whole && p->cell != NULL;
    if (p->cell != NULL) marl_conv_list_cells(p, conv->block, p->cell);
  }
  conv->bordered = floats(conv->block * bordered);
  conv->scratch = floats(conv->block * scratch);
  return whole && conv->grad[0] != NULL && conv->grad[1] != NULL && conv->bordered != NULL &&
         conv->scratch != NULL;
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
  MarlCode code = MARL_OK;
  if (!allocate(conv))
    code = MARL_FAIL(err, MARL_EMEMORY, "no memory for a convolution of %zu rows", max_rows);
  else if (shape->channels <= MARL_CONV_BITS_PLANES)
    code = marl_conv_bits_create(&conv->plan[0], max_rows, &conv->bits, err);
  if (code == MARL_OK)
    *out = conv;
  else
    marl_conv_destroy(&conv);
  return code;
}

void marl_conv_destroy(MarlConv **conv) {
  MarlConv *c = *conv;
  if (c == NULL) return;
  for (int l = 0; l < MARL_CONV_MAX_LAYERS; ++l) {
    free(c->y[l]);
    free(c->packed[l]);
    free(c->turned[l]);
    free(c->plan[l].cell);
  }
  free(c->grad[0]);
  free(c->grad[1]);
  marl_conv_bits_destroy(&c->bits);
  free(c->bordered);
  free(c->scratch);
  free(c);
  *conv = NULL;
}

/* What a layer reads of images that lie one after the other: with a border if it needs one. */
static const float *with_border(const MarlConv *conv, const MarlConvPlan *p, size_t count,
                                const float *x) {
  if (p->padding == 0) return x;
  marl_conv_border(p, count, x, marl_conv_plan_inputs(p), conv->bordered);
  return conv->bordered;
}

/* The first layer: images of bits one by one, others as any layer does. */
static void forward_first(const MarlConv *conv, size_t row, size_t count, const float *x,
                          size_t stride, float *y) {
  const MarlConvPlan *p = conv->plan;
  const size_t outputs = marl_conv_plan_outputs(p);
  for (size_t i = 0; i < count; ++i, x += stride, y += outputs) {
    if (conv->bits != NULL && marl_conv_bits_forward(conv->bits, row + i, x, y)) continue;
    marl_conv_forward_layer(p, 1, with_border(conv, p, 1, x), conv->packed[0], y);
  }
}

/* One block of images through all layers; x, `stride` floats apart, becomes the last layer's. */
static const float *forward_block(const MarlConv *conv, size_t row, size_t count, const float *x,
                                  size_t stride) {
  for (int l = 0; l < conv->shape.num_layers; ++l) {
    const MarlConvPlan *p = &conv->plan[l];
    const size_t outputs = marl_conv_plan_outputs(p);
    float *y = conv->y[l] + row * outputs;
    if (l == 0) {
      forward_first(conv, row, count, x, stride, y);
    } else {
      marl_conv_forward_layer(p, count, with_border(conv, p, count, x), conv->packed[l], y);
    }
    (conv->shape.activation == MARL_TANH ? marl_vec_tanh : marl_vec_relu)(count * outputs, y, y);
    x = y;
  }
  return x;
}

void marl_conv_forward(MarlConv *conv, size_t rows, const float *params, const float *input,
                       float *output) {
  const MarlConvShape *shape = &conv->shape;
  const size_t in = (size_t)marl_conv_num_inputs(shape), tail = (size_t)shape->tail;
  const size_t features = marl_conv_plan_outputs(&conv->plan[shape->num_layers - 1]);
  for (int l = 0; l < shape->num_layers; ++l)
    marl_conv_pack(&conv->plan[l], params + conv->plan[l].params_at, conv->packed[l]);
  if (conv->bits != NULL) marl_conv_bits_begin(conv->bits, conv->packed[0]);
  for (size_t row = 0; row < rows; row += conv->block) {
    const size_t count = rows - row < conv->block ? rows - row : conv->block;
    const float *y = forward_block(conv, row, count, input + row * in, in);
    for (size_t i = row; i < row + count; ++i) {
      float *out = output + i * (features + tail);
      memcpy(out, y + (i - row) * features, features * sizeof *out);
      memcpy(out + features, input + (i + 1) * in - tail, tail * sizeof *out);
    }
  }
}

/* delta [count, outputs] of layer l, before its activation, to the gradient of its parameters. */
static void add_gradient(const MarlConv *conv, int l, size_t row, size_t count, const float *input,
                         const float *delta, float *params_grad) {
  const MarlConvPlan *p = &conv->plan[l];
  const size_t width =
      l > 0 ? marl_conv_plan_inputs(p) : (size_t)marl_conv_num_inputs(&conv->shape);
  const float *x = (l > 0 ? conv->y[l - 1] : input) + row * width;
  float *grad = params_grad + p->params_at;
  if (l > 0) {
    marl_conv_add_gradient(p, count, with_border(conv, p, count, x), delta, conv->scratch, grad);
    return;
  }
  for (size_t i = 0; i < count; ++i, x += width, delta += marl_conv_plan_outputs(p)) {
    const bool taken = conv->bits != NULL && marl_conv_bits_add(conv->bits, row + i, delta);
    marl_conv_add_gradient(p, 1, taken ? NULL : with_border(conv, p, 1, x), delta, conv->scratch,
                           grad);
  }
}

/* One block back through all layers; conv->grad[0] holds the gradient of the last one's outputs. */
static void backward_block(const MarlConv *conv, size_t row, size_t count, const float *input,
                           float *params_grad) {
  float *delta = conv->grad[0], *next = conv->grad[1];
  for (int l = conv->shape.num_layers - 1; l >= 0; --l) {
    const MarlConvPlan *p = &conv->plan[l];
    const size_t outputs = marl_conv_plan_outputs(p);
    marl_mlp_slope(conv->shape.activation, count * outputs, conv->y[l] + row * outputs, delta);
    add_gradient(conv, l, row, count, input, delta, params_grad);
    if (l == 0) break;
    marl_conv_pull_back(p, count, delta, conv->turned[l], conv->scratch, next);
    float *swap = delta;
    delta = next;
    next = swap;
  }
}

void marl_conv_backward(MarlConv *conv, size_t rows, const float *params, const float *input,
                        const float *output_grad, float *params_grad) {
  const MarlConvShape *shape = &conv->shape;
  const size_t width = (size_t)marl_conv_num_outputs(shape), tail = (size_t)shape->tail;
  const size_t features = width - tail;
  for (int l = 1; l < shape->num_layers; ++l)
    marl_conv_turn(&conv->plan[l], params + conv->plan[l].params_at, conv->turned[l]);
  if (conv->bits != NULL) marl_conv_bits_begin_gradient(conv->bits);
  for (size_t row = 0; row < rows; row += conv->block) {
    const size_t count = rows - row < conv->block ? rows - row : conv->block;
    for (size_t i = 0; i < count; ++i)
      memcpy(conv->grad[0] + i * features, output_grad + (row + i) * width,
             features * sizeof *output_grad);
    backward_block(conv, row, count, input, params_grad);
  }
  if (conv->bits != NULL) marl_conv_bits_end_gradient(conv->bits, params_grad);
}
