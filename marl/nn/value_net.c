#include "marl/nn/value_net.h"

#include <math.h>
#include <string.h>

/* GNU C vectors as wide as a register of the machine, and not wider: gcc takes comparisons of wider
 * ones apart, element by element. LANES is a multiple of every WIDTH. */
#if defined(__AVX512F__)
enum { WIDTH = 16 };
#elif defined(__AVX__)
enum { WIDTH = 8 };
#else
enum { WIDTH = 4 };
#endif
enum { LANES = MARL_VALUE_NET_LANES, PARTS = LANES / WIDTH };
typedef float Vector __attribute__((vector_size(WIDTH * sizeof(float))));
typedef int32_t Mask __attribute__((vector_size(WIDTH * sizeof(int32_t))));

MarlCode marl_value_net_check(const MarlValueShape *shape, MarlError *err) {
  if (shape->num_inputs < 1 || shape->num_inputs > MARL_VALUE_NET_MAX_INPUTS ||
      shape->num_choices < 1 || shape->num_choices > MARL_VALUE_NET_MAX_CHOICES)
    return MARL_FAIL(err, MARL_ECONFIG,
                     "value network: %d inputs and %d choices; at most %d and %d are supported",
                     shape->num_inputs, shape->num_choices, MARL_VALUE_NET_MAX_INPUTS,
                     MARL_VALUE_NET_MAX_CHOICES);
  if (shape->hidden < LANES || shape->hidden % LANES != 0)
    return MARL_FAIL(err, MARL_ECONFIG, "value network: hidden = %d is not a multiple of %d",
                     shape->hidden, LANES);
  return MARL_OK;
}

size_t marl_value_net_num_params(const MarlValueShape *shape) {
  const size_t hidden = (size_t)shape->hidden, choices = (size_t)shape->num_choices;
  return ((size_t)shape->num_inputs + 1 + choices) * hidden + choices;
}

void marl_value_net_init(const MarlValueShape *shape, MarlKey key, float *params) {
  const size_t hidden = (size_t)shape->hidden, choices = (size_t)shape->num_choices;
  const size_t first = ((size_t)shape->num_inputs + 1) * hidden;
  const double bound_first = 1.0 / sqrt((double)shape->num_inputs);
  const double bound_second = 1.0 / sqrt((double)shape->hidden);
  for (size_t i = 0; i < first + choices * hidden + choices; ++i) {
    const double bound = i < first ? bound_first : bound_second;
    params[i] = (float)(bound * (2.0 * marl_uniform(key, i) - 1.0));
  }
}

static inline Vector load(const float *from) {
  Vector vector;
  memcpy(&vector, from, sizeof vector);
  return vector;
}

static inline void store(float *to, Vector vector) {
  memcpy(to, &vector, sizeof vector);
}

static inline Vector spread(float value) {
  return value - (Vector){0};
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
  Vector a = load(params + (size_t)num_inputs * hidden + h);
  for (int i = 0; i < num_inputs; ++i) a += spread(x[i]) * load(params + (size_t)i * hidden + h);
  return a;
}

/* One row; sizes are constants where the caller's are, so that loops unroll. */
static inline __attribute__((always_inline)) void forward_row(int num_inputs, int num_choices,
                                                              size_t hidden, const float *params,
                                                              const float *x, float *q) {
  const float *w2 = params + (size_t)(num_inputs + 1) * hidden;
  const float *b2 = w2 + (size_t)num_choices * hidden;
  Vector sum[MARL_VALUE_NET_MAX_CHOICES][PARTS];
  for (int k = 0; k < num_choices; ++k)
    for (int p = 0; p < PARTS; ++p) sum[k][p] = (Vector){0};
  for (size_t first = 0; first < hidden; first += LANES)
    for (size_t p = 0; p < PARTS; ++p) {
      const size_t h = first + p * WIDTH;
      const Vector a = relu(hidden_of(num_inputs, hidden, h, params, x));
      for (int k = 0; k < num_choices; ++k) sum[k][p] += a * load(w2 + (size_t)k * hidden + h);
    }
  for (int k = 0; k < num_choices; ++k) q[k] = b2[k] + sum_lanes(sum[k]);
}

void marl_value_net_forward(const MarlValueShape *shape, size_t rows, const float *restrict params,
                            const float *restrict x, size_t stride, float *restrict q) {
  const size_t hidden = (size_t)shape->hidden, choices = (size_t)shape->num_choices;
  const int inputs = shape->num_inputs;
  if (inputs == 2 && choices == 2)
    for (size_t r = 0; r < rows; ++r) forward_row(2, 2, hidden, params, x + r * stride, q + r * 2);
  else if (inputs == 4 && choices == 2)
    for (size_t r = 0; r < rows; ++r) forward_row(4, 2, hidden, params, x + r * stride, q + r * 2);
  else
    for (size_t r = 0; r < rows; ++r)
      forward_row(inputs, (int)choices, hidden, params, x + r * stride, q + r * choices);
}

typedef struct Backward {
  size_t hidden, count, stride;
  const float *params, *x;
  const int32_t *index;
  const float *delta;
  float *grad;
} Backward;

/* Add the gradients of units h .. h + WIDTH - 1 over `count` rows that all took `choice`. */
static inline __attribute__((always_inline)) void backward_units(const Backward *b, int num_inputs,
                                                                 size_t choice, size_t h) {
  const size_t hidden = b->hidden, inputs = (size_t)num_inputs;
  const size_t w2 = (inputs + 1 + choice) * hidden + h;
  const Vector out = load(b->params + w2);
  Vector grad_out = load(b->grad + w2), grad_bias = load(b->grad + inputs * hidden + h);
  Vector grad_in[MARL_VALUE_NET_MAX_INPUTS];
  for (size_t i = 0; i < inputs; ++i) grad_in[i] = load(b->grad + i * hidden + h);
  for (size_t n = 0; n < b->count; ++n) {
    const float *row = b->x + (size_t)b->index[n] * b->stride;
    const Vector a = hidden_of(num_inputs, hidden, h, b->params, row);
    const Vector delta = spread(b->delta[n]);
    grad_out += delta * relu(a);
    const Mask positive = a > 0;
    const Vector slope = (Vector)((Mask)(delta * out) & positive);
    grad_bias += slope;
    for (size_t i = 0; i < inputs; ++i) grad_in[i] += slope * spread(row[i]);
  }
  store(b->grad + w2, grad_out);
  store(b->grad + inputs * hidden + h, grad_bias);
  for (size_t i = 0; i < inputs; ++i) store(b->grad + i * hidden + h, grad_in[i]);
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

void marl_value_net_backward(const MarlValueShape *shape, size_t count,
                             const float *restrict params, const float *restrict x, size_t stride,
                             const int32_t *restrict index, const int32_t *restrict choice,
                             const float *restrict delta, float *restrict grad) {
  enum { BLOCK = 256 };
  int32_t rows[BLOCK];
  float deltas[BLOCK];
  const size_t hidden = (size_t)shape->hidden, choices = (size_t)shape->num_choices;
  float *grad_b2 = grad + ((size_t)shape->num_inputs + 1 + choices) * hidden;
  memset(grad, 0, marl_value_net_num_params(shape) * sizeof *grad);
  for (size_t start = 0; start < count; start += BLOCK) {
    const size_t end = start + BLOCK < count ? start + BLOCK : count;
    for (size_t k = 0; k < choices; ++k) {
      Backward b = {hidden, 0, stride, params, x, rows, deltas, grad};
      for (size_t n = start; n < end; ++n) {
        if ((size_t)choice[n] != k) continue;
        rows[b.count] = index[n];
        deltas[b.count++] = delta[n];
        grad_b2[k] += delta[n];
      }
      if (b.count > 0) backward_choice(&b, shape->num_inputs, k);
    }
  }
}
