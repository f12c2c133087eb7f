/* The inside of learner_dqn.c, shared by its sources and its tests.
 *
 * Deep Q-learning (Mnih et al. 2015) of each (role, parameter set): the network gives a value for
 * each action, and over a minibatch drawn uniformly from memory (transitions.h)
 *
 *   y = r + gamma (terminal ? 0 : Q_target(s', a'))
 *   L = mean h(Q(s, a) - y),   h(e) = e^2/2, and beyond |e| = huber: huber (|e| - huber/2)
 *
 * with y held fixed; a' is the best action by Q (double Q-learning, van Hasselt, Guez and Silver
 * 2016), else by Q_target. Q_target is the Q of some gradient steps ago. Q is the policy's network:
 * the greedy policy takes the action of the highest value, a drawn action is uniform with
 * probability epsilon.
 *
 * Gradient steps are taken every `interval` steps by all groups, over all shards; or each group takes
 * them after every transition of its own, in the one shard, before anybody decides again. Networks of
 * one hidden ReLU layer have kernels of their own (marl/nn/value_net.h). */
#ifndef MARL_LEARN_LEARNER_DQN_H
#define MARL_LEARN_LEARNER_DQN_H

#include "marl/learn/deciders.h"
#include "marl/learn/learner.h"
#include "marl/learn/schedule.h"
#include "marl/learn/transitions.h"
#include "marl/nn/adam.h"
#include "marl/nn/value_net.h"

typedef struct DqnParams {
  float huber; /* 0: the error is squared however large */
  float max_grad_norm;
  bool double_q;
  bool every_transition;        /* learn after each, not every interval */
  int interval, gradient_steps; /* steps of an environment between updates; in an update */
  int minibatch;                /* transitions of each group, over all shards */
  int64_t target_interval;      /* gradient steps of a group */
  int64_t replay_start; /* steps of environments over all shards; or transitions of a group */
} DqnParams;

/* What may differ by role. */
typedef struct DqnRole {
  double gamma, learning_rate;
  double replay_size; /* transitions of each group, over all shards; whole */
  double epsilon_start, epsilon_end;
  double epsilon_steps; /* of environments over all shards; or gradient steps of a group */
  bool narrow;          /* its network is a value_net of this shape */
  MarlValueShape shape;
} DqnRole;

/* Sums over a minibatch that travel behind the gradient. */
enum { DQN_LOSS, DQN_VALUE, DQN_NUM_SUMS };
/* ... and what is kept of a group's gradient steps: the sums, the gradient's norm, their number. */
enum { DQN_TOTAL_NORM = DQN_NUM_SUMS, DQN_TOTAL_STEPS, DQN_NUM_TOTALS };

/* One (role, parameter set). */
typedef struct DqnGroup {
  int role, set;
  size_t num_params;
  size_t at;        /* in a gradient: [network | sums] */
  size_t target_at; /* in `target` */
  int64_t steps;    /* gradient steps that it has taken; saved */
  double samples;   /* in a minibatch of this update, over all shards */
} DqnGroup;

typedef struct DqnShard {
  MarlTransitions *memory;
  MarlNormalizer **seen; /* [groups] observations since the last update, NULL: no normalizers */
  int64_t acts;          /* calls of act so far: keys of the draws, and the clock */
} DqnShard;

typedef struct DqnLearner {
  MarlLearner base;
  DqnParams params;
  DqnRole *roles; /* [num_roles] */
  int num_envs, num_agents, num_roles, num_sets;
  size_t obs_dim, act_dim, mask_dim, num_rows; /* num_rows = num_envs num_agents, of a shard */
  int num_shards, first_shard, own_shards;
  MarlSchedule schedule;
  int64_t start_steps; /* of each environment before the first update */
  MarlKey act_key, sample_key;
  MPI_Comm comm; /* borrowed */

  /* saved */
  int64_t update;     /* done */
  MarlPolicy *policy; /* Q */
  size_t target_size;
  float *target;    /* [target_size] parameters of Q_target, group after group */
  MarlAdam **adam;  /* [num_roles] */
  DqnShard *shards; /* [own_shards] */
  int num_groups;
  DqnGroup *groups; /* [num_groups], role by role */

  /* of an update */
  double *totals; /* [num_groups, DQN_NUM_TOTALS] since the last one; saved */
  size_t grad_size;
  float *shard_grad; /* [own_shards, grad_size] */
  float *grad;       /* [grad_size] */
  size_t stats_size; /* numbers that a shard tells the others */
  double *stats;     /* [num_shards, stats_size] */

  MarlDeciders deciders;
  uint8_t *mask;               /* [block, mask_dim] */
  uint32_t *sampled;           /* [most transitions of a shard in a minibatch] */
  float *raw, *input;          /* [block, obs_dim] as they come, normalized; equal rows once */
  int32_t *row;                /* [block] the row of input that a transition uses */
  float *output, *output_grad; /* [block, most choices] */
  float *next_value;           /* [block, most choices] of Q_target */
  float *best;                 /* [block] value of the best next action, of a row of input */
  float *goal;                 /* [block] y */
  float *action;               /* [block] */
  MarlKey *keys;               /* [block] */
  char *arena;
} DqnLearner;

extern const MarlLearnerOps marl_learner_dqn;

/* learner_dqn_config.c: into params and roles [num_roles of env]. */
enum { DQN_NUM_OPTIONS = 19 };
extern const MarlOption marl_dqn_options[DQN_NUM_OPTIONS];
extern const MarlPreset marl_dqn_presets[];
MarlCode marl_dqn_read_params(const MarlSection *config, const MarlEnvSpec *env, int num_shards,
                              DqnParams *params, DqnRole *roles, MarlError *err);

/* learner_dqn_act.c */
MarlCode marl_dqn_learner_act(MarlLearner *learner, int shard, MarlBatch *batch, MarlError *err);
MarlCode marl_dqn_learner_observe(MarlLearner *learner, int shard, const MarlBatch *batch,
                                  MarlError *err);

/* learner_dqn_loss.c: of the transitions `sampled` [count] of a group's replay, at most
 * MARL_MLP_BLOCK of them. y into dqn->goal. */
void marl_dqn_learner_goals(DqnLearner *dqn, const DqnGroup *group, const MarlReplay *replay,
                            size_t count, const uint32_t *sampled);
/* ... and the gradient of their loss, each weighted by 1 / `total`, is added to grad
 * [network | sums]. */
void marl_dqn_learner_add_gradient(DqnLearner *dqn, const DqnGroup *group, const MarlReplay *replay,
                                   size_t count, const uint32_t *sampled, double total,
                                   float *grad);

/* learner_dqn_update.c */
void marl_dqn_learner_copy_target(DqnLearner *dqn, const DqnGroup *group); /* Q_target = Q */
/* The gradient steps that follow a transition of group number g. */
MarlCode marl_dqn_learner_learn(DqnLearner *dqn, int g, MarlError *err);
MarlCode marl_dqn_learner_update(MarlLearner *learner, MarlStats *stats, MarlError *err);

/* learner_dqn_store.c */
MarlCode marl_dqn_learner_save(const MarlLearner *learner, MarlStore *to, MarlError *err);
MarlCode marl_dqn_learner_load(MarlLearner *learner, MarlStore *from, MarlError *err);
MarlCode marl_dqn_learner_save_shard(const MarlLearner *learner, int shard, MarlStore *to,
                                     MarlError *err);
MarlCode marl_dqn_learner_load_shard(MarlLearner *learner, int shard, MarlStore *from,
                                     MarlError *err);

#endif
