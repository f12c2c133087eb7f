/* The constants are between those that a search finds for flows of the suite (docs/closures_suite.md). */
#include <math.h>

#include "envs/turbulence/action.h"

static double unit(const MarlObserver *observer, int c) {
  const double delta = marl_grid_delta(observer->grid);
  return (c == 3 ? delta : pow(delta, 3 + 2 * c)) * observer->gradient_rms;
}

const MarlActionOps marl_action_leith_biharmonic_k6_cutoff = {
    .name = "leith_biharmonic_k6_cutoff",
    .summary = "leith_biharmonic, a triharmonic viscosity and damping of the last wavenumbers",
    .formula =
        "nu_e = C_1 Delta^3 G, any sign, G = <|grad w|^2>^(1/2)\n"
        "nu_4 = C_2 Delta^5 G, C_2 >= 0\n"
        "nu_6 = C_3 Delta^7 G, C_3 >= 0\n"
        "nu_c = C_4 Delta G, C_4 >= 0, on the last wavenumbers that the flow keeps",
    .num_coefficients = 4,
    .term = {{MARL_DAMPING_LAPLACIAN, true, -0.0038, 0.004},
             {MARL_DAMPING_BIHARMONIC, false, 0.0008, 0.0008},
             {MARL_DAMPING_TRIHARMONIC, false, 5e-5, 1e-4},
             {MARL_DAMPING_CUTOFF, false, 1, 2}},
    .unit = unit,
};
