/* Smagorinsky eddy viscosity (Smagorinsky, Mon. Weather Rev. 91, 1963)
 *
 *   uniform   nu_e = (Cs Delta)^2 <|S|^2>^{1/2},  |S| = 2 (s11^2 + s12^2)^{1/2}
 *   local     nu_e(x, y) = (Cs Delta)^2 |S|(x, y), as a stress tau = -2 nu_e S
 *
 * Delta of marl_grid_delta: L/N under padding. Codes that take 2 L/N have four times this viscosity
 * at the same Cs. */
#include <math.h>
#include <stdlib.h>

#include "physics/closure_field.h"
#include "physics/closure_table.h"

typedef struct Smagorinsky {
  MarlClosure base;
  double factor; /* (Cs Delta)^2, L^2 */
} Smagorinsky;

static const MarlOption options[] = {
    {.key = "coefficient",
     .kind = MARL_OPTION_REAL,
     .fallback = "0.17",
     .min = 0.0,
     .max = 10.0,
     .unit = "1",
     .help = "Cs; Delta is the resolved scale, the grid spacing under padding"},
    {.key = "local",
     .kind = MARL_OPTION_BOOL,
     .fallback = "false",
     .unit = "",
     .help = "eddy viscosity from the local strain rate instead of its domain mean"},
};

static const MarlClosureOps local_ops;

static MarlCode create(const MarlGrid *grid, const MarlSection *config, MarlClosure **out,
                       MarlError *err) {
  Smagorinsky *closure = calloc(1, sizeof *closure);
  *out = NULL;
  if (closure == NULL) return MARL_FAIL(err, MARL_EMEMORY, "no memory for a closure");
  const bool local = marl_section_bool(config, "local");
  const double length = marl_section_real(config, "coefficient") * marl_grid_delta(grid);
  closure->base.ops = local ? &local_ops : &marl_closure_smagorinsky;
  closure->factor = length * length;
  *out = &closure->base;
  return MARL_OK;
}

static void destroy(MarlClosure *closure) {
  free(closure);
}

static MarlDamping damping(const MarlClosure *closure, const MarlFlowScales *scales) {
  // <|S|^2> = <w^2>, see marl_closure_moment
  return (MarlDamping){.viscosity =
                           ((const Smagorinsky *)closure)->factor * sqrt(scales->vorticity)};
}

/* 2 tau = -4 nu_e S, nu_e = factor |S|, |S| = 2 (s11^2 + s12^2)^{1/2} */
static void point_stress(const MarlClosure *closure, const MarlPoints *points, double *sum) {
  marl_closure_add_eddy(points, points->strain, -8.0 * ((const Smagorinsky *)closure)->factor, sum);
}

static const MarlClosureOps local_ops = {
    .name = "smagorinsky",
    .summary = "Smagorinsky eddy viscosity, local",
    .source = "Smagorinsky, Mon. Weather Rev. 91, 1963",
    .options = options,
    .num_options = sizeof options / sizeof options[0],
    .needs = MARL_NEED_STRAIN,
    .stress = true,
    .point_stress = point_stress,
    .create = create,
    .destroy = destroy,
    .evaluate = marl_closure_evaluate_points,
};

const MarlClosureOps marl_closure_smagorinsky = {
    .name = "smagorinsky",
    .summary = "Smagorinsky eddy viscosity, uniform or local",
    .source = "Smagorinsky, Mon. Weather Rev. 91, 1963",
    .options = options,
    .num_options = sizeof options / sizeof options[0],
    .create = create,
    .destroy = destroy,
    .scales = MARL_SCALE_VORTICITY,
    .damping = damping,
    .evaluate = marl_closure_evaluate_scales,
};
