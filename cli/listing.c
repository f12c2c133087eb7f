#include "cli/listing.h"

#include <string.h>

#include "envs/env_table.h"
#include "envs/population_table.h"
#include "envs/society/mechanism.h"
#include "envs/turbulence/closures.h"
#include "marl/core/nearest.h"
#include "marl/learn/learner.h"

static bool env_entry(size_t i, MarlListed *out) {
  const MarlEnvOps *ops = marl_env_table[i];
  if (ops == NULL) return false;
  *out = (MarlListed){ops->name, ops->summary, ops->source, ops->options, ops->num_options};
  return true;
}

static bool learner_entry(size_t i, MarlListed *out) {
  const MarlLearnerOps *ops = marl_learner_table[i];
  if (ops == NULL) return false;
  *out = (MarlListed){ops->name, ops->summary, ops->source, ops->options, ops->num_options};
  return true;
}

static bool closure_entry(size_t i, MarlListed *out) {
  const MarlClosureOps *ops = marl_all_closures[i];
  if (ops == NULL) return false;
  *out = (MarlListed){ops->name, ops->summary, ops->source, ops->options, ops->num_options};
  return true;
}

static bool mechanism_entry(size_t i, MarlListed *out) {
  const MarlMechanism *mechanism = &marl_mechanisms[i];
  if (mechanism->name == NULL) return false;
  *out = (MarlListed){mechanism->name, mechanism->summary, NULL, NULL, 0};
  return true;
}

static bool population_entry(size_t i, MarlListed *out) {
  const MarlPopulationOps *ops = marl_population_table[i];
  if (ops == NULL) return false;
  *out = (MarlListed){ops->name, ops->summary, ops->source, ops->env_options, ops->num_env_options};
  return true;
}

const MarlKind marl_kinds[] = {
    {"envs", "Environments", "env", "env.name", env_entry},
    {"learners", "Learners", "learner", "learner.name", learner_entry},
    {"closures", "Closures", "closure", "closure.name", closure_entry},
    {"populations", "Populations", "compare", "compare.population", population_entry},
    {"mechanisms", "Mechanisms", "compare", "env.mechanism", mechanism_entry},
};
const size_t marl_num_kinds = sizeof marl_kinds / sizeof *marl_kinds;

MarlCode marl_kind_find(const char *name, const MarlKind **out, MarlError *err) {
  const char *names[sizeof marl_kinds / sizeof *marl_kinds];
  for (size_t i = 0; i < marl_num_kinds; ++i) {
    names[i] = marl_kinds[i].name;
    if (strcmp(names[i], name) == 0) {
      *out = &marl_kinds[i];
      return MARL_OK;
    }
  }
  return marl_fail_unknown(err, "list of", name, names, marl_num_kinds);
}
