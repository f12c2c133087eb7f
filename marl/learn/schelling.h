/* A Schelling diagram (Schelling 1973): what a cooperator and a defector earn among so many cooperators.
 * Each side is a policy that the environment plays by itself, or a trained one that does not learn.
 *
 * In episode e of each number of cooperators the world has the same key, and who cooperates is the same
 * random order cut at another place, so that points differ by what agents do. Rewards are the environment's,
 * all roles together; nothing is shared (env.common_reward is not asked). Rank-local. */
#ifndef MARL_LEARN_SCHELLING_H
#define MARL_LEARN_SCHELLING_H

#include "marl/learn/interval.h"
#include "marl/learn/policy.h"

enum { MARL_SCHELLING_COOPERATOR, MARL_SCHELLING_DEFECTOR };

typedef struct MarlSchellingSide {
  const char *scripted;     /* as env.policies names it, or NULL: */
  const MarlPolicy *policy; /* borrowed */
} MarlSchellingSide;

typedef struct MarlSchellingTask {
  const MarlEnvOps *ops;
  const MarlSection *config; /* section "env" */
  MarlSchellingSide side[2];
  int episodes;    /* at least 2, for an interval */
  double discount; /* a reward in step t counts discount^t, t from 0 */
  bool greedy;     /* trained sides: most probable or mean action, else sampled */
  MarlKey key;
} MarlSchellingTask;

/* Means over episodes with Student's 95 % intervals; NaN of a side that nobody is on. */
typedef struct MarlSchellingPoint {
  double mean[2], total; /* return of an agent of each side; of all agents together */
  MarlInterval interval[2], total_interval;
} MarlSchellingPoint;

/* With `cooperators` of the environment's agents, who are *num_agents. MARL_ECONFIG where a policy does
 * not go with the environment. */
MarlCode marl_schelling_point(const MarlSchellingTask *task, int cooperators,
                              MarlSchellingPoint *out, MarlError *err) MARL_NODISCARD;
MarlCode marl_schelling_agents(const MarlSchellingTask *task, int *num_agents,
                               MarlError *err) MARL_NODISCARD;

#endif
