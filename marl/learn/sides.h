/* Episodes whose agents are on two sides, each a policy that the environment plays by itself or a
 * trained one that does not learn.
 *
 * The world of episode e and the draws of each agent in it are functions of the key, of e and of the
 * agent, whoever plays: what differs between two episodes of one number is what agents do. Rewards
 * are the environment's, all roles together; nothing is shared (env.common_reward is not asked).
 * Rank-local. */
#ifndef MARL_LEARN_SIDES_H
#define MARL_LEARN_SIDES_H

#include "marl/learn/policy.h"

enum { MARL_SIDES_MAX_AGENTS = 64 };

typedef struct MarlSide {
  const char *scripted;     /* as env.policies names it, or NULL: */
  const MarlPolicy *policy; /* borrowed */
} MarlSide;

typedef struct MarlSidesWorld {
  const MarlEnvOps *ops;
  const MarlSection *config; /* section "env" */
  double discount;           /* a reward in step t counts discount^t, t from 0 */
  bool greedy;               /* trained sides: most probable or mean action, else sampled */
  MarlKey key;
} MarlSidesWorld;

/* MARL_ECONFIG where the environment cannot be made or has more than MARL_SIDES_MAX_AGENTS. */
MarlCode marl_sides_agents(const MarlSidesWorld *world, int *num_agents,
                           MarlError *err) MARL_NODISCARD;

/* Episode `number` with agent a on side of[a], [num_agents] 0 or 1; earned [num_agents] are the
 * returns. MARL_ECONFIG where a policy does not go with the environment. */
MarlCode marl_sides_play(const MarlSidesWorld *world, const MarlSide side[2], int num_agents,
                         const uint8_t *of, int number, double *earned,
                         MarlError *err) MARL_NODISCARD;

#endif
