#include <math.h>

#include "marl/learn/env.h"

static MarlCode check_choice(const MarlEnvOps *ops, const MarlEnvSpec *s, const MarlTransition *t,
                             MarlError *err) {
  if (t->agent < 0 || t->agent >= s->num_agents || t->role < 0 || t->role >= s->num_roles)
    return MARL_FAIL(
        err, MARL_EARG,
        "environment '%s': a transition of agent %d in role %d; there are %d agents and "
        "%d roles",
        ops->name, t->agent, t->role, s->num_agents, s->num_roles);
  const MarlRole *role = &s->roles[t->role];
  if (role->action_kind == MARL_ACTION_DISCRETE && role->act_dim == 1 && t->choice >= 0 &&
      t->choice < role->num_choices)
    return MARL_OK;
  return MARL_FAIL(
      err, MARL_EARG,
      "environment '%s': agent %d cannot have chosen %d in role '%s': a transition is of "
      "one choice of %d",
      ops->name, t->agent, t->choice, role->name, role->num_choices);
}

MarlCode marl_env_check_transitions(const MarlEnvOps *ops, const MarlEnvSpec *s,
                                    const MarlEnvIo *io, MarlError *err) {
  const int count = io->num_transitions != NULL ? *io->num_transitions : 0;
  if (count < 0 || count > s->max_transitions)
    return MARL_FAIL(err, MARL_EARG, "environment '%s': %d transitions of one step, not 0 .. %d",
                     ops->name, count, s->max_transitions);
  for (int k = 0; k < count; ++k) {
    const MarlTransition *t = &io->transition[k];
    MARL_TRY(check_choice(ops, s, t, err));
    bool finite = isfinite(t->reward);
    for (int i = 0; i < s->roles[t->role].obs_dim; ++i)
      finite = finite && isfinite(t->obs[i]) && (t->terminal || isfinite(t->next_obs[i]));
    if (!finite)
      return MARL_FAIL(
          err, MARL_ENUMERIC,
          "environment '%s': a transition of agent %d in role '%s' holds a number that is "
          "not finite",
          ops->name, t->agent, s->roles[t->role].name);
  }
  return MARL_OK;
}
