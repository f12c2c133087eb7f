#include "physics/batch/flow_batch.h"

#include <math.h>
#include <stdlib.h>

#include "marl/core/comm.h"
#include "physics/batch/lanes_block.h"

struct MarlFlowBatch {
  const MarlLanesOps *const *ops; /* the best kernel, before narrower ones */
  MarlLanesBlock *blocks;         /* one for each kind of flow and kernel so far */
  int room;
  bool *pending; /* [room] */
};

MarlCode marl_flow_batch_create(MarlPrecision precision, MarlFlowBatch **out, MarlError *err) {
  const MarlLanesOps *const *ops =
      precision == MARL_PRECISION_FLOAT ? marl_lanes_float : marl_lanes_double;
  *out = calloc(1, sizeof **out);
  if (*out == NULL) return MARL_FAIL(err, MARL_EMEMORY, "no memory for a batch of flows");
  while (!(*ops)->here()) ++ops;
  (*out)->ops = ops;
  return MARL_OK;
}

void marl_flow_batch_destroy(MarlFlowBatch **batch) {
  MarlFlowBatch *made = *batch;
  if (made == NULL) return;
  while (made->blocks != NULL) {
    MarlLanesBlock *block = made->blocks;
    made->blocks = block->next;
    marl_lanes_block_destroy(&block);
  }
  free(made->pending);
  free(made);
  *batch = NULL;
}

int marl_flow_batch_lanes(const MarlFlowBatch *batch) {
  return batch->ops[0]->width;
}

const char *marl_flow_batch_kind(const MarlFlowBatch *batch) {
  return batch->ops[0]->name;
}

/* The kernels have the same lengths; the last, the portable one, runs on any processor. */
static bool has_transforms(int n, MarlDealias dealias) {
  int first, second, last = 0;
  MarlLanesTransform to_points, to_modes;
  while (marl_lanes_double[last + 1] != NULL) ++last;
  const MarlLanesOps *ops = marl_lanes_double[last];
  return ops->find(n, &first, &second, &to_points, &to_modes) &&
         (dealias != MARL_DEALIAS_PADDING ||
          ops->find(3 * n / 2, &first, &second, &to_points, &to_modes));
}

static bool has_lane_form(const MarlClosure *closure) {
  if (closure == NULL) return true;
  const MarlClosureOps *ops = closure->ops;
  return ops->point_stress != NULL || ops->damping != NULL || ops->held != NULL;
}

const char *marl_flow_batch_alone(const MarlSolver *s) {
  const MarlGrid *grid = s->grid;
  if (s->params.integrator != MARL_IFAB2) return "lanes have integrator.name: ifab2 alone";
  if (s->params.advection != MARL_ADVECTION_BASDEVANT)
    return "lanes have the advection basdevant alone";
  if (marl_comm_size(grid->comm) > 1) return "lanes are of flows on one rank";
  if (!has_transforms(grid->nx, grid->dealias) || !has_transforms(grid->ny, grid->dealias))
    return "lanes have transforms for 16, 32, 48, 64, 96 and 128 points a side, and for 24, 72, "
           "144 "
           "and 192 without padding";
  if (!has_lane_form(s->closure)) return "its closure has no form for lanes";
  return NULL;
}

bool marl_flow_batch_together(const MarlSolver *a, const MarlSolver *b) {
  if (marl_flow_batch_alone(a) != NULL || marl_flow_batch_alone(b) != NULL) return false;
  const MarlLanesKind kind = marl_lanes_kind(a), other = marl_lanes_kind(b);
  return marl_lanes_same_kind(&kind, &other);
}

int marl_flow_batch_cost(const MarlSolver *s) {
  const unsigned scales = s->closure != NULL ? s->closure->ops->scales : 0;
  if (marl_lanes_dynamic(s) != 0) return 2;
  return (scales & MARL_SCALE_GRADIENT_MEAN) != 0 ? 1 : 0;
}

/* Coefficients that are held are set before they are asked for. */
static MarlCode set_held(MarlSolver *s, MarlError *err) {
  MarlHeldDamping held;
  if (s->closure == NULL || s->closure->ops->held == NULL ||
      s->closure->ops->held(s->closure, s->steps, &held))
    return MARL_OK;
  return marl_solver_evaluate(s, s->w_hat, err);
}

/* The narrowest kernel with room for `lanes` flows among those that give the same bits as the best. */
static const MarlLanesOps *kernel_for(const MarlFlowBatch *batch, int lanes) {
  const MarlLanesOps *const *ops = batch->ops;
  while (ops[1] != NULL && ops[1]->width >= lanes && ops[1]->fused == batch->ops[0]->fused &&
         ops[1]->here())
    ++ops;
  return *ops;
}

static MarlCode find_block(MarlFlowBatch *batch, const MarlSolver *like, int lanes,
                           unsigned dynamic, MarlLanesBlock **out, MarlError *err) {
  const MarlLanesKind kind = marl_lanes_kind(like);
  const MarlLanesOps *ops = kernel_for(batch, lanes);
  for (*out = batch->blocks; *out != NULL; *out = (*out)->next)
    if ((*out)->lanes.ops == ops && (*out)->dynamic == dynamic &&
        marl_lanes_same_kind(&(*out)->kind, &kind))
      return MARL_OK;
  MARL_TRY(marl_lanes_block_create(ops, like, dynamic, out, err));
  (*out)->next = batch->blocks;
  batch->blocks = *out;
  return MARL_OK;
}

static void end_lane(MarlLanesBlock *block, int lane, MarlCode code) {
  block->code[lane] = code;
  marl_lanes_block_store(block, lane);
  block->solver[lane] = NULL;
}

/* The uniform damping that follows from scales of the flow: all lanes get what any of them reads. */
static void set_damping(MarlLanesBlock *block) {
  MarlLanes *l = &block->lanes;
  const int width = l->ops->width;
  unsigned which = 0;
  for (int lane = 0; lane < width; ++lane) {
    const MarlSolver *s = block->solver[lane];
    if (s != NULL && s->closure != NULL) which |= s->closure->ops->scales;
  }
  if (which != 0) l->ops->scales(l, which);
  for (int lane = 0; lane < width; ++lane) {
    MarlSolver *s = block->solver[lane];
    if (s == NULL || s->closure == NULL || s->closure->ops->damping == NULL) continue;
    const bool of_gradient = (s->closure->ops->scales & MARL_SCALE_DYNAMIC_GRADIENT) != 0;
    const MarlFlowScales scales = {.vorticity = l->scale[lane],
                                   .gradient = l->scale[width + lane],
                                   .gradient_mean = l->scale[2 * width + lane],
                                   .dynamic = l->scale[(of_gradient ? 4 : 3) * width + lane]};
    s->subgrid.uniform = s->closure->ops->damping(s->closure, &scales);
  }
}

static bool is_due(const MarlSolver *s) {
  return s != NULL && s->steps % MARL_SOLVER_CHECK_EVERY == 0;
}

static void products(MarlLanesBlock *block) {
  MarlLanes *l = &block->lanes;
  bool measure = false;
  for (int lane = 0; lane < l->ops->width; ++lane) measure = measure || is_due(block->solver[lane]);
  l->ops->products(l, measure);
  for (int lane = 0; lane < l->ops->width; ++lane) {
    if (!is_due(block->solver[lane])) continue;
    const MarlCode code =
        marl_solver_check(block->solver[lane], l->speed[lane], block->error[lane]);
    if (code == MARL_OK) continue;
    end_lane(block, lane, code);
    marl_lanes_block_clear_lane(block, lane);
  }
}

static void note_memory(MarlLanesBlock *block, int lane) {
  const MarlLanes *l = &block->lanes;
  MarlSolver *s = block->solver[lane];
  const double newest = 1.5 * s->dt, oldest = 0.5 * s->dt;
  if (s->has_memory) return;
  s->has_memory = true;
  l->ops->put(l->newest, lane, 1, &newest, 1);
  l->ops->put(l->oldest, lane, 1, &oldest, 1);
}

/* One step of every lane. */
static void one_step(MarlLanesBlock *block) {
  MarlLanes *l = &block->lanes;
  set_damping(block);
  products(block);
  for (int lane = 0; lane < l->ops->width; ++lane) {
    MarlSolver *s = block->solver[lane];
    if (s == NULL) continue;
    s->time = marl_solver_choose_dt(s, (double)INFINITY);
    if (marl_ifab2_factors(s)) marl_lanes_block_put_factors(block, lane);
  }
  marl_lanes_block_put_kicks(block);
  l->ops->advance(l);
  for (int lane = 0; lane < l->ops->width; ++lane) {
    if (block->solver[lane] == NULL) continue;
    note_memory(block, lane);
    block->solver[lane]->steps += 1;
  }
}

static bool any(const MarlLanesBlock *block) {
  for (int lane = 0; lane < block->lanes.ops->width; ++lane)
    if (block->solver[lane] != NULL) return true;
  return false;
}

static MarlCode run_block(MarlLanesBlock *block, int64_t n, MarlError *err) {
  MarlLanes *l = &block->lanes;
  for (int64_t steps; n > 0 && any(block); n -= steps) {
    steps = n;
    for (int lane = 0; lane < l->ops->width; ++lane)
      if (block->solver[lane] != NULL) MARL_TRY(set_held(block->solver[lane], err));
    MARL_TRY(marl_lanes_block_load(block, &steps, err));
    l->ops->begin(l);
    for (int64_t i = 0; i < steps && any(block); ++i) one_step(block);
    for (int lane = 0; lane < l->ops->width; ++lane)
      if (block->solver[lane] != NULL) marl_lanes_block_store(block, lane);
  }
  for (int lane = 0; lane < l->ops->width; ++lane)
    if (block->solver[lane] != NULL)
      block->code[lane] = marl_solver_check_finite(block->solver[lane], block->error[lane]);
  return MARL_OK;
}

/* The flow `first` with as many others of its kind as a block takes. */
static MarlCode step_block(MarlFlowBatch *batch, MarlSolver *const *solvers, int first, int count,
                           int64_t n, MarlCode *codes, MarlError *errors, MarlError *err) {
  const MarlLanesKind kind = marl_lanes_kind(solvers[first]);
  MarlLanesBlock *block;
  int flow_of[MARL_LANES_MAX], lanes = 0;
  unsigned dynamic = 0;
  for (int f = first; f < count && lanes < batch->ops[0]->width; ++f) {
    const MarlLanesKind other = marl_lanes_kind(solvers[f]);
    if (!batch->pending[f] || !marl_lanes_same_kind(&kind, &other)) continue;
    batch->pending[f] = false;
    dynamic |= marl_lanes_dynamic(solvers[f]);
    flow_of[lanes++] = f;
  }
  MARL_TRY(find_block(batch, solvers[first], lanes, dynamic, &block, err));
  for (int lane = 0; lane < block->lanes.ops->width; ++lane) {
    block->solver[lane] = lane < lanes ? solvers[flow_of[lane]] : NULL;
    block->error[lane] = lane < lanes && errors != NULL ? &errors[flow_of[lane]] : NULL;
    block->code[lane] = MARL_OK;
  }
  MARL_TRY(run_block(block, n, err));
  for (int lane = 0; lane < lanes; ++lane) codes[flow_of[lane]] = block->code[lane];
  return MARL_OK;
}

static MarlCode make_room(MarlFlowBatch *batch, int count, MarlError *err) {
  if (count <= batch->room) return MARL_OK;
  bool *pending = realloc(batch->pending, (size_t)count * sizeof *pending);
  if (pending == NULL) return MARL_FAIL(err, MARL_EMEMORY, "no memory for %d flows", count);
  batch->pending = pending;
  batch->room = count;
  return MARL_OK;
}

MarlCode marl_flow_batch_step(MarlFlowBatch *batch, MarlSolver *const *solvers, int count,
                              int64_t n, MarlCode *codes, MarlError *errors, MarlError *err) {
  MARL_TRY(make_room(batch, count, err));
  for (int f = 0; f < count; ++f) {
    codes[f] = MARL_OK;
    batch->pending[f] = n > 0 && marl_flow_batch_alone(solvers[f]) == NULL;
    if (!batch->pending[f])
      codes[f] = marl_solver_step(solvers[f], n, errors != NULL ? &errors[f] : NULL);
  }
  for (int f = 0; f < count; ++f)
    if (batch->pending[f]) MARL_TRY(step_block(batch, solvers, f, count, n, codes, errors, err));
  return MARL_OK;
}
