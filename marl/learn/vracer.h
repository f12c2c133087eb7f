/* The inside of learner_vracer.c, shared by its sources and its tests.
 *
 * V-RACER with ReF-ER (Novati and Koumoutsakos 2019): one network gives for each observation the
 * mean and the deviation of a Gaussian in x (the action before the squash) and the state value V.
 * For a sampled decision with behavior mu, ratio rho = pi(x|s)/mu(x|s) and Retrace target q
 * (sequences.h), with A = q - V held fixed,
 *
 *   L = 1/2 (V - v)^2 - [near] beta rho A + (1 - beta) KL(mu || pi),   v = V + min(1, rho) A
 *
 * (v fixed), averaged over the minibatch; `near` and beta are ReF-ER's (refer.h). With gate_value
 * the first term is [near] beta 1/2 (V - v)^2, as in the paper, whose rule holds for the whole
 * gradient; without, all decisions teach V, as in the authors' Korali. The squash does not
 * depend on the parameters, so rho and KL are those of the Gaussians before it. */
#ifndef MARL_LEARN_VRACER_H
#define MARL_LEARN_VRACER_H

#include "marl/learn/learner.h"
#include "marl/learn/sequences.h"
#include "marl/nn/adam.h"

typedef struct VracerParams {
  float gamma;
  double learning_rate, anneal;      /* rate / (1 + anneal t) */
  double cutoff, far_target;         /* ReF-ER's C and D */
  int interval, gradient_steps;      /* steps of an environment between updates; in an update */
  int minibatch;                     /* steps of environments, with all their agents */
  int64_t replay_size, replay_start; /* decisions over all shards */
  bool scale_reward;
  bool gate_value; /* the value's gradient is ReF-ER's, too */
} VracerParams;

/* Sums over a minibatch that travel behind the gradient. */
enum { VRACER_VALUE_LOSS, VRACER_POLICY_LOSS, VRACER_KL, VRACER_NUM_SUMS };

typedef struct Vracer {
  MarlLearner base;
  VracerParams params;
  int num_envs, num_agents;
  int num_shards, first_shard, own_shards;
  size_t obs_dim, act_dim, num_rows; /* num_rows = num_envs num_agents, of a shard */
  size_t start_layers;               /* steps in memory before the first update */
  MarlKey act_key, sample_key;
  MPI_Comm comm; /* borrowed */

  /* saved */
  int64_t update, step; /* done; a step is a gradient step */
  double beta;
  MarlSequences **shards; /* [own_shards] */
  MarlPolicy *policy;     /* role 0, set 0: a copy of the network without V */
  MarlMlpShape shape;     /* [means | y of the deviations | V] */
  size_t num_params;
  float *network; /* [num_params] */
  MarlAdam *adam;

  /* of an update */
  float bound, reward_scale;
  double far_share;
  double totals[VRACER_NUM_SUMS + 1]; /* and the norm of the gradient */

  MarlMlp *mlp;      /* MARL_MLP_BLOCK rows */
  float *shard_grad; /* [own_shards, num_params + VRACER_NUM_SUMS] */
  float *grad;       /* [num_params + VRACER_NUM_SUMS] */
  double *stats;     /* [num_shards, stats_size] what shards exchange */
  size_t stats_size;
  uint32_t *slots;    /* [most decisions of a shard in a minibatch, at least num_rows] */
  float *raw, *input; /* [block, obs_dim] as they come, normalized */
  float *output;      /* [block, 2 act_dim + 1] */
  float *output_grad; /* likewise */
  float *x, *mean, *log_std, *action; /* [block, act_dim] */
  float *value, *ratio;               /* [block] */
  float *log_prob, *old_log_prob;     /* [block] */
  MarlKey *keys;                      /* [block] */
  char *memory;
} Vracer;

extern const MarlLearnerOps marl_learner_vracer;

/* Outputs for `count` rows of vracer->input: mean, log_std, value (and output, as the network gives
 * it). At most MARL_MLP_BLOCK rows. */
void marl_vracer_forward(Vracer *vracer, size_t count);
void marl_vracer_sync_policy(Vracer *vracer); /* the policy from the network */

/* Observations in memory are still as they came: the normalizer knows nothing yet. */
bool marl_vracer_is_raw(const Vracer *vracer);

/* vracer_act.c */
MarlCode marl_vracer_act(MarlLearner *learner, int shard, MarlBatch *batch, MarlError *err);
MarlCode marl_vracer_observe(MarlLearner *learner, int shard, const MarlBatch *batch,
                             MarlError *err);

/* vracer_loss.c. At most MARL_MLP_BLOCK slots; values and ratios are written to their slots. */
void marl_vracer_look(Vracer *vracer, MarlSequences *sequences, size_t count,
                      const uint32_t *slots);
/* ... and the gradient of their loss, each with weight `share`, is added to grad and its sums. */
void marl_vracer_add_gradient(Vracer *vracer, MarlSequences *sequences, size_t count,
                              const uint32_t *slots, float share, float *grad);
/* Values of final observations; slots as marl_sequences_truncate returns them. */
void marl_vracer_look_at_finals(Vracer *vracer, MarlSequences *sequences, size_t count,
                                const uint32_t *slots);

/* vracer_update.c */
MarlCode marl_vracer_update(MarlLearner *learner, MarlStats *stats, MarlError *err);

/* vracer_start.c: the observation normalizer from all that is in memory, once; collective. */
MarlCode marl_vracer_rescale(Vracer *vracer, MarlError *err) MARL_NODISCARD;

/* vracer_store.c */
MarlCode marl_vracer_save(const MarlLearner *learner, MarlStore *to, MarlError *err);
MarlCode marl_vracer_load(MarlLearner *learner, MarlStore *from, MarlError *err);
MarlCode marl_vracer_save_shard(const MarlLearner *learner, int shard, MarlStore *to,
                                MarlError *err);
MarlCode marl_vracer_load_shard(MarlLearner *learner, int shard, MarlStore *from, MarlError *err);

#endif
