/* The constants are between those that a search finds for flows of the suite (docs/closures_suite.md). */
#include <math.h>

#include "envs/turbulence/action.h"

static double unit(const MarlObserver *observer, int c) {
  if (c == 3) return marl_grid_cut(observer->grid) * observer->vorticity_rms;
  return pow(marl_grid_delta(observer->grid), 3 + 2 * c) * observer->gradient_rms;
}

const MarlActionOps marl_action_leith_biharmonic_k6_rim = {
    .name = "leith_biharmonic_k6_rim",
    .summary =
        "leith_biharmonic, a triharmonic viscosity and damping of as many wavenumbers on every "
        "grid",
    .formula =
        "nu_e = C_1 Delta^3 G, any sign, G = <|grad w|^2>^(1/2)\n"
        "nu_4 = C_2 Delta^5 G, any sign\n"
        "nu_6 = C_3 Delta^7 G, C_3 >= 0\n"
        "nu_r = C_4 K <w^2>^(1/2), C_4 >= 0, K = N/2, on the last one or two wavenumbers that the "
        "flow keeps",
    .num_coefficients = 4,
    .term = {{MARL_DAMPING_LAPLACIAN, true, -0.0038, 0.004},
             {MARL_DAMPING_BIHARMONIC, true, 0.0008, 0.0008},
             {MARL_DAMPING_TRIHARMONIC, false, 5e-5, 1e-4},
             {MARL_DAMPING_RIM, false, 0.12, 0.12}},
    .unit = unit,
};
