#include "physics/pencil.h"

#include <assert.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "marl/core/arena.h"
#include "physics/wisdom.h"

/* Working sets of a block of width 2, in complex numbers: a row block is three buffers that share
 * the first-level cache, a column block two that share a quarter of a second-level cache of 1 MiB
 * (the rows they scatter to take the rest), but two columns at least: a cache line of each row. */
enum { ROW_BUFFER = 1024, COLUMN_BUFFER = 4096, MIN_BLOCK = 2 };

static int at_least_one(int n) {
  return n > 1 ? n : 1;
}

/* An odd number of cache lines a row: columns of a power of two rows do not share a cache set. */
static ptrdiff_t row_stride(int width, int columns) {
  const ptrdiff_t lines = (width * (ptrdiff_t)columns + 3) / 4;
  return 4 * (lines | 1);
}

int marl_pencil_z_rows(const MarlPencil *p, int n) {
  return p->width == 2 ? n : (n + 1) / 2;
}

static void describe_exchange(MarlPencil *p, const MarlGrid *grid, int kept) {
  int at = 0;
  for (int r = 0; r < p->ranks; ++r) {
    int first, count, row0, rows;
    marl_grid_split(grid->nx / 2 + 1, p->ranks, r, &first, &count);
    if (first > kept) first = kept;
    if (first + count > kept) count = kept - first;
    p->first_of[r] = first;
    p->columns_of[r] = count;
    p->stride_of[r] = row_stride(p->width, count);
    marl_grid_split_rows(p->my, p->ranks, r, &row0, &rows);
    p->pairs_count[r] = 2 * rows * (int)p->stride;
    p->pairs_offset[r] = 2 * row0 * (int)p->stride;
    p->segment_count[r] = 2 * p->rows * (int)p->stride_of[r];
    p->segment_offset[r] = at;
    at += p->segment_count[r];
  }
}

static MarlComplex *zeroed(size_t count) {
  return (MarlComplex *)marl_arena_alloc(count * sizeof(MarlComplex));
}

/* Both sides of the exchange, or the lender's, which are as large at least. */
static MarlComplex *allocate_sides(MarlPencil *p, const MarlPencil *lender) {
  const int last = p->ranks - 1, doubles = p->segment_offset[last] + p->segment_count[last];
  p->borrows = lender != NULL;
  if (lender != NULL) {
    assert(lender->my == p->my && lender->stride >= p->stride);
    p->pairs = lender->pairs;
    return lender->segment[0];
  }
  p->pairs = zeroed((size_t)p->my * (size_t)p->stride);
  return p->ranks > 1 ? zeroed((size_t)doubles / 2) : p->pairs;
}

static bool allocate(MarlPencil *p, const MarlPencil *lender) {
  const size_t column = (size_t)p->width * (size_t)p->block * (size_t)p->my;
  const size_t row = (size_t)marl_pencil_z_rows(p, p->row_block) * (size_t)p->mx;
  MarlComplex *rows = allocate_sides(p, lender);
  p->column_in = zeroed(column);
  p->column_out = zeroed(column);
  p->row_in = zeroed(row);
  p->row_z = zeroed(row);
  p->row_out = zeroed(row);
  if (rows == NULL) return false;
  for (int r = 0; r < p->ranks; ++r) {
    p->segment[r] = rows + p->segment_offset[r] / 2;
    p->line_segment[r] = (MarlLineSegment){.first = p->first_of[r],
                                           .count = p->columns_of[r],
                                           .stride = 2 * p->stride_of[r],
                                           .rows = (double *)p->segment[r]};
  }
  return p->pairs && p->column_in && p->column_out && p->row_in && p->row_z && p->row_out;
}

static MarlPencil *pencil_with_tables(int ranks) {
  MarlPencil *p = calloc(1, sizeof *p);
  if (p == NULL) return NULL;
  const size_t n = (size_t)ranks;
  p->ranks = ranks;
  p->first_of = calloc(6 * n, sizeof(int));
  p->stride_of = calloc(n, sizeof *p->stride_of);
  p->segment = calloc(n, sizeof *p->segment);
  p->line_segment = calloc(n, sizeof *p->line_segment);
  if (p->first_of == NULL || p->stride_of == NULL || p->segment == NULL ||
      p->line_segment == NULL) {
    marl_pencil_destroy(&p);
    return NULL;
  }
  p->columns_of = p->first_of + n;
  p->pairs_count = p->columns_of + n;
  p->pairs_offset = p->pairs_count + n;
  p->segment_count = p->pairs_offset + n;
  p->segment_offset = p->segment_count + n;
  return p;
}

static bool make_lines(MarlPencil *p, int kept_y) {
  const bool columns = marl_lines_have(p->my), rows = marl_lines_have(p->mx);
  if (columns) p->column_lines = marl_lines_create(p->my, kept_y, NULL);
  if (rows) p->row_lines = marl_lines_create(p->mx, p->mx / 2 + 1, NULL);
  return (!columns || p->column_lines != NULL) && (!rows || p->row_lines != NULL);
}

static MarlCode create(const MarlGrid *grid, MarlPencilShape shape, bool lines, unsigned flags,
                       MarlPencil **out, MarlError *err) {
  const int kept = shape.kept_x;
  int rank, ranks;
  MPI_Comm_rank(grid->comm, &rank);
  MPI_Comm_size(grid->comm, &ranks);
  *out = NULL;
  MarlPencil *p = pencil_with_tables(ranks);
  if (p == NULL) goto fail;
  p->comm = grid->comm;
  p->width = shape.width;
  p->mx = shape.mx;
  p->my = shape.my;
  if (lines && !make_lines(p, shape.kept_y)) goto fail;
  marl_grid_split_rows(p->my, ranks, rank, &p->row0, &p->rows);
  p->first = grid->k0 < kept ? grid->k0 : kept;
  p->columns = (grid->k0 + grid->nk_local < kept ? grid->k0 + grid->nk_local : kept) - p->first;
  p->stride = row_stride(p->width, p->columns);
  p->whole_stride = row_stride(p->width, kept);
  p->block = COLUMN_BUFFER / (2 * p->my) > MIN_BLOCK ? COLUMN_BUFFER / (2 * p->my) : MIN_BLOCK;
  if (p->block > kept) p->block = kept;
  p->row_block = 2 * at_least_one(ROW_BUFFER / (2 * p->mx));
  if (p->row_block > p->my) p->row_block = p->my;
  describe_exchange(p, grid, kept);
  if (!allocate(p, shape.lender) || !marl_pencil_plan(p, flags | FFTW_PRESERVE_INPUT)) goto fail;
  *out = p;
  return MARL_OK;
fail:
  marl_pencil_destroy(&p);
  return MARL_FAIL(err, MARL_EMEMORY, "no memory for transforms of %d x %d points on %d rank(s)",
                   shape.mx, shape.my, ranks);
}

MarlCode marl_pencil_create(const MarlGrid *grid, MarlPencilShape shape, MarlPencil **out,
                            MarlError *err) {
  marl_wisdom_recall();
  const bool lines = shape.squares && grid->transform == MARL_TRANSFORM_CODELETS;
  return create(grid, shape, lines, FFTW_ESTIMATE, out, err);
}

MarlCode marl_pencil_create_planned(const MarlGrid *grid, MarlPencilShape shape, unsigned rigor,
                                    MarlPencil **out, MarlError *err) {
  return create(grid, shape, false, rigor, out, err);
}

void marl_pencil_destroy(MarlPencil **pencil) {
  MarlPencil *p = *pencil;
  if (p == NULL) return;
  for (int i = 0; i < 2; ++i) {
    fftw_destroy_plan(p->scatter[i]);
    fftw_destroy_plan(p->gather[i]);
    fftw_destroy_plan(p->row_inverse[i]);
    fftw_destroy_plan(p->row_forward[i]);
  }
  fftw_destroy_plan(p->common_scatter);
  fftw_destroy_plan(p->common_gather);
  free(p->whole_pairs);
  if (!p->borrows && p->segment != NULL && p->segment[0] != p->pairs) free(p->segment[0]);
  if (!p->borrows) free(p->pairs);
  free(p->column_in);
  free(p->column_out);
  free(p->row_in);
  free(p->row_z);
  free(p->row_out);
  free(p->first_of);
  free(p->stride_of);
  free(p->segment);
  free(p->line_segment);
  marl_lines_destroy(&p->column_lines);
  marl_lines_destroy(&p->row_lines);
  free(p);
  *pencil = NULL;
}

/* Columns c .. c+n-1 from the rows of scratch to those of pairs, or back. */
static void copy_columns(MarlPencil *p, int c, int n, bool back) {
  const size_t size = (size_t)p->width * (size_t)n * sizeof *p->pairs;
  MarlComplex *own = p->pairs + p->width * (ptrdiff_t)c, *scratch = p->whole_pairs;
  for (int j = 0; j < p->my; ++j, own += p->stride, scratch += p->whole_stride)
    if (back)
      memcpy(scratch, own, size);
    else
      memcpy(own, scratch, size);
}

void marl_pencil_scatter(MarlPencil *p, int c, int n) {
  const MarlLines *lines = p->column_lines;
  if (lines != NULL) {
    lines->ops->columns_to_rows(lines, p->width * n, (const double *)p->column_in,
                                (double *)(p->pairs + p->width * (ptrdiff_t)c), 2 * p->stride);
    return;
  }
  const fftw_plan plan = p->scatter[n == p->block ? 0 : 1];
  if (plan != NULL) {
    fftw_execute_dft(plan, p->column_in, p->pairs + p->width * (ptrdiff_t)c);
    return;
  }
  fftw_execute_dft(p->common_scatter, p->column_in, p->whole_pairs);
  copy_columns(p, c, n, false);
}

void marl_pencil_gather(MarlPencil *p, int c, int n) {
  const MarlLines *lines = p->column_lines;
  if (lines != NULL) {
    lines->ops->rows_to_columns(lines, p->width * n,
                                (const double *)(p->pairs + p->width * (ptrdiff_t)c), 2 * p->stride,
                                (double *)p->column_out);
    return;
  }
  const fftw_plan plan = p->gather[n == p->block ? 0 : 1];
  if (plan != NULL) {
    fftw_execute_dft(plan, p->pairs + p->width * (ptrdiff_t)c, p->column_out);
    return;
  }
  copy_columns(p, c, n, true);
  fftw_execute_dft(p->common_gather, p->whole_pairs, p->column_out);
}

void marl_pencil_to_rows(MarlPencil *p) {
  if (p->ranks > 1)
    MPI_Alltoallv(p->pairs, p->pairs_count, p->pairs_offset, MPI_DOUBLE, p->segment[0],
                  p->segment_count, p->segment_offset, MPI_DOUBLE, p->comm);
}

void marl_pencil_to_columns(MarlPencil *p) {
  if (p->ranks > 1)
    MPI_Alltoallv(p->segment[0], p->segment_count, p->segment_offset, MPI_DOUBLE, p->pairs,
                  p->pairs_count, p->pairs_offset, MPI_DOUBLE, p->comm);
}
