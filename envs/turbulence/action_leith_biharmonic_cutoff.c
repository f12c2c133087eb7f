/* The constants are near those that a search finds for Re = 20,000, kf = 4 at N = 32
 * (docs/closures_results.md). */
#include <math.h>

#include "envs/turbulence/action.h"

static double unit(const MarlObserver *observer, int c) {
  const double delta = marl_grid_delta(observer->grid);
  return (c == 2 ? delta : pow(delta, 3 + 2 * c)) * observer->gradient_rms;
}

const MarlActionOps marl_action_leith_biharmonic_cutoff = {
    .name = "leith_biharmonic_cutoff",
    .summary = "leith_biharmonic and damping of the last wavenumbers",
    .formula =
        "nu_e = C_1 Delta^3 G, any sign, G = <|grad w|^2>^(1/2)\n"
        "nu_4 = C_2 Delta^5 G, C_2 >= 0\n"
        "nu_c = C_3 Delta G, C_3 >= 0, on the last wavenumbers that the flow keeps",
    .num_coefficients = 3,
    .term = {{MARL_DAMPING_LAPLACIAN, true, -0.003, 0.0015},
             {MARL_DAMPING_BIHARMONIC, false, 0.0011, 0.0005},
             {MARL_DAMPING_CUTOFF, false, 1.9, 1}},
    .unit = unit,
};
