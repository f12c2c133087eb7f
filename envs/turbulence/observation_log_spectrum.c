#include <math.h>

#include "envs/turbulence/observation.h"

static void write(const MarlObserver *o, const double *at, float *row) {
  (void)at;
  const int num_k = o->grid->kept_x;
  for (int k = 0; k < num_k; ++k)
    row[k] = (float)log((o->spectrum[k] * num_k + marl_observation_least) /
                        (o->enstrophy + marl_observation_least));
}

const MarlObservationOps marl_observation_log_spectrum = {
    .name = "log_spectrum",
    .summary = "the enstrophy spectrum at every kept wavenumber, the same for all agents",
    .formula =
        "log(2 K eps(k) / <w^2>), k = 0 .. K-1, eps the enstrophy spectrum, K wavenumbers kept",
    .same_for_all = true,
    .write = write,
};
