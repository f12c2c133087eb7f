/* Plugins of the turbulence environment by name, for parameters that a test makes by hand. */
#ifndef MARL_TESTS_ENVS_TURBULENCE_NAMES_H
#define MARL_TESTS_ENVS_TURBULENCE_NAMES_H

#include "envs/turbulence/action.h"
#include "envs/turbulence/reward.h"
#include "tests/unit.h"

static inline const void *plugin_named(const MarlKind *kind, const char *name) {
  const MarlPlugin *found = NULL;
  MarlError err;
  UNIT_OK(marl_kind_find(kind, name, &found, &err));
  return found;
}
static inline const MarlActionOps *action_named(const char *name) {
  return plugin_named(&marl_kind_actions, name);
}
static inline const MarlRewardOps *reward_named(const char *name) {
  return plugin_named(&marl_kind_rewards, name);
}
static inline const MarlInterpolationOps *interpolation_named(const char *name) {
  return plugin_named(&marl_kind_interpolations, name);
}

/* The agents of `params` see these blocks, "okubo_weiss,band_ratios". */
static inline void agents_see(MarlTurbulenceParams *params, const char *names) {
  static const MarlOption option = {
      .key = "observation", .kind = MARL_OPTION_TEXTS, .fallback = ""};
  const MarlOptionTable table = {&option, 1};
  const MarlPlugin *found[MARL_MAX_OBSERVATIONS];
  MarlSection *section = NULL;
  MarlError err;
  size_t count = 0;
  UNIT_OK(marl_section_create("env", &table, 1, &section, &err));
  UNIT_OK(marl_section_set(section, "observation", names, "test", &err));
  UNIT_OK(marl_section_plugins(section, "observation", &marl_kind_observations,
                               MARL_MAX_OBSERVATIONS, found, &count, &err));
  params->num_observations = (int)count;
  for (size_t i = 0; i < count; ++i) params->observation[i] = (const MarlObservationOps *)found[i];
  marl_section_destroy(&section);
}

#endif
