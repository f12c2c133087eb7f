#include "marl/learn/returns.h"

static int num_kinds(const MarlEnvSpec *spec) {
  return spec->players == NULL ? 0 : spec->players->num_kinds;
}

int marl_num_returns(const MarlEnvSpec *spec) {
  return spec->num_roles + num_kinds(spec);
}

const char *marl_return_name(const MarlEnvSpec *spec, int i) {
  return i < spec->num_roles ? spec->roles[i].name : spec->players->kind[i - spec->num_roles].name;
}

int marl_return_agents(const MarlEnvSpec *spec, int i) {
  if (i >= spec->num_roles) return spec->players->kind[i - spec->num_roles].num_agents;
  const bool all = spec->players == NULL || spec->players->num_learners == 0;
  return all ? spec->num_agents : spec->players->num_learners;
}

void marl_add_returns(const MarlEnvSpec *spec, const MarlBatch *batch, int env, double *sums) {
  const MarlPlayers *players = spec->players;
  const size_t R = (size_t)spec->num_roles, A = (size_t)spec->num_agents;
  for (size_t i = batch->first_touched[env]; i < batch->first_touched[env + 1]; ++i) {
    const size_t row = batch->touched[i], a = row % A;
    const bool learns = players == NULL || players->of[a] == MARL_LEARNER;
    for (size_t r = 0; r < R; ++r) {
      const double earned = (double)batch->reward[row * R + r];
      if (learns || players->num_learners == 0) sums[r] += earned;
      if (!learns) sums[R + players->of[a]] += earned;
    }
  }
}
