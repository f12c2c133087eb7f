/* A network made of layers: convolutions of an image (conv.h), dense layers (mlp.h), then a recurrent
 * one that remembers (gru.h), then linear outputs. Without convolutions and the recurrent layer it is an
 * MLP, bit for bit.
 *
 * Parameters of a set are one run of floats: convolutions, hidden layers, recurrent layer, outputs. Rows are steps
 * of sequences, as in gru.h; a network without memory takes them as rows of any order.
 *
 * A trunk can carry a second head: what its layers say is read by another network, whose gradient comes
 * back through them. Parameters, initial weights and outputs are those of the same network without one. */
#ifndef MARL_NN_NETWORK_H
#define MARL_NN_NETWORK_H

#include <stdbool.h>

#include "marl/nn/conv.h"
#include "marl/nn/mlp.h"

typedef struct MarlNetworkShape {
  MarlMlpShape dense; /* inputs of the network, hidden layers, outputs */
  int memory;         /* M, units of a gated recurrent unit behind the hidden layers; 0: none */
  MarlConvShape conv; /* of the inputs; num_layers 0: they go to the hidden layers as they are */
  bool
      has_trunk; /* a second head branches off: behind convolutions, `trunk_hidden` of the hidden layers
                         and the recurrent layer, which stands behind all of them */
  int trunk_hidden; /* 0 .. num_hidden; with a memory num_hidden */
} MarlNetworkShape;

/* Shape and scratch for one set and at most max_rows rows; holds the last forward. Opaque. */
typedef struct MarlNetwork MarlNetwork;

/* MARL_ECONFIG for a trunk without a layer, or one that ends in front of a memory. */
MarlCode marl_network_create(const MarlNetworkShape *shape, size_t max_rows, MarlNetwork **out,
                             MarlError *err) MARL_NODISCARD;
void marl_network_destroy(MarlNetwork **network);

size_t marl_network_num_params(const MarlNetworkShape *shape);
/* As marl_mlp_init and marl_gru_init. */
void marl_network_init(const MarlNetworkShape *shape, MarlKey key, float output_gain,
                       float *params);

/* The network itself where it has no convolutions, no memory and no trunk, else NULL. Borrowed. */
MarlMlp *marl_network_mlp(const MarlNetwork *network);

/* output [rows, outputs] of input [rows, inputs]; `start` [active[0], M]: what the sequences
 * remember when they begin, read only with a memory. No array may alias. */
void marl_network_forward(MarlNetwork *network, size_t steps, const size_t *active,
                          const float *params, const float *input, const float *start,
                          float *output);
/* After a forward, what each row then remembers: [rows, M], NULL without memory. Borrowed until the
 * next one. */
const float *marl_network_memory(const MarlNetwork *network);
/* Of a network with a trunk: what it says, [rows, width] after a forward. Borrowed until the next one. */
int marl_network_trunk_width(const MarlNetworkShape *shape);
const float *marl_network_trunk(const MarlNetwork *network);
/* Of the last forward, with the same arguments: adds to params_grad. trunk_grad [rows, width] is the gradient by
 * what the trunk says of all that reads it besides this network; NULL: nothing does. */
void marl_network_backward(MarlNetwork *network, size_t steps, const size_t *active,
                           const float *params, const float *input, const float *output_grad,
                           const float *trunk_grad, float *params_grad);

#endif
