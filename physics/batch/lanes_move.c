/* Between solvers and lanes. */
#include <stdlib.h>
#include <string.h>

#include "marl/core/arena.h"
#include "physics/batch/lanes_block.h"
#include "physics/forcing.h"

/* Element `at` of an array of lanes. */
static void *element(const MarlLanes *l, void *array, size_t at) {
  return (char *)array + at * (size_t)l->ops->width * l->ops->size;
}

/* Kept modes of own columns [nk, ny] to and from [kept_x, modes]; the two runs of ky. */
static void put_modes(const MarlLanes *l, int lane, int ny, const MarlComplex *from, void *to) {
  const int kept = l->kept_y, modes = l->modes;
  for (int i = 0; i < l->kept_x; ++i) {
    const double *column = (const double *)(from + (ptrdiff_t)i * ny);
    const size_t at = 2 * (size_t)(i * modes);
    l->ops->put(element(l, to, at), lane, 2 * (size_t)kept, column, 1);
    l->ops->put(element(l, to, at + 2 * (size_t)kept), lane, 2 * (size_t)(kept - 1),
                column + (ptrdiff_t)2 * (ny - kept + 1), 1);
  }
}

static void get_modes(const MarlLanes *l, int lane, int ny, void *from, MarlComplex *to) {
  const int kept = l->kept_y, modes = l->modes;
  for (int i = 0; i < l->kept_x; ++i) {
    double *column = (double *)(to + (ptrdiff_t)i * ny);
    const size_t at = 2 * (size_t)(i * modes);
    l->ops->get(element(l, from, at), lane, 2 * (size_t)kept, column, 1);
    l->ops->get(element(l, from, at + 2 * (size_t)kept), lane, 2 * (size_t)(kept - 1),
                column + (ptrdiff_t)2 * (ny - kept + 1), 1);
  }
}

void marl_lanes_block_put_factors(MarlLanesBlock *block, int lane) {
  MarlLanes *l = &block->lanes;
  const MarlSolver *s = block->solver[lane];
  for (int i = 0; i < l->kept_x; ++i)
    l->ops->put(element(l, l->decay, (size_t)i * (size_t)l->kept_y), lane, (size_t)l->kept_y,
                s->decay + (ptrdiff_t)i * s->grid->ny, 1);
  if (l->rotation != NULL) put_modes(l, lane, s->grid->ny, s->rotation, l->rotation);
}

static void clear(const MarlLanesBlock *block, int lane, void *array, size_t count) {
  block->lanes.ops->put(array, lane, count, block->zero, 0);
}

/* A flow at rest, without force or memory; what it multiplies must be finite. */
void marl_lanes_block_clear_lane(MarlLanesBlock *block, int lane) {
  MarlLanes *l = &block->lanes;
  const size_t modes = (size_t)l->kept_x * (size_t)l->modes;
  clear(block, lane, l->w, 2 * modes);
  clear(block, lane, l->old, 2 * modes);
  clear(block, lane, l->decay, (size_t)l->kept_x * (size_t)l->kept_y);
  if (l->rotation != NULL) clear(block, lane, l->rotation, 2 * modes);
  clear(block, lane, l->newest, 1);
  clear(block, lane, l->oldest, 1);
  const size_t points = (size_t)l->grid.x.n * (size_t)l->grid.y.n;
  for (int t = 0; t < l->num_terms; ++t) clear(block, lane, l->field[t], points);
  if (l->num_forced > 0) clear(block, lane, l->force, 2 * (size_t)l->num_forced);
  if (l->num_noisy > 0) clear(block, lane, l->kicks, 2 * (size_t)l->num_noisy);
  l->closure[lane] = NULL;
}

/* Row of mode j of the lanes in a column of ny. */
static int row_of(const MarlLanes *l, int ny, int j) {
  return j < l->kept_y ? j : ny - l->modes + j;
}

enum { FORCED = 1, NOISY = 2 };

/* Column i of a flow's steady force. */
static void force_column(const MarlLanesBlock *block, const MarlSolver *s, int i) {
  memset(block->mode, 0, (size_t)s->grid->ny * sizeof *block->mode);
  marl_forcing_add(&s->params.forcing, s->grid, i, block->mode);
}

static void mark_modes(MarlLanesBlock *block) {
  const MarlLanes *l = &block->lanes;
  memset(block->marks, 0, (size_t)l->kept_x * (size_t)l->modes);
  for (int lane = 0; lane < l->ops->width; ++lane) {
    const MarlSolver *s = block->solver[lane];
    for (int i = 0; s != NULL && i < l->kept_x; ++i) {
      force_column(block, s, i);
      for (int j = 0; j < l->modes; ++j) {
        const int row = row_of(l, s->grid->ny, j);
        unsigned char *mark = &block->marks[i * l->modes + j];
        if (creal(block->mode[row]) != 0 || cimag(block->mode[row]) != 0) *mark |= FORCED;
        if (marl_forcing_in_noise(&s->params.forcing, s->grid->k2[i * s->grid->ny + row]))
          *mark |= NOISY;
      }
    }
  }
}

/* The lists of modes that any flow of the block forces. */
static MarlCode list_modes(MarlLanesBlock *block, MarlError *err) {
  MarlLanes *l = &block->lanes;
  const int modes = l->kept_x * l->modes;
  mark_modes(block);
  l->num_forced = l->num_noisy = 0;
  for (int at = 0; at < modes; ++at) {
    l->num_forced += (block->marks[at] & FORCED) != 0;
    l->num_noisy += (block->marks[at] & NOISY) != 0;
  }
  const size_t forced = (size_t)l->num_forced, noisy = (size_t)l->num_noisy;
  const size_t number = 2 * (size_t)l->ops->width * l->ops->size;
  char *memory = NULL;
  size_t offset = 0;
  for (int pass = 0; pass < 2; ++pass, offset = 0) {
    l->forced = marl_carve(memory, &offset, forced, sizeof *l->forced);
    l->noisy = marl_carve(memory, &offset, noisy, sizeof *l->noisy);
    l->force = marl_carve(memory, &offset, forced, number);
    l->kicks = marl_carve(memory, &offset, noisy, number);
    if (pass > 0) break;
    free(block->forces);
    block->forces = memory = marl_arena_alloc(offset + 1);
    if (memory == NULL) return MARL_FAIL(err, MARL_EMEMORY, "no memory for the forces of a batch");
  }
  for (int at = 0, f = 0, n = 0; at < modes; ++at) {
    if ((block->marks[at] & FORCED) != 0) l->forced[f++] = at;
    if ((block->marks[at] & NOISY) != 0) l->noisy[n++] = at;
  }
  return MARL_OK;
}

static void put_force(MarlLanesBlock *block, int lane) {
  const MarlLanes *l = &block->lanes;
  const MarlSolver *s = block->solver[lane];
  for (int f = 0, column = -1; f < l->num_forced; ++f) {
    const int i = l->forced[f] / l->modes, row = row_of(l, s->grid->ny, l->forced[f] % l->modes);
    if (i != column) force_column(block, s, i);
    column = i;
    l->ops->put(element(l, l->force, 2 * (size_t)f), lane, 2, (const double *)(block->mode + row),
                1);
  }
}

static void put_lane_kicks(MarlLanesBlock *block, int lane) {
  const MarlLanes *l = &block->lanes;
  const MarlSolver *s = block->solver[lane];
  for (int n = 0, column = -1; n < l->num_noisy; ++n) {
    const int i = l->noisy[n] / l->modes, row = row_of(l, s->grid->ny, l->noisy[n] % l->modes);
    if (i != column) {
      memset(block->mode, 0, (size_t)s->grid->ny * sizeof *block->mode);
      marl_forcing_kick(&s->params.forcing, s->grid, s->noise_modes, s->params.key, s->steps, s->dt,
                        i, block->mode);
    }
    column = i;
    l->ops->put(element(l, l->kicks, 2 * (size_t)n), lane, 2, (const double *)(block->mode + row),
                1);
  }
}

void marl_lanes_block_put_kicks(MarlLanesBlock *block) {
  if (block->lanes.num_noisy == 0) return;
  for (int lane = 0; lane < block->lanes.ops->width; ++lane)
    if (block->solver[lane] != NULL) put_lane_kicks(block, lane);
}

static void put_held(MarlLanesBlock *block, int lane, int64_t *steps) {
  MarlLanes *l = &block->lanes;
  MarlSolver *s = block->solver[lane];
  MarlHeldDamping held;
  if (!s->closure->ops->held(s->closure, s->steps, &held)) return; /* it has just been evaluated */
  s->subgrid.uniform = held.uniform;
  for (int t = 0; t < l->num_terms; ++t)
    l->ops->put(l->field[t], lane, s->grid->num_physical, held.field[t], 1);
  if (held.steps < *steps) *steps = held.steps;
}

static void load_lane(MarlLanesBlock *block, int lane, int64_t *steps) {
  MarlLanes *l = &block->lanes;
  MarlSolver *s = block->solver[lane];
  const double newest = s->has_memory ? 1.5 * s->dt : s->dt,
               oldest = s->has_memory ? 0.5 * s->dt : 0;
  put_modes(l, lane, s->grid->ny, s->w_hat, l->w);
  if (s->has_memory) put_modes(l, lane, s->grid->ny, s->work[0], l->old);
  l->ops->put(l->newest, lane, 1, &newest, 1);
  l->ops->put(l->oldest, lane, 1, &oldest, 1);
  put_force(block, lane);
  s->subgrid = (MarlSubgrid){
      .tau11 = s->subgrid.tau11, .tau12 = s->subgrid.tau12, .tendency = s->subgrid.tendency};
  l->closure[lane] = s->closure;
  if (s->closure != NULL && s->closure->ops->held != NULL) put_held(block, lane, steps);
  marl_ifab2_factors(s);
  marl_lanes_block_put_factors(block, lane);
}

MarlCode marl_lanes_block_load(MarlLanesBlock *block, int64_t *steps, MarlError *err) {
  MARL_TRY(list_modes(block, err));
  for (int lane = 0; lane < block->lanes.ops->width; ++lane) {
    marl_lanes_block_clear_lane(block, lane);
    if (block->solver[lane] != NULL) load_lane(block, lane, steps);
  }
  return MARL_OK;
}

void marl_lanes_block_store(const MarlLanesBlock *block, int lane) {
  const MarlLanes *l = &block->lanes;
  MarlSolver *s = block->solver[lane];
  get_modes(l, lane, s->grid->ny, l->w, s->w_hat);
  get_modes(l, lane, s->grid->ny, l->old, s->work[0]);
  s->velocities_current = false;
}
