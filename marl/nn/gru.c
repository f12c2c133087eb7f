#include "marl/nn/gru.h"

#include <assert.h>
#include <cblas.h>
#include <stdlib.h>
#include <string.h>

#include "marl/core/arena.h"
#include "marl/nn/mlp.h"
#include "marl/nn/vecmath.h"

enum { GATES = 3 }; /* r, z, n */

/* Arrays have a row for each row of a call. */
struct MarlGru {
  int inputs, units;
  size_t max_rows;
  float *before; /* [rows, units] h */
  float *gates;  /* [rows, 3 units] r, z, n */
  float *q;      /* [rows, units] */
  float *of_x;   /* [rows, 3 units] x W + b, or the gradient of it */
  float *of_h;   /* [rows, 3 units] h U + (0, 0, c), or the gradient of it */
  float *carry;  /* [rows, units] gradient that comes from the next step */
};

/* Where W (at 0), b, U and c lie in the parameters. */
static size_t b_at(const MarlGru *gru) {
  return GATES * (size_t)gru->inputs * (size_t)gru->units;
}
static size_t u_at(const MarlGru *gru) {
  return b_at(gru) + GATES * (size_t)gru->units;
}
static size_t c_at(const MarlGru *gru) {
  return u_at(gru) + GATES * (size_t)gru->units * (size_t)gru->units;
}

size_t marl_gru_num_params(int inputs, int units) {
  const size_t in = (size_t)inputs, h = (size_t)units;
  return GATES * (in + 1 + h) * h + h;
}

void marl_gru_init(int inputs, int units, MarlKey key, float *params) {
  const size_t in = (size_t)inputs, h = (size_t)units, wide = GATES * h;
  memset(params, 0, marl_gru_num_params(inputs, units) * sizeof *params);
  for (size_t gate = 0; gate < GATES; ++gate) {
    marl_weights_init(marl_key_fold(key, gate), in, h, wide, 1, params + gate * h);
    marl_weights_init(marl_key_fold(key, GATES + gate), h, h, wide, 1,
                      params + (in + 1) * wide + gate * h);
  }
}

MarlCode marl_gru_create(int inputs, int units, size_t max_rows, MarlGru **out, MarlError *err) {
  *out = NULL;
  const size_t h = (size_t)units, line = 64;
  const size_t floats = max_rows * h * (3 + 3 * GATES);
  if (inputs < 1 || units < 1 || max_rows < 1)
    return MARL_FAIL(err, MARL_EARG, "a recurrent layer needs inputs, units and rows");
  const size_t head = (sizeof(MarlGru) + line - 1) / line * line;
  char *memory = marl_arena_alloc(head + floats * sizeof(float));
  if (memory == NULL)
    return MARL_FAIL(err, MARL_EMEMORY, "no memory for %zu rows of a recurrent layer", max_rows);
  float *at = (float *)(void *)(memory + head);
  MarlGru *gru = (MarlGru *)(void *)memory;
  *gru = (MarlGru){.inputs = inputs, .units = units, .max_rows = max_rows};
  gru->before = at, at += max_rows * h;
  gru->gates = at, at += GATES * max_rows * h;
  gru->q = at, at += max_rows * h;
  gru->of_x = at, at += GATES * max_rows * h;
  gru->of_h = at, at += GATES * max_rows * h;
  gru->carry = at;
  *out = gru;
  return MARL_OK;
}

void marl_gru_destroy(MarlGru **gru) {
  free(*gru);
  *gru = NULL;
}

/* y [rows, out] = x [rows, in] M [in, out] */
static void multiply(size_t rows, size_t in, size_t out, const float *x, const float *m, float *y) {
  cblas_sgemm(CblasRowMajor, CblasNoTrans, CblasNoTrans, (int)rows, (int)out, (int)in, 1.0f, x,
              (int)in, m, (int)out, 0.0f, y, (int)out);
}

/* dx [rows, in] (+)= dy [rows, out] M^T */
static void multiply_back(size_t rows, size_t in, size_t out, const float *dy, const float *m,
                          float keep, float *dx) {
  cblas_sgemm(CblasRowMajor, CblasNoTrans, CblasTrans, (int)rows, (int)in, (int)out, 1.0f, dy,
              (int)out, m, (int)out, keep, dx, (int)in);
}

/* dM [in, out] += x^T dy */
static void add_outer(size_t rows, size_t in, size_t out, const float *x, const float *dy,
                      float *dm) {
  cblas_sgemm(CblasRowMajor, CblasTrans, CblasNoTrans, (int)in, (int)out, (int)rows, 1.0f, x,
              (int)in, dy, (int)out, 1.0f, dm, (int)out);
}

/* One step of n rows, the arrays at the step's first row. */
static void step(MarlGru *gru, size_t n, size_t at, const float *params, float *restrict state) {
  const float *c = params + c_at(gru);
  const size_t h = (size_t)gru->units, wide = GATES * h;
  const float *restrict before = gru->before + at * h;
  float *restrict gates = gru->gates + at * wide, *restrict q = gru->q + at * h;
  const float *restrict of_x = gru->of_x + at * wide;
  float *restrict of_h = gru->of_h + at * wide;
  multiply(n, h, wide, before, params + u_at(gru), of_h);
  for (size_t r = 0; r < n; ++r)
    for (size_t j = 0; j < 2 * h; ++j) /* s(a) = (1 + tanh(a/2)) / 2 */
      gates[r * wide + j] = 0.5f * (of_x[r * wide + j] + of_h[r * wide + j]);
  for (size_t r = 0; r < n; ++r) marl_vec_tanh(2 * h, gates + r * wide, gates + r * wide);
  for (size_t r = 0; r < n; ++r) {
    float *restrict row = gates + r * wide;
    for (size_t j = 0; j < 2 * h; ++j) row[j] = 0.5f + 0.5f * row[j];
    for (size_t j = 0; j < h; ++j) {
      q[r * h + j] = of_h[r * wide + 2 * h + j] + c[j];
      row[2 * h + j] = of_x[r * wide + 2 * h + j] + row[j] * q[r * h + j];
    }
    marl_vec_tanh(h, row + 2 * h, row + 2 * h);
    for (size_t j = 0; j < h; ++j) {
      const float n_j = row[2 * h + j];
      state[r * h + j] = n_j + row[h + j] * (before[r * h + j] - n_j);
    }
  }
}

void marl_gru_forward(MarlGru *gru, size_t steps, const size_t *active, const float *params,
                      const float *input, const float *start, float *state) {
  const size_t in = (size_t)gru->inputs, h = (size_t)gru->units;
  size_t rows = 0;
  for (size_t t = 0; t < steps; ++t) rows += active[t];
  assert(rows <= gru->max_rows);
  multiply(rows, in, GATES * h, input, params, gru->of_x);
  marl_rows_add(rows, GATES * h, params + b_at(gru), gru->of_x);
  const float *last = start;
  for (size_t t = 0, at = 0; t < steps; at += active[t++]) {
    memcpy(gru->before + at * h, last, active[t] * h * sizeof *last);
    step(gru, active[t], at, params, state + at * h);
    last = state + at * h;
  }
}

/* Gradients of one step's products from those of its h', `change`, which becomes that of its h as far
 * as it does not go through U. */
static void step_back(MarlGru *gru, size_t n, size_t at, float *restrict change) {
  const size_t h = (size_t)gru->units, wide = GATES * h;
  for (size_t r = 0; r < n; ++r) {
    const float *restrict row = gru->gates + (at + r) * wide;
    const float *restrict before = gru->before + (at + r) * h, *restrict q = gru->q + (at + r) * h;
    float *restrict of_x = gru->of_x + (at + r) * wide, *restrict of_h =
                                                            gru->of_h + (at + r) * wide;
    for (size_t j = 0; j < h; ++j) {
      const float reset = row[j], z = row[h + j], n_j = row[2 * h + j], d = change[r * h + j];
      const float d_n = d * (1 - z) * (1 - n_j * n_j);
      of_x[j] = of_h[j] = d_n * q[j] * reset * (1 - reset);
      of_x[h + j] = of_h[h + j] = d * (before[j] - n_j) * z * (1 - z);
      of_x[2 * h + j] = d_n;
      of_h[2 * h + j] = d_n * reset;
      change[r * h + j] = d * z;
    }
  }
}

static void add_biases(const MarlGru *gru, size_t rows, float *params_grad) {
  const size_t h = (size_t)gru->units, wide = GATES * h;
  for (size_t r = 0; r < rows; ++r) {
    for (size_t j = 0; j < wide; ++j) params_grad[b_at(gru) + j] += gru->of_x[r * wide + j];
    for (size_t j = 0; j < h; ++j) params_grad[c_at(gru) + j] += gru->of_h[r * wide + 2 * h + j];
  }
}

void marl_gru_backward(MarlGru *gru, size_t steps, const size_t *active, const float *params,
                       const float *input, const float *state_grad, float *params_grad,
                       float *input_grad) {
  const size_t in = (size_t)gru->inputs, h = (size_t)gru->units, wide = GATES * h;
  size_t rows = 0, later = 0; /* later: rows of the step after */
  for (size_t t = 0; t < steps; ++t) rows += active[t];
  for (size_t t = steps, at = rows; t-- > 0;) {
    at -= active[t];
    const float *from = state_grad + at * h;
    for (size_t i = 0; i < active[t] * h; ++i)
      gru->carry[i] = (i < later * h ? gru->carry[i] : 0) + from[i];
    step_back(gru, active[t], at, gru->carry);
    multiply_back(active[t], h, wide, gru->of_h + at * wide, params + u_at(gru), 1.0f, gru->carry);
    later = active[t];
  }
  add_outer(rows, in, wide, input, gru->of_x, params_grad);
  add_outer(rows, h, wide, gru->before, gru->of_h, params_grad + u_at(gru));
  add_biases(gru, rows, params_grad);
  if (input_grad != NULL) multiply_back(rows, in, wide, gru->of_x, params, 0.0f, input_grad);
}
