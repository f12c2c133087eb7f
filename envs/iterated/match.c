#include "envs/iterated/match.h"

#include "envs/iterated/match_internal.h"

enum { B = MARL_MATCH_BLOCK, C = MARL_COOPERATE, D = MARL_DEFECT, MAX_ROUNDS = 1 << 24 };

MarlCode marl_match_rules_check(const MarlMatchRules *rules, MarlError *err) {
  if (rules->rounds < 1 || rules->rounds > MAX_ROUNDS)
    return MARL_FAIL(err, MARL_ECONFIG, "a match of %d rounds; expected 1 .. %d", rules->rounds,
                     MAX_ROUNDS);
  if (!(rules->noise >= 0.0 && rules->noise <= 0.5))
    return MARL_FAIL(err, MARL_ECONFIG, "noise %g flips moves; expected 0 .. 0.5", rules->noise);
  return MARL_OK;
}

static void write_outcome(const MarlMatchRules *rules, const MarlPlayer player[2],
                          const int32_t *both, MarlMatchOutcome *outcome) {
  const double rounds = rules->rounds;
  for (int i = 0; i < B; ++i) {
    const int32_t by_first = player[1].count[i], by_second = player[0].count[i];
    MarlMatchOutcome *o = &outcome[i];
    o->rounds[C][C] = both[i];
    o->rounds[C][D] = by_first - both[i];
    o->rounds[D][C] = by_second - both[i];
    o->rounds[D][D] = rules->rounds - by_first - by_second + both[i];
    o->payoff[0] = o->payoff[1] = 0.0;
    for (int a = 0; a < MARL_NUM_ACTIONS; ++a)
      for (int b = 0; b < MARL_NUM_ACTIONS; ++b) {
        o->payoff[0] += o->rounds[a][b] * (double)rules->game.payoff[a][b] / rounds;
        o->payoff[1] += o->rounds[a][b] * (double)rules->game.payoff[b][a] / rounds;
      }
  }
}

void marl_match_block(const MarlMatchRules *rules, const MarlStrategy *const pair[2], MarlKey key,
                      uint64_t block, MarlJointTable *tables,
                      MarlMatchOutcome outcome[MARL_MATCH_BLOCK]) {
  const MarlKey own_key = marl_key_fold(key, block);
  MarlPlayer player[2];
  int32_t action[2][B], both[B] = {0};
  uint32_t word[B];
  for (int side = 0; side < 2; ++side) {
    marl_player_begin(rules, pair[side], &player[side]);
    if (pair[side]->kind == MARL_STRATEGY_Q_LEARNER)
      marl_player_load(&player[side], tables == NULL ? NULL : tables + side * B);
  }
  for (int round = 0; round < rules->rounds; ++round) {
    for (int side = 0; side < 2; ++side) {
      const uint64_t draw = 2 * (uint64_t)round + (uint64_t)side;
      if (player[side].draws) marl_philox_lanes(own_key, draw * MARL_PHILOX_LANES, word);
      marl_player_decide(&player[side], round, word, action[side]);
    }
    for (int side = 0; side < 2; ++side)
      marl_player_observe(&player[side], action[side], action[1 - side],
                          round == rules->rounds - 1);
    for (int i = 0; i < B; ++i) both[i] += (action[0][i] | action[1][i]) == C;
  }
  write_outcome(rules, player, both, outcome);
  for (int side = 0; side < 2 && tables != NULL; ++side)
    if (pair[side]->kind == MARL_STRATEGY_Q_LEARNER)
      marl_player_store(&player[side], tables + side * B);
}
