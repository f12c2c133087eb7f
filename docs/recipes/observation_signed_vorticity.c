/* recipe: envs/turbulence/observation_signed_vorticity.c, ENTRY(signed_vorticity) in envs/turbulence/observation_table.c */
/* Observation block `signed_vorticity`: which way the fluid turns at the agent. A mirror of the axes
 * changes its sign, which that of the shipped blocks does not. */
#include "envs/turbulence/observation.h"

static void write(const MarlObserver *observer, const double *at, float *row) {
  row[0] = (float)(at[0] / (observer->vorticity_rms + marl_observation_least));
}

const MarlObservationOps marl_observation_signed_vorticity = {
    .name = "signed_vorticity",
    .summary = "vorticity at the agent with its sign",
    .source = "the recipe of docs/plugins.md",
    .formula = "w / <w^2>^(1/2)",
    .num_columns = 1,
    .num_fields = 1,
    .field = {{MARL_OF_VORTICITY, 0, 0}},
    .write = write,
};
