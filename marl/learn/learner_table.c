#include <string.h>

#include "marl/core/nearest.h"
#include "marl/learn/ppo.h"

extern const MarlLearnerOps marl_learner_cmaes;
extern const MarlLearnerOps marl_learner_dqn;
extern const MarlLearnerOps marl_learner_reinforce;
extern const MarlLearnerOps marl_learner_tabular_q;
extern const MarlLearnerOps marl_learner_vracer;

const MarlLearnerOps *const marl_learner_table[] = {
    &marl_learner_ppo,
    &marl_learner_reinforce,
    &marl_learner_cmaes,
    &marl_learner_vracer,
    &marl_learner_dqn,
    &marl_learner_tabular_q,
    NULL,
};

MarlCode marl_learner_find(const char *name, const MarlLearnerOps **out, MarlError *err) {
  const char *names[sizeof marl_learner_table / sizeof marl_learner_table[0]] = {NULL};
  size_t count = 0;
  for (; marl_learner_table[count] != NULL; ++count) {
    names[count] = marl_learner_table[count]->name;
    if (strcmp(names[count], name) == 0) {
      *out = marl_learner_table[count];
      return MARL_OK;
    }
  }
  return marl_fail_unknown(err, "learner", name, names, count);
}
