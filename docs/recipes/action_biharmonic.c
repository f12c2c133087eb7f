/* recipe: envs/turbulence/action_biharmonic.c, ENTRY(biharmonic) in envs/turbulence/action_table.c */
/* Action set `biharmonic`: an agent sets a biharmonic viscosity alone. */
#include <math.h>

#include "envs/turbulence/action.h"

static double unit(const MarlObserver *observer, int c) {
  (void)c;
  return pow(marl_grid_delta(observer->grid), 5) * observer->gradient_rms;
}

const MarlActionOps marl_action_biharmonic = {
    .name = "biharmonic",
    .summary = "a biharmonic viscosity, not negative",
    .source = "the recipe of docs/plugins.md",
    .formula = "nu_4 = C_1 Delta^5 <|grad w|^2>^(1/2), L^4/T",
    .num_coefficients = 1,
    .term = {{MARL_DAMPING_BIHARMONIC, .center = 0.002, .scale = 0.002}},
    .unit = unit,
};
