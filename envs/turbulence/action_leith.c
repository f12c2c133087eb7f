/* The constants are near those that a search finds for Re = 20,000, kf = 4 at N = 32
 * (docs/closures_results.md). */
#include <math.h>

#include "envs/turbulence/action.h"

static double unit(const MarlObserver *observer, int c) {
  (void)c;
  const double delta = marl_grid_delta(observer->grid);
  return delta * delta * delta * observer->gradient_mean;
}

const MarlActionOps marl_action_leith = {
    .name = "leith",
    .summary = "an eddy viscosity in units of Leith's, any sign",
    .source = "Mojgani et al. 2023, arXiv:2312.00907, at the dissipative sign",
    .formula = "nu_e = C_1 Delta^3 <|grad w|>, C_1 = c_l^3",
    .num_coefficients = 1,
    .term = {{MARL_DAMPING_LAPLACIAN, true, 0.007, 0.01}},
    .unit = unit,
};
