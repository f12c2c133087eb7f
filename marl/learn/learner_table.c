#include "marl/learn/learner.h"

#include <string.h>

/* one line a learner: marl/learn/learner_<name>.c */
#define TABLE(ENTRY) \
  ENTRY(ppo)         \
  ENTRY(reinforce)   \
  ENTRY(cmaes)       \
  ENTRY(eki)         \
  ENTRY(vracer)      \
  ENTRY(dqn)         \
  ENTRY(tabular_q)

#define DECLARE(name) extern const MarlLearnerOps marl_learner_##name;
#define POINTER(name) &marl_learner_##name.plugin,
TABLE(DECLARE)
static const MarlPlugin *const table[] = {TABLE(POINTER) NULL};

static const MarlPlugin *shipped(size_t i) {
  return table[i];
}

MarlKind marl_kind_learners = {.name = "learners",
                               .title = "Learners",
                               .noun = "learner",
                               .section = "learner",
                               .key = "learner.name",
                               .fallback = "ppo",
                               .shipped = shipped};

MarlCode marl_register_learner(const MarlLearnerOps *ops, MarlError *err) {
  return marl_kind_register(&marl_kind_learners, &ops->plugin, err);
}

const MarlSetting *marl_learner_preset(const MarlLearnerOps *ops, const MarlSection *learner) {
  static const MarlSetting none = {NULL, NULL};
  const MarlPreset *preset = ops->presets;
  if (preset == NULL) return &none;
  const char *name = marl_section_text(learner, "preset");
  while (preset->name != NULL && strcmp(preset->name, name) != 0) ++preset;
  return preset->name != NULL ? preset->settings : &none;
}

MarlCode marl_learner_find(const char *name, const MarlLearnerOps **out, MarlError *err) {
  const MarlPlugin *found;
  MARL_TRY(marl_kind_find(&marl_kind_learners, name, &found, err));
  *out = (const MarlLearnerOps *)found;
  return MARL_OK;
}
