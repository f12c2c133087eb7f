/* The inside of match.c: one side of a block of matches. */
#ifndef MARL_ENVS_ITERATED_MATCH_INTERNAL_H
#define MARL_ENVS_ITERATED_MATCH_INTERNAL_H

#include "envs/iterated/match.h"

/* Draws have 30 bits: cooperate iff draw < chance, chance = probability 2^30. The two bits that
 * are left are a learner's coins. */
enum { MARL_DRAW_SHIFT = 2, MARL_CERTAIN = 1 << 30 };

typedef struct MarlPlayer {
  const MarlStrategy *strategy;
  double noise;
  bool draws;           /* needs random words */
  int32_t first;        /* chance in the first round */
  int32_t chance[2][2]; /* memory-one: [own last, other's last] */
  int32_t exploration;  /* learner: 2^30 times the share of moves not chosen by value */
  float payoff[2][2];   /* [own, other's] */
  int32_t own[MARL_MATCH_BLOCK], other[MARL_MATCH_BLOCK]; /* last actions */
  int32_t count[MARL_MATCH_BLOCK];                        /* other's cooperations so far */
  /* learner */
  float value[MARL_JOINT_STATES][MARL_NUM_ACTIONS][MARL_MATCH_BLOCK];
  float now[MARL_NUM_ACTIONS][MARL_MATCH_BLOCK]; /* values in the state of now */
  int32_t state[MARL_MATCH_BLOCK];
} MarlPlayer;

void marl_player_begin(const MarlMatchRules *rules, const MarlStrategy *strategy,
                       MarlPlayer *player);

/* The moves of round `round`, from `word` [MARL_MATCH_BLOCK], which is not read unless
 * player->draws. */
void marl_player_decide(const MarlPlayer *player, int round, const uint32_t *word,
                        int32_t *restrict action);

/* What was played; `last`: in the last round of a match. */
void marl_player_observe(MarlPlayer *player, const int32_t *restrict own,
                         const int32_t *restrict other, bool last);

/* learner.c */
void marl_player_load(MarlPlayer *player, const MarlJointTable *tables); /* NULL: zeros */
void marl_player_store(const MarlPlayer *player, MarlJointTable *tables);
void marl_player_choose(const MarlPlayer *player, const uint32_t *word, int32_t *restrict action);
void marl_player_learn(MarlPlayer *player, const int32_t *restrict own,
                       const int32_t *restrict other, bool last);

#endif
