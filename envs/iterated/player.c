#include <math.h>
#include <string.h>

#include "envs/iterated/match_internal.h"

enum { B = MARL_MATCH_BLOCK, C = MARL_COOPERATE, D = MARL_DEFECT };

static int32_t chance_of(double probability, double noise) {
  const double noisy = probability * (1.0 - 2.0 * noise) + noise;
  return (int32_t)lround(fmin(fmax(noisy, 0.0), 1.0) * MARL_CERTAIN);
}

void marl_player_begin(const MarlMatchRules *rules, const MarlStrategy *strategy,
                       MarlPlayer *player) {
  player->strategy = strategy;
  player->noise = rules->noise;
  player->draws = rules->noise > 0.0 || !marl_strategy_deterministic(strategy);
  player->first = chance_of(strategy->first, rules->noise);
  for (int own = 0; own < MARL_NUM_ACTIONS; ++own)
    for (int other = 0; other < MARL_NUM_ACTIONS; ++other) {
      player->chance[own][other] = chance_of(strategy->cooperate[own][other], rules->noise);
      player->payoff[own][other] = rules->game.payoff[own][other];
    }
  /* a flipped choice is one more way not to play what the values say */
  const double e = strategy->epsilon, n = rules->noise;
  player->exploration = chance_of(e + 2.0 * n - 2.0 * e * n, 0.0);
  memset(player->own, 0, sizeof player->own);
  memset(player->other, 0, sizeof player->other);
  memset(player->count, 0, sizeof player->count);
}

static void decide_alike(int32_t chance, bool draws, const uint32_t *word,
                         int32_t *restrict action) {
  for (int i = 0; i < B; ++i) {
    const int32_t draw = draws ? (int32_t)(word[i] >> MARL_DRAW_SHIFT) : 0;
    action[i] = draw < chance ? C : D;
  }
}

static void decide_memory_one(const MarlPlayer *player, const uint32_t *word,
                              int32_t *restrict action) {
  const int32_t cc = player->chance[C][C], cd = player->chance[C][D];
  const int32_t dc = player->chance[D][C], dd = player->chance[D][D];
  for (int i = 0; i < B; ++i) {
    const int32_t after_c = player->other[i] == C ? cc : cd;
    const int32_t after_d = player->other[i] == C ? dc : dd;
    const int32_t chance = player->own[i] == C ? after_c : after_d;
    action[i] = (int32_t)(word[i] >> MARL_DRAW_SHIFT) < chance ? C : D;
  }
}

/* The same without draws: every chance is 0 or certain. */
static void decide_pure(const MarlPlayer *player, int32_t *restrict action) {
  const int32_t cc = player->chance[C][C] > 0 ? C : D, cd = player->chance[C][D] > 0 ? C : D;
  const int32_t dc = player->chance[D][C] > 0 ? C : D, dd = player->chance[D][D] > 0 ? C : D;
  for (int i = 0; i < B; ++i) {
    const int32_t after_c = player->other[i] == C ? cc : cd;
    const int32_t after_d = player->other[i] == C ? dc : dd;
    action[i] = player->own[i] == C ? after_c : after_d;
  }
}

/* a k + b t >= 0 holds for low <= k <= high. The margin is far below 1 / t, the distance between
 * two frequencies, and far above the rounding of b t / a. */
static void bounds(const MarlStrategy *s, int round, int32_t *low, int32_t *high) {
  static const double margin = 1e-9;
  *low = 0;
  *high = round;
  if (s->slope == 0.0) {
    if (s->offset < 0.0) *high = -1;
    return;
  }
  const double edge = -s->offset * round / s->slope;
  if (s->slope > 0.0)
    *low = (int32_t)ceil(fmin(fmax(edge, -1.0), round + 1.0) - margin);
  else
    *high = (int32_t)floor(fmin(fmax(edge, -1.0), round + 1.0) + margin);
}

static void decide_frequency(const MarlPlayer *player, int round, const uint32_t *word,
                             int32_t *restrict action) {
  int32_t low, high;
  bounds(player->strategy, round, &low, &high);
  const int32_t yes = chance_of(1.0, player->noise), no = chance_of(0.0, player->noise);
  for (int i = 0; i < B; ++i) {
    const bool reached = player->count[i] >= low && player->count[i] <= high;
    const int32_t draw = player->draws ? (int32_t)(word[i] >> MARL_DRAW_SHIFT) : 0;
    action[i] = draw < (reached ? yes : no) ? C : D;
  }
}

static void decide_conditional(const MarlPlayer *player, int round, const uint32_t *word,
                               int32_t *restrict action) {
  const float floor_chance = (float)(player->noise * MARL_CERTAIN);
  const float scale = (float)((1.0 - 2.0 * player->noise) * MARL_CERTAIN / round);
  const int32_t most = chance_of(1.0, player->noise);
  for (int i = 0; i < B; ++i) {
    const int32_t rounded = (int32_t)(floor_chance + scale * (float)player->count[i]);
    const int32_t chance = player->count[i] == round ? most : rounded;
    action[i] = (int32_t)(word[i] >> MARL_DRAW_SHIFT) < chance ? C : D;
  }
}

void marl_player_decide(const MarlPlayer *player, int round, const uint32_t *word,
                        int32_t *restrict action) {
  const MarlStrategyKind kind = player->strategy->kind;
  if (kind == MARL_STRATEGY_Q_LEARNER)
    marl_player_choose(player, word, action);
  else if (round == 0)
    decide_alike(player->first, player->draws, word, action);
  else if (kind == MARL_STRATEGY_FREQUENCY)
    decide_frequency(player, round, word, action);
  else if (kind == MARL_STRATEGY_CONDITIONAL)
    decide_conditional(player, round, word, action);
  else if (player->draws)
    decide_memory_one(player, word, action);
  else
    decide_pure(player, action);
}

void marl_player_observe(MarlPlayer *player, const int32_t *restrict own,
                         const int32_t *restrict other, bool last) {
  if (player->strategy->kind == MARL_STRATEGY_Q_LEARNER)
    marl_player_learn(player, own, other, last);
  for (int i = 0; i < B; ++i) {
    player->own[i] = own[i];
    player->other[i] = other[i];
    player->count[i] += other[i] == C;
  }
}
