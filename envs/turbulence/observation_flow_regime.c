#include <math.h>

#include "envs/turbulence/observation.h"

/* Centers and scales are fixed, so that the numbers are of order one in every flow, and a weight of a policy
 * means the same while it is searched. */
static const double scale_center = 0.95, scale_width = 0.3;
static const double viscous_width = 0.004, planetary_width = 0.3;
static const double production_center = 0.07, production_width = 0.03, production_most = 2;

/* -grad w . S grad w with S = (s11, s12; s12, -s11), s11 = psi_xy, s12 = (psi_yy - psi_xx)/2 */
static double production(const double *at) {
  const double x = at[0], y = at[1], s11 = at[2], s12 = 0.5 * (at[4] - at[3]);
  return -((x * x - y * y) * s11 + 2 * x * y * s12);
}

static void write(const MarlObserver *o, const double *at, float *row) {
  const double least = marl_observation_least, delta = marl_grid_delta(o->grid);
  const double gradient = o->gradient_rms, rms = o->vorticity_rms;
  const double scale =
      log((delta * delta * gradient * gradient + least) / (2 * o->enstrophy + least));
  const double viscous = o->viscosity / (pow(delta, 3) * gradient + least);
  const double planetary = fabs(o->beta) / (gradient + least);
  const double share = at[0] / (gradient * gradient * rms + least);
  const double part = (share - production_center) / production_width;
  row[0] = (float)tanh((scale - scale_center) / scale_width);
  row[1] = (float)(viscous / (viscous + viscous_width));
  row[2] = (float)fmax(-production_most, fmin(production_most, part));
  row[3] = (float)(planetary / (planetary + planetary_width));
}

const MarlObservationOps marl_observation_flow_regime = {
    .name = "flow_regime",
    .summary = "which flow this is, without a reference, the same for all agents",
    .formula =
        "tanh((log(Delta^2 G^2/<w^2>) - 0.95)/0.3), G = <|grad w|^2>^(1/2): the mean wavenumber\n"
        "nu*/(nu* + 0.004), nu* = nu/(Delta^3 G): the flow's own viscosity at the grid's scale\n"
        "(s - 0.07)/0.03, cut at +-2, s = -<grad w . S grad w>/(G^2 <w^2>^(1/2)): the cascade, as\n"
        "production of the vorticity's gradients by the resolved strain S\n"
        "beta*/(beta* + 0.3), beta* = |beta|/G: the planetary gradient of vorticity",
    .num_columns = 4,
    .same_for_all = true,
    .num_fields = 5,
    .field = {{MARL_OF_VORTICITY, 1, 0},
              {MARL_OF_VORTICITY, 0, 1},
              {MARL_OF_STREAMFUNCTION, 1, 1},
              {MARL_OF_STREAMFUNCTION, 2, 0},
              {MARL_OF_STREAMFUNCTION, 0, 2}},
    .averaged = production,
    .write = write,
};
