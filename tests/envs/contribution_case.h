/* Groups of a public goods experiment from settings of their options. */
#ifndef MARL_TESTS_ENVS_CONTRIBUTION_CASE_H
#define MARL_TESTS_ENVS_CONTRIBUTION_CASE_H

#include "envs/group/contribution_groups.h"
#include "tests/unit.h"

static inline void contribution_set(MarlSection *config, const char *const *settings) {
  MarlError err;
  for (; settings != NULL && settings[0] != NULL; settings += 2)
    UNIT_OK(marl_section_set(config, settings[0], settings[1], "test", &err));
}

/* settings and more: names and values in turn, NULL-terminated; more may be NULL. */
static inline MarlCode contribution_read(const char *const *settings, const char *const *more,
                                         MarlContributionRules *rules, MarlError *out) {
  MarlError err;
  MarlSection *config = NULL;
  const MarlOptionTable table = {marl_contribution_options, MARL_CONTRIBUTION_NUM_OPTIONS};
  UNIT_OK(marl_section_create("env", &table, 1, &config, &err));
  contribution_set(config, settings);
  contribution_set(config, more);
  const MarlCode code = marl_contribution_rules_read(config, rules, out);
  marl_section_destroy(&config);
  return code;
}

/* At the start of an episode. */
static inline MarlContributionGroups contribution_make(const char *const *settings,
                                                       const char *const *more, uint64_t seed) {
  MarlError err;
  MarlContributionRules rules;
  MarlContributionGroups groups;
  UNIT_OK(contribution_read(settings, more, &rules, &err));
  UNIT_OK(marl_contribution_groups_create(&rules, &groups, &err));
  marl_contribution_groups_reset(&groups, marl_key(seed, MARL_STREAM_ENV));
  return groups;
}

#endif
