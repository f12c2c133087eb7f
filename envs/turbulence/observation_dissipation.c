#include <math.h>

#include "envs/turbulence/observation.h"

static void write(const MarlObserver *o, const double *at, float *row) {
  (void)at;
  const double least = marl_observation_least;
  const double delta = marl_grid_delta(o->grid);
  const double palinstrophy = o->gradient_rms * o->gradient_rms;
  row[0] = (float)log((delta * delta * palinstrophy + least) / (2 * o->enstrophy + least));
  row[1] = (float)log((o->vorticity_rms * delta * delta + least) / o->viscosity);
}

const MarlObservationOps marl_observation_dissipation = {
    .name = "dissipation",
    .summary = "how fine the flow is for the grid and for its viscosity, the same for all agents",
    .formula =
        "log(Delta^2 <|grad w|^2> / <w^2>), Delta the resolved scale\n"
        "log(<w^2>^(1/2) Delta^2 / nu)",
    .num_columns = 2,
    .same_for_all = true,
    .write = write,
};
