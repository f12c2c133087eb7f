#include "envs/turbulence/observed_strain.h"

static void write(const MarlObserver *o, const double *at, float *row) {
  const double rms = o->vorticity_rms + marl_observation_least, w = at[2];
  const double strain2 = marl_observed_strain2(at);
  row[0] = (float)((strain2 - w * w) / (strain2 + w * w + rms * rms));
}

const MarlObservationOps marl_observation_okubo_weiss = {
    .name = "okubo_weiss",
    .summary = "strain against rotation at the agent, in (-1, 1)",
    .source = "Okubo, Deep-Sea Res. 17, 1970; Weiss, Physica D 48, 1991",
    .formula = "(|S|^2 - w^2) / (|S|^2 + w^2 + <w^2>)",
    .num_columns = 1,
    .num_fields = MARL_OBSERVED_STRAIN_FIELDS,
    .field = {MARL_OBSERVED_STRAIN},
    .write = write,
};
