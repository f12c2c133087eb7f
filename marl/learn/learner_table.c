#include <string.h>

#include "marl/learn/ppo.h"

extern const MarlLearnerOps marl_learner_cmaes;
extern const MarlLearnerOps marl_learner_dqn;
extern const MarlLearnerOps marl_learner_reinforce;
extern const MarlLearnerOps marl_learner_tabular_q;
extern const MarlLearnerOps marl_learner_vracer;

/* one line a learner */
/* clang-format off */
static const MarlLearnerOps *const table[] = {
    &marl_learner_ppo,
    &marl_learner_reinforce,
    &marl_learner_cmaes,
    &marl_learner_vracer,
    &marl_learner_dqn,
    &marl_learner_tabular_q,
    NULL,
};
/* clang-format on */

static const MarlPlugin *shipped(size_t i) {
  return table[i] != NULL ? &table[i]->plugin : NULL;
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
