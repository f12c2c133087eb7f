/* A learner `dqn` of one environment in one shard, for tests of its inside. */
#ifndef MARL_TESTS_DQN_CASE_H
#define MARL_TESTS_DQN_CASE_H

#include "marl/learn/learner_dqn.h"
#include "tests/unit.h"

typedef const char *const Setting[2];

static inline MarlSection *dqn_section(const char *name, MarlOptionTable table, Setting *set) {
  MarlError err;
  MarlSection *out = NULL;
  UNIT_OK(marl_section_create(name, &table, 1, &out, &err));
  for (; (*set)[0] != NULL; ++set)
    UNIT_OK(marl_section_set(out, (*set)[0], (*set)[1], "test", &err));
  return out;
}

/* Section learner as the trainer claims it: the preset's settings are defaults. */
static inline MarlSection *dqn_config(Setting *set) {
  MarlError err;
  const MarlOptionTable options = {marl_learner_dqn.options, marl_learner_dqn.num_options};
  MarlSection *config = dqn_section("learner", options, set);
  UNIT_OK(
      marl_section_prefer(config, marl_learner_preset(&marl_learner_dqn, config), "preset", &err));
  return config;
}

static inline DqnLearner *dqn_make(const MarlEnvSpec *spec, Setting *policy_set,
                                   Setting *learner_set) {
  MarlError err;
  MarlSection *policy = dqn_section("policy", marl_policy_options, policy_set);
  MarlSection *config = dqn_config(learner_set);
  const MarlLearnerInit init = {.env = spec,
                                .policy = policy,
                                .num_envs = 1,
                                .num_shards = 1,
                                .own_shards = 1,
                                .num_updates = 10,
                                .seed = 3,
                                .comm = MPI_COMM_SELF};
  MarlLearner *learner = NULL;
  UNIT_OK(marl_learner_dqn.create(config, &init, &learner, &err));
  marl_section_destroy(&config);
  marl_section_destroy(&policy);
  return (DqnLearner *)learner;
}

#endif
