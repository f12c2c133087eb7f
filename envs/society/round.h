/* One round of a pairing: who moved, who judged, what was paid. */
#ifndef MARL_ENVS_SOCIETY_ROUND_H
#define MARL_ENVS_SOCIETY_ROUND_H

#include <stdbool.h>

#include "envs/game/game.h"
#include "envs/game/price.h"

enum { MARL_MAX_JUDGES = 12 }; /* asked in one round */

/* Judges are players or bystanders. */
enum { MARL_DIRECT = 0, MARL_OUTSIDE = 1 };

typedef struct MarlJudge {
  int agent;
  int side;      /* judges player[side], or the judge of that player who forgave it */
  int about;     /* number of the judge it judges, -1: a player */
  int from;      /* MARL_DIRECT or MARL_OUTSIDE */
  int mechanism; /* that asks it: number in the rules' list */
  int decision;  /* 0 is to forgive */
  float reward;
  float fine;    /* taken from the judged by this verdict */
  float utility; /* what the judge learns from; reward unless its rules are intrinsic */
} MarlJudge;

/* One round; of an alternating game one move. */
typedef struct MarlRound {
  int player[2];    /* selector, partner */
  int action[2];    /* of the one that did not move: its last action */
  bool moved[2];    /* both, in a game with a table */
  bool last;        /* of its pairing */
  bool terminal;    /* nothing comes after: an alternating game ended */
  float reward[2];  /* payoff less fines; of an alternating game, of the pairing so far */
  float utility[2]; /* what the players learn from; reward unless the rules are intrinsic */
  int num_judges, num_decided;      /* those after num_decided are to decide yet */
  MarlJudge judge[MARL_MAX_JUDGES]; /* in the order of the rules' mechanisms, as they are asked */
} MarlRound;

#endif
