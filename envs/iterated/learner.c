/* Tabular Q-learning over the last joint action, a block of learners at once.
 *
 *   Q(s, a) += rate (r + gamma max_b Q(s', b) - Q(s, a))
 *
 * s' is where the learner next decides: after the last round of a match the start of another one.
 * A table of five states is read by comparing with each of them: a loop over learners without
 * gathers. Values of the state of now are kept, so that a round reads the tables once. */
#include <string.h>

#include "envs/iterated/match_internal.h"

enum { B = MARL_MATCH_BLOCK, C = MARL_COOPERATE, D = MARL_DEFECT };

/* now = values in player->state */
static void look_up(MarlPlayer *player) {
  float *restrict c = player->now[C], *restrict d = player->now[D];
  const int32_t *restrict state = player->state;
  for (int s = 0; s < MARL_JOINT_STATES; ++s) {
    const float *restrict value_c = player->value[s][C], *restrict value_d = player->value[s][D];
    for (int i = 0; i < B; ++i) {
      c[i] = state[i] == s ? value_c[i] : c[i];
      d[i] = state[i] == s ? value_d[i] : d[i];
    }
  }
}

void marl_player_load(MarlPlayer *player, const MarlJointTable *tables) {
  memset(player->value, 0, sizeof player->value);
  for (int i = 0; i < B; ++i) {
    player->state[i] = MARL_JOINT_START;
    if (tables == NULL) continue;
    for (int s = 0; s < MARL_JOINT_STATES; ++s)
      for (int a = 0; a < MARL_NUM_ACTIONS; ++a) player->value[s][a][i] = tables[i].value[s][a];
  }
  look_up(player);
}

void marl_player_store(const MarlPlayer *player, MarlJointTable *tables) {
  for (int i = 0; i < B; ++i)
    for (int s = 0; s < MARL_JOINT_STATES; ++s)
      for (int a = 0; a < MARL_NUM_ACTIONS; ++a) tables[i].value[s][a] = player->value[s][a][i];
}

/* The two low bits of a word: which action when exploring, which when values tie. */
void marl_player_choose(const MarlPlayer *player, const uint32_t *word, int32_t *restrict action) {
  const int32_t exploration = player->exploration;
  const float *restrict c = player->now[C], *restrict d = player->now[D];
  for (int i = 0; i < B; ++i) {
    const int32_t draw = (int32_t)(word[i] >> MARL_DRAW_SHIFT);
    const int32_t coin = (int32_t)(word[i] & 1u), tie = (int32_t)(word[i] >> 1 & 1u);
    const int32_t unequal = c[i] > d[i] ? C : D;
    const int32_t best = c[i] == d[i] ? tie : unequal;
    action[i] = draw < exploration ? coin : best;
  }
}

void marl_player_learn(MarlPlayer *player, const int32_t *restrict own,
                       const int32_t *restrict other, bool last) {
  const float rate = (float)player->strategy->learning_rate;
  const float gamma = (float)player->strategy->gamma;
  const float cc = player->payoff[C][C], cd = player->payoff[C][D];
  const float dc = player->payoff[D][C], dd = player->payoff[D][D];
  int32_t before[B];
  float old[B], target[B];
  for (int i = 0; i < B; ++i) {
    before[i] = player->state[i];
    old[i] = own[i] == C ? player->now[C][i] : player->now[D][i];
    player->state[i] = last ? MARL_JOINT_START : 2 * own[i] + other[i];
  }
  look_up(player);
  for (int i = 0; i < B; ++i) {
    const float as_c = other[i] == C ? cc : cd, as_d = other[i] == C ? dc : dd;
    const float reward = own[i] == C ? as_c : as_d;
    const float c = player->now[C][i], d = player->now[D][i];
    target[i] = old[i] + rate * (reward + gamma * (c > d ? c : d) - old[i]);
  }
  for (int s = 0; s < MARL_JOINT_STATES; ++s)
    for (int a = 0; a < MARL_NUM_ACTIONS; ++a) {
      float *restrict value = player->value[s][a];
      for (int i = 0; i < B; ++i) value[i] = before[i] == s && own[i] == a ? target[i] : value[i];
    }
  for (int a = 0; a < MARL_NUM_ACTIONS; ++a) { /* where the state has not changed, its value has */
    float *restrict now = player->now[a];
    for (int i = 0; i < B; ++i)
      now[i] = before[i] == player->state[i] && own[i] == a ? target[i] : now[i];
  }
}
