/* What the vector of environments does with the rows of scripted agents. */
#include "marl/learn/scripted.h"

/* The kind of an agent whose decisions are made here; else it learns, or the environment plays it. */
static const MarlScriptedKind *acting(const MarlEnvSpec *spec, int agent) {
  const MarlScriptedKind *kind = marl_scripted_kind(spec, agent);
  return kind == NULL || kind->policy->act == NULL ? NULL : kind;
}

static void drop_transitions(const MarlEnvSpec *s, const MarlEnvIo *io) {
  int kept = 0;
  for (int k = 0; k < *io->num_transitions; ++k) {
    if (acting(s, io->transition[k].agent) != NULL) continue;
    const MarlTransition dropped = io->transition[kept]; /* its memory stays in use */
    io->transition[kept++] = io->transition[k];
    io->transition[k] = dropped;
  }
  *io->num_transitions = kept;
}

void marl_scripted_hide(const MarlEnvSpec *spec, const MarlEnvIo *io, uint8_t *waiting) {
  for (int k = 0; k < marl_num_touched(spec, io); ++k) {
    const int a = marl_touched_agent(io, k);
    if (acting(spec, a) == NULL) continue;
    waiting[a] = io->active[a];
    io->active[a] = 0;
  }
  if (io->num_transitions != NULL) drop_transitions(spec, io);
}

void marl_scripted_act(const MarlEnv *env, const MarlEnvIo *io, uint8_t *waiting, MarlKey key,
                       float *act) {
  const MarlEnvSpec *s = &env->spec;
  for (int k = 0; k < marl_num_touched(s, io); ++k) {
    const int a = marl_touched_agent(io, k);
    const MarlScriptedKind *kind = acting(s, a);
    if (kind == NULL || !waiting[a]) continue;
    waiting[a] = 0;
    const MarlScriptedTurn turn = {
        .policy = kind->policy,
        .agent = a,
        .role = io->role[a],
        .number = kind->number,
        .obs = io->obs + (ptrdiff_t)a * s->obs_dim,
        .mask = s->mask_dim > 0 ? io->mask + (ptrdiff_t)a * s->mask_dim : NULL,
        .key = marl_key_fold(key, (uint64_t)a)};
    kind->policy->act(env, &turn, act + (ptrdiff_t)a * s->act_dim);
    io->active[a] = 1;
  }
}
