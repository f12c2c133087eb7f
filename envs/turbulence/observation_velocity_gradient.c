#include <math.h>

#include "envs/turbulence/observed_strain.h"

static void write(const MarlObserver *o, const double *at, float *row) {
  const double rms = o->vorticity_rms + marl_observation_least;
  row[0] = (float)(sqrt(marl_observed_strain2(at)) / rms - 1);
  row[1] = (float)(fabs(at[2]) / rms - 1);
}

const MarlObservationOps marl_observation_velocity_gradient = {
    .name = "velocity_gradient",
    .summary = "strain rate and vorticity at the agent, over their root mean squares",
    .formula =
        "|S| / <|S|^2>^(1/2) - 1, |S|^2 = 2 S_ij S_ij\n"
        "|w| / <w^2>^(1/2) - 1; both root mean squares are the same",
    .num_columns = 2,
    .num_fields = MARL_OBSERVED_STRAIN_FIELDS,
    .field = {MARL_OBSERVED_STRAIN},
    .write = write,
};
