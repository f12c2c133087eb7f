#include "marl/nn/conv_sparse.h"

#include <string.h>

bool marl_conv_is_sparse(const MarlConvPlan *plan, const float *image) {
  const size_t size = (size_t)plan->rows * (size_t)plan->cols * (size_t)plan->in;
  int count = 0;
  for (size_t i = 0; i < size; ++i) count += image[i] != 0;
  return (size_t)count * 5 <= size;
}

static inline void add_row(size_t n, float x, const float *restrict from, float *restrict to) {
  for (size_t i = 0; i < n; ++i) to[i] += x * from[i];
}

/* Every input that is not 0 and every output that sees it: with `y`, the output gets x times its row of
 * the weights; else the row of `weights_grad` gets x times the output's `delta`. */
static inline void visit(const MarlConvPlan *p, const float *image, const float *weights, float *y,
                         const float *delta, float *weights_grad) {
  const size_t n = (size_t)p->out;
  const int size = p->rows * p->cols * p->in;
  for (int at = 0; at < size; ++at) {
    const float x = image[at];
    if (x == 0) continue;
    const int k = at % p->in, c = at / p->in % p->cols, r = at / p->in / p->cols;
    for (int i = 0; i < p->kernel; ++i) {
      const int down = r + p->padding - i;
      if (down < 0 || down % p->stride != 0 || down / p->stride >= p->out_rows) continue;
      for (int j = 0; j < p->kernel; ++j) {
        const int right = c + p->padding - j;
        if (right < 0 || right % p->stride != 0 || right / p->stride >= p->out_cols) continue;
        const size_t output = (size_t)(down / p->stride * p->out_cols + right / p->stride) * n;
        const size_t weight = (size_t)((i * p->kernel + j) * p->in + k) * n;
        if (y != NULL)
          add_row(n, x, weights + weight, y + output);
        else
          add_row(n, x, delta + output, weights_grad + weight);
      }
    }
  }
}

void marl_conv_sparse_forward(const MarlConvPlan *plan, const float *weights, const float *image,
                              float *y) {
  memset(y, 0, (size_t)(plan->out_rows * plan->out_cols * plan->out) * sizeof *y);
  visit(plan, image, weights, y, NULL, NULL);
}

void marl_conv_sparse_backward(const MarlConvPlan *plan, const float *image, const float *delta,
                               float *weights_grad) {
  visit(plan, image, NULL, NULL, delta, weights_grad);
}

/* Columns of a patch's row that lie inside the image: first, and how many. */
static int inside(const MarlConvPlan *p, int col, int *first) {
  const int left = col * p->stride - p->padding;
  const int begin = left < 0 ? 0 : left, end = left + p->kernel;
  *first = begin - left;
  return (end < p->cols ? end : p->cols) - begin;
}

void marl_conv_unfold(const MarlConvPlan *plan, const float *image, float *patches) {
  const size_t in = (size_t)plan->in, line = (size_t)plan->kernel * in;
  for (int r = 0; r < plan->out_rows; ++r)
    for (int c = 0; c < plan->out_cols; ++c)
      for (int i = 0; i < plan->kernel; ++i, patches += line) {
        const int row = r * plan->stride - plan->padding + i;
        int first;
        const int count = inside(plan, c, &first);
        const bool there = row >= 0 && row < plan->rows && count > 0;
        if (!there || count < plan->kernel) memset(patches, 0, line * sizeof *patches);
        if (!there) continue;
        const int col = c * plan->stride - plan->padding + first;
        memcpy(patches + (size_t)first * in, image + (size_t)(row * plan->cols + col) * in,
               (size_t)count * in * sizeof *patches);
      }
}

void marl_conv_fold(const MarlConvPlan *plan, const float *patches, float *image) {
  const size_t in = (size_t)plan->in, line = (size_t)plan->kernel * in;
  for (int r = 0; r < plan->out_rows; ++r)
    for (int c = 0; c < plan->out_cols; ++c)
      for (int i = 0; i < plan->kernel; ++i, patches += line) {
        const int row = r * plan->stride - plan->padding + i;
        int first;
        const int count = inside(plan, c, &first);
        if (row < 0 || row >= plan->rows || count <= 0) continue;
        const int col = c * plan->stride - plan->padding + first;
        const float *from = patches + (size_t)first * in;
        float *to = image + (size_t)(row * plan->cols + col) * in;
        for (size_t x = 0; x < (size_t)count * in; ++x) to[x] += from[x];
      }
}
