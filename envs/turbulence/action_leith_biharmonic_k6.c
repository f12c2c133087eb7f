/* The constants are near those that a search finds for Re = 20,000, kf = 4 at N = 32
 * (docs/closures_results.md). */
#include <math.h>

#include "envs/turbulence/action.h"

static double unit(const MarlObserver *observer, int c) {
  return pow(marl_grid_delta(observer->grid), 3 + 2 * c) * observer->gradient_rms;
}

const MarlActionOps marl_action_leith_biharmonic_k6 = {
    .name = "leith_biharmonic_k6",
    .summary = "leith_biharmonic and a triharmonic viscosity",
    .formula =
        "nu_e = C_1 Delta^3 G, any sign, G = <|grad w|^2>^(1/2)\n"
        "nu_4 = C_2 Delta^5 G, C_2 >= 0\n"
        "nu_6 = C_3 Delta^7 G, C_3 >= 0",
    .num_coefficients = 3,
    .term = {{MARL_DAMPING_LAPLACIAN, true, -0.006, 0.006},
             {MARL_DAMPING_BIHARMONIC, false, 0.002, 0.002},
             {MARL_DAMPING_TRIHARMONIC, false, 0, 0.0002}},
    .unit = unit,
};
