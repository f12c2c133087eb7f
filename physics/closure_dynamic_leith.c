/* Dynamic Leith: nu_e = C Delta^3 <|grad w|> with C from the flow, by name
 *
 *   guan            C = <max(L M, 0)> / <M M>, vorticity form (germano.h), uniform, or local:
 *                   C(x, y) = max(L M, 0) / <M M>, nu_e = C Delta^3 |grad w|(x, y), as a stress
 *   germano_lilly   C = max(<L_ij M_ij> / <M_ij M_ij>, 0), stress (germano_lilly.h), uniform
 *   germano_lilly_vorticity   C = max(<L M> / <M M>, 0), vorticity form (germano.h), uniform
 *
 * Delta of marl_grid_delta; C is Cl^3. (Guan et al., J. Comput. Phys. 458, 2022; Germano et al., Phys.
 * Fluids A 3, 1991; Lilly, Phys. Fluids A 4, 1992.) */
#include "physics/closure_field.h"
#include "physics/closure_table.h"
#include "physics/dynamic_viscosity.h"

static double mean(const MarlFlow *flow, const double *rate) {
  return marl_closure_mean(flow->grid, rate);
}

static const MarlDynamicModel model = {
    .power = 3,
    .rate = marl_closure_gradient,
    .mean = mean,
    .ops = &marl_closure_dynamic_leith,
};

static MarlCode create(const MarlGrid *grid, const MarlSection *config, MarlClosure **out,
                       MarlError *err) {
  return marl_dynamic_create(&model, grid, config, out, err);
}

const MarlClosureOps marl_closure_dynamic_leith = {
    .name = "dynamic_leith",
    .summary = "Leith viscosity, coefficient from two scales of the flow",
    .source = "Guan et al., J. Comput. Phys. 458, 2022; Germano et al. 1991, Lilly 1992",
    .options = marl_dynamic_options,
    .num_options = MARL_DYNAMIC_NUM_OPTIONS,
    .needs = MARL_GERMANO_NEEDS,
    .create = create,
    .destroy = marl_dynamic_destroy,
    .evaluate = marl_dynamic_evaluate_uniform,
    .scales = MARL_SCALE_DYNAMIC_GRADIENT | MARL_SCALE_GRADIENT_MEAN,
    .damping = marl_dynamic_damping,
};
