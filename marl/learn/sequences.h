/* What an off-policy learner remembers of one shard: the last `capacity` steps of its environments.
 *
 * Slots [capacity, N], N rows (agents of environments): layer t mod capacity holds step t of every
 * row, so that a row's column holds its episodes one after the other, in order, and the oldest step
 * makes room for the newest. With the value V_t and the ratio rho_t = pi(a_t|s_t) / mu(a_t|s_t) that
 * were last computed for a slot, a sweep from the newest layer to the oldest gives the targets
 *
 *   q_t = s r_t + gamma v_{t+1},   v_t = V_t + min(1, rho_t) (q_t - V_t)
 *
 * (Retrace with lambda = 1 on state values: Munos et al. 2016, Novati and Koumoutsakos 2019, eq. 10),
 * s a scale of the rewards. v_{t+1} is 0 after termination and the value of the final observation
 * after truncation. The newest step, whose successor has no value yet, has no target. */
#ifndef MARL_LEARN_SEQUENCES_H
#define MARL_LEARN_SEQUENCES_H

#include <stdint.h>

#include "marl/core/error.h"
#include "marl/core/store.h"

typedef enum MarlSequenceEnd {
  MARL_SEQUENCE_GOES_ON,
  MARL_SEQUENCE_TERMINATED,
  MARL_SEQUENCE_TRUNCATED,
  MARL_SEQUENCE_ABSENT, /* no decision: the agent is gone, its environment's episode goes on */
} MarlSequenceEnd;

typedef struct MarlSequenceShape {
  size_t rows;     /* N */
  size_t capacity; /* layers, at least 2 */
  int obs_dim, act_dim;
  int max_steps; /* time limit of the environments, 0: none */
} MarlSequenceShape;

typedef struct MarlSequences {
  MarlSequenceShape shape;
  int64_t steps;        /* recorded so far */
  uint8_t *end;         /* [capacity, N] MarlSequenceEnd */
  uint32_t *final_slot; /* [capacity, N] slot of the final observation of a truncated step */
  float *obs;           /* [capacity, N, obs_dim] as the network sees it */
  float *x;             /* [capacity, N, act_dim] before squashing */
  float *mean;          /* [capacity, N, act_dim] of mu, the policy that acted */
  float *log_std;       /* [capacity, N, act_dim] of mu */
  float *log_prob;      /* [capacity, N] log mu(a|s) */
  float *reward;        /* [capacity, N] */
  float *value;         /* [capacity, N] V */
  float *ratio;         /* [capacity, N] rho */
  float *target;        /* [capacity, N] q, after marl_sequences_retrace */
  size_t num_finals;    /* truncations a row can have within capacity steps */
  uint32_t *ended;      /* [N] truncations of a row so far, modulo num_finals */
  float *final_obs;     /* [num_finals, N, obs_dim] */
  float *final_value;   /* [num_finals, N] */
  float *next;          /* [N] scratch of the sweep */
  char *memory;         /* the block behind all of these */
} MarlSequences;

MarlCode marl_sequences_create(const MarlSequenceShape *shape, MarlSequences **out,
                               MarlError *err) MARL_NODISCARD;
void marl_sequences_destroy(MarlSequences **sequences);

size_t marl_sequences_num_layers(const MarlSequences *sequences); /* that hold a step */
/* Slot of row 0 in the step that is `age` steps older than the newest. */
size_t marl_sequences_layer(const MarlSequences *sequences, size_t age);
/* Slot of row 0 in the step to be recorded next; marl_sequences_advance records it. */
size_t marl_sequences_next_layer(const MarlSequences *sequences);
void marl_sequences_advance(MarlSequences *sequences);

/* The row's episode was truncated in the step to be recorded next: marks the slot and returns that
 * of its final observation, which the caller fills. */
size_t marl_sequences_truncate(MarlSequences *sequences, size_t row);

/* Decisions in memory, how many are far from the policy (refer.h), and the sum of r^2. */
typedef struct MarlSequenceSums {
  double decisions, far, squared_reward;
} MarlSequenceSums;
MarlSequenceSums marl_sequences_sums(const MarlSequences *sequences, float bound);

/* Targets of all steps but the newest. */
void marl_sequences_retrace(MarlSequences *sequences, float gamma, float reward_scale);

MarlCode marl_sequences_save(const MarlSequences *sequences, MarlStore *to,
                             MarlError *err) MARL_NODISCARD;
MarlCode marl_sequences_load(MarlSequences *sequences, MarlStore *from,
                             MarlError *err) MARL_NODISCARD;

#endif
