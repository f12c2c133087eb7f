#include "physics/column_lanes.h"

#include <stdlib.h>
#include <string.h>

#include "marl/core/arena.h"
#include "marl/core/comm.h"

extern const MarlColumnLanesOps marl_lines_portable_columns;
#ifdef __x86_64__
extern const MarlColumnLanesOps marl_lines_avx2_columns, marl_lines_fma_columns;
#endif

const MarlColumnLanesOps *const marl_column_lanes_kinds[] = {
#ifdef __x86_64__
    &marl_lines_avx2_columns, &marl_lines_fma_columns,
#endif
    &marl_lines_portable_columns, NULL};

static int length(const MarlGrid *grid, int n) {
  return grid->dealias == MARL_DEALIAS_PADDING ? 3 * n / 2 : n;
}

bool marl_column_lanes_have(const MarlGrid *grid) {
  return marl_lines_have(length(grid, grid->nx)) && marl_lines_have(length(grid, grid->ny));
}

static int blocks_of(int columns, int width) {
  return (columns + width - 1) / width;
}

/* An odd number of complex lanes a row: columns of many rows do not share a set of the cache. */
static ptrdiff_t stride_of(int columns, int width) {
  return 2 * width * (ptrdiff_t)(2 * blocks_of(columns, width) + 1);
}

/* Kinds stand in the order of the widths, and what some rank has not got none may use. */
static const MarlColumnLanesOps *widest(MPI_Comm comm) {
  int kind = 0;
  while (!marl_column_lanes_kinds[kind]->lines->here()) ++kind;
  MPI_Allreduce(MPI_IN_PLACE, &kind, 1, MPI_INT, MPI_MAX, comm);
  return marl_column_lanes_kinds[kind];
}

static void own_columns(const MarlGrid *grid, int ranks, int rank, int *first, int *count) {
  marl_grid_split(grid->nx / 2 + 1, ranks, rank, first, count);
  if (*first > grid->kept_x) *first = grid->kept_x;
  if (*first + *count > grid->kept_x) *count = grid->kept_x - *first;
}

static MarlCode describe_exchange(MarlColumnLanes *l, const MarlGrid *grid, MarlError *err) {
  const size_t ranks = (size_t)marl_comm_size(grid->comm);
  size_t size = 0;
  for (int pass = 0; pass < 2; ++pass) {
    if (pass == 1) l->exchange = marl_arena_alloc(size);
    if (pass == 1 && l->exchange == NULL)
      return MARL_FAIL(err, MARL_EMEMORY, "no memory for %zu ranks", ranks);
    size = 0;
    l->segment = marl_carve(l->exchange, &size, ranks, sizeof *l->segment);
    l->own_count = marl_carve(l->exchange, &size, ranks, sizeof(int));
    l->own_offset = marl_carve(l->exchange, &size, ranks, sizeof(int));
    l->row_count = marl_carve(l->exchange, &size, ranks, sizeof(int));
    l->row_offset = marl_carve(l->exchange, &size, ranks, sizeof(int));
  }
  l->ranks = (int)ranks;
  int at = 0, row0, rows;
  const int my = length(grid, grid->ny), width = l->ops->lines->width;
  marl_grid_split_rows(my, l->ranks, marl_comm_rank(grid->comm), &row0, &l->rows);
  for (int r = 0; r < l->ranks; ++r) {
    MarlLineSegment *s = &l->segment[r];
    own_columns(grid, l->ranks, r, &s->first, &s->count);
    s->stride = stride_of(s->count, width);
    marl_grid_split_rows(my, l->ranks, r, &row0, &rows);
    l->own_count[r] = rows * (int)l->stride;
    l->own_offset[r] = row0 * (int)l->stride;
    l->row_count[r] = l->rows * (int)s->stride;
    l->row_offset[r] = at;
    at += l->row_count[r];
  }
  return MARL_OK;
}

static void lay_out(MarlColumnLanes *l, bool rotates, char *block, size_t *offset) {
  const size_t width = (size_t)l->ops->lines->width, lane = width * sizeof(double);
  const size_t blocks = (size_t)l->blocks, kept = (size_t)l->kept, my = (size_t)l->along_y->n;
  const size_t modes = blocks * (2 * kept - 1);
  const int last = l->ranks - 1;
  l->kx = marl_carve(block, offset, blocks, lane);
  l->inverse = marl_carve(block, offset, blocks * kept, lane);
  l->decay = marl_carve(block, offset, blocks * kept, lane);
  l->rotation = rotates ? marl_carve(block, offset, blocks * kept, 2 * lane) : NULL;
  l->w = marl_carve(block, offset, modes, 2 * lane);
  l->now = marl_carve(block, offset, modes, 2 * lane);
  l->old = marl_carve(block, offset, modes, 2 * lane);
  l->plus = marl_carve(block, offset, my, 2 * lane);
  l->minus = marl_carve(block, offset, my, 2 * lane);
  l->points_plus = marl_carve(block, offset, my, 2 * lane);
  l->points_minus = marl_carve(block, offset, my, 2 * lane);
  l->own = marl_carve(block, offset, my * (size_t)l->stride, sizeof(double));
  double *rows = l->own;
  if (l->ranks > 1)
    rows = marl_carve(block, offset, (size_t)l->row_offset[last] + (size_t)l->row_count[last],
                      sizeof(double));
  for (int r = 0; block != NULL && r < l->ranks; ++r)
    l->segment[r].rows = rows != NULL ? rows + l->row_offset[r] : NULL;
}

static void fill_wavenumbers(const MarlColumnLanes *l) {
  const int width = l->ops->lines->width;
  for (int c = 0; c < l->columns; ++c) {
    const int b = c / width, lane = c % width;
    l->kx[b * width + lane] = l->grid->kx[c];
    for (int j = 0; j < l->kept; ++j) {
      const double k2 = l->grid->k2[(ptrdiff_t)c * l->grid->ny + j];
      l->inverse[((ptrdiff_t)b * l->kept + j) * width + lane] = k2 > 0 ? 1 / k2 : 0;
    }
  }
}

static MarlCode build(MarlColumnLanes *l, bool rotates, MarlError *err) {
  const MarlGrid *grid = l->grid;
  const int width = l->ops->lines->width, mx = length(grid, grid->nx), my = length(grid, grid->ny);
  own_columns(grid, marl_comm_size(grid->comm), marl_comm_rank(grid->comm), &l->first, &l->columns);
  l->kept = grid->kept_y;
  l->blocks = blocks_of(l->columns, width);
  l->stride = stride_of(l->columns, width);
  l->scale = 1 / ((double)mx * my);
  l->along_y = marl_lines_create(my, l->kept, l->ops->lines);
  l->along_x = marl_lines_create(mx, mx / 2 + 1, l->ops->lines);
  MARL_TRY(describe_exchange(l, grid, err));
  size_t size = 0;
  if (l->along_x != NULL && l->along_y != NULL) {
    lay_out(l, rotates, NULL, &size);
    l->memory = marl_arena_alloc(size);
  }
  if (l->memory == NULL)
    return MARL_FAIL(err, MARL_EMEMORY, "no memory for columns of %d x %d points", mx, my);
  size = 0;
  lay_out(l, rotates, l->memory, &size);
  fill_wavenumbers(l);
  return MARL_OK;
}

MarlCode marl_column_lanes_create(const MarlGrid *grid, bool rotates, const MarlColumnLanesOps *ops,
                                  MarlColumnLanes **out, MarlError *err) {
  *out = NULL;
  MarlColumnLanes *l = calloc(1, sizeof *l);
  if (ops == NULL) ops = widest(grid->comm);
  MarlCode code = MARL_OK;
  if (l == NULL) {
    code = MARL_FAIL(err, MARL_EMEMORY, "no memory for the columns of a flow");
  } else {
    l->ops = ops;
    l->grid = grid;
    code = build(l, rotates, err);
  }
  code = marl_comm_agree(grid->comm, code, err);
  if (code != MARL_OK)
    marl_column_lanes_destroy(&l);
  else
    *out = l;
  return code;
}

void marl_column_lanes_destroy(MarlColumnLanes **lanes) {
  MarlColumnLanes *l = *lanes;
  if (l == NULL) return;
  marl_lines_destroy(&l->along_y);
  marl_lines_destroy(&l->along_x);
  free(l->memory);
  free(l->exchange);
  free(l->force);
  free(l);
  *lanes = NULL;
}

/* The first of the 2 kept - 1 modes of a lane, and its place in a column, of own column c. */
static double *modes_of(const MarlColumnLanes *l, double *modes, int c) {
  const int width = l->ops->lines->width;
  return modes + (ptrdiff_t)(c / width) * (2 * l->kept - 1) * 2 * width + c % width;
}

static int place_of(const MarlColumnLanes *l, int j) {
  return j < l->kept ? j : l->grid->ny + j - (2 * l->kept - 1);
}

void marl_column_lanes_load(const MarlColumnLanes *l, const MarlComplex *field, double *modes) {
  const int width = l->ops->lines->width;
  for (int c = 0; c < l->columns; ++c) {
    double *to = modes_of(l, modes, c);
    const double *column = (const double *)(field + (ptrdiff_t)c * l->grid->ny);
    for (int j = 0; j < 2 * l->kept - 1; ++j) {
      const double *from = column + 2 * place_of(l, j);
      to[2 * j * width] = from[0];
      to[(2 * j + 1) * width] = from[1];
    }
  }
}

void marl_column_lanes_store(const MarlColumnLanes *l, const double *modes, MarlComplex *field) {
  const int width = l->ops->lines->width;
  for (int c = 0; c < l->columns; ++c) {
    const double *from = modes_of(l, (double *)modes, c);
    double *column = (double *)(field + (ptrdiff_t)c * l->grid->ny);
    for (int j = 0; j < 2 * l->kept - 1; ++j) {
      double *to = column + 2 * place_of(l, j);
      to[0] = from[2 * j * width];
      to[1] = from[(2 * j + 1) * width];
    }
  }
}

void marl_column_lanes_load_even(const MarlColumnLanes *l, int parts, const double *field,
                                 double *modes) {
  const int width = l->ops->lines->width;
  for (int c = 0; c < l->columns; ++c)
    for (int j = 0; j < l->kept; ++j)
      for (int p = 0; p < parts; ++p)
        modes[(((ptrdiff_t)(c / width) * l->kept + j) * parts + p) * width + c % width] =
            field[((ptrdiff_t)c * l->grid->ny + j) * parts + p];
}

void marl_column_lanes_to_rows(const MarlColumnLanes *l) {
  if (l->ranks > 1)
    MPI_Alltoallv(l->own, l->own_count, l->own_offset, MPI_DOUBLE, l->segment[0].rows, l->row_count,
                  l->row_offset, MPI_DOUBLE, l->grid->comm);
}

void marl_column_lanes_to_columns(const MarlColumnLanes *l) {
  if (l->ranks > 1)
    MPI_Alltoallv(l->segment[0].rows, l->row_count, l->row_offset, MPI_DOUBLE, l->own, l->own_count,
                  l->own_offset, MPI_DOUBLE, l->grid->comm);
}
