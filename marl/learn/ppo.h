/* The inside of learner_ppo.c and learner_reinforce.c, shared by their sources and tests.
 *
 * Proximal policy optimization (Schulman et al. 2017): for each (role, parameter set),
 *   L = - mean min(rho A, clip(rho, 1 - clip, 1 + clip) A) + c_v mean (V - R)^2 - c_e mean H,
 * rho = pi(a|s) / pi_old(a|s), A the generalized advantage (rollout.h), R = A + V_old. All means are
 * over the decisions of a minibatch, whichever shard they come from. The squash of an action does
 * not depend on the parameters, so rho is that of the Gaussian before it; H is the entropy of the
 * action as it is taken, inside its box (dist.h), in units of half the box's width. */
#ifndef MARL_LEARN_PPO_H
#define MARL_LEARN_PPO_H

#include "marl/learn/critic.h"
#include "marl/learn/deciders.h"
#include "marl/learn/learner.h"
#include "marl/learn/rollout.h"
#include "marl/learn/schedule.h"
#include "marl/nn/adam.h"

typedef struct PpoParams {
  float gamma, lambda, clip;
  float value_coefficient, entropy_coefficient, max_grad_norm;
  float target_kl; /* 0: no early stop */
  int horizon, epochs, minibatches;
  int sequence_length; /* of policies that remember: decisions through which gradients flow */
  bool normalize_advantage;
} PpoParams;

/* Sums over a minibatch that travel behind the gradient. */
enum { PPO_POLICY_LOSS, PPO_VALUE_LOSS, PPO_ENTROPY, PPO_KL, PPO_CLIPPED, PPO_NUM_SUMS };
/* Behind the sums, of policies that remember: decisions. Their gradients are sums until then. */
enum { PPO_COUNT = PPO_NUM_SUMS, PPO_TRAVEL };

/* Rows of a call in steps, as in gru.h; single decisions are one step. */
typedef struct PpoSteps {
  size_t count;
  const size_t *active; /* [count] */
} PpoSteps;

/* One (role, parameter set). */
typedef struct PpoGroup {
  int role, set;
  size_t policy_params, critic_params;
  size_t at;                              /* in a gradient: [policy | critic | sums] */
  double advantage_mean, advantage_scale; /* of this update */
  double samples;                         /* of this update, over all shards */
  bool stopped;                           /* target_kl was exceeded in this update */
} PpoGroup;

typedef struct PpoShard {
  MarlRollout *rollout;
  MarlNormalizer **seen; /* [groups] observations since the last update, then [1] states */
  int64_t acts;          /* calls of act so far: keys of the draws */
  uint32_t *sample;      /* [slots] slots of closed decisions, group after group */
  uint32_t *order;       /* [slots] permutation of each group's decisions */
  size_t *first;         /* [groups + 1] where a group starts in sample and order */
  /* of policies that remember; `order` is then one of sequences, from first_sequence on */
  float *memory;          /* [num_envs, num_agents, num_roles, remembered] */
  uint32_t *sequence;     /* [sequences + 1] where each starts in sample */
  size_t *first_sequence; /* [groups + 1] */
} PpoShard;

typedef struct Ppo {
  MarlLearner base;
  PpoParams params;
  int num_envs, num_agents, num_roles, obs_dim, act_dim, mask_dim;
  int state_dim;    /* of the critic */
  int memory;       /* units of the policy's recurrent layer; 0: none */
  int critic_units; /* of the critic's own, as many or 0 */
  int remembered;   /* by an agent in a role: the policy's units, then the critic's */
  int num_shards, first_shard, own_shards;
  int64_t update;
  MarlSchedule schedule;
  MarlKey act_key, shuffle_key;
  MPI_Comm comm; /* borrowed */
  MarlPolicy *policy;
  MarlCritic *critic;
  MarlAdam **policy_adam, **critic_adam; /* [num_roles] */
  MarlNormalizer *state_normalizer;      /* of the central state, else NULL */
  int num_groups;
  PpoGroup *groups; /* [num_groups], role by role */
  PpoShard *shards; /* [own_shards] */
  double *totals;   /* [num_groups, PPO_NUM_SUMS + 2] over an update: sums, gradient norm, steps */

  /* gradients */
  size_t grad_size;      /* of all groups */
  float *shard_grad;     /* [own_shards, grad_size] */
  float *grad;           /* [grad_size] */
  size_t stats_size;     /* widest row of statistics that shards exchange */
  double *stats;         /* [num_shards, stats_size] */
  double *sample_counts; /* [num_shards, num_groups] decisions to learn from */
  double *group_sums;    /* [num_groups] */

  /* one block of rows */
  uint32_t *rows;   /* [num_envs * num_agents] */
  uint32_t *sorted; /* [num_envs * num_agents] by parameter sets: marl_policy_sort_rows */
  MarlDeciders deciders;
  size_t *first_row;   /* [sets + 1] */
  float *raw;          /* [block, obs_dim] */
  float *input;        /* [block, obs_dim] normalized */
  float *critic_input; /* [block, state_dim + obs_dim]; is `input` when state_dim is 0 */
  float *output;       /* [block, widest output] */
  float *output_grad;  /* [block, widest output] */
  float *x, *action;   /* [block, act_dim] */
  float *x_grad;       /* [block, act_dim] */
  float *policy_memory, *critic_memory; /* [block, units] before the rows */
  float *trunk_grad;                    /* [block, widest trunk] of a shared critic */
  uint32_t *chosen, *block_slots;       /* [block] sequences; decisions */
  size_t *active;                       /* [block] rows of each step */
  int32_t *choice;                      /* [block, act_dim] */
  uint8_t *mask;                        /* [block, mask_dim] */
  MarlKey *keys;                        /* [block] */
  float *log_prob, *old_log_prob, *entropy, *weight, *entropy_weight; /* [block] */
  float *advantage, *target, *value, *value_grad;                     /* [block] */
  char *arena;
} Ppo;

extern const MarlLearnerOps marl_learner_ppo;

/* learner_ppo.c, for the learners that are made of the same parts. `config` holds adam_epsilon,
 * critic, critic_hidden, trunk_hidden and normalize_value. */
extern const char *const marl_ppo_critics[]; /* the choices of `critic` */
MarlCode marl_ppo_create(const MarlSection *config, const PpoParams *params,
                         const MarlLearnerInit *init, MarlLearner **out,
                         MarlError *err) MARL_NODISCARD;
void marl_ppo_destroy(MarlLearner *learner);
const MarlPolicy *marl_ppo_policy(const MarlLearner *learner);

int marl_ppo_group(const Ppo *ppo, int role, int set); /* its number */

/* What a role's critic reads: ppo->critic_input, or what the trunk of the policy said in its last forward. */
const float *marl_ppo_critic_input(const Ppo *ppo, int role);

/* Strike the illegal choices of the listed rows of `mask` [., mask_dim], if there are masks, out of
 * ppo->output. */
void marl_ppo_mask(Ppo *ppo, const MarlPolicyRole *role, size_t count, const uint32_t *rows,
                   const uint8_t *mask);

/* ppo_act.c */
MarlCode marl_ppo_act(MarlLearner *learner, int shard, MarlBatch *batch, MarlError *err);
MarlCode marl_ppo_observe(MarlLearner *learner, int shard, const MarlBatch *batch, MarlError *err);

/* ppo_loss.c: add the gradient of decisions of a group, weighted by 1 / `total`, to grad
 * [policy | critic | sums]. `sample` lists slots in `steps`, at most MARL_MLP_BLOCK of them. */
void marl_ppo_add_gradient(Ppo *ppo, const PpoGroup *group, const MarlRollout *rollout,
                           const PpoSteps *steps, const uint32_t *sample, double total,
                           float *grad);

/* ppo_sequences.c: sample, first, sequence and first_sequence of a shard; the gradients of `count`
 * sequences of a group, summed. */
void marl_ppo_sort_sequences(const Ppo *ppo, PpoShard *shard);
void marl_ppo_add_sequences(Ppo *ppo, const PpoGroup *group, const PpoShard *shard,
                            const uint32_t *order, size_t count, float *grad);
/* Memories of the rows `at` of `memory`, `stride` apart, into ppo->policy_memory and critic_memory;
 * those after the last forwards back to the listed rows; 0 where an episode has ended. */
void marl_ppo_recall(const Ppo *ppo, size_t count, const uint32_t *at, size_t stride,
                     const float *memory);
void marl_ppo_remember(const Ppo *ppo, PpoShard *shard, int role, size_t count,
                       const uint32_t *rows);
void marl_ppo_forget(const Ppo *ppo, PpoShard *shard, const MarlBatch *batch);

/* ppo_statistics.c: collective; every rank ends with the same bits. */
MarlCode marl_ppo_count_samples(Ppo *ppo, MarlError *err) MARL_NODISCARD;
MarlCode marl_ppo_scale_advantages(Ppo *ppo, MarlError *err) MARL_NODISCARD;
MarlCode marl_ppo_merge_returns(Ppo *ppo, MarlError *err) MARL_NODISCARD;
MarlCode marl_ppo_merge_observations(Ppo *ppo, MarlError *err) MARL_NODISCARD;
/* Number of decisions of a group in a shard, after count_samples. */
size_t marl_ppo_samples_of(const Ppo *ppo, int shard, int group);

/* ppo_update.c */
MarlCode marl_ppo_update(MarlLearner *learner, MarlStats *stats, MarlError *err);

/* ppo_store.c */
MarlCode marl_ppo_save(const MarlLearner *learner, MarlStore *to, MarlError *err);
MarlCode marl_ppo_load(MarlLearner *learner, MarlStore *from, MarlError *err);
MarlCode marl_ppo_save_shard(const MarlLearner *learner, int shard, MarlStore *to, MarlError *err);
MarlCode marl_ppo_load_shard(MarlLearner *learner, int shard, MarlStore *from, MarlError *err);

#endif
