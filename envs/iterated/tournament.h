/* A round robin: every strategy against every other and against itself.
 *
 * Every pair plays `repetitions` matches. A deterministic pair without noise plays one block only,
 * whose matches are all alike. */
#ifndef MARL_ENVS_ITERATED_TOURNAMENT_H
#define MARL_ENVS_ITERATED_TOURNAMENT_H

#include "envs/iterated/match.h"

enum { MARL_MAX_TOURNAMENT = 32 };

typedef struct MarlTournament {
  MarlMatchRules rules;
  int repetitions;    /* matches a pair; rounded up to a multiple of MARL_MATCH_BLOCK */
  bool self_play;     /* the score counts matches against its own kind */
  int num_strategies; /* 1 .. MARL_MAX_TOURNAMENT */
  MarlStrategy strategy[MARL_MAX_TOURNAMENT];
} MarlTournament;

/* Mean payoff and cooperation a round of strategy i against j: [i][j]. */
typedef struct MarlTournamentResult {
  double payoff[MARL_MAX_TOURNAMENT][MARL_MAX_TOURNAMENT];
  double cooperation[MARL_MAX_TOURNAMENT][MARL_MAX_TOURNAMENT];
} MarlTournamentResult;

MarlCode marl_tournament_check(const MarlTournament *tournament, MarlError *err) MARL_NODISCARD;

/* A function of the tournament and the key. */
void marl_tournament_run(const MarlTournament *tournament, MarlKey key, MarlTournamentResult *out);

/* Mean payoff a round of strategy i over its opponents, each with the same weight; its rate of
 * cooperation. One strategy alone plays itself. */
double marl_tournament_score(const MarlTournament *tournament, const MarlTournamentResult *result,
                             int strategy);
double marl_tournament_cooperation(const MarlTournament *tournament,
                                   const MarlTournamentResult *result, int strategy);

#endif
