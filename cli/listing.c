#include "cli/listing.h"

#include <string.h>

#include "envs/env_table.h"
#include "envs/game/game.h"
#include "envs/grid/mechanism.h"
#include "envs/population_table.h"
#include "envs/society/mechanism.h"
#include "envs/society/norm.h"
#include "envs/theory_table.h"
#include "envs/turbulence/action.h"
#include "envs/turbulence/closures.h"
#include "envs/turbulence/reward.h"
#include "marl/core/nearest.h"
#include "marl/learn/learner.h"
#include "physics/forcing.h"
#include "physics/initial.h"

enum { MAX_KINDS = 64 };

/* one line a kind */
/* clang-format off */
const MarlKind *const marl_kinds[] = {
    &marl_kind_all_envs,
    &marl_kind_learners,
    &marl_kind_all_closures,
    &marl_kind_forcings,
    &marl_kind_initials,
    &marl_kind_observations,
    &marl_kind_actions,
    &marl_kind_interpolations,
    &marl_kind_rewards,
    &marl_kind_scores,
    &marl_kind_all_populations,
    &marl_kind_mechanisms,
    &marl_kind_grid_mechanisms,
    &marl_kind_games,
    &marl_kind_norms,
    &marl_kind_topics,
    NULL,
};
/* clang-format on */

/* learner [num_learner], then the lists of axes [num_axes] */
static const MarlOption *further(const MarlOption *learner, size_t num_learner,
                                 const MarlEnvAxis *axes, size_t num_axes, size_t index,
                                 const char **section) {
  *section = index < num_learner ? "learner" : "compare";
  if (index < num_learner) return &learner[index];
  return index - num_learner < num_axes ? &axes[index - num_learner].list : NULL;
}

const MarlOption *marl_kind_option(const MarlKind *kind, const MarlPlugin *plugin, size_t index,
                                   const char **section) {
  *section = "";
  if (index < plugin->num_options) return &plugin->options[index];
  index -= plugin->num_options;
  if (kind == &marl_kind_all_envs) {
    const MarlEnvOps *env = (const MarlEnvOps *)plugin;
    return further(NULL, 0, env->axes, env->num_axes, index, section);
  }
  if (kind != &marl_kind_all_populations) return NULL;
  const MarlPopulationOps *population = (const MarlPopulationOps *)plugin;
  return further(population->learner_options, population->num_learner_options, population->axes,
                 population->num_axes, index, section);
}

MarlCode marl_kinds_find(const char *name, const MarlKind **out, MarlError *err) {
  const char *names[MAX_KINDS];
  size_t count = 0;
  for (; marl_kinds[count] != NULL && count < MAX_KINDS; ++count) {
    names[count] = marl_kinds[count]->name;
    if (strcmp(names[count], name) != 0) continue;
    *out = marl_kinds[count];
    return MARL_OK;
  }
  return marl_fail_unknown(err, "list of", name, names, count);
}
