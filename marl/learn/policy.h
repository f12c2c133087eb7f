/* A policy: observations in, actions out. Inference only; needs no environment.
 *
 * Each role has a bank of networks of one shape, one parameter set for all agents (sharing: shared),
 * one for each (independent) or one for each group of agents (groups). Some sets may be those of
 * another run and stay so (frozen). A network's input is the observation, normalized by the running
 * mean and deviation of its set; its output is
 *   DISCRETE    logits of a categorical distribution for each component of the action, or the values
 *               of the actions: then a draw is uniform with probability epsilon, else the action of
 *               the highest value. Illegal choices are struck out before,
 *   CONTINUOUS  the mean of a Gaussian in x, its standard deviation a parameter of its own, or an
 *               output y for each component too: std = std_scale (y + sqrt(1 + y^2));
 *               the action is mid + half f(x), f = tanh (squashed) or clip to [-1, 1] (clipped),
 *               mid and half being center and half width of the role's box.
 * Or a role has a table (table.h) in place of networks: values of the actions of each observation;
 * then shape, parameters and normalizers are not there.
 * A policy with memory (recurrent) has a state for each agent in each role: 0 when an episode begins,
 * changed by every decision in the role.
 * A learner owns a policy and trains its parameters in place. */
#ifndef MARL_LEARN_POLICY_H
#define MARL_LEARN_POLICY_H

#include <stdbool.h>

#include "marl/core/config.h"
#include "marl/core/store.h"
#include "marl/learn/env.h"
#include "marl/learn/table.h"
#include "marl/nn/network.h"
#include "marl/nn/normalizer.h"

enum { MARL_POLICY_NAME_MAX = MARL_ENV_NAME_MAX };
/* Normalized observations are cut here: beyond it lie rare outliers and the first samples. */
enum { MARL_POLICY_OBSERVATION_LIMIT = 10 };

/* Section "policy" of a configuration. */
extern const MarlOptionTable marl_policy_options;

typedef struct MarlPolicyRole {
  MarlRole role; /* its name points to `name`, its choices to `choices` */
  char name[MARL_POLICY_NAME_MAX];
  int *choices;         /* [act_dim] */
  bool squashed;        /* CONTINUOUS: tanh, else clip */
  float std_scale;      /* CONTINUOUS: std where y = 0; 0: one log_std for all observations */
  bool masked;          /* DISCRETE: some choices may be illegal */
  bool values;          /* DISCRETE: outputs are values of actions, not logits */
  float epsilon;        /* of values: how often a draw is uniform */
  float frozen_epsilon; /* the same of frozen sets: as in the run that they are from */
  MarlMlpShape shape;
  MarlConvShape conv; /* of the image that the observation begins with; num_layers 0: none */
  int memory;         /* M, units of a recurrent layer behind the hidden ones; 0: none */
  int num_sets;       /* as the policy's */
  size_t num_params;  /* of one set: network, then log_std [act_dim] if it is one for all */
  float *params;      /* [num_sets, num_params] */
  MarlNormalizer **normalizer; /* [num_sets], or NULL: observations enter as they are */
  MarlNetwork *net;            /* scratch for one set */
  MarlMlp *mlp; /* the same where there is neither memory nor convolution, else NULL; borrowed */
  MarlTable *table; /* of all sets, or NULL: networks */
} MarlPolicyRole;

typedef struct MarlPolicy {
  int num_agents;
  int num_roles;
  bool shared;           /* one set a role, for any number of agents */
  int num_sets;          /* of each role */
  int *set;              /* [num_agents] the set of each agent; NULL: shared */
  uint8_t *frozen;       /* [num_sets] 1 = it does not learn; NULL: all do */
  MarlPolicyRole *roles; /* [num_roles] */
  size_t block_rows;     /* scratch below is for this many rows */
  float *input, *output; /* [block_rows, widest obs_dim], [block_rows, widest output] */
  float *mean, *log_std; /* [block_rows, widest act_dim] */
  float *memory;         /* [block_rows, widest memory] */
  int32_t *choice;       /* [block_rows, widest act_dim] */
} MarlPolicy;

/* What the outputs of its networks are, beside means or logits. */
typedef enum MarlPolicyOutputs {
  MARL_OUTPUTS_PLAIN,
  MARL_OUTPUTS_STATE_STD, /* CONTINUOUS: deviations, too */
  MARL_OUTPUTS_VALUES,    /* DISCRETE: values of the actions */
} MarlPolicyOutputs;

/* Fresh networks; those of set i of role r are drawn with fold(fold(key, r), i), or are what the
 * configuration starts `replica` from. MARL_OUTPUTS_STATE_STD: the deviation of a continuous action is
 * an output of the network. */
MarlCode marl_policy_create(const MarlSection *config, const MarlEnvSpec *env,
                            MarlPolicyOutputs outputs, int replica, MarlKey key, MarlPolicy **out,
                            MarlError *err) MARL_NODISCARD;
/* Tables in place of networks, for discrete roles: initial [num_roles] values; of `config` only
 * sharing, frozen partners and start_from are read. */
MarlCode marl_policy_create_tables(const MarlSection *config, const MarlEnvSpec *env,
                                   const double *initial, size_t max_states, int replica,
                                   MarlPolicy **out, MarlError *err) MARL_NODISCARD;
void marl_policy_destroy(MarlPolicy **policy);

/* The parameter set that `agent` uses. */
int marl_policy_set(const MarlPolicy *policy, int agent);
bool marl_policy_learns(const MarlPolicy *policy, int set); /* not frozen */
/* Rows [num_envs, num_agents] by the sets that decide in them: those of set s are rows[first[s]] ..
 * rows[first[s + 1] - 1], ascending. first [num_sets + 1], rows [num_envs num_agents]. */
void marl_policy_sort_rows(const MarlPolicy *policy, int num_envs, int num_agents, size_t *first,
                           uint32_t *rows);
float *marl_policy_params(const MarlPolicy *policy, int role, int set); /* [num_params] */
/* [act_dim], of a role with one deviation for all observations. */
const float *marl_policy_log_std(const MarlPolicy *policy, int role, int set);
/* mean and log_std [rows, act_dim] of outputs [rows, stride] that begin with the means and then the
 * y of the deviations (std_scale > 0). */
void marl_policy_split(const MarlPolicyRole *role, size_t rows, size_t stride, const float *output,
                       float *mean, float *log_std);

/* Normalized copy of obs [rows, stride] into out [rows, obs_dim of the role]. */
void marl_policy_normalize(const MarlPolicy *policy, int role, int set, size_t rows, size_t stride,
                           const float *obs, float *out);
/* act [rows, act_dim] from x [rows, act_dim] (CONTINUOUS). */
void marl_policy_action(const MarlPolicyRole *role, size_t rows, const float *x, float *act);

/* Decisions that one parameter set takes in a role. */
typedef struct MarlPolicyRows {
  size_t count;        /* any */
  const float *obs;    /* [count, obs_dim] as the environment wrote it */
  const uint8_t *mask; /* [count, logits] 1 = legal (env.h); NULL: all choices are */
  const MarlKey *keys; /* [count] to draw with; NULL: the mean or the most probable choice */
  float *memory;       /* [count, M] in and out; NULL: each row begins an episode */
  float *act;          /* out [count, act_dim]; a choice is its number as a float */
} MarlPolicyRows;

/* No array may alias. Uses the policy's scratch. */
void marl_policy_decide(const MarlPolicy *policy, int role, int set, const MarlPolicyRows *rows);
/* The same where every choice is legal and nothing is remembered. */
void marl_policy_act(const MarlPolicy *policy, int role, int set, size_t rows, const float *obs,
                     const MarlKey *keys, float *act);

/* Role number by name; MARL_ECONFIG with the known names. */
MarlCode marl_policy_find_role(const MarlPolicy *policy, const char *name, int *role,
                               MarlError *err) MARL_NODISCARD;

/* Can the policy decide in an environment of this spec? MARL_ECONFIG with its name if not. */
MarlCode marl_policy_check_env(const MarlPolicy *policy, const MarlEnvSpec *spec, const char *name,
                               MarlError *err) MARL_NODISCARD;

/* save describes the policy completely: load needs nothing else and creates it. */
MarlCode marl_policy_save(const MarlPolicy *policy, MarlStore *to, MarlError *err) MARL_NODISCARD;
MarlCode marl_policy_load(MarlStore *from, MarlPolicy **out, MarlError *err) MARL_NODISCARD;
/* Read parameters and normalizers back into a policy of the same roles and shapes. */
MarlCode marl_policy_restore(MarlPolicy *policy, MarlStore *from, MarlError *err) MARL_NODISCARD;

/* Begin a file of this policy alone, which marl_policy_open reads as replica 0; the caller adds
 * attributes that say where it comes from and commits it. */
MarlCode marl_policy_export(const MarlPolicy *policy, const char *path, MarlStore **out,
                            MarlError *err) MARL_NODISCARD;

/* The policy of `replica` in a checkpoint file, or in the newest checkpoint of a run folder. */
MarlCode marl_policy_open(const char *path, int replica, MarlPolicy **out,
                          MarlError *err) MARL_NODISCARD;

#endif
