/* Backscatter as strong against the biharmonic damping as in Jansen and Held: what <w PI> = 0 would make of
 * nu_e <|grad w|^2> = -nu_4 <|lap w|^2> if <|lap w|^2> were <|grad w|^2>^2/<w^2>. */
#include <math.h>

#include "envs/turbulence/action.h"

static double unit(const MarlObserver *observer, int c) {
  const double delta = marl_grid_delta(observer->grid), gradient = observer->gradient_rms;
  const double vorticity = observer->vorticity_rms + marl_observation_least;
  const double ratio = c == 0 ? pow(delta * gradient / vorticity, 2) : 1;
  return (c == 3 ? delta : pow(delta, 3 + 2 * c)) * gradient * ratio;
}

const MarlActionOps marl_action_jansen_held_ratio = {
    .name = "jansen_held_ratio",
    .summary = "leith_biharmonic_k6_cutoff with backscatter that follows the mean wavenumber",
    .source =
        "Jansen and Held, Ocean Modelling 80, 2014 (backscatter in ratio to biharmonic damping)",
    .formula =
        "nu_e = C_1 Delta^3 G (Delta^2 G^2/<w^2>), any sign, G = <|grad w|^2>^(1/2)\n"
        "nu_4 = C_2 Delta^5 G, C_2 >= 0\n"
        "nu_6 = C_3 Delta^7 G, C_3 >= 0\n"
        "nu_c = C_4 Delta G, C_4 >= 0, on the last wavenumbers that the flow keeps",
    .num_coefficients = 4,
    .term = {{MARL_DAMPING_LAPLACIAN, true, -0.0021, 0.002},
             {MARL_DAMPING_BIHARMONIC, false, 0.0008, 0.0008},
             {MARL_DAMPING_TRIHARMONIC, false, 5e-5, 1e-4},
             {MARL_DAMPING_CUTOFF, false, 1.5, 2}},
    .unit = unit,
};
