#include "marl/nn/network.h"

#include <assert.h>
#include <stdlib.h>

#include "marl/nn/gru.h"
#include "marl/nn/vecmath.h"

/* Without memory and trunk `head` is all dense layers. With one of them the hidden layers in front of it are an MLP
 * of their own, if there are any, whose outputs are the last of them. */
struct MarlNetwork {
  MarlNetworkShape shape;
  MarlConv *conv;  /* NULL: none */
  float *features; /* [max_rows, outputs of the convolutions] */
  float *features_grad;
  MarlMlp *front; /* NULL: no hidden layers in front of the recurrent one or the second head */
  MarlGru *gru;   /* NULL: no memory */
  MarlMlp *head;
  float *code;  /* [max_rows, last hidden layer in front] */
  float *state; /* [max_rows, M] what it says */
  float *code_grad, *state_grad;
};

/* All but the convolutions, of what they say. */
static MarlMlpShape dense_of(const MarlNetworkShape *shape) {
  MarlMlpShape dense = shape->dense;
  if (shape->conv.num_layers > 0) dense.num_inputs = marl_conv_num_outputs(&shape->conv);
  return dense;
}

/* Hidden layers in front of a recurrent layer or a second head. */
static int num_front(const MarlNetworkShape *shape) {
  if (shape->memory > 0) return shape->dense.num_hidden;
  return shape->has_trunk ? shape->trunk_hidden : 0;
}

/* They as an MLP, where there is at least one. */
static MarlMlpShape front_of(const MarlNetworkShape *shape) {
  MarlMlpShape front = dense_of(shape);
  front.num_hidden = num_front(shape) - 1;
  front.num_outputs = front.hidden[front.num_hidden];
  return front;
}

/* Inputs of what follows them. */
static int code_width(const MarlNetworkShape *shape) {
  const MarlMlpShape dense = dense_of(shape);
  const int front = num_front(shape);
  return front > 0 ? dense.hidden[front - 1] : dense.num_inputs;
}

static MarlMlpShape head_of(const MarlNetworkShape *shape) {
  const int front = num_front(shape);
  MarlMlpShape head = shape->dense;
  head.num_inputs = shape->memory > 0 ? shape->memory : code_width(shape);
  head.num_hidden -= front;
  for (int l = 0; l < head.num_hidden; ++l) head.hidden[l] = head.hidden[l + front];
  return head;
}

static size_t front_params(const MarlNetworkShape *shape) {
  if (num_front(shape) == 0) return 0;
  const MarlMlpShape front = front_of(shape);
  return marl_mlp_num_params(&front);
}

static size_t gru_params(const MarlNetworkShape *shape) {
  return shape->memory == 0 ? 0 : marl_gru_num_params(code_width(shape), shape->memory);
}

size_t marl_network_num_params(const MarlNetworkShape *shape) {
  const MarlMlpShape head = head_of(shape);
  return marl_conv_num_params(&shape->conv) + front_params(shape) + gru_params(shape) +
         marl_mlp_num_params(&head);
}

void marl_network_init(const MarlNetworkShape *shape, MarlKey key, float output_gain,
                       float *params) {
  enum { GRU_KEY = 100, HEAD_KEY, CONV_KEY }; /* no hidden layer has these numbers */
  const MarlMlpShape dense = dense_of(shape), head = head_of(shape);
  if (shape->conv.num_layers > 0)
    marl_conv_init(&shape->conv, marl_key_fold(key, CONV_KEY), params);
  params += marl_conv_num_params(&shape->conv);
  if (shape->memory == 0) {
    marl_mlp_init(&dense, key, output_gain, params);
    return;
  }
  if (num_front(shape) > 0) {
    const MarlMlpShape front = front_of(shape);
    marl_mlp_init(&front, key, marl_mlp_hidden_gain(front.activation), params);
  }
  params += front_params(shape);
  marl_gru_init(code_width(shape), shape->memory, marl_key_fold(key, GRU_KEY), params);
  params += gru_params(shape);
  marl_mlp_init(&head, marl_key_fold(key, HEAD_KEY), output_gain, params);
}

static MarlCode create_front(MarlNetwork *net, size_t max_rows, MarlError *err) {
  const size_t wide = (size_t)code_width(&net->shape);
  const MarlMlpShape front = front_of(&net->shape);
  MARL_TRY(marl_mlp_create(&front, 1, max_rows, &net->front, err));
  net->code = malloc(max_rows * wide * sizeof(float));
  net->code_grad = malloc(max_rows * wide * sizeof(float));
  if (net->code == NULL || net->code_grad == NULL)
    return MARL_FAIL(err, MARL_EMEMORY, "no memory for %zu rows of a network", max_rows);
  return MARL_OK;
}

static MarlCode create_recurrent(MarlNetwork *net, size_t max_rows, MarlError *err) {
  const size_t memory = (size_t)net->shape.memory;
  net->state = malloc(max_rows * memory * sizeof(float));
  net->state_grad = malloc(max_rows * memory * sizeof(float));
  if (net->state == NULL || net->state_grad == NULL)
    return MARL_FAIL(err, MARL_EMEMORY, "no memory for %zu rows of a network", max_rows);
  return marl_gru_create(code_width(&net->shape), net->shape.memory, max_rows, &net->gru, err);
}

static MarlCode create_conv(MarlNetwork *net, size_t max_rows, MarlError *err) {
  const size_t size = max_rows * (size_t)marl_conv_num_outputs(&net->shape.conv) * sizeof(float);
  net->features = malloc(size);
  net->features_grad = malloc(size);
  if (net->features == NULL || net->features_grad == NULL)
    return MARL_FAIL(err, MARL_EMEMORY, "no memory for %zu rows of a network", max_rows);
  return marl_conv_create(&net->shape.conv, max_rows, &net->conv, err);
}

static MarlCode check_trunk(const MarlNetworkShape *shape, MarlError *err) {
  const int hidden = shape->dense.num_hidden, trunk = shape->trunk_hidden;
  if (!shape->has_trunk) return MARL_OK;
  if (trunk < 0 || trunk > hidden)
    return MARL_FAIL(err, MARL_ECONFIG, "a trunk of %d hidden layers of a network that has %d",
                     trunk, hidden);
  if (shape->memory > 0 && trunk < hidden)
    return MARL_FAIL(err, MARL_ECONFIG,
                     "a trunk ends behind the recurrent layer, which stands behind all %d hidden "
                     "layers, not behind %d",
                     hidden, trunk);
  if (shape->memory == 0 && trunk == 0 && shape->conv.num_layers == 0)
    return MARL_FAIL(err, MARL_ECONFIG,
                     "a trunk needs a layer: convolutions, hidden layers or a recurrent one");
  return MARL_OK;
}

MarlCode marl_network_create(const MarlNetworkShape *shape, size_t max_rows, MarlNetwork **out,
                             MarlError *err) {
  *out = NULL;
  MARL_TRY(check_trunk(shape, err));
  if (shape->conv.num_layers > 0) MARL_TRY(marl_conv_check(&shape->conv, err));
  MarlNetwork *net = calloc(1, sizeof *net);
  if (net == NULL) return MARL_FAIL(err, MARL_EMEMORY, "no memory for a network");
  net->shape = *shape;
  const MarlMlpShape head = head_of(shape);
  MarlCode code = marl_mlp_create(&head, 1, max_rows, &net->head, err);
  if (code == MARL_OK && num_front(shape) > 0) code = create_front(net, max_rows, err);
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
  marl_mlp_destroy(&net->front);
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
  return network->gru == NULL && network->conv == NULL && !network->shape.has_trunk ? network->head
                                                                                    : NULL;
}

const float *marl_network_memory(const MarlNetwork *network) {
  return network->state;
}

int marl_network_trunk_width(const MarlNetworkShape *shape) {
  return shape->memory > 0 ? shape->memory : code_width(shape);
}

const float *marl_network_trunk(const MarlNetwork *network) {
  if (network->gru != NULL) return network->state;
  return network->front != NULL ? network->code : network->features;
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
  const float *code = input;
  if (net->front != NULL) {
    const size_t n = rows * (size_t)code_width(&net->shape);
    marl_mlp_forward(net->front, 1, rows, params, input, net->code);
    (net->shape.dense.activation == MARL_TANH ? marl_vec_tanh : marl_vec_relu)(n, net->code,
                                                                               net->code);
    code = net->code;
  }
  params += front_params(&net->shape);
  if (net->gru != NULL) {
    marl_gru_forward(net->gru, steps, active, params, code, start, net->state);
    params += gru_params(&net->shape);
    code = net->state;
  }
  marl_mlp_forward(net->head, 1, rows, params, code, output);
}

static void add(size_t n, const float *restrict more, float *restrict to) {
  for (size_t i = 0; more != NULL && i < n; ++i) to[i] += more[i];
}

/* All but the convolutions; input_grad NULL: not asked for. */
static void backward_dense(MarlNetwork *net, size_t steps, const size_t *active, size_t rows,
                           const float *params, const float *input, const float *output_grad,
                           const float *trunk_grad, float *params_grad, float *input_grad) {
  const size_t gru_at = front_params(&net->shape), head_at = gru_at + gru_params(&net->shape);
  const float *code = net->front == NULL ? input : net->code;
  float *code_grad = net->front == NULL ? input_grad : net->code_grad;
  const bool remembers = net->gru != NULL;
  assert(trunk_grad == NULL || net->shape.has_trunk);
  float *head_input_grad = remembers ? net->state_grad : code_grad;
  marl_mlp_backward(net->head, 1, rows, params + head_at, remembers ? net->state : code,
                    output_grad, params_grad + head_at, head_input_grad);
  add(rows * (size_t)marl_network_trunk_width(&net->shape), trunk_grad, head_input_grad);
  if (remembers)
    marl_gru_backward(net->gru, steps, active, params + gru_at, code, net->state_grad,
                      params_grad + gru_at, code_grad);
  if (net->front == NULL) return;
  marl_mlp_slope(net->shape.dense.activation, rows * (size_t)code_width(&net->shape), net->code,
                 net->code_grad);
  marl_mlp_backward(net->front, 1, rows, params, input, net->code_grad, params_grad, input_grad);
}

void marl_network_backward(MarlNetwork *net, size_t steps, const size_t *active,
                           const float *params, const float *input, const float *output_grad,
                           const float *trunk_grad, float *params_grad) {
  const size_t rows = count_rows(steps, active), at = marl_conv_num_params(&net->shape.conv);
  backward_dense(net, steps, active, rows, params + at, net->conv != NULL ? net->features : input,
                 output_grad, trunk_grad, params_grad + at, net->features_grad);
  if (net->conv != NULL)
    marl_conv_backward(net->conv, rows, params, input, net->features_grad, params_grad);
}
