#include "marl/nn/conv_layer.h"

#include <string.h>

#include "marl/nn/vector.h"

/* Outputs, or entries of a patch, whose sums are in registers at once: eight chains of two operations a
 * cycle hide the four cycles of one; twelve where a sum shares more of what it loads. Where registers
 * suffice two chunks of channels go together, so that what is loaded of an image serves both. */
enum { LANES = MARL_LANES, PARTS = MARL_PARTS, WIDTH = MARL_VECTOR_WIDTH };
enum { TILE = PARTS == 1 ? 8 : PARTS == 2 ? 4 : 2, ENTRIES = PARTS == 1 ? 12 : PARTS == 2 ? 5 : 2 };
enum { CHUNKS = PARTS == 1 ? 2 : 1, VECTORS = CHUNKS * PARTS };

static size_t positions_of(const MarlConvPlan *p) {
  return (size_t)p->out_rows * (size_t)p->out_cols;
}

static size_t border_cols(const MarlConvPlan *p) {
  return (size_t)p->cols + 2 * (size_t)p->padding;
}

static size_t border_cells(const MarlConvPlan *p) {
  return (size_t)(p->rows + 2 * p->padding) * border_cols(p);
}

static size_t chunks(int channels) {
  return ((size_t)channels + LANES - 1) / LANES;
}

static size_t lanes_of(int channels, size_t chunk) {
  const size_t left = (size_t)channels - chunk * LANES;
  return left < LANES ? left : LANES;
}

/* How many chunks go together from this one on: all of them whole, or one. */
static size_t together(int channels, size_t chunk) {
  return (chunk + CHUNKS) * LANES <= (size_t)channels ? CHUNKS : 1;
}

size_t marl_conv_plan_inputs(const MarlConvPlan *p) {
  return (size_t)p->rows * (size_t)p->cols * (size_t)p->in;
}

size_t marl_conv_plan_bordered(const MarlConvPlan *p) {
  return border_cells(p) * (size_t)p->in;
}

size_t marl_conv_plan_outputs(const MarlConvPlan *p) {
  return positions_of(p) * (size_t)p->out;
}

size_t marl_conv_plan_packed(const MarlConvPlan *p) {
  return chunks(p->out) * ((size_t)p->patch + 1) * LANES;
}

size_t marl_conv_plan_turned(const MarlConvPlan *p) {
  return chunks(p->in) * (size_t)p->kernel * (size_t)p->kernel * (size_t)p->out * LANES;
}

size_t marl_conv_plan_scratch(const MarlConvPlan *p) {
  const size_t cells = border_cells(p), outputs = positions_of(p);
  return (cells > outputs ? cells : outputs) * CHUNKS * LANES;
}

void marl_conv_pack(const MarlConvPlan *p, const float *params, float *packed) {
  const size_t rows = (size_t)p->patch + 1, out = (size_t)p->out;
  memset(packed, 0, marl_conv_plan_packed(p) * sizeof *packed);
  for (size_t chunk = 0; chunk < chunks(p->out); ++chunk)
    for (size_t q = 0; q < rows; ++q)
      memcpy(packed + (chunk * rows + q) * LANES, params + q * out + chunk * LANES,
             lanes_of(p->out, chunk) * sizeof *packed);
}

void marl_conv_turn(const MarlConvPlan *p, const float *params, float *turned) {
  const size_t taps = (size_t)p->kernel * (size_t)p->kernel, in = (size_t)p->in,
               out = (size_t)p->out;
  memset(turned, 0, marl_conv_plan_turned(p) * sizeof *turned);
  for (size_t chunk = 0; chunk < chunks(p->in); ++chunk)
    for (size_t tap = 0; tap < taps; ++tap)
      for (size_t lane = 0; lane < lanes_of(p->in, chunk); ++lane) {
        const float *from = params + (tap * in + chunk * LANES + lane) * out;
        float *to = turned + (chunk * taps + tap) * out * LANES + lane;
        for (size_t o = 0; o < out; ++o) to[o * LANES] = from[o];
      }
}

void marl_conv_border(const MarlConvPlan *p, size_t count, const float *images, size_t stride,
                      float *bordered) {
  const size_t line = (size_t)p->cols * (size_t)p->in, whole = border_cols(p) * (size_t)p->in;
  const size_t size = marl_conv_plan_bordered(p),
               edge = (size_t)p->padding * (whole + (size_t)p->in);
  memset(bordered, 0, count * size * sizeof *bordered);
  for (size_t i = 0; i < count; ++i)
    for (size_t r = 0; r < (size_t)p->rows; ++r)
      memcpy(bordered + i * size + edge + r * whole, images + i * stride + r * line,
             line * sizeof *bordered);
}

void marl_conv_list_cells(const MarlConvPlan *p, size_t count, uint32_t *cell) {
  for (size_t i = 0; i < count; ++i)
    for (size_t r = 0; r < (size_t)p->out_rows; ++r)
      for (size_t c = 0; c < (size_t)p->out_cols; ++c)
        *cell++ = (uint32_t)(i * border_cells(p) + (r * border_cols(p) + c) * (size_t)p->stride);
}

/* TILE outputs that see patches at x[t]: bias and products with some chunks of weights. */
static inline __attribute__((always_inline)) void sum_tile(const MarlConvPlan *p,
                                                           const float *const x[TILE],
                                                           const float *packed, int vectors,
                                                           MarlVector sum[TILE][VECTORS]) {
  const size_t line = (size_t)p->kernel * (size_t)p->in, next = border_cols(p) * (size_t)p->in;
  const size_t bias = (size_t)p->patch * LANES, apart = bias + LANES;
  const float *w[VECTORS];
  for (int v = 0; v < vectors; ++v)
    w[v] = packed + (size_t)(v / PARTS) * apart + (size_t)(v % PARTS) * WIDTH;
  for (int t = 0; t < TILE; ++t)
    for (int v = 0; v < vectors; ++v) sum[t][v] = marl_vector_load(w[v] + bias);
  for (size_t i = 0, at = 0; i < (size_t)p->kernel; ++i)
    for (size_t q = i * next; q < i * next + line; ++q, at += LANES) {
      MarlVector weight[VECTORS];
      for (int v = 0; v < vectors; ++v) weight[v] = marl_vector_load(w[v] + at);
      for (int t = 0; t < TILE; ++t)
        for (int v = 0; v < vectors; ++v) sum[t][v] += marl_vector_spread(x[t][q]) * weight[v];
    }
}

/* `number` chunks from `chunk` on; a constant where it is called. */
static inline __attribute__((always_inline)) void forward_chunks(const MarlConvPlan *p,
                                                                 size_t count, const float *x,
                                                                 const float *packed, size_t chunk,
                                                                 int number, float *y) {
  const size_t all = count * positions_of(p), out = (size_t)p->out, in = (size_t)p->in;
  const size_t lanes = number > 1 ? LANES : lanes_of(p->out, chunk);
  packed += chunk * ((size_t)p->patch + 1) * LANES;
  for (size_t first = 0; first < all; first += TILE) {
    const size_t some = all - first < TILE ? all - first : TILE;
    const float *patch[TILE];
    MarlVector sum[TILE][VECTORS];
    for (size_t t = 0; t < TILE; ++t) patch[t] = x + p->cell[first + (t < some ? t : 0)] * in;
    sum_tile(p, patch, packed, number * PARTS, sum);
    float *to = y + first * out + chunk * LANES;
    for (size_t t = 0; t < some; ++t, to += out)
      for (int c = 0; c < number; ++c)
        marl_vector_store_run(to + c * LANES, sum[t] + c * PARTS, lanes);
  }
}

void marl_conv_forward_layer(const MarlConvPlan *p, size_t count, const float *x,
                             const float *packed, float *y) {
  for (size_t chunk = 0, number; chunk < chunks(p->out); chunk += number) {
    number = together(p->out, chunk);
    if (number == 1)
      forward_chunks(p, count, x, packed, chunk, 1, y);
    else
      forward_chunks(p, count, x, packed, chunk, CHUNKS, y);
  }
}

/* A chunk of delta: where it lies, or with zeros behind it in scratch. */
static const float *chunk_of(const MarlConvPlan *p, size_t all, size_t chunk, const float *delta,
                             float *scratch, size_t *apart) {
  const size_t lanes = lanes_of(p->out, chunk), out = (size_t)p->out;
  *apart = out;
  if (lanes == LANES) return delta + chunk * LANES;
  memset(scratch, 0, all * LANES * sizeof *scratch);
  for (size_t n = 0; n < all; ++n)
    memcpy(scratch + n * LANES, delta + n * out + chunk * LANES, lanes * sizeof *scratch);
  *apart = LANES;
  return scratch;
}

typedef struct Gradient {
  const MarlConvPlan *plan;
  size_t all; /* outputs */
  const float *x, *delta;
  size_t apart, lanes; /* floats between deltas of two outputs; of the chunks that go together */
  float *grad;         /* [., out] row of the entry, column of the first chunk */
} Gradient;

/* `entries` entries of all patches from `at` on in a patch's line; constants where it is called. */
static inline __attribute__((always_inline)) void add_entries(const Gradient *g, size_t at,
                                                              int entries, int vectors) {
  MarlVector sum[ENTRIES][VECTORS];
  const size_t out = (size_t)g->plan->out, in = (size_t)g->plan->in;
  const uint32_t *cell = g->plan->cell;
  for (int q = 0; q < entries; ++q)
    for (int v = 0; v < vectors; ++v) sum[q][v] = (MarlVector){0};
  const float *delta = g->delta;
  for (size_t n = 0; n < g->all; ++n, delta += g->apart) {
    const float *x = g->x + cell[n] * in + at;
    MarlVector d[VECTORS];
    for (int v = 0; v < vectors; ++v) d[v] = marl_vector_load(delta + v * WIDTH);
    for (int q = 0; q < entries; ++q)
      for (int v = 0; v < vectors; ++v) sum[q][v] += marl_vector_spread(x[q]) * d[v];
  }
  for (int q = 0; q < entries; ++q) {
    float lane[VECTORS * WIDTH];
    memcpy(lane, sum[q], sizeof lane);
    for (size_t l = 0; l < g->lanes; ++l) g->grad[(size_t)q * out + l] += lane[l];
  }
}

/* A number of entries that the compiler knows lets it unroll. */
static inline __attribute__((always_inline)) void add_some(const Gradient *g, size_t at,
                                                           int entries, int vectors) {
  switch (entries) {
    case 1:
      add_entries(g, at, 1, vectors);
      break;
    case 2:
      add_entries(g, at, 2, vectors);
      break;
#if defined(__AVX__)
    case 3:
      add_entries(g, at, 3, vectors);
      break;
    case 4:
      add_entries(g, at, 4, vectors);
      break;
    case 5:
      add_entries(g, at, 5, vectors);
      break;
#endif
#if defined(__AVX512F__)
    case 6:
      add_entries(g, at, 6, vectors);
      break;
    case 7:
      add_entries(g, at, 7, vectors);
      break;
    case 8:
      add_entries(g, at, 8, vectors);
      break;
    case 9:
      add_entries(g, at, 9, vectors);
      break;
    case 10:
      add_entries(g, at, 10, vectors);
      break;
    case 11:
      add_entries(g, at, 11, vectors);
      break;
    case 12:
      add_entries(g, at, 12, vectors);
      break;
#endif
    default:
      break;
  }
}

/* Of one chunk of delta, or of as many as go together. */
static inline __attribute__((always_inline)) void add_weights(const Gradient *whole, int number) {
  const MarlConvPlan *p = whole->plan;
  const size_t line = (size_t)p->kernel * (size_t)p->in, next = border_cols(p) * (size_t)p->in;
  const size_t parts = (line + ENTRIES - 1) / ENTRIES, out = (size_t)p->out;
  for (size_t i = 0; i < (size_t)p->kernel; ++i)
    for (size_t part = 0; part < parts; ++part) {
      const size_t first = part * line / parts, end = (part + 1) * line / parts;
      Gradient g = *whole;
      g.grad += (i * line + first) * out;
      add_some(&g, i * next + first, (int)(end - first), number * PARTS);
    }
}

/* Column sums of delta [all, out]. */
static void add_biases(size_t all, size_t out, const float *delta, float *bias) {
  size_t c = 0;
  for (; c + WIDTH <= out; c += WIDTH) {
    MarlVector sum = {0};
    for (size_t n = 0; n < all; ++n) sum += marl_vector_load(delta + n * out + c);
    marl_vector_store(bias + c, marl_vector_load(bias + c) + sum);
  }
  for (; c < out; ++c) {
    float sum = 0;
    for (size_t n = 0; n < all; ++n) sum += delta[n * out + c];
    bias[c] += sum;
  }
}

void marl_conv_add_gradient(const MarlConvPlan *p, size_t count, const float *x, const float *delta,
                            float *scratch, float *params_grad) {
  const size_t all = count * positions_of(p), out = (size_t)p->out;
  add_biases(all, out, delta, params_grad + (size_t)p->patch * out);
  for (size_t chunk = 0, number; x != NULL && chunk < chunks(p->out); chunk += number) {
    number = together(p->out, chunk);
    Gradient g = {.plan = p,
                  .all = all,
                  .x = x,
                  .delta = delta + chunk * LANES,
                  .apart = out,
                  .lanes = number * LANES,
                  .grad = params_grad + chunk * LANES};
    if (number == 1) {
      g.lanes = lanes_of(p->out, chunk);
      g.delta = chunk_of(p, all, chunk, delta, scratch, &g.apart);
      add_weights(&g, 1);
    } else {
      add_weights(&g, CHUNKS);
    }
  }
}

/* Some chunks of input channels on the way back; `plane` floats lie between the cells of two of them. */
typedef struct Pull {
  const MarlConvPlan *plan;
  size_t taps, plane;
} Pull;

/* TILE outputs at `delta`, through one tap, to the cells that they see there: no two see the same. */
static inline __attribute__((always_inline)) void pull_tile(const Pull *g, const float *delta,
                                                            const float *turned,
                                                            float *const cell[TILE], size_t some,
                                                            int number) {
  const size_t out = (size_t)g->plan->out;
  const int vectors = number * PARTS;
  MarlVector sum[TILE][VECTORS];
  for (int t = 0; t < TILE; ++t)
    for (int v = 0; v < vectors; ++v)
      sum[t][v] = marl_vector_load(cell[t] + (size_t)(v / PARTS) * g->plane + v % PARTS * WIDTH);
  for (size_t o = 0; o < out; ++o) {
    MarlVector weight[VECTORS];
    for (int v = 0; v < vectors; ++v)
      weight[v] = marl_vector_load(turned + ((size_t)(v / PARTS) * g->taps * out + o) * LANES +
                                   v % PARTS * WIDTH);
    for (size_t t = 0; t < TILE; ++t)
      for (int v = 0; v < vectors; ++v)
        sum[t][v] += marl_vector_spread(delta[(t < some ? t : 0) * out + o]) * weight[v];
  }
  for (size_t t = 0; t < some; ++t)
    for (int v = 0; v < vectors; ++v)
      marl_vector_store(cell[t] + (size_t)(v / PARTS) * g->plane + v % PARTS * WIDTH, sum[t][v]);
}

/* Cells [number, count, bordered, LANES] of `number` chunks of input channels, a constant where it is called. */
static inline __attribute__((always_inline)) void pull_chunks(const MarlConvPlan *p, size_t count,
                                                              const float *delta,
                                                              const float *turned, int number,
                                                              float *cells) {
  const size_t all = count * positions_of(p), out = (size_t)p->out, size = border_cells(p) * LANES;
  const Pull g = {p, (size_t)p->kernel * (size_t)p->kernel, count * size};
  memset(cells, 0, (size_t)number * g.plane * sizeof *cells);
  for (size_t i = 0; i < (size_t)p->kernel; ++i)
    for (size_t j = 0; j < (size_t)p->kernel; ++j, turned += out * LANES) {
      float *tap = cells + (i * border_cols(p) + j) * LANES;
      for (size_t first = 0; first < all; first += TILE) {
        const size_t some = all - first < TILE ? all - first : TILE;
        float *cell[TILE];
        for (size_t t = 0; t < TILE; ++t)
          cell[t] = tap + p->cell[first + (t < some ? t : 0)] * (size_t)LANES;
        if (some == TILE)
          pull_tile(&g, delta + first * out, turned, cell, TILE, number);
        else
          pull_tile(&g, delta + first * out, turned, cell, some, number);
      }
    }
}

/* The cells of a chunk without their border to its channels of x_grad [count, inputs]. */
static void without_border(const MarlConvPlan *p, size_t count, const float *cells, size_t chunk,
                           float *x_grad) {
  const size_t pad = (size_t)p->padding, cols = (size_t)p->cols, in = (size_t)p->in;
  const size_t lanes = lanes_of(p->in, chunk);
  for (size_t i = 0; i < count; ++i)
    for (size_t r = 0; r < (size_t)p->rows; ++r) {
      const float *from = cells + (i * border_cells(p) + (r + pad) * border_cols(p) + pad) * LANES;
      float *to = x_grad + i * marl_conv_plan_inputs(p) + r * cols * in + chunk * LANES;
      for (size_t c = 0; c < cols; ++c)
        if (lanes == LANES)
          memcpy(to + c * in, from + c * LANES, LANES * sizeof *to);
        else
          memcpy(to + c * in, from + c * LANES, lanes * sizeof *to);
    }
}

void marl_conv_pull_back(const MarlConvPlan *p, size_t count, const float *delta,
                         const float *turned, float *scratch, float *x_grad) {
  const size_t taps = (size_t)p->kernel * (size_t)p->kernel, out = (size_t)p->out;
  for (size_t chunk = 0, number; chunk < chunks(p->in); chunk += number) {
    const float *weights = turned + chunk * taps * out * LANES;
    number = together(p->in, chunk);
    if (number == 1)
      pull_chunks(p, count, delta, weights, 1, scratch);
    else
      pull_chunks(p, count, delta, weights, CHUNKS, scratch);
    for (size_t c = 0; c < number; ++c)
      without_border(p, count, scratch + c * count * border_cells(p) * LANES, chunk + c, x_grad);
  }
}
