#include "marl/nn/network.h"

#include <stdbool.h>
#include <stdlib.h>

#include "marl/nn/gru.h"
#include "marl/nn/vecmath.h"

/* Without memory `head` is all of it. With memory the hidden layers are an MLP of their own, if there
 * are any, whose outputs are the last of them. */
struct MarlNetwork {
  MarlNetworkShape shape;
  MarlConv *conv;  /* NULL: none */
  float *features; /* [max_rows, outputs of the convolutions] */
  float *features_grad;
  MarlMlp *trunk; /* NULL: no hidden layers in front of the recurrent one */
  MarlGru *gru;   /* NULL: no memory */
  MarlMlp *head;
  float *code;  /* [max_rows, last hidden layer] what the recurrent layer reads */
  float *state; /* [max_rows, M] what it says */
  float *code_grad, *state_grad;
};

/* All but the convolutions, of what they say. */
static MarlMlpShape dense_of(const MarlNetworkShape *shape) {
  MarlMlpShape dense = shape->dense;
  if (shape->conv.num_layers > 0) dense.num_inputs = marl_conv_num_outputs(&shape->conv);
  return dense;
}

/* The hidden layers as an MLP; those of a network with memory and at least one. */
static MarlMlpShape trunk_of(const MarlNetworkShape *shape) {
  MarlMlpShape trunk = dense_of(shape);
  trunk.num_outputs = trunk.hidden[--trunk.num_hidden];
  return trunk;
}

static MarlMlpShape head_of(const MarlNetworkShape *shape) {
  if (shape->memory == 0) return dense_of(shape);
  return (MarlMlpShape){.num_inputs = shape->memory,
                        .num_outputs = shape->dense.num_outputs,
                        .activation = shape->dense.activation};
}

static bool has_trunk(const MarlNetworkShape *shape) {
  return shape->memory > 0 && shape->dense.num_hidden > 0;
}

/* Inputs of the recurrent layer. */
static int code_width(const MarlNetworkShape *shape) {
  const MarlMlpShape dense = dense_of(shape);
  return dense.num_hidden > 0 ? dense.hidden[dense.num_hidden - 1] : dense.num_inputs;
}

static size_t trunk_params(const MarlNetworkShape *shape) {
  if (!has_trunk(shape)) return 0;
  const MarlMlpShape trunk = trunk_of(shape);
  return marl_mlp_num_params(&trunk);
}

static size_t gru_params(const MarlNetworkShape *shape) {
  return shape->memory == 0 ? 0 : marl_gru_num_params(code_width(shape), shape->memory);
}

size_t marl_network_num_params(const MarlNetworkShape *shape) {
  const MarlMlpShape head = head_of(shape);
  return marl_conv_num_params(&shape->conv) + trunk_params(shape) + gru_params(shape) +
         marl_mlp_num_params(&head);
}

void marl_network_init(const MarlNetworkShape *shape, MarlKey key, float output_gain,
                       float *params) {
  enum { GRU_KEY = 100, HEAD_KEY, CONV_KEY }; /* no hidden layer has these numbers */
  const MarlMlpShape head = head_of(shape);
  if (shape->conv.num_layers > 0)
    marl_conv_init(&shape->conv, marl_key_fold(key, CONV_KEY), params);
  params += marl_conv_num_params(&shape->conv);
  if (shape->memory == 0) {
    marl_mlp_init(&head, key, output_gain, params);
    return;
  }
  if (has_trunk(shape)) {
    const MarlMlpShape trunk = trunk_of(shape);
    marl_mlp_init(&trunk, key, marl_mlp_hidden_gain(trunk.activation), params);
  }
  params += trunk_params(shape);
  marl_gru_init(code_width(shape), shape->memory, marl_key_fold(key, GRU_KEY), params);
  params += gru_params(shape);
  marl_mlp_init(&head, marl_key_fold(key, HEAD_KEY), output_gain, params);
}

static MarlCode create_recurrent(MarlNetwork *net, size_t max_rows, MarlError *err) {
  const size_t wide = (size_t)code_width(&net->shape), memory = (size_t)net->shape.memory;
  if (has_trunk(&net->shape)) {
    const MarlMlpShape trunk = trunk_of(&net->shape);
    MARL_TRY(marl_mlp_create(&trunk, 1, max_rows, &net->trunk, err));
    net->code = malloc(max_rows * wide * sizeof(float));
    net->code_grad = malloc(max_rows * wide * sizeof(float));
    if (net->code == NULL || net->code_grad == NULL)
      return MARL_FAIL(err, MARL_EMEMORY, "no memory for %zu rows of a network", max_rows);
  }
  net->state = malloc(max_rows * memory * sizeof(float));
  net->state_grad = malloc(max_rows * memory * sizeof(float));
  if (net->state == NULL || net->state_grad == NULL)
    return MARL_FAIL(err, MARL_EMEMORY, "no memory for %zu rows of a network", max_rows);
  return marl_gru_create((int)wide, net->shape.memory, max_rows, &net->gru, err);
}

static MarlCode create_conv(MarlNetwork *net, size_t max_rows, MarlError *err) {
  const size_t size = max_rows * (size_t)marl_conv_num_outputs(&net->shape.conv) * sizeof(float);
  net->features = malloc(size);
  net->features_grad = malloc(size);
  if (net->features == NULL || net->features_grad == NULL)
    return MARL_FAIL(err, MARL_EMEMORY, "no memory for %zu rows of a network", max_rows);
  return marl_conv_create(&net->shape.conv, max_rows, &net->conv, err);
}

MarlCode marl_network_create(const MarlNetworkShape *shape, size_t max_rows, MarlNetwork **out,
                             MarlError *err) {
  *out = NULL;
  if (shape->conv.num_layers > 0) MARL_TRY(marl_conv_check(&shape->conv, err));
  MarlNetwork *net = calloc(1, sizeof *net);
  if (net == NULL) return MARL_FAIL(err, MARL_EMEMORY, "no memory for a network");
  net->shape = *shape;
  const MarlMlpShape head = head_of(shape);
  MarlCode code = marl_mlp_create(&head, 1, max_rows, &net->head, err);
  if (code == MARL_OK && shape->memory > 0) code = create_recurrent(net, max_rows, err);
  if (code == MARL_OK && shape->conv.num_layers > 0) code = create_conv(net, max_rows, err);
  if (code == MARL_OK)
    *out = net;
  else
    marl_network_destroy(&net);
  return code;
}

void marl_network_destroy(MarlNetwork **network) {
  MarlNetwork *net = *network;
  if (net == NULL) return;
  marl_mlp_destroy(&net->trunk);
  marl_gru_destroy(&net->gru);
  marl_mlp_destroy(&net->head);
  marl_conv_destroy(&net->conv);
  free(net->features);
  free(net->features_grad);
  free(net->code);
  free(net->state);
  free(net->code_grad);
  free(net->state_grad);
  free(net);
  *network = NULL;
}

MarlMlp *marl_network_mlp(const MarlNetwork *network) {
  return network->gru == NULL && network->conv == NULL ? network->head : NULL;
}

const float *marl_network_memory(const MarlNetwork *network) {
  return network->state;
}

static size_t count_rows(size_t steps, const size_t *active) {
  size_t rows = 0;
  for (size_t t = 0; t < steps; ++t) rows += active[t];
  return rows;
}

void marl_network_forward(MarlNetwork *net, size_t steps, const size_t *active, const float *params,
                          const float *input, const float *start, float *output) {
  const size_t rows = count_rows(steps, active);
  if (net->conv != NULL) {
    marl_conv_forward(net->conv, rows, params, input, net->features);
    params += marl_conv_num_params(&net->shape.conv);
    input = net->features;
  }
  if (net->gru == NULL) {
    marl_mlp_forward(net->head, 1, rows, params, input, output);
    return;
  }
  const float *code = input;
  if (net->trunk != NULL) {
    const size_t n = rows * (size_t)code_width(&net->shape);
    marl_mlp_forward(net->trunk, 1, rows, params, input, net->code);
    (net->shape.dense.activation == MARL_TANH ? marl_vec_tanh : marl_vec_relu)(n, net->code,
                                                                               net->code);
    code = net->code;
  }
  params += trunk_params(&net->shape);
  marl_gru_forward(net->gru, steps, active, params, code, start, net->state);
  params += gru_params(&net->shape);
  marl_mlp_forward(net->head, 1, rows, params, net->state, output);
}

/* All but the convolutions; input_grad NULL: not asked for. */
static void backward_dense(MarlNetwork *net, size_t steps, const size_t *active, size_t rows,
                           const float *params, const float *input, const float *output_grad,
                           float *params_grad, float *input_grad) {
  if (net->gru == NULL) {
    marl_mlp_backward(net->head, 1, rows, params, input, output_grad, params_grad, input_grad);
    return;
  }
  const size_t gru_at = trunk_params(&net->shape), head_at = gru_at + gru_params(&net->shape);
  const float *code = net->trunk == NULL ? input : net->code;
  float *code_grad = net->trunk == NULL ? input_grad : net->code_grad;
  marl_mlp_backward(net->head, 1, rows, params + head_at, net->state, output_grad,
                    params_grad + head_at, net->state_grad);
  marl_gru_backward(net->gru, steps, active, params + gru_at, code, net->state_grad,
                    params_grad + gru_at, code_grad);
  if (net->trunk == NULL) return;
  marl_mlp_slope(net->shape.dense.activation, rows * (size_t)code_width(&net->shape), net->code,
                 net->code_grad);
  marl_mlp_backward(net->trunk, 1, rows, params, input, net->code_grad, params_grad, input_grad);
}

void marl_network_backward(MarlNetwork *net, size_t steps, const size_t *active,
                           const float *params, const float *input, const float *output_grad,
                           float *params_grad) {
  const size_t rows = count_rows(steps, active), at = marl_conv_num_params(&net->shape.conv);
  backward_dense(net, steps, active, rows, params + at, net->conv != NULL ? net->features : input,
                 output_grad, params_grad + at, net->features_grad);
  if (net->conv != NULL)
    marl_conv_backward(net->conv, rows, params, input, net->features_grad, params_grad);
}
