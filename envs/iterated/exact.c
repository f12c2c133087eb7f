#include "envs/iterated/exact.h"

static MarlCode shares(const MarlMatchRules *rules, const MarlMemoryOne *const both[2],
                       double share[MARL_NUM_JOINT_ACTIONS], MarlError *err) {
  if (rules->rounds == 0) return marl_memory_one_stationary(both, rules->noise, share, err);
  marl_memory_one_expected(both, rules->noise, rules->rounds, share);
  return MARL_OK;
}

MarlCode marl_exact_pair(const MarlMatchRules *rules, const MarlStrategy *const pair[2],
                         MarlExactPair *out, MarlError *err) {
  MarlMemoryOne vector[2];
  const MarlMemoryOne *const both[2] = {&vector[0], &vector[1]};
  double payoff[MARL_NUM_JOINT_ACTIONS];
  MarlError why;
  for (int side = 0; side < 2; ++side)
    if (!marl_strategy_memory_one(pair[side], &vector[side]))
      return MARL_FAIL(
          err, MARL_ECONFIG,
          "%s remembers more than the last round: its payoffs have no exact value here",
          pair[side]->name);
  const MarlCode code = shares(rules, both, out->share, &why);
  if (code != MARL_OK)
    return MARL_FAIL(err, code, "%s against %s: %s", pair[0]->name, pair[1]->name, why.message);
  for (int j = 0; j < MARL_NUM_JOINT_ACTIONS; ++j)
    payoff[j] = (double)rules->game.payoff[j / 2][j % 2];
  marl_joint_payoffs(payoff, out->share, out->payoff);
  out->cooperation[0] = out->share[0] + out->share[1];
  out->cooperation[1] = out->share[0] + out->share[2];
  return MARL_OK;
}

MarlCode marl_exact_tournament(const MarlTournament *t, MarlTournamentResult *out, MarlError *err) {
  for (int i = 0; i < t->num_strategies; ++i)
    for (int j = i; j < t->num_strategies; ++j) {
      const MarlStrategy *const pair[2] = {&t->strategy[i], &t->strategy[j]};
      MarlExactPair exact;
      MARL_TRY(marl_exact_pair(&t->rules, pair, &exact, err));
      out->payoff[i][j] = exact.payoff[0];
      out->payoff[j][i] = exact.payoff[1];
      out->cooperation[i][j] = exact.cooperation[0];
      out->cooperation[j][i] = exact.cooperation[1];
    }
  return MARL_OK;
}
