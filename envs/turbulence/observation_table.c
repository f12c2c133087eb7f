#include "envs/turbulence/observation.h"

/* one line an observation block: envs/turbulence/observation_<name>.c */
#define TABLE(ENTRY)                   \
  ENTRY(velocity_gradient)             \
  ENTRY(okubo_weiss)                   \
  ENTRY(vorticity_gradient)            \
  ENTRY(second_derivative_invariants)  \
  ENTRY(second_derivative_public_code) \
  ENTRY(log_spectrum)                  \
  ENTRY(band_ratios)                   \
  ENTRY(dissipation)                   \
  ENTRY(flow_regime)                   \
  ENTRY(flow_shape)                    \
  ENTRY(nothing)

#define DECLARE(name) extern const MarlObservationOps marl_observation_##name;
#define POINTER(name) &marl_observation_##name.plugin,
TABLE(DECLARE)
static const MarlPlugin *const table[] = {TABLE(POINTER) NULL};

static const MarlPlugin *shipped(size_t i) {
  return table[i];
}

MarlKind marl_kind_observations = {.name = "observations",
                                   .title = "Observation blocks",
                                   .noun = "observation block",
                                   .section = "env",
                                   .key = "env.observation",
                                   .fallback = NULL,
                                   .no_options = true,
                                   .shipped = shipped};

MarlCode marl_register_observation(const MarlObservationOps *ops, MarlError *err) {
  return marl_kind_register(&marl_kind_observations, &ops->plugin, err);
}
