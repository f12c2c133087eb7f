/* One deep Q-learner: one decider in one role, the engine of the societies of `marl compare`. (The
 * learner `dqn` of `marl train`, for any environment, is learner_dqn.h.) Mnih et al. 2015, without
 * images.
 *
 *   target = reward + gamma (1 - terminal) max_k q_target(next obs, k)
 *   loss   = mean over the batch of Huber(q(obs, choice) - target)      (double: van Hasselt 2016,
 *            q_target at the choice that q prefers)
 *
 * Adam; the target network is copied every `copy_every` learning steps; exploration is uniform
 * with probability epsilon, which falls after each learning step by epsilon_decay of its range,
 * down to epsilon_min. Everything random is a function of the key and of the learner's own counts
 * of acts and learning steps. */
#ifndef MARL_LEARN_DQN_H
#define MARL_LEARN_DQN_H

#include <stdbool.h>

#include "marl/learn/replay.h"
#include "marl/nn/adam.h"
#include "marl/nn/value_net.h"

typedef struct MarlDqnParams {
  int hidden;     /* units of the hidden layer */
  int batch;      /* transitions of a learning step, <= MARL_REPLAY_MAX_BATCH */
  int capacity;   /* transitions remembered */
  int warmup;     /* transitions before the first learning step, >= batch */
  int copy_every; /* learning steps between copies to the target network */
  bool double_q;
  float learning_rate, gamma;
  float huber; /* where the loss turns from quadratic to linear */
  float epsilon_max, epsilon_min, epsilon_decay;
} MarlDqnParams;

typedef struct MarlDqn MarlDqn;

MarlCode marl_dqn_create(const MarlDqnParams *params, int num_inputs, int num_choices, MarlKey key,
                         MarlDqn **out, MarlError *err) MARL_NODISCARD;
void marl_dqn_destroy(MarlDqn **dqn);

/* The choice for obs [num_inputs]. Exploring draws count as acts; greedy ones change nothing. */
int marl_dqn_explore(MarlDqn *dqn, const float *obs);
int marl_dqn_greedy(const MarlDqn *dqn, const float *obs);
void marl_dqn_values(const MarlDqn *dqn, const float *obs, float *q); /* [num_choices] */

void marl_dqn_store(MarlDqn *dqn, const float *obs, int choice, float reward, const float *next_obs,
                    bool terminal);
/* One learning step; false, and nothing happens, during warm-up. */
bool marl_dqn_learn(MarlDqn *dqn);

float marl_dqn_epsilon(const MarlDqn *dqn);
int64_t marl_dqn_learning_steps(const MarlDqn *dqn);
const MarlValueShape *marl_dqn_shape(const MarlDqn *dqn);
const float *marl_dqn_network(const MarlDqn *dqn); /* layout of marl/nn/value_net.h */

MarlCode marl_dqn_save(const MarlDqn *dqn, MarlStore *to, MarlError *err) MARL_NODISCARD;
MarlCode marl_dqn_load(MarlDqn *dqn, MarlStore *from, MarlError *err) MARL_NODISCARD;

#endif
