/* What a block of lanes is made of: tables of its kind of flow, and memory. */
#include "physics/batch/lanes_block.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "marl/core/arena.h"
#include "physics/fft_twiddle.h"

/* Where an array is carved, its bytes counted from a NULL block on. */
typedef struct Arena {
  char *block;
  size_t offset;
} Arena;

static void *carve(Arena *arena, size_t bytes) {
  return marl_carve(arena->block, &arena->offset, bytes, 1);
}

MarlLanesKind marl_lanes_kind(const MarlSolver *s) {
  MarlLanesKind kind = {.nx = s->grid->nx,
                        .ny = s->grid->ny,
                        .lx = s->grid->lx,
                        .ly = s->grid->ly,
                        .dealias = s->grid->dealias,
                        .rotates = s->rotation != NULL};
  if (s->closure == NULL) return kind;
  const MarlClosureOps *ops = s->closure->ops;
  if (ops->point_stress != NULL) {
    kind.points = ops->needs;
  } else if (ops->held != NULL) {
    MarlHeldDamping held;
    (void)ops->held(s->closure, s->steps, &held);
    kind.num_terms = held.num_terms;
    memcpy(kind.term, held.term, sizeof kind.term);
  }
  return kind;
}

bool marl_lanes_same_kind(const MarlLanesKind *a, const MarlLanesKind *b) {
  bool same = a->nx == b->nx && a->ny == b->ny && a->lx == b->lx && a->ly == b->ly &&
              a->dealias == b->dealias && a->rotates == b->rotates && a->points == b->points &&
              a->num_terms == b->num_terms;
  for (int t = 0; t < a->num_terms && same; ++t) same = a->term[t] == b->term[t];
  return same;
}

unsigned marl_lanes_dynamic(const MarlSolver *s) {
  const unsigned scales = s->closure != NULL ? s->closure->ops->scales : 0;
  return scales & (MARL_SCALE_DYNAMIC_STRAIN | MARL_SCALE_DYNAMIC_GRADIENT);
}

static void set_number(const MarlLanesOps *ops, void *array, size_t at, double value) {
  if (ops->size == sizeof(double))
    ((double *)array)[at] = value;
  else
    ((float *)array)[at] = (float)value;
}

static void make_length(const MarlLanesOps *ops, int n, MarlLanesLength *out, Arena *arena) {
  int first, second;
  out->n = n;
  (void)ops->find(n, &first, &second, &out->to_points, &out->to_modes);
  out->twiddles = carve(arena, 2 * (size_t)n * ops->size);
  if (arena->block == NULL) return;
  for (int k = 0; k < first; ++k)
    for (int j = 0; j < second; ++j) {
      const size_t at = 2 * (size_t)(k * second + j);
      double re, im;
      marl_twiddle(j * k, n, &re, &im);
      set_number(ops, out->twiddles, at, re);
      set_number(ops, out->twiddles, at + 1, im);
    }
}

/* kx, ky, |k|^2, the edge and the rim of mode (i, j) of the lanes, and whether the test filter keeps it. */
typedef struct Mode {
  double kx, ky, k2, edge, rim;
  bool test;
} Mode;

static Mode mode_of(const MarlLanes *l, const MarlGrid *grid, int i, int j) {
  const int row = j < l->kept_y ? j : grid->ny - l->modes + j;
  const int index = j < l->kept_y ? j : l->modes - j;
  return (Mode){.kx = grid->kx[i],
                .ky = grid->ky[row],
                .k2 = grid->k2[(ptrdiff_t)i * grid->ny + row],
                .edge = grid->edge_x[i] + grid->edge_y[row],
                .rim = grid->rim_x[i] + grid->rim_y[row],
                .test = i < l->dynamic.kept_x && index < l->dynamic.kept_y};
}

/* The factors a and c of a pair. */
typedef void (*PairRule)(const Mode *mode, MarlDampingTerm term, double *a, double *c);

/* u, v (modes.c) */
static void velocity_rule(const Mode *mode, MarlDampingTerm term, double *a, double *c) {
  const double scale = 1 / (mode->k2 > 0 ? mode->k2 : 1);
  (void)term;
  *a = scale * mode->kx;
  *c = scale * mode->ky;
}

/* L s11, L s12 */
static void strain_rule(const Mode *mode, MarlDampingTerm term, double *a, double *c) {
  const double scale =
      marl_damping_operator(term, mode->k2, mode->edge, mode->rim) / (mode->k2 > 0 ? mode->k2 : 1);
  *a = -scale * mode->kx * mode->ky;
  *c = 0.5 * scale * (mode->kx * mode->kx - mode->ky * mode->ky);
}

/* w_x, w_y */
static void gradient_rule(const Mode *mode, MarlDampingTerm term, double *a, double *c) {
  (void)term;
  *a = -mode->ky;
  *c = mode->kx;
}

/* F[u], F[v] */
static void test_velocity_rule(const Mode *mode, MarlDampingTerm term, double *a, double *c) {
  *a = *c = 0;
  if (mode->test) velocity_rule(mode, term, a, c);
}

/* F[w]_x, F[w]_y */
static void test_gradient_rule(const Mode *mode, MarlDampingTerm term, double *a, double *c) {
  *a = *c = 0;
  if (mode->test) gradient_rule(mode, term, a, c);
}

/* lap w, lap F[w] */
static void laplacian_rule(const Mode *mode, MarlDampingTerm term, double *a, double *c) {
  (void)term;
  *a = -mode->k2;
  *c = mode->test ? -mode->k2 : 0;
}

static void make_pair(const MarlLanes *l, const MarlGrid *grid, const MarlLanesPoints *points,
                      PairRule rule, MarlDampingTerm term, MarlLanesPair *pair, Arena *arena) {
  const MarlLanesOps *ops = l->ops;
  const size_t modes = (size_t)l->kept_x * (size_t)l->modes;
  const size_t rows = (size_t)points->y.n * (size_t)l->columns;
  pair->used = true;
  pair->sign = rule == strain_rule || rule == laplacian_rule ? 1 : -1;
  pair->factors = carve(arena, 2 * modes * ops->size);
  pair->rows = carve(arena, 2 * rows * (size_t)ops->width * ops->size);
  if (arena->block == NULL) return;
  for (int i = 0; i < l->kept_x; ++i)
    for (int j = 0; j < l->modes; ++j) {
      const Mode mode = mode_of(l, grid, i, j);
      const size_t at = 2 * (size_t)(i * l->modes + j);
      double a, c;
      rule(&mode, term, &a, &c);
      set_number(ops, pair->factors, at, a);
      set_number(ops, pair->factors, at + 1, c);
    }
}

/* N_hat = g plus + conj(g) minus of products at these points, g = scale [2 kx ky + i (kx^2 - ky^2)] / 4
 * as in advection.c */
static void make_points(const MarlLanes *l, const MarlGrid *grid, int nx, int ny,
                        MarlLanesPoints *points, Arena *arena) {
  const double scale = 1 / ((double)nx * (double)ny);
  make_length(l->ops, nx, &points->x, arena);
  make_length(l->ops, ny, &points->y, arena);
  points->curl = carve(arena, 2 * (size_t)l->kept_x * (size_t)l->modes * l->ops->size);
  if (arena->block == NULL) return;
  for (int i = 0; i < l->kept_x; ++i)
    for (int j = 0; j < l->modes; ++j) {
      const Mode mode = mode_of(l, grid, i, j);
      const size_t at = 2 * (size_t)(i * l->modes + j);
      set_number(l->ops, points->curl, at, 0.5 * scale * mode.kx * mode.ky);
      set_number(l->ops, points->curl, at + 1,
                 0.25 * scale * (mode.kx * mode.kx - mode.ky * mode.ky));
    }
}

static void make_k2(MarlLanes *l, const MarlGrid *grid, Arena *arena) {
  l->k2 = carve(arena, (size_t)l->kept_x * (size_t)l->modes * l->ops->size);
  for (int i = 0; i < l->kept_x && arena->block != NULL; ++i)
    for (int j = 0; j < l->modes; ++j)
      set_number(l->ops, l->k2, (size_t)i * (size_t)l->modes + (size_t)j,
                 mode_of(l, grid, i, j).k2);
}

static void make_dynamic(MarlLanes *l, const MarlGrid *grid, unsigned rates, Arena *arena) {
  const MarlDampingTerm none = MARL_DAMPING_LAPLACIAN;
  const size_t field = grid->num_physical * (size_t)l->ops->width * l->ops->size;
  MarlLanesDynamic *d = &l->dynamic;
  d->rates = rates;
  d->kept_x = (l->kept_x + 1) / 2; /* 2 k < kept */
  d->kept_y = (l->kept_y + 1) / 2;
  make_pair(l, grid, &l->grid, velocity_rule, none, &d->wind, arena);
  if ((rates & MARL_SCALE_DYNAMIC_STRAIN) != 0)
    make_pair(l, grid, &l->grid, strain_rule, none, &d->strain, arena);
  make_pair(l, grid, &l->grid, laplacian_rule, none, &d->laplacian, arena);
  make_pair(l, grid, &l->grid, test_velocity_rule, none, &d->test_wind, arena);
  make_pair(l, grid, &l->grid, test_gradient_rule, none, &d->test_slope, arena);
  d->advection = carve(arena, field);
  d->test_laplacian = carve(arena, field);
}

static void make_pairs(MarlLanesBlock *block, const MarlGrid *grid, Arena *arena) {
  MarlLanes *l = &block->lanes;
  const MarlLanesKind *kind = &block->kind;
  const size_t lane = (size_t)l->ops->width * l->ops->size;
  make_pair(l, grid, &l->product, velocity_rule, MARL_DAMPING_LAPLACIAN, &l->velocity, arena);
  if ((kind->points & MARL_NEED_STRAIN) != 0)
    make_pair(l, grid, &l->product, strain_rule, MARL_DAMPING_LAPLACIAN, &l->strain, arena);
  if ((kind->points & MARL_NEED_GRAD_VORTICITY) != 0)
    make_pair(l, grid, &l->product, gradient_rule, MARL_DAMPING_LAPLACIAN, &l->gradient, arena);
  if (kind->points == 0 && kind->num_terms == 0)
    make_pair(l, grid, &l->grid, gradient_rule, MARL_DAMPING_LAPLACIAN, &l->slope, arena);
  if (block->dynamic != 0) make_dynamic(l, grid, block->dynamic, arena);
  l->num_terms = kind->num_terms;
  for (int t = 0; t < kind->num_terms; ++t) {
    make_pair(l, grid, &l->grid, strain_rule, kind->term[t], &l->term[t], arena);
    l->field[t] = carve(arena, grid->num_physical * lane);
  }
}

static int larger(int a, int b) {
  return a > b ? a : b;
}

/* Everything but the lists of forced modes, whose lengths follow the flows. */
static void lay_out(MarlLanesBlock *block, const MarlGrid *grid, Arena *arena) {
  MarlLanes *l = &block->lanes;
  const size_t width = (size_t)l->ops->width, lane = width * l->ops->size;
  const bool padded = grid->dealias == MARL_DEALIAS_PADDING;
  const int mx = padded ? 3 * grid->nx / 2 : grid->nx, my = padded ? 3 * grid->ny / 2 : grid->ny;
  const size_t modes = (size_t)l->kept_x * (size_t)l->modes;
  const size_t longest = (size_t)larger(mx, my);
  l->same_points = !padded;
  make_points(l, grid, mx, my, &l->product, arena);
  make_points(l, grid, grid->nx, grid->ny, &l->grid, arena);
  make_k2(l, grid, arena);
  make_pairs(block, grid, arena);
  l->w = carve(arena, 2 * modes * lane);
  l->old = carve(arena, 2 * modes * lane);
  l->decay = carve(arena, (size_t)l->kept_x * (size_t)l->kept_y * lane);
  l->rotation = block->kind.rotates ? carve(arena, 2 * modes * lane) : NULL;
  l->newest = carve(arena, lane);
  l->oldest = carve(arena, lane);
  l->column = carve(arena, 3 * 2 * longest * lane);
  l->row = carve(arena, 7 * 2 * longest * lane);
  l->speed = carve(arena, width * sizeof(double));
  l->scale = carve(arena, MARL_LANES_SCALES * width * sizeof(double));
  l->point = carve(arena, 3 * 2 * longest * sizeof(double));
  block->zero = carve(arena, sizeof(double));
  block->mode = carve(arena, (size_t)grid->ny * sizeof *block->mode);
  block->marks = carve(arena, modes);
}

MarlCode marl_lanes_block_create(const MarlLanesOps *ops, const MarlSolver *like, unsigned dynamic,
                                 MarlLanesBlock **out, MarlError *err) {
  const MarlGrid *grid = like->grid;
  MarlLanesBlock *made = calloc(1, sizeof *made);
  *out = NULL;
  if (made == NULL) return MARL_FAIL(err, MARL_EMEMORY, "no memory for a batch of flows");
  made->kind = marl_lanes_kind(like);
  made->dynamic = dynamic;
  made->lanes = (MarlLanes){.ops = ops,
                            .kept_x = grid->kept_x,
                            .kept_y = grid->kept_y,
                            .modes = 2 * grid->kept_y - 1,
                            .columns = 2 * grid->kept_x - 1,
                            .per_dx = grid->nx / grid->lx,
                            .per_dy = grid->ny / grid->ly};
  Arena arena = {.block = NULL};
  lay_out(made, grid, &arena);
  made->memory = marl_arena_alloc(arena.offset);
  if (made->memory == NULL) {
    free(made);
    return MARL_FAIL(err, MARL_EMEMORY, "no memory for %d flows of %d x %d as lanes", ops->width,
                     grid->nx, grid->ny);
  }
  arena = (Arena){.block = made->memory};
  lay_out(made, grid, &arena);
  *out = made;
  return MARL_OK;
}

void marl_lanes_block_destroy(MarlLanesBlock **block) {
  if (*block == NULL) return;
  free((*block)->memory);
  free((*block)->forces);
  free(*block);
  *block = NULL;
}
