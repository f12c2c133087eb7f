/* The inside of learner_tabular_q.c, shared by its sources.
 *
 * Q-learning with tables (Watkins and Dayan 1992) of each (role, parameter set):
 *
 *   Q(s, a) += learning_rate (r + gamma (terminal ? 0 : max_b Q(s', b)) - Q(s, a)),
 *
 * s an observation as it is (table.h), b a legal choice. r is what the decision has earned until its agent decides in
 * the role again, and s' what it then sees; after termination there is no s', after truncation it is
 * the final observation, if it is of that role, else the decision is dropped (vec_env.h). A
 * transition is learned from when it is complete, before the next decision, one after the other in
 * the order of shards, environments, agents and roles. Every rank learns from all of them, so that
 * tables are alike on any number of ranks. */
#ifndef MARL_LEARN_LEARNER_TABULAR_Q_H
#define MARL_LEARN_LEARNER_TABULAR_Q_H

#include "marl/learn/learner.h"

/* Of one role. */
typedef struct TabularParams {
  double gamma, learning_rate;
  double epsilon_start, epsilon_end, epsilon_steps;
} TabularParams;

/* Stages of a stream's last decision. */
typedef enum TabularStage {
  TABULAR_NONE,
  TABULAR_OPEN,
  TABULAR_FOLLOWED,
  TABULAR_ENDED
} TabularStage;

/* Of one shard; a stream is an agent of an environment in a role: [num_rows, num_roles]. */
typedef struct TabularShard {
  int64_t acts;                   /* calls of act so far: keys of the draws */
  int64_t *episodes;              /* [num_envs] that have ended */
  uint8_t *stage;                 /* [streams] */
  size_t num_complete, *complete; /* [streams] those whose last decision is over, in order */
  int32_t *choice;                /* [streams] */
  double *reward;                 /* [streams] that the decision has collected */
  float *obs, *next;              /* [streams, obs_dim] that it was taken from; that followed */
  uint8_t *legal;                 /* [streams, mask_dim] choices in what followed, or NULL */
} TabularShard;

/* Sums since the last report. */
enum { TABULAR_ERROR, TABULAR_VALUE, TABULAR_COUNT, TABULAR_NUM_SUMS };

typedef struct TabularQ {
  MarlLearner base;
  TabularParams *params; /* [num_roles] */
  int64_t epsilon_episodes;
  int interval; /* steps between reports */
  int num_envs, num_agents, num_roles, num_sets;
  size_t obs_dim, act_dim, mask_dim, num_rows; /* num_rows = num_envs num_agents, of a shard */
  int num_shards, first_shard, own_shards;
  MarlKey act_key;
  MPI_Comm comm; /* borrowed */

  /* saved */
  int64_t steps; /* of each environment */
  double sums[TABULAR_NUM_SUMS];
  MarlPolicy *policy;
  TabularShard *shards; /* [own_shards] */

  double *counts; /* [num_shards] complete transitions of an update */
  size_t *sizes;  /* [num_shards] doubles that they travel as */
  double *travel; /* [travel_size] a shard's transitions on their way between ranks */
  size_t travel_size;
  char *arena;
} TabularQ;

/* learner_tabular_q_update.c */
MarlCode marl_tabular_q_update(MarlLearner *learner, MarlStats *stats, MarlError *err);
double marl_tabular_q_epsilon(const TabularQ *q, int role, int64_t acts, int64_t episodes);

#endif
