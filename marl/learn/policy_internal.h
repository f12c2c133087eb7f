/* Shared by the policy's sources and by learners that build networks beside it. */
#ifndef MARL_LEARN_POLICY_INTERNAL_H
#define MARL_LEARN_POLICY_INTERNAL_H

#include "marl/learn/policy.h"

/* policy.activation. */
MarlActivation marl_policy_activation(const MarlSection *config);
/* A network whose hidden layers are the list `key` of a section. */
MarlCode marl_network_shape(const MarlSection *section, const char *key, MarlActivation activation,
                            int num_inputs, int num_outputs, MarlMlpShape *out,
                            MarlError *err) MARL_NODISCARD;

/* policy_conv.c: the convolutions that section `policy` asks for, of observations of a role. */
MarlCode marl_policy_read_conv(const MarlSection *config, const MarlRole *role, MarlConvShape *out,
                               MarlError *err) MARL_NODISCARD;
/* To and from the group of a role, whose obs_dim is known; nothing is written for none. */
MarlCode marl_policy_save_conv(const MarlConvShape *conv, MarlStore *to,
                               MarlError *err) MARL_NODISCARD;
MarlCode marl_policy_load_conv(MarlPolicyRole *role, MarlStore *from,
                               MarlError *err) MARL_NODISCARD;

/* Make the choices of a role's components the policy's own. First of all, before its outputs. */
MarlCode marl_policy_own_choices(MarlPolicyRole *role, MarlError *err) MARL_NODISCARD;

/* Outputs of a role's network: choices, or means and, with std_scale, deviations of an action. */
int marl_policy_num_outputs(const MarlPolicyRole *role);

/* The network of a role whose shape and memory are known, and its parameters of one set. */
MarlNetworkShape marl_policy_network(const MarlPolicyRole *role);
size_t marl_policy_num_params(const MarlPolicyRole *role);

/* The same network with a trunk of `hidden` of its hidden layers, 0: of all, that a second head can read (network.h);
 * the networks of all roles become such, with the parameters that they have. MARL_ECONFIG if there is nothing to
 * share. */
MarlNetworkShape marl_policy_trunk(const MarlPolicyRole *role, int hidden);
MarlCode marl_policy_branch(MarlPolicy *policy, int hidden, MarlError *err) MARL_NODISCARD;

/* policy_sharing.c: the parameter set of each agent as a section says, malloc'd [num_agents], NULL:
 * all share one; then, of a policy that is complete, which sets are another run's. */
MarlCode marl_policy_read_sharing(const MarlSection *config, int num_agents, int **set,
                                  MarlError *err) MARL_NODISCARD;
MarlCode marl_policy_freeze(const MarlSection *config, MarlPolicy *policy,
                            MarlError *err) MARL_NODISCARD;

/* policy_start.c. Another policy, and how to call it in a message. */
typedef struct MarlPolicySource {
  const MarlPolicy *policy;
  const char *path, *option;
} MarlPolicySource;
/* Parameters and normalizer (still empty), or values, of parameter set `set` in every role become
 * those of the source's for the set's first agent. MARL_ECONFIG, with both sizes, if they do not fit. */
MarlCode marl_policy_take_set(MarlPolicy *policy, int set, const MarlPolicySource *source,
                              MarlError *err) MARL_NODISCARD;
/* The `count` weights of policy.start, if there are any, into one parameter set. */
MarlCode marl_policy_take_numbers(const MarlSection *config, const MarlPolicyRole *role,
                                  size_t count, float *params, MarlError *err) MARL_NODISCARD;
/* Every set that learns, of a policy that is complete, from policy.start_from. */
MarlCode marl_policy_start_from(const MarlSection *config, int replica, MarlPolicy *policy,
                                MarlError *err) MARL_NODISCARD;
/* Are weights given in one of these ways, and not drawn? */
bool marl_policy_starts_elsewhere(const MarlSection *config);

/* Empty policy, which takes `set`; then for each role, once role, shape and num_sets are set, its memory; then the
 * scratch. On failure marl_policy_destroy releases what is there. */
MarlCode marl_policy_alloc(int num_agents, int num_roles, int *set, MarlPolicy **out,
                           MarlError *err) MARL_NODISCARD;
MarlCode marl_policy_alloc_role(MarlPolicyRole *role, bool normalize,
                                MarlError *err) MARL_NODISCARD;
MarlCode marl_policy_alloc_scratch(MarlPolicy *policy, MarlError *err) MARL_NODISCARD;

/* policy_table.c: the table of a role whose role and num_sets are set; actions from it, as
 * marl_policy_decide; to and from the group of the role. */
MarlCode marl_policy_alloc_table(MarlPolicyRole *role, double initial, size_t max_states,
                                 MarlError *err) MARL_NODISCARD;
void marl_policy_act_table(const MarlPolicyRole *role, int set, float epsilon,
                           const MarlPolicyRows *rows);
MarlCode marl_policy_transfer_table(const MarlPolicyRole *role, MarlStore *group, bool write,
                                    MarlError *err) MARL_NODISCARD;

#endif
