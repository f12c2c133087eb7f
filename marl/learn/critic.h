/* State values: a bank of networks beside a policy's, one for each role and parameter set.
 *
 * Either networks of their own, or heads that read what the trunk of the policy's network says (network.h): one
 * trunk with two heads, whose gradient is that of both losses (Mnih et al. 2016, Schulman et al. 2017).
 *
 * Input of a row of the former: [global state | observation as the policy's network sees it]; the state only for
 * a central critic (Lowe et al. 2017; Yu et al. 2022). With convolutions the observation is first, as it begins
 * with their image, and the state passes by them. Beside a policy with memory it has one, too. The network's output is in units of the
 * running deviation of the returns around their running mean, if `normalize` (van Hasselt et
 * al. 2016; Yu et al. 2022), so that the scale of a reward does not matter. */
#ifndef MARL_LEARN_CRITIC_H
#define MARL_LEARN_CRITIC_H

#include "marl/learn/policy.h"

typedef struct MarlCriticRole {
  MarlMlpShape shape; /* of heads: what they have behind the trunk */
  int obs_dim;        /* of the role */
  bool image_first;   /* observations begin with what convolutions see */
  size_t num_params;
  float *params;          /* [num_sets, num_params] */
  MarlNormalizer **scale; /* [num_sets] of returns, or NULL: values are what the network says */
  int memory;             /* units of its own recurrent layer, as many as the policy's; 0: none */
  MarlNetwork *net;       /* scratch for one set */
} MarlCriticRole;

typedef struct MarlCritic {
  int num_roles;
  int num_sets;          /* as the policy's */
  int state_dim;         /* 0: not central */
  bool shared;           /* heads: inputs are marl_network_trunk of the policy's networks */
  MarlCriticRole *roles; /* [num_roles] */
} MarlCritic;

typedef struct MarlCriticInit {
  MarlPolicy *policy;
  const MarlSection *config; /* its list critic_hidden gives the hidden layers */
  MarlActivation activation;
  bool shared;      /* heads: the networks of `policy` get a trunk */
  int trunk_hidden; /* hidden layers of the policy in it; 0: all */
  int state_dim;    /* 0: not central */
  bool normalize;   /* see above */
  MarlKey key;
} MarlCriticInit;

MarlCode marl_critic_create(const MarlCriticInit *init, MarlCritic **out,
                            MarlError *err) MARL_NODISCARD;
void marl_critic_destroy(MarlCritic **critic);

/* Where state and observation begin in an input row of a role. */
size_t marl_critic_state_at(const MarlCritic *critic, int role);
size_t marl_critic_obs_at(const MarlCritic *critic, int role);

float *marl_critic_params(const MarlCritic *critic, int role, int set);

/* value = mean + std * output; 0 and 1 without normalization or before two returns. */
void marl_critic_scale(const MarlCritic *critic, int role, int set, float *mean, float *std);
/* value [rows] of input [rows, num_inputs], at most MARL_MLP_BLOCK rows, of one step, and of what the
 * critic remembers there, [rows, memory]; afterwards marl_network_memory(net) of its role. */
void marl_critic_values(const MarlCritic *critic, int role, int set, size_t rows,
                        const float *restrict input, const float *memory, float *restrict value);

MarlCode marl_critic_save(const MarlCritic *critic, MarlStore *to, MarlError *err) MARL_NODISCARD;
MarlCode marl_critic_load(MarlCritic *critic, MarlStore *from, MarlError *err) MARL_NODISCARD;

#endif
