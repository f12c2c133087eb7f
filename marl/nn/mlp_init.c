#include <math.h>
#include <stdbool.h>

#include "marl/nn/mlp.h"

/* `count` vectors of `length` elements in one array: vector v, element e at v * next + e * step. */
typedef struct Vectors {
  float *data;
  size_t count, length, next, step;
} Vectors;

static double dot(const Vectors *set, size_t a, size_t b) {
  const float *x = set->data + a * set->next, *y = set->data + b * set->next;
  double sum = 0;
  for (size_t e = 0; e < set->length; ++e) sum += (double)x[e * set->step] * y[e * set->step];
  return sum;
}

static void add_multiple(const Vectors *set, size_t to, size_t from, double factor) {
  float *y = set->data + to * set->next;
  const float *x = set->data + from * set->next;
  for (size_t e = 0; e < set->length; ++e)
    y[e * set->step] = (float)(y[e * set->step] + factor * x[e * set->step]);
}

/* Gram-Schmidt, twice: the second pass removes what rounding left (Giraud et al. 2005).
 * From Gaussian vectors it gives an orthonormal set without a preferred direction. */
static void orthonormalize(const Vectors *set) {
  for (size_t v = 0; v < set->count; ++v)
    for (int pass = 0; pass < 2; ++pass) {
      for (size_t w = 0; w < v; ++w) add_multiple(set, v, w, -dot(set, v, w));
      add_multiple(set, v, v, 1 / sqrt(dot(set, v, v)) - 1);
    }
}

void marl_weights_init(MarlKey key, size_t in, size_t out, size_t stride, float gain,
                       float *weights) {
  for (size_t i = 0; i < in; ++i) marl_normal_fill(key, i * out, out, weights + i * stride);
  const Vectors columns = {weights, out, in, 1, stride}, rows = {weights, in, out, stride, 1};
  orthonormalize(in >= out ? &columns : &rows);
  for (size_t i = 0; i < in; ++i)
    for (size_t j = 0; j < out; ++j) weights[i * stride + j] *= gain;
}

float marl_mlp_hidden_gain(MarlActivation activation) {
  return activation == MARL_RELU ? 1.41421356f : 5.0f / 3.0f;
}

void marl_mlp_init(const MarlMlpShape *shape, MarlKey key, float output_gain, float *params) {
  const float hidden_gain = marl_mlp_hidden_gain(shape->activation);
  size_t in = (size_t)shape->num_inputs;
  for (int l = 0; l <= shape->num_hidden; ++l) {
    const bool last = l == shape->num_hidden;
    const size_t out = (size_t)(last ? shape->num_outputs : shape->hidden[l]);
    marl_weights_init(marl_key_fold(key, (uint64_t)l), in, out, out,
                      last ? output_gain : hidden_gain, params);
    for (size_t j = 0; j < out; ++j) params[in * out + j] = 0;
    params += (in + 1) * out;
    in = out;
  }
}

void marl_mlp_init_uniform(const MarlMlpShape *shape, MarlKey key, float *params) {
  size_t in = (size_t)shape->num_inputs, at = 0;
  for (int l = 0; l <= shape->num_hidden; ++l) {
    const size_t out = (size_t)(l == shape->num_hidden ? shape->num_outputs : shape->hidden[l]);
    const double bound = 1 / sqrt((double)in);
    for (const size_t end = at + (in + 1) * out; at < end; ++at)
      params[at] = (float)(bound * (2 * marl_uniform(key, at) - 1));
    in = out;
  }
}
