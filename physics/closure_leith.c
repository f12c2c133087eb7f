/* Leith eddy viscosity (Leith, Physica D 98, 1996)
 *
 *   uniform   nu_e = (Cl Delta)^3 <|grad w|>
 *   local     nu_e(x, y) = (Cl Delta)^3 |grad w|(x, y), as a stress tau = -2 nu_e S
 *
 * Delta of marl_grid_delta. The mean of |grad w|, not its root mean square. */
#include <math.h>
#include <stdlib.h>

#include "physics/closure_field.h"
#include "physics/closure_table.h"

typedef struct Leith {
  MarlClosure base;
  double factor;    /* (Cl Delta)^3, L^3 */
  double *gradient; /* [ny_local, nx] scratch, owned */
} Leith;

static const MarlOption options[] = {
    {.key = "coefficient",
     .kind = MARL_OPTION_REAL,
     .fallback = "0.2",
     .min = 0.0,
     .max = 10.0,
     .unit = "1",
     .help = "Cl; Delta is the resolved scale, the grid spacing under padding"},
    {.key = "local",
     .kind = MARL_OPTION_BOOL,
     .fallback = "false",
     .unit = "",
     .help = "eddy viscosity from the local vorticity gradient instead of its domain mean"},
};

static Leith *self(MarlClosure *closure) {
  return (Leith *)closure;
}

static const MarlClosureOps local_ops;

static MarlCode create(const MarlGrid *grid, const MarlSection *config, MarlClosure **out,
                       MarlError *err) {
  Leith *closure = calloc(1, sizeof *closure);
  *out = NULL;
  if (closure == NULL) return MARL_FAIL(err, MARL_EMEMORY, "no memory for a closure");
  const bool local = marl_section_bool(config, "local");
  const double length = marl_section_real(config, "coefficient") * marl_grid_delta(grid);
  closure->base.ops = local ? &local_ops : &marl_closure_leith;
  closure->factor = length * length * length;
  closure->gradient = marl_fft_alloc_physical(grid);
  if (closure->gradient == NULL) {
    free(closure);
    return MARL_FAIL(err, MARL_EMEMORY, "no memory for a closure");
  }
  *out = &closure->base;
  return MARL_OK;
}

static void destroy(MarlClosure *closure) {
  marl_fft_free(self(closure)->gradient);
  free(closure);
}

static MarlDamping damping(const MarlClosure *closure, const MarlFlowScales *scales) {
  return (MarlDamping){.viscosity = ((const Leith *)closure)->factor * scales->gradient_mean};
}

static MarlCode evaluate_uniform(MarlClosure *closure, const MarlFlow *flow, MarlSubgrid *out,
                                 MarlError *err) {
  (void)err;
  marl_closure_gradient(flow, self(closure)->gradient);
  const double mean = marl_closure_mean(flow->grid, self(closure)->gradient);
  out->uniform = damping(closure, &(MarlFlowScales){.gradient_mean = mean});
  return MARL_OK;
}

/* 2 tau = -4 nu_e S, nu_e = factor |grad w| */
static void point_stress(const MarlClosure *closure, const MarlPoints *points, double *sum) {
  marl_closure_add_eddy(points, points->gradient, -4.0 * ((const Leith *)closure)->factor, sum);
}

static const MarlClosureOps local_ops = {
    .name = "leith",
    .summary = "Leith eddy viscosity, local",
    .source = "Leith, Physica D 98, 1996",
    .options = options,
    .num_options = sizeof options / sizeof options[0],
    .needs = MARL_NEED_STRAIN | MARL_NEED_GRAD_VORTICITY,
    .stress = true,
    .point_stress = point_stress,
    .create = create,
    .destroy = destroy,
    .evaluate = marl_closure_evaluate_points,
};

const MarlClosureOps marl_closure_leith = {
    .name = "leith",
    .summary = "Leith eddy viscosity, uniform or local",
    .source = "Leith, Physica D 98, 1996",
    .options = options,
    .num_options = sizeof options / sizeof options[0],
    .needs = MARL_NEED_GRAD_VORTICITY,
    .scales = MARL_SCALE_GRADIENT_MEAN,
    .damping = damping,
    .create = create,
    .destroy = destroy,
    .evaluate = evaluate_uniform,
};
