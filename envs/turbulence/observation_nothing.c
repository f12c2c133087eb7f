#include "envs/turbulence/observation.h"

static void write(const MarlObserver *o, const double *at, float *row) {
  (void)o, (void)at;
  row[0] = 0;
}

const MarlObservationOps marl_observation_nothing = {
    .name = "nothing",
    .summary = "no flow is told from another: by itself, a policy that is constants",
    .formula = "0",
    .num_columns = 1,
    .same_for_all = true,
    .write = write,
};
