/* A Schelling diagram (Schelling 1973): what a cooperator and a defector earn among so many cooperators,
 * by episodes of two sides (sides.h).
 *
 * Who cooperates in episode e is, for each number of cooperators, the same random order cut at another
 * place, so that points differ by what agents do. */
#ifndef MARL_LEARN_SCHELLING_H
#define MARL_LEARN_SCHELLING_H

#include "marl/learn/interval.h"
#include "marl/learn/sides.h"

enum { MARL_SCHELLING_COOPERATOR, MARL_SCHELLING_DEFECTOR };

typedef struct MarlSchellingTask {
  MarlSidesWorld world;
  MarlSide side[2];
  int episodes; /* at least 2, for an interval */
} MarlSchellingTask;

/* Means over episodes with Student's 95 % intervals; NaN of a side that nobody is on. */
typedef struct MarlSchellingPoint {
  double mean[2], total; /* return of an agent of each side; of all agents together */
  MarlInterval interval[2], total_interval;
} MarlSchellingPoint;

/* With `cooperators` of the environment's `num_agents` (marl_sides_agents). MARL_ECONFIG where a policy
 * does not go with the environment. */
MarlCode marl_schelling_point(const MarlSchellingTask *task, int num_agents, int cooperators,
                              MarlSchellingPoint *out, MarlError *err) MARL_NODISCARD;

#endif
