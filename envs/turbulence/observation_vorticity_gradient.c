#include <math.h>

#include "envs/turbulence/observation.h"

static void write(const MarlObserver *o, const double *at, float *row) {
  row[0] = (float)(hypot(at[0], at[1]) / (o->gradient_rms + marl_observation_least) - 1);
}

const MarlObservationOps marl_observation_vorticity_gradient = {
    .name = "vorticity_gradient",
    .summary = "gradient of the vorticity at the agent, over its root mean square",
    .formula = "|grad w| / <|grad w|^2>^(1/2) - 1",
    .num_columns = 1,
    .num_fields = 2,
    .field = {{MARL_OF_VORTICITY, 1, 0}, {MARL_OF_VORTICITY, 0, 1}},
    .write = write,
};
