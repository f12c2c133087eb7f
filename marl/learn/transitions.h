/* What a learner of single transitions remembers of one shard.
 *
 * Each agent and role is a stream of its own: a decision is open from the step it is taken until the
 * agent next decides in that role or its episode ends, and collects that role's reward meanwhile (as
 * in rollout.h). When it is closed it becomes a transition
 *
 *   (observation, choice, reward, next observation, terminal)
 *
 * in the replay of its role and parameter set. After termination it is terminal, and the next
 * observation means nothing; after truncation it is not, and the next one is the final observation.
 * A decision that is not over when time is up, because its agent is not to decide in that role next,
 * is dropped: what follows it is unknown, and the transition before it ends in its observation.
 * Observations are kept as they come: a normalizer may change while they are remembered. */
#ifndef MARL_LEARN_TRANSITIONS_H
#define MARL_LEARN_TRANSITIONS_H

#include "marl/learn/env.h"
#include "marl/learn/replay.h"

typedef struct MarlTransitionShape {
  size_t rows; /* N, agents of environments */
  int num_roles, num_sets;
  const MarlRole *roles;  /* [num_roles], borrowed during create */
  const size_t *capacity; /* [num_roles] transitions of a role and set; borrowed too */
  bool masked;            /* choices can be illegal: marl_replay_restrict */
} MarlTransitionShape;

typedef struct MarlTransitions {
  size_t rows, num_roles, num_sets;
  size_t wide;        /* of the widest role's observation */
  MarlReplay *replay; /* [num_roles, num_sets] */
  uint8_t *open;      /* [N, num_roles] there is an open decision */
  int32_t *choice;    /* [N, num_roles] of the open decision */
  float *reward;      /* [N, num_roles] that it has collected */
  float *obs;         /* [N, num_roles, wide] that it was taken from */
  char *memory;       /* the block behind the last four */
} MarlTransitions;

MarlCode marl_transitions_create(const MarlTransitionShape *shape, MarlTransitions **out,
                                 MarlError *err) MARL_NODISCARD;
void marl_transitions_destroy(MarlTransitions **transitions);

MarlReplay *marl_transitions_replay(const MarlTransitions *transitions, int role, int set);

/* An agent of parameter set `set`, in row `row`, chooses in `role` from obs [obs_dim of the role];
 * that closes its open decision. */
void marl_transitions_decide(MarlTransitions *transitions, size_t row, int role, int set,
                             const float *obs, int choice);
/* A reward of this step to the stream of (row, role). */
void marl_transitions_reward(MarlTransitions *transitions, size_t row, int role, float reward);
/* Close the open decision; false if there is none. `final_obs` is what the agent decides from next, or
 * would have; NULL: nothing comes after it. */
bool marl_transitions_end(MarlTransitions *transitions, size_t row, int role, int set,
                          const float *final_obs);
/* Time was up before the open decision, if there is one, was over: forget it. */
void marl_transitions_drop(MarlTransitions *transitions, size_t row, int role);

MarlCode marl_transitions_save(const MarlTransitions *transitions, MarlStore *to,
                               MarlError *err) MARL_NODISCARD;
MarlCode marl_transitions_load(MarlTransitions *transitions, MarlStore *from,
                               MarlError *err) MARL_NODISCARD;

#endif
