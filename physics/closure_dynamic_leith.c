/* Dynamic Leith (Germano identity in vorticity form, germano.h)
 *
 *   uniform   C = <max(L M, 0)> / <M M>,        nu_e = C Delta^3 <|grad w|>
 *   local     C(x, y) = max(L M, 0) / <M M>,    nu_e = C Delta^3 |grad w|(x, y), as a stress
 *
 * Delta = lx / N; C is Cl^3. Never negative: L M is clipped at zero point by point.
 * (Germano et al., Phys. Fluids A 3, 1991; Lilly, Phys. Fluids A 4, 1992; vorticity form of Guan et al., J. Comput. Phys. 458, 2022.) */
#include <math.h>
#include <stdlib.h>

#include "physics/closure_field.h"
#include "physics/closure_table.h"
#include "physics/germano.h"

typedef struct DynamicLeith {
  MarlClosure base;
  double delta;  /* L */
  double *scale; /* |grad w|, [ny_local, nx], owned */
  MarlGermano germano;
} DynamicLeith;

static const MarlOption options[] = {
    {.key = "local",
     .kind = MARL_OPTION_BOOL,
     .fallback = "false",
     .unit = "",
     .help = "a coefficient for every point instead of one for the domain"},
};

static DynamicLeith *self(MarlClosure *closure) {
  return (DynamicLeith *)closure;
}

static const MarlClosureOps local_ops;

static void destroy(MarlClosure *closure) {
  marl_germano_clear(&self(closure)->germano);
  marl_fft_free(self(closure)->scale);
  free(closure);
}

static MarlCode create(const MarlGrid *grid, const MarlSection *config, MarlClosure **out,
                       MarlError *err) {
  DynamicLeith *closure = calloc(1, sizeof *closure);
  *out = NULL;
  if (closure == NULL) return MARL_FAIL(err, MARL_EMEMORY, "no memory for a closure");
  const bool local = marl_section_bool(config, "local");
  closure->base.ops = local ? &local_ops : &marl_closure_dynamic_leith;
  closure->delta = marl_closure_delta(grid);
  closure->scale = marl_fft_alloc_physical(grid);
  const MarlCode code = closure->scale == NULL
                            ? MARL_FAIL(err, MARL_EMEMORY, "no memory for a closure")
                            : marl_germano_init(&closure->germano, grid, err);
  if (code != MARL_OK) {
    destroy(&closure->base);
    return code;
  }
  *out = &closure->base;
  return MARL_OK;
}

static MarlCode evaluate_uniform(MarlClosure *closure, const MarlFlow *flow, MarlSubgrid *out,
                                 MarlError *err) {
  (void)err;
  DynamicLeith *dynamic = self(closure);
  marl_closure_gradient(flow, dynamic->scale);
  marl_germano_compute(&dynamic->germano, flow, dynamic->scale, dynamic->delta, 3);
  const double coefficient = marl_germano_coefficient(&dynamic->germano, flow->grid);
  out->viscosity =
      coefficient * pow(dynamic->delta, 3) * marl_closure_mean(flow->grid, dynamic->scale);
  return MARL_OK;
}

static MarlCode evaluate_local(MarlClosure *closure, const MarlFlow *flow, MarlSubgrid *out,
                               MarlError *err) {
  (void)err;
  DynamicLeith *dynamic = self(closure);
  const double power = pow(dynamic->delta, 3);
  marl_closure_gradient(flow, dynamic->scale);
  marl_germano_compute(&dynamic->germano, flow, dynamic->scale, dynamic->delta, 3);
  // the viscosity takes the place of tau11 until the stress replaces it
  marl_germano_local(&dynamic->germano, flow->grid, out->tau11);
  for (size_t i = 0; i < flow->grid->num_physical; ++i) out->tau11[i] *= power * dynamic->scale[i];
  marl_closure_eddy_stress(flow, out->tau11, out);
  return MARL_OK;
}

static const MarlClosureOps local_ops = {
    .name = "dynamic_leith",
    .summary = "Leith viscosity, local coefficient from the Germano identity",
    .source = "Germano et al., Phys. Fluids A 3, 1991; Lilly, Phys. Fluids A 4, 1992",
    .options = options,
    .num_options = sizeof options / sizeof options[0],
    .needs = MARL_GERMANO_NEEDS | MARL_NEED_STRAIN,
    .stress = true,
    .create = create,
    .destroy = destroy,
    .evaluate = evaluate_local,
};

const MarlClosureOps marl_closure_dynamic_leith = {
    .name = "dynamic_leith",
    .summary = "Leith viscosity, coefficient from the Germano identity",
    .source = "Germano et al., Phys. Fluids A 3, 1991; Lilly, Phys. Fluids A 4, 1992",
    .options = options,
    .num_options = sizeof options / sizeof options[0],
    .needs = MARL_GERMANO_NEEDS,
    .create = create,
    .destroy = destroy,
    .evaluate = evaluate_uniform,
};
