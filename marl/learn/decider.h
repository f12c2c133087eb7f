/* A policy decides for every agent of a batch that is to decide, without a learner. What a policy with
 * memory remembers begins with the decider, and anew with each episode. */
#ifndef MARL_LEARN_DECIDER_H
#define MARL_LEARN_DECIDER_H

#include "marl/learn/deciders.h"

/* Scratch for batches of one shape. */
typedef struct MarlDecider {
  const MarlPolicy *policy; /* borrowed, as is: */
  const MarlEnvSpec *spec;
  MarlDeciders deciders;
  MarlKey *keys;     /* [E A] */
  float *obs, *act;  /* [E A, obs_dim], [E A, act_dim] */
  uint8_t *mask;     /* [E A, mask_dim] */
  size_t memory;     /* M of the widest role; 0: nothing is remembered */
  float *remembered; /* [num_roles, E A, memory] */
  float *now;        /* [E A, memory] of those who decide */
} MarlDecider;

MarlCode marl_decider_create(const MarlPolicy *policy, const MarlEnvSpec *spec, int num_envs,
                             MarlDecider *out, MarlError *err) MARL_NODISCARD;
void marl_decider_clear(MarlDecider *decider); /* zeroed is accepted */

/* Writes batch->act. `key` of this step: agent a of environment e draws with
 * fold(fold(key, first_env + e), a); NULL: the mean or the most probable action. */
void marl_decider_act(MarlDecider *decider, MarlBatch *batch, const MarlKey *key, int first_env);

#endif
