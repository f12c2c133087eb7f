#include "marl/nn/value_net.h"

#include <string.h>

#include "marl/nn/vector.h"

/* Hidden units go through in runs of MARL_LANES. */
enum { LANES = MARL_LANES, PARTS = MARL_PARTS, WIDTH = MARL_VECTOR_WIDTH };
_Static_assert((int)LANES == (int)MARL_VALUE_NET_LANES, "widths of hidden layers");
/* They are turned around on the stack: 32 kB, a first-level cache. */
enum { MAX_OUTPUT_WEIGHTS = 8192 };
typedef MarlVector Vector;
typedef MarlVectorMask Mask;

bool marl_value_net_fits(const MarlMlpShape *mlp, MarlValueShape *out) {
  if (mlp->num_hidden != 1 || mlp->activation != MARL_RELU) return false;
  *out = (MarlValueShape){mlp->num_inputs, mlp->hidden[0], mlp->num_outputs};
  return out->num_inputs <= MARL_VALUE_NET_MAX_INPUTS &&
         out->num_choices <= MARL_VALUE_NET_MAX_CHOICES && out->hidden % LANES == 0 &&
         out->hidden * out->num_choices <= MAX_OUTPUT_WEIGHTS;
}

static inline Vector relu(Vector x) {
  const Mask positive = x > 0;
  return (Vector)((Mask)x & positive);
}

static inline float sum_lanes(const Vector parts[PARTS]) {
  float v[LANES];
  memcpy(v, parts, sizeof v);
  for (int half = LANES / 2; half > 0; half /= 2)
    for (int i = 0; i < half; ++i) v[i] += v[i + half];
  return v[0];
}

/* Hidden activations of units h .. h + WIDTH - 1 before the ReLU. */
static inline Vector hidden_of(int num_inputs, size_t hidden, size_t h, const float *params,
                               const float *x) {
  Vector a = marl_vector_load(params + (size_t)num_inputs * hidden + h);
  for (int i = 0; i < num_inputs; ++i)
    a += marl_vector_spread(x[i]) * marl_vector_load(params + (size_t)i * hidden + h);
  return a;
}

/* out [columns, rows] of in [rows, columns]. */
static inline __attribute__((always_inline)) void turn(size_t rows, size_t columns,
                                                       const float *restrict in,
                                                       float *restrict out) {
  for (size_t r = 0; r < rows; ++r)
    for (size_t c = 0; c < columns; ++c) out[c * rows + r] = in[r * columns + c];
}

/* The weights behind the hidden layer, choice by choice, [K, H]. */
static void turn_output(const MarlValueShape *shape, const float *params, float *w2) {
  const size_t hidden = (size_t)shape->hidden, choices = (size_t)shape->num_choices;
  const float *weights = params + ((size_t)shape->num_inputs + 1) * hidden;
  if (choices == 2) /* a constant lets the compiler vectorize */
    turn(hidden, 2, weights, w2);
  else
    turn(hidden, choices, weights, w2);
}

/* One row; sizes are constants where the caller's are, so that loops unroll. */
static inline __attribute__((always_inline)) void forward_row(int num_inputs, int num_choices,
                                                              size_t hidden, const float *params,
                                                              const float *w2, const float *x,
                                                              float *q) {
  const float *b2 = params + (size_t)(num_inputs + 1 + num_choices) * hidden;
  Vector sum[MARL_VALUE_NET_MAX_CHOICES][PARTS];
  for (int k = 0; k < num_choices; ++k)
    for (int p = 0; p < PARTS; ++p) sum[k][p] = (Vector){0};
  for (size_t first = 0; first < hidden; first += LANES)
    for (size_t p = 0; p < PARTS; ++p) {
      const size_t h = first + p * WIDTH;
      const Vector a = relu(hidden_of(num_inputs, hidden, h, params, x));
      for (int k = 0; k < num_choices; ++k)
        sum[k][p] += a * marl_vector_load(w2 + (size_t)k * hidden + h);
    }
  for (int k = 0; k < num_choices; ++k) q[k] = b2[k] + sum_lanes(sum[k]);
}

void marl_value_net_forward(const MarlValueShape *shape, size_t rows, const float *restrict params,
                            const float *restrict x, float *restrict q) {
  float w2[MAX_OUTPUT_WEIGHTS];
  const size_t hidden = (size_t)shape->hidden, choices = (size_t)shape->num_choices;
  const size_t inputs = (size_t)shape->num_inputs;
  turn_output(shape, params, w2);
  if (inputs == 2 && choices == 2)
    for (size_t r = 0; r < rows; ++r) forward_row(2, 2, hidden, params, w2, x + r * 2, q + r * 2);
  else if (inputs == 4 && choices == 2)
    for (size_t r = 0; r < rows; ++r) forward_row(4, 2, hidden, params, w2, x + r * 4, q + r * 2);
  else
    for (size_t r = 0; r < rows; ++r)
      forward_row((int)inputs, (int)choices, hidden, params, w2, x + r * inputs, q + r * choices);
}

typedef struct Backward {
  size_t hidden, count;
  const float *params, *w2, *x; /* w2 [K, H] */
  const int32_t *index;
  const float *delta;
  float *grad, *grad_w2; /* grad_w2 [K, H] */
} Backward;

/* Add the gradients of units h .. h + WIDTH - 1 over `count` rows that all took `choice`. */
static inline __attribute__((always_inline)) void backward_units(const Backward *b, int num_inputs,
                                                                 size_t choice, size_t h) {
  const size_t hidden = b->hidden, inputs = (size_t)num_inputs, w2 = choice * hidden + h;
  const Vector out = marl_vector_load(b->w2 + w2);
  Vector grad_out = marl_vector_load(b->grad_w2 + w2),
         grad_bias = marl_vector_load(b->grad + inputs * hidden + h);
  Vector grad_in[MARL_VALUE_NET_MAX_INPUTS];
  for (size_t i = 0; i < inputs; ++i) grad_in[i] = marl_vector_load(b->grad + i * hidden + h);
  for (size_t n = 0; n < b->count; ++n) {
    const float *row = b->x + (size_t)b->index[n] * inputs;
    const Vector a = hidden_of(num_inputs, hidden, h, b->params, row);
    const Vector delta = marl_vector_spread(b->delta[n]);
    grad_out += delta * relu(a);
    const Mask positive = a > 0;
    const Vector slope = (Vector)((Mask)(delta * out) & positive);
    grad_bias += slope;
    for (size_t i = 0; i < inputs; ++i) grad_in[i] += slope * marl_vector_spread(row[i]);
  }
  marl_vector_store(b->grad_w2 + w2, grad_out);
  marl_vector_store(b->grad + inputs * hidden + h, grad_bias);
  for (size_t i = 0; i < inputs; ++i) marl_vector_store(b->grad + i * hidden + h, grad_in[i]);
}

static void backward_choice(const Backward *b, int num_inputs, size_t choice) {
  for (size_t h = 0; h < b->hidden; h += WIDTH) {
    if (num_inputs == 2)
      backward_units(b, 2, choice, h);
    else if (num_inputs == 4)
      backward_units(b, 4, choice, h);
    else
      backward_units(b, num_inputs, choice, h);
  }
}

void marl_value_net_backward(const MarlValueShape *shape, size_t rows, const float *restrict params,
                             const float *restrict x, const float *restrict delta,
                             float *restrict grad) {
  enum { BLOCK = 256 };
  int32_t index[BLOCK];
  float deltas[BLOCK], w2[MAX_OUTPUT_WEIGHTS], grad_w2[MAX_OUTPUT_WEIGHTS];
  const size_t hidden = (size_t)shape->hidden, choices = (size_t)shape->num_choices;
  float *out = grad + ((size_t)shape->num_inputs + 1) * hidden;
  turn_output(shape, params, w2);
  memset(grad_w2, 0, choices * hidden * sizeof *grad_w2);
  for (size_t start = 0; start < rows; start += BLOCK) {
    const size_t end = start + BLOCK < rows ? start + BLOCK : rows;
    for (size_t k = 0; k < choices; ++k) {
      Backward b = {hidden, 0, params, w2, x, index, deltas, grad, grad_w2};
      for (size_t n = start; n < end; ++n) {
        const float d = delta[n * choices + k];
        if (d == 0.0f) continue; /* not taken, or no error: no gradient */
        index[b.count] = (int32_t)n;
        deltas[b.count++] = d;
        out[choices * hidden + k] += d;
      }
      if (b.count > 0) backward_choice(&b, shape->num_inputs, k);
    }
  }
  for (size_t h = 0; h < hidden; ++h)
    for (size_t k = 0; k < choices; ++k) out[h * choices + k] += grad_w2[k * hidden + h];
}
