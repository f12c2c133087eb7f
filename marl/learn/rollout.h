/* What an on-policy learner remembers of one shard: decisions, their rewards, their advantages.
 *
 * Slots [depth, N] with N = E A rows (agents of environments): `num_roles` layers of decisions
 * carried over from the last rollout, then `horizon` layers, one a step. A slot holds at most one
 * decision. Each agent and role is a stream of its own: the decision is open from the step it is
 * taken until the agent next decides in that role or its episode ends, and collects that role's
 * reward meanwhile. A reward before an agent's first decision in a role belongs to no decision.
 *
 *   delta_i = r_i + gamma V_{i+1} - V_i,   A_i = delta_i + gamma lambda A_{i+1}
 *
 * over the decisions i of a stream (Schulman et al. 2016, eq. 16); gamma counts decisions.
 * V_{i+1} is 0 after termination, the value of the final observation after truncation, and the
 * value of the current observation where the rollout ends; there A_{i+1} = 0. A decision that is
 * not over when time is up, because its agent is not to decide in that role next, is dropped: the
 * stream ends with the value of its observation. A decision that is
 * still open when the rollout ends, because its agent is not deciding in that role, is carried. */
#ifndef MARL_LEARN_ROLLOUT_H
#define MARL_LEARN_ROLLOUT_H

#include <stdbool.h>
#include <stdint.h>

#include "marl/core/error.h"
#include "marl/core/store.h"

enum { MARL_NO_ROLE = 255 };

typedef struct MarlRolloutShape {
  size_t rows; /* N */
  int num_roles, horizon;
  int obs_dim, act_dim;
  int state_dim, mask_dim, memory_dim; /* 0: none kept */
  int bits; /* the first so many numbers of an observation are 0 or 1, and kept as bits */
} MarlRolloutShape;

typedef struct MarlRollout {
  MarlRolloutShape shape;
  int step;           /* steps recorded in this rollout, 0 .. horizon */
  uint8_t *role;      /* [depth, N] MARL_NO_ROLE: no decision here */
  uint8_t *closed;    /* [depth, N] reward and next_value are final */
  uint8_t *chained;   /* [depth, N] closed by a later decision of this rollout */
  float *obs;         /* [depth, N, obs_dim - bits] as the network sees it; keep_obs, read_obs */
  uint32_t *obs_bits; /* [depth, N, words of 32 bits] what stands in front of it, or NULL */
  float *state;       /* [depth, N, state_dim] or NULL */
  uint8_t *mask;      /* [depth, N, mask_dim] or NULL */
  float *memory;      /* [depth, N, memory_dim] before the decision, or NULL */
  float *act;         /* [depth, N, act_dim] before squashing; choices as floats */
  float *log_prob;    /* [depth, N] under the policy that acted */
  float *value;       /* [depth, N] */
  float *reward;      /* [depth, N] summed while open */
  float *next_value;  /* [depth, N] V_{i+1} once closed */
  float *advantage;   /* [depth, N] after marl_rollout_advantages */
  int32_t *open;      /* [N, num_roles] slot of the open decision, -1 if none */
  float *tail;        /* [N, num_roles] scratch of the recursion */
  char *arena;        /* the block behind all of these */
} MarlRollout;

MarlCode marl_rollout_create(const MarlRolloutShape *shape, MarlRollout **out,
                             MarlError *err) MARL_NODISCARD;
void marl_rollout_destroy(MarlRollout **rollout);

/* Keep and read what a decision saw, obs [dim], dim at most obs_dim. False, and nothing is kept, if one of the first
 * `bits` numbers is neither 0 nor 1. rollout_obs.c */
bool marl_rollout_keep_obs(MarlRollout *rollout, size_t slot, size_t dim, const float *obs);
void marl_rollout_read_obs(const MarlRollout *rollout, size_t slot, size_t dim, float *obs);
void marl_rollout_move_obs(MarlRollout *rollout, size_t to, size_t from); /* slots */
size_t marl_rollout_num_words(const MarlRolloutShape *shape);             /* of a slot */

size_t marl_rollout_num_slots(const MarlRollout *rollout);        /* depth N */
size_t marl_rollout_slot(const MarlRollout *rollout, size_t row); /* of this step's decision */

/* Row decides in `role` with `value`: closes the stream's open decision, opens this step's slot.
 * The caller fills obs, state, mask, memory, act, log_prob of the slot. */
void marl_rollout_decide(MarlRollout *rollout, size_t row, int role, float value);
/* A reward of this step to the stream of (row, role). */
void marl_rollout_reward(MarlRollout *rollout, size_t row, int role, float reward);
/* Close the open decision of (row, role), if there is one. */
void marl_rollout_close(MarlRollout *rollout, size_t row, int role, float next_value);
/* Forget it, if there is one: time was up before it was over. Nothing is learned from it; the
 * decision before it keeps its value as V_{i+1}, and A_{i+1} = 0 there. */
void marl_rollout_drop(MarlRollout *rollout, size_t row, int role);

/* A_i of every closed decision; 0 for open ones. */
void marl_rollout_advantages(MarlRollout *rollout, float gamma, float lambda);
/* Begin the next rollout: open decisions move to the carried layers, all others are forgotten. */
void marl_rollout_restart(MarlRollout *rollout);

MarlCode marl_rollout_save(const MarlRollout *rollout, MarlStore *to,
                           MarlError *err) MARL_NODISCARD;
MarlCode marl_rollout_load(MarlRollout *rollout, MarlStore *from, MarlError *err) MARL_NODISCARD;

#endif
