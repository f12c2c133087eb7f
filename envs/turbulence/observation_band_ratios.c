#include <math.h>

#include "envs/turbulence/observation.h"

static void write(const MarlObserver *o, const double *at, float *row) {
  (void)at;
  double bands[MARL_OBSERVATION_BANDS];
  marl_observation_bands(o->spectrum, o->grid->kept_x, bands);
  for (int b = 0; b < MARL_OBSERVATION_BANDS; ++b)
    row[b] = (float)log(bands[b] / o->band_target[b]);
}

const MarlObservationOps marl_observation_band_ratios = {
    .name = "band_ratios",
    .summary = "the enstrophy in six bands against the target's, the same for all agents",
    .formula =
        "log(sum eps(k) / sum eps_target(k)), k in one of six bands: edges at 0, 1/8, 1/4, 3/8,\n"
        "9/16, 3/4 and 1 of the kept wavenumbers",
    .num_columns = MARL_OBSERVATION_BANDS,
    .same_for_all = true,
    .needs_target = true,
    .write = write,
};
