/* Plans of a pencil that have the same bits on any number of ranks. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "marl/core/arena.h"
#include "physics/pencil.h"

/* Numbers of full precision that are the same on every rank. */
static void fill(MarlComplex *x, size_t n) {
  double *values = (double *)x;
  uint64_t state = 1;
  for (size_t i = 0; i < 2 * n; ++i) {
    state = state * 6364136223846793005u + 1442695040888963407u; /* Knuth's MMIX */
    values[i] = (double)(int64_t)state * 0x1p-63;
  }
}

/* Rows of `pairs` with `stride` to or from columns [many, my]. */
static void rows_to_columns(const MarlPencil *p, const MarlComplex *pairs, ptrdiff_t stride,
                            int many, MarlComplex *columns) {
  for (int m = 0; m < many; ++m)
    for (int j = 0; j < p->my; ++j) columns[(ptrdiff_t)m * p->my + j] = pairs[j * stride + m];
}

static void columns_to_rows(const MarlPencil *p, const MarlComplex *columns, int many,
                            MarlComplex *pairs, ptrdiff_t stride) {
  for (int m = 0; m < many; ++m)
    for (int j = 0; j < p->my; ++j) pairs[j * stride + m] = columns[(ptrdiff_t)m * p->my + j];
}

/* The first `many` columns of a block by `plan`, on own pairs, and by the common plan */
static bool scatters_alike(MarlPencil *p, fftw_plan plan, int many) {
  const size_t size = (size_t)many * (size_t)p->my;
  fill(p->column_in, (size_t)p->width * (size_t)p->block * (size_t)p->my);
  fftw_execute_dft(plan, p->column_in, p->pairs);
  rows_to_columns(p, p->pairs, p->stride, many, p->column_out);
  fftw_execute_dft(p->common_scatter, p->column_in, p->whole_pairs);
  rows_to_columns(p, p->whole_pairs, p->whole_stride, many, p->column_in);
  return memcmp(p->column_in, p->column_out, size * sizeof *p->column_in) == 0;
}

static bool gathers_alike(MarlPencil *p, fftw_plan plan, int many) {
  const size_t size = (size_t)many * (size_t)p->my;
  fill(p->column_in, (size_t)p->width * (size_t)p->block * (size_t)p->my);
  columns_to_rows(p, p->column_in, p->width * p->block, p->whole_pairs, p->whole_stride);
  columns_to_rows(p, p->column_in, many, p->pairs, p->stride);
  fftw_execute_dft(plan, p->pairs, p->column_out);
  memcpy(p->column_in, p->column_out, size * sizeof *p->column_in);
  fftw_execute_dft(p->common_gather, p->whole_pairs, p->column_out);
  return memcmp(p->column_in, p->column_out, size * sizeof *p->column_in) == 0;
}

static fftw_plan plan_scatter(MarlPencil *p, int many, MarlComplex *pairs, ptrdiff_t stride,
                              unsigned flags) {
  return fftw_plan_many_dft(1, &p->my, many, p->column_in, NULL, 1, p->my, pairs, NULL, (int)stride,
                            1, FFTW_BACKWARD, flags);
}

static fftw_plan plan_gather(MarlPencil *p, int many, MarlComplex *pairs, ptrdiff_t stride,
                             unsigned flags) {
  return fftw_plan_many_dft(1, &p->my, many, pairs, NULL, (int)stride, 1, p->column_out, NULL, 1,
                            p->my, FFTW_FORWARD, flags);
}

static void drop(fftw_plan *plan) {
  fftw_destroy_plan(*plan);
  *plan = NULL;
}

/* Plans [0] for a full block and [1] for what is left of the own columns. */
static bool plan_columns(MarlPencil *p, unsigned flags) {
  const int block = p->width * p->block,
            count[2] = {p->columns >= p->block ? p->block : 0, p->columns % p->block};
  const size_t whole = (size_t)p->my * (size_t)p->whole_stride;
  const bool same = p->stride == p->whole_stride; /* as on one rank: the common plan itself */
  if (p->columns == 0) return true;
  if (same && count[1] == 0) {
    p->scatter[0] = plan_scatter(p, block, p->pairs, p->stride, flags);
    p->gather[0] = plan_gather(p, block, p->pairs, p->stride, flags);
    return p->scatter[0] != NULL && p->gather[0] != NULL;
  }
  p->whole_pairs = (MarlComplex *)marl_arena_alloc(whole * sizeof *p->whole_pairs);
  if (p->whole_pairs == NULL) return false;
  p->common_scatter = plan_scatter(p, block, p->whole_pairs, p->whole_stride, flags);
  p->common_gather = plan_gather(p, block, p->whole_pairs, p->whole_stride, flags);
  if (p->common_scatter == NULL || p->common_gather == NULL) return false;
  bool needed = false;
  for (int i = 0; i < 2; ++i) {
    const int many = p->width * count[i];
    if (many == 0) continue;
    p->scatter[i] = plan_scatter(p, many, p->pairs, p->stride, flags);
    p->gather[i] = plan_gather(p, many, p->pairs, p->stride, flags);
    if (p->scatter[i] == NULL || p->gather[i] == NULL) return false;
    if (!scatters_alike(p, p->scatter[i], many)) drop(&p->scatter[i]);
    if (!gathers_alike(p, p->gather[i], many)) drop(&p->gather[i]);
    needed = needed || p->scatter[i] == NULL || p->gather[i] == NULL;
  }
  if (needed) {
    memset(p->whole_pairs, 0, whole * sizeof *p->whole_pairs);
  } else {
    drop(&p->common_scatter);
    drop(&p->common_gather);
    free(p->whole_pairs);
    p->whole_pairs = NULL;
  }
  return true;
}

static fftw_plan plan_row(MarlPencil *p, int many, MarlComplex *in, MarlComplex *out, int sign,
                          unsigned flags) {
  return fftw_plan_many_dft(1, &p->mx, many, in, NULL, 1, p->mx, out, NULL, 1, p->mx, sign, flags);
}

/* Does `rest` transform the first rows of `in` as a whole block does? */
static bool rows_alike(const MarlPencil *p, fftw_plan block, fftw_plan rest, int many,
                       MarlComplex *in, MarlComplex *out, MarlComplex *other) {
  const size_t all = (size_t)marl_pencil_z_rows(p, p->row_block) * (size_t)p->mx;
  fill(in, all);
  fftw_execute_dft(block, in, out);
  memcpy(other, out, (size_t)many * (size_t)p->mx * sizeof *out);
  fftw_execute_dft(rest, in, out);
  return memcmp(out, other, (size_t)many * (size_t)p->mx * sizeof *out) == 0;
}

static bool plan_rows(MarlPencil *p, unsigned flags) {
  const int block = marl_pencil_z_rows(p, p->row_block);
  const int rest = marl_pencil_z_rows(p, p->rows % p->row_block);
  p->row_inverse[0] = plan_row(p, block, p->row_in, p->row_z, FFTW_BACKWARD, flags);
  p->row_forward[0] = plan_row(p, block, p->row_z, p->row_out, FFTW_FORWARD, flags);
  if (p->row_inverse[0] == NULL || p->row_forward[0] == NULL) return false;
  if (rest == 0) return true;
  p->row_inverse[1] = plan_row(p, rest, p->row_in, p->row_z, FFTW_BACKWARD, flags);
  p->row_forward[1] = plan_row(p, rest, p->row_z, p->row_out, FFTW_FORWARD, flags);
  if (p->row_inverse[1] == NULL || p->row_forward[1] == NULL) return false;
  if (!rows_alike(p, p->row_inverse[0], p->row_inverse[1], rest, p->row_in, p->row_z, p->row_out))
    drop(&p->row_inverse[1]);
  if (!rows_alike(p, p->row_forward[0], p->row_forward[1], rest, p->row_z, p->row_out, p->row_in))
    drop(&p->row_forward[1]);
  return true;
}

/* What is never written must be zero. */
static void clear(MarlPencil *p) {
  const size_t column = (size_t)p->width * (size_t)p->block * (size_t)p->my;
  const size_t row = (size_t)marl_pencil_z_rows(p, p->row_block) * (size_t)p->mx;
  memset(p->pairs, 0, (size_t)p->my * (size_t)p->stride * sizeof *p->pairs);
  memset(p->column_in, 0, column * sizeof *p->column_in);
  memset(p->column_out, 0, column * sizeof *p->column_out);
  memset(p->row_in, 0, row * sizeof *p->row_in);
  memset(p->row_z, 0, row * sizeof *p->row_z);
  memset(p->row_out, 0, row * sizeof *p->row_out);
}

bool marl_pencil_plan(MarlPencil *p, unsigned flags) {
  const bool done = (p->column_lines != NULL || plan_columns(p, flags)) && plan_rows(p, flags);
  if (done) clear(p);
  return done;
}
