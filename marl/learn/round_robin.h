/* A round robin: every player against every other and against itself, in an environment of two agents.
 *
 * In each episode a pair plays twice, with the agents exchanged, in the same world (sides.h), so that an
 * environment that favors one agent favors nobody; a player against itself plays once. What comes of
 * it is a function of the players and the key, whatever the order of the players. */
#ifndef MARL_LEARN_ROUND_ROBIN_H
#define MARL_LEARN_ROUND_ROBIN_H

#include "marl/learn/elo.h"
#include "marl/learn/sides.h"

enum { MARL_MAX_CONTESTANTS = MARL_ELO_MAX_PLAYERS };

typedef struct MarlContestant {
  const char *name; /* unique */
  MarlSide side;
} MarlContestant;

typedef struct MarlRoundRobin {
  MarlSidesWorld world;
  const MarlContestant *player; /* [num_players] */
  int num_players;              /* 2 .. MARL_MAX_CONTESTANTS */
  int episodes;                 /* at least 2, for an interval */
  double
      *returns; /* [players, players, episodes] filled: of the first against the second; or NULL */
} MarlRoundRobin;

/* [i][j]: of player i against j; intervals hold 95 %. */
typedef struct MarlRoundRobinResult {
  double mean[MARL_MAX_CONTESTANTS][MARL_MAX_CONTESTANTS]; /* return of an episode, over episodes */
  MarlInterval interval[MARL_MAX_CONTESTANTS][MARL_MAX_CONTESTANTS]; /* Student's */
  double wins[MARL_MAX_CONTESTANTS][MARL_MAX_CONTESTANTS]; /* share of games with the higher return,
                                                              ties half */
  double
      score[MARL_MAX_CONTESTANTS]; /* mean return against all, itself among them (Axelrod 1980) */
  MarlInterval score_interval[MARL_MAX_CONTESTANTS]; /* Student's, of the scores of episodes */
  double elo[MARL_MAX_CONTESTANTS]; /* of the wins of episodes (elo.h), self-play left out */
  MarlInterval elo_interval[MARL_MAX_CONTESTANTS];
  int by_name[MARL_MAX_CONTESTANTS]; /* the players in the order of their names */
} MarlRoundRobinResult;

/* MARL_ECONFIG where the environment has not two agents, a name is there twice or a policy does not go
 * with the environment. */
MarlCode marl_round_robin(const MarlRoundRobin *task, MarlRoundRobinResult *out,
                          MarlError *err) MARL_NODISCARD;

#endif
