#include "marl/learn/policy.h"

#include <assert.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "marl/core/nearest.h"
#include "marl/learn/policy_internal.h"

/* A small last layer starts every policy near the middle of its box (Andrychowicz et al. 2021). */
static const float output_gain = 0.01f;

static const char *const activations[] = {"tanh", "relu", NULL};
static const char *const sharings[] = {"shared", "independent", "groups", NULL};
static const char *const initial_weights[] = {"orthogonal", "uniform", NULL};
static const char *const actions[] = {"squashed", "clipped", NULL};
static const char *const recurrences[] = {"none", "gru", NULL};

static const MarlOption options[] = {
    {"hidden", MARL_OPTION_INTS, "64, 64", 1, 4096, NULL, "units",
     "widths of the hidden layers; empty: linear"},
    {"activation", MARL_OPTION_CHOICE, "tanh", 0, 0, activations, "1", "of the hidden layers"},
    {"conv_channels", MARL_OPTION_INTS, "", 1, 1024, NULL, "channels",
     "convolution layers in front of the hidden ones, of observations that begin with an image; a "
     "critic that is not shared has its own; empty: none"},
    {"conv_kernel", MARL_OPTION_INTS, "3", 1, 31, NULL, "cells",
     "width of their square kernels, one for all or one for each"},
    {"conv_stride", MARL_OPTION_INTS, "1", 1, 31, NULL, "cells", "of each layer, or of all"},
    {"conv_padding", MARL_OPTION_INTS, "0", 0, 30, NULL, "cells",
     "zeros around what a layer sees, of each layer, or of all"},
    {"recurrent", MARL_OPTION_CHOICE, "none", 0, 0, recurrences, "1",
     "a layer behind the hidden ones that remembers the episode; a critic that is not shared has "
     "its own"},
    {"recurrent_units", MARL_OPTION_INT, "64", 1, 4096, NULL, "units", "width of that layer"},
    {"sharing", MARL_OPTION_CHOICE, "shared", 0, 0, sharings, "1",
     "one parameter set a role for all agents, one for each agent, or one for each group"},
    {"groups", MARL_OPTION_TEXTS, "", 0, 0, NULL, "1",
     "of sharing: groups: the group of each agent, from 0; 1*10: ten agents of group 1"},
    {"frozen", MARL_OPTION_TEXT, "", 0, 0, NULL, "path",
     "run, checkpoint or exported policy whose parameters some agents have, without learning"},
    {"frozen_sets", MARL_OPTION_INTS, "", 0, 1e9, NULL, "1",
     "who has them: groups (sharing: groups) or agents (independent)"},
    {"action", MARL_OPTION_CHOICE, "squashed", 0, 0, actions, "1",
     "how a continuous action is brought into its box: tanh or clipping"},
    {"initial_std", MARL_OPTION_REAL, "0.5", 1e-6, 100, NULL, "1",
     "standard deviation of continuous actions at the start, in half widths of the box"},
    {"initial_weights", MARL_OPTION_CHOICE, "orthogonal", 0, 0, initial_weights, "1",
     "orthogonal with a small last layer and no biases; uniform: within 1/sqrt(inputs) of each "
     "layer, "
     "biases too, as PyTorch's linear layers"},
    {"start", MARL_OPTION_REALS, "", -1e6, 1e6, NULL, "1",
     "weights to start from in place of drawn ones, layer by layer: weights [inputs, outputs], "
     "then "
     "biases; empty: drawn"},
    {"start_from", MARL_OPTION_TEXTS, "", 0, 0, NULL, "path",
     "run, checkpoint or exported policy that who learns begins with; of several replica (of "
     "compare: seed) i has the i-th, and so on in turn; empty: drawn"},
    {"normalize_observations", MARL_OPTION_BOOL, "true", 0, 0, NULL, "1",
     "subtract the running mean and divide by the running standard deviation"},
};
const MarlOptionTable marl_policy_options = {options, sizeof options / sizeof options[0]};

MarlActivation marl_policy_activation(const MarlSection *config) {
  return marl_section_choice(config, "activation") == 0 ? MARL_TANH : MARL_RELU;
}

MarlCode marl_network_shape(const MarlSection *section, const char *key, MarlActivation activation,
                            int num_inputs, int num_outputs, MarlMlpShape *out, MarlError *err) {
  size_t count;
  const int *hidden = marl_section_ints(section, key, &count);
  if (count > MARL_MLP_MAX_HIDDEN)
    return MARL_FAIL(err, MARL_ECONFIG, "%s.%s has %zu layers, at most %d are possible",
                     marl_section_name(section), key, count, MARL_MLP_MAX_HIDDEN);
  *out = (MarlMlpShape){
      .num_inputs = num_inputs,
      .num_outputs = num_outputs,
      .num_hidden = (int)count,
      .activation = activation,
  };
  for (size_t l = 0; l < count; ++l) out->hidden[l] = hidden[l];
  return MARL_OK;
}

MarlCode marl_policy_own_choices(MarlPolicyRole *role, MarlError *err) {
  const size_t dim = (size_t)role->role.act_dim;
  role->choices = calloc(dim, sizeof *role->choices);
  if (role->choices == NULL) return MARL_FAIL(err, MARL_EMEMORY, "out of memory for a policy");
  for (size_t i = 0; i < dim; ++i) role->choices[i] = marl_role_choices(&role->role, (int)i);
  role->role.choices = role->choices;
  return MARL_OK;
}

int marl_policy_num_outputs(const MarlPolicyRole *role) {
  if (role->role.action_kind == MARL_ACTION_DISCRETE) return marl_role_num_logits(&role->role);
  return role->std_scale > 0 ? 2 * role->role.act_dim : role->role.act_dim;
}

/* Parameters behind the network's. */
static size_t num_log_std(const MarlPolicyRole *role) {
  if (role->role.action_kind == MARL_ACTION_DISCRETE || role->std_scale > 0) return 0;
  return (size_t)role->role.act_dim;
}

MarlNetworkShape marl_policy_network(const MarlPolicyRole *role) {
  return (MarlNetworkShape){.dense = role->shape, .memory = role->memory, .conv = role->conv};
}

size_t marl_policy_num_params(const MarlPolicyRole *role) {
  const MarlNetworkShape shape = marl_policy_network(role);
  return marl_network_num_params(&shape) + num_log_std(role);
}

MarlCode marl_policy_alloc_role(MarlPolicyRole *role, bool normalize, MarlError *err) {
  role->num_params = marl_policy_num_params(role);
  role->params = calloc((size_t)role->num_sets * role->num_params, sizeof *role->params);
  if (role->params == NULL)
    return MARL_FAIL(err, MARL_EMEMORY, "out of memory for %d policies of %zu parameters",
                     role->num_sets, role->num_params);
  const MarlNetworkShape shape = marl_policy_network(role);
  MARL_TRY(marl_network_create(&shape, MARL_MLP_BLOCK, &role->net, err));
  role->mlp = marl_network_mlp(role->net);
  if (!normalize) return MARL_OK;
  role->normalizer = calloc((size_t)role->num_sets, sizeof(MarlNormalizer *));
  if (role->normalizer == NULL) return MARL_FAIL(err, MARL_EMEMORY, "out of memory for a policy");
  for (int set = 0; set < role->num_sets; ++set)
    MARL_TRY(marl_normalizer_create(role->role.obs_dim, &role->normalizer[set], err));
  return MARL_OK;
}

MarlNetworkShape marl_policy_trunk(const MarlPolicyRole *role, int hidden) {
  MarlNetworkShape shape = marl_policy_network(role);
  shape.has_trunk = true;
  shape.trunk_hidden = hidden > 0 ? hidden : shape.dense.num_hidden;
  return shape;
}

MarlCode marl_policy_branch(MarlPolicy *policy, int hidden, MarlError *err) {
  for (int r = 0; r < policy->num_roles; ++r) {
    MarlPolicyRole *role = &policy->roles[r];
    const MarlNetworkShape shape = marl_policy_trunk(role, hidden);
    marl_network_destroy(&role->net);
    MARL_TRY(marl_network_create(&shape, MARL_MLP_BLOCK, &role->net, err));
    role->mlp = marl_network_mlp(role->net);
  }
  return MARL_OK;
}

MarlCode marl_policy_alloc(int num_agents, int num_roles, int *set, MarlPolicy **out,
                           MarlError *err) {
  MarlPolicy *policy = calloc(1, sizeof *policy);
  MarlPolicyRole *roles = calloc((size_t)num_roles, sizeof *roles);
  if (policy == NULL || roles == NULL) {
    free(policy);
    free(roles);
    free(set);
    return MARL_FAIL(err, MARL_EMEMORY, "out of memory for a policy of %d roles", num_roles);
  }
  *policy = (MarlPolicy){
      .num_agents = num_agents, .num_roles = num_roles, .num_sets = 1, .set = set, .roles = roles};
  for (int a = 0; set != NULL && a < num_agents; ++a)
    if (set[a] >= policy->num_sets) policy->num_sets = set[a] + 1;
  policy->shared = set == NULL;
  *out = policy;
  return MARL_OK;
}

MarlCode marl_policy_alloc_scratch(MarlPolicy *policy, MarlError *err) {
  size_t in = 1, wide = 1, act = 1, memory = 1;
  for (int r = 0; r < policy->num_roles; ++r) {
    const MarlMlpShape *shape = &policy->roles[r].shape;
    if ((size_t)shape->num_inputs > in) in = (size_t)shape->num_inputs;
    if ((size_t)shape->num_outputs > wide) wide = (size_t)shape->num_outputs;
    if ((size_t)policy->roles[r].role.act_dim > act) act = (size_t)policy->roles[r].role.act_dim;
    if ((size_t)policy->roles[r].memory > memory) memory = (size_t)policy->roles[r].memory;
  }
  policy->block_rows = MARL_MLP_BLOCK;
  policy->input = calloc(policy->block_rows * in, sizeof *policy->input);
  policy->output = calloc(policy->block_rows * wide, sizeof *policy->output);
  policy->mean = calloc(policy->block_rows * act, sizeof *policy->mean);
  policy->log_std = calloc(policy->block_rows * act, sizeof *policy->log_std);
  policy->memory = calloc(policy->block_rows * memory, sizeof *policy->memory);
  policy->choice = calloc(policy->block_rows * act, sizeof *policy->choice);
  if (policy->input == NULL || policy->output == NULL || policy->mean == NULL ||
      policy->log_std == NULL || policy->memory == NULL || policy->choice == NULL)
    return MARL_FAIL(err, MARL_EMEMORY, "out of memory for a policy");
  return MARL_OK;
}

/* `role` has its role, number of sets and std_scale. */
static MarlCode create_role(const MarlSection *config, MarlKey key, MarlPolicyRole *role,
                            MarlError *err) {
  snprintf(role->name, sizeof role->name, "%s", role->role.name);
  role->role.name = role->name;
  role->squashed = marl_section_choice(config, "action") == 0;
  MARL_TRY(marl_policy_own_choices(role, err));
  MARL_TRY(marl_network_shape(config, "hidden", marl_policy_activation(config), role->role.obs_dim,
                              marl_policy_num_outputs(role), &role->shape, err));
  MARL_TRY(marl_policy_read_conv(config, &role->role, &role->conv, err));
  if (marl_section_choice(config, "recurrent") == 1)
    role->memory = marl_section_int(config, "recurrent_units");
  const bool normalize = marl_section_bool(config, "normalize_observations");
  MARL_TRY(marl_policy_alloc_role(role, normalize, err));
  const float log_std = (float)log(marl_section_real(config, "initial_std"));
  const size_t tail = num_log_std(role);
  const MarlNetworkShape shape = marl_policy_network(role);
  const bool uniform = marl_section_choice(config, "initial_weights") == 1;
  if (uniform && (shape.memory > 0 || shape.conv.num_layers > 0))
    return MARL_FAIL(err, MARL_ECONFIG,
                     "policy.initial_weights: uniform is of networks without policy.recurrent and "
                     "policy.conv_channels");
  for (int set = 0; set < role->num_sets; ++set) {
    float *params = role->params + (size_t)set * role->num_params;
    const MarlKey own = marl_key_fold(key, (uint64_t)set);
    if (uniform)
      marl_mlp_init_uniform(&role->shape, own, params);
    else
      marl_network_init(&shape, own, output_gain, params);
    MARL_TRY(marl_policy_take_numbers(config, role, role->num_params - tail, params, err));
    for (size_t i = role->num_params - tail; i < role->num_params; ++i) params[i] = log_std;
  }
  return MARL_OK;
}

MarlCode marl_policy_create(const MarlSection *config, const MarlEnvSpec *env,
                            MarlPolicyOutputs outputs, int replica, MarlKey key, MarlPolicy **out,
                            MarlError *err) {
  *out = NULL;
  const float std_scale =
      outputs == MARL_OUTPUTS_STATE_STD ? (float)marl_section_real(config, "initial_std") : 0;
  MarlPolicy *policy = NULL;
  int *set;
  MARL_TRY(marl_policy_read_sharing(config, env->num_agents, &set, err));
  MarlCode code = marl_policy_alloc(env->num_agents, env->num_roles, set, &policy, err);
  for (int r = 0; r < env->num_roles && code == MARL_OK; ++r) {
    policy->roles[r] = (MarlPolicyRole){
        .role = env->roles[r],
        .masked = env->mask_dim > 0 && env->roles[r].action_kind == MARL_ACTION_DISCRETE,
        .num_sets = policy->num_sets,
        .std_scale = std_scale};
    code = create_role(config, marl_key_fold(key, (uint64_t)r), &policy->roles[r], err);
  }
  if (code == MARL_OK) code = marl_policy_alloc_scratch(policy, err);
  for (int r = 0; r < env->num_roles && code == MARL_OK; ++r)
    policy->roles[r].values = outputs == MARL_OUTPUTS_VALUES;
  if (code == MARL_OK) code = marl_policy_freeze(config, policy, err);
  if (code == MARL_OK) code = marl_policy_start_from(config, replica, policy, err);
  if (code == MARL_OK)
    *out = policy;
  else
    marl_policy_destroy(&policy);
  return code;
}

void marl_policy_destroy(MarlPolicy **policy) {
  MarlPolicy *p = *policy;
  if (p == NULL) return;
  for (int r = 0; r < p->num_roles; ++r) {
    MarlPolicyRole *role = &p->roles[r];
    for (int set = 0; role->normalizer != NULL && set < role->num_sets; ++set)
      marl_normalizer_destroy(&role->normalizer[set]);
    free(role->normalizer);
    free(role->params);
    free(role->choices);
    marl_network_destroy(&role->net);
    marl_table_destroy(&role->table);
  }
  free(p->roles);
  free(p->set);
  free(p->frozen);
  free(p->input);
  free(p->output);
  free(p->mean);
  free(p->log_std);
  free(p->memory);
  free(p->choice);
  free(p);
  *policy = NULL;
}

float *marl_policy_params(const MarlPolicy *policy, int role, int set) {
  return policy->roles[role].params + (size_t)set * policy->roles[role].num_params;
}

const float *marl_policy_log_std(const MarlPolicy *policy, int role, int set) {
  const MarlPolicyRole *r = &policy->roles[role];
  assert(r->std_scale == 0);
  return marl_policy_params(policy, role, set) + r->num_params - num_log_std(r);
}

MarlCode marl_policy_find_role(const MarlPolicy *policy, const char *name, int *role,
                               MarlError *err) {
  enum { MAX_NAMES = 64 };
  const char *names[MAX_NAMES];
  size_t count = 0;
  for (int r = 0; r < policy->num_roles && count < MAX_NAMES; ++r) {
    if (strcmp(policy->roles[r].name, name) == 0) {
      *role = r;
      return MARL_OK;
    }
    names[count++] = policy->roles[r].name;
  }
  return marl_fail_unknown(err, "role", name, names, count);
}

MarlCode marl_policy_check_env(const MarlPolicy *policy, const MarlEnvSpec *spec, const char *name,
                               MarlError *err) {
  bool fits = policy->num_roles == spec->num_roles &&
              (policy->shared || policy->num_agents == spec->num_agents);
  for (int r = 0; fits && r < spec->num_roles; ++r) {
    const MarlRole *a = &policy->roles[r].role, *b = &spec->roles[r];
    fits = a->obs_dim == b->obs_dim && a->action_kind == b->action_kind && a->act_dim == b->act_dim;
    if (policy->roles[r].conv.num_layers > 0)
      fits = fits && memcmp(a->image, b->image, sizeof a->image) == 0;
    for (int i = 0; fits && a->action_kind == MARL_ACTION_DISCRETE && i < a->act_dim; ++i)
      fits = marl_role_choices(a, i) == marl_role_choices(b, i);
  }
  if (fits) return MARL_OK;
  return MARL_FAIL(err, MARL_ECONFIG,
                   "the policy was trained for another environment than this '%s': roles, "
                   "observations, actions or agents differ",
                   name);
}
