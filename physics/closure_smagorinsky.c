/* Smagorinsky eddy viscosity (Smagorinsky, Mon. Weather Rev. 91, 1963)
 *
 *   uniform   nu_e = (Cs Delta)^2 <|S|^2>^{1/2},  |S| = 2 (s11^2 + s12^2)^{1/2}
 *   local     nu_e(x, y) = (Cs Delta)^2 |S|(x, y), as a stress tau = -2 nu_e S
 *
 * Delta = lx / N. Codes that take Delta = 2 lx / N have four times this viscosity at the same Cs. */
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
     .help = "Cs; Delta is the grid spacing"},
    {.key = "local",
     .kind = MARL_OPTION_BOOL,
     .fallback = "false",
     .unit = "",
     .help = "eddy viscosity from the local strain rate instead of its domain mean"},
};

static Smagorinsky *self(MarlClosure *closure) {
  return (Smagorinsky *)closure;
}

static const MarlClosureOps local_ops;

static MarlCode create(const MarlGrid *grid, const MarlSection *config, MarlClosure **out,
                       MarlError *err) {
  Smagorinsky *closure = calloc(1, sizeof *closure);
  *out = NULL;
  if (closure == NULL) return MARL_FAIL(err, MARL_EMEMORY, "no memory for a closure");
  const bool local = marl_section_bool(config, "local");
  const double length = marl_section_real(config, "coefficient") * marl_closure_delta(grid);
  closure->base.ops = local ? &local_ops : &marl_closure_smagorinsky;
  closure->factor = length * length;
  *out = &closure->base;
  return MARL_OK;
}

static void destroy(MarlClosure *closure) {
  free(closure);
}

static MarlCode evaluate_uniform(MarlClosure *closure, const MarlFlow *flow, MarlSubgrid *out,
                                 MarlError *err) {
  (void)err;
  // <|S|^2> = <w^2>, see marl_closure_moment
  out->viscosity = self(closure)->factor * sqrt(marl_closure_moment(flow, 0));
  return MARL_OK;
}

static MarlCode evaluate_local(MarlClosure *closure, const MarlFlow *flow, MarlSubgrid *out,
                               MarlError *err) {
  (void)err;
  // one pass: tau = -2 nu_e S with nu_e = factor |S|, |S| = 2 (s11^2 + s12^2)^{1/2}
  const double *restrict s11 = flow->s11, *restrict s12 = flow->s12;
  double *restrict tau11 = out->tau11, *restrict tau12 = out->tau12;
  const double factor = -4.0 * self(closure)->factor;
  for (size_t i = 0; i < flow->grid->num_physical; ++i) {
    const double scale = factor * sqrt(s11[i] * s11[i] + s12[i] * s12[i]);
    tau11[i] = scale * s11[i];
    tau12[i] = scale * s12[i];
  }
  out->has_stress = true;
  return MARL_OK;
}

static const MarlClosureOps local_ops = {
    .name = "smagorinsky",
    .summary = "Smagorinsky eddy viscosity, local",
    .source = "Smagorinsky, Mon. Weather Rev. 91, 1963",
    .options = options,
    .num_options = sizeof options / sizeof options[0],
    .needs = MARL_NEED_STRAIN,
    .stress = true,
    .create = create,
    .destroy = destroy,
    .evaluate = evaluate_local,
};

const MarlClosureOps marl_closure_smagorinsky = {
    .name = "smagorinsky",
    .summary = "Smagorinsky eddy viscosity, uniform or local",
    .source = "Smagorinsky, Mon. Weather Rev. 91, 1963",
    .options = options,
    .num_options = sizeof options / sizeof options[0],
    .create = create,
    .destroy = destroy,
    .evaluate = evaluate_uniform,
};
