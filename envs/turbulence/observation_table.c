#include "envs/turbulence/observation.h"

extern const MarlObservationOps marl_observation_velocity_gradient;
extern const MarlObservationOps marl_observation_okubo_weiss;
extern const MarlObservationOps marl_observation_vorticity_gradient;
extern const MarlObservationOps marl_observation_second_derivative_invariants;
extern const MarlObservationOps marl_observation_second_derivative_public_code;
extern const MarlObservationOps marl_observation_log_spectrum;
extern const MarlObservationOps marl_observation_band_ratios;
extern const MarlObservationOps marl_observation_dissipation;

/* one line an observation */
/* clang-format off */
static const MarlObservationOps *const table[] = {
    &marl_observation_velocity_gradient,
    &marl_observation_okubo_weiss,
    &marl_observation_vorticity_gradient,
    &marl_observation_second_derivative_invariants,
    &marl_observation_second_derivative_public_code,
    &marl_observation_log_spectrum,
    &marl_observation_band_ratios,
    &marl_observation_dissipation,
    NULL,
};
/* clang-format on */

static const MarlPlugin *shipped(size_t i) {
  return table[i] != NULL ? &table[i]->plugin : NULL;
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
