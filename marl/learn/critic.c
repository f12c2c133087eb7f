#include "marl/learn/critic.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "marl/learn/group_transfer.h"
#include "marl/learn/policy_internal.h"

/* Inputs of a role's critic: what is seen, or what the trunk says of it. */
static int num_inputs(const MarlCriticInit *init, const MarlPolicyRole *policy) {
  if (!init->shared) return init->state_dim + policy->role.obs_dim;
  const MarlNetworkShape shape = marl_policy_trunk(policy, init->trunk_hidden);
  return marl_network_trunk_width(&shape);
}

static MarlCode create_role(const MarlCriticInit *init, int role, MarlCritic *critic,
                            MarlError *err) {
  MarlCriticRole *r = &critic->roles[role];
  const MarlPolicyRole *policy = &init->policy->roles[role];
  const MarlKey key = marl_key_fold(init->key, (uint64_t)role);
  MARL_TRY(marl_network_shape(init->config, "critic_hidden", init->activation,
                              num_inputs(init, policy), 1, &r->shape, err));
  MarlNetworkShape shape = {.dense = r->shape};
  r->obs_dim = policy->role.obs_dim;
  if (!critic->shared) {
    r->memory = shape.memory = policy->memory;
    shape.conv = policy->conv;
    shape.conv.tail += critic->state_dim;
  }
  r->image_first = shape.conv.num_layers > 0;
  r->num_params = marl_network_num_params(&shape);
  r->params = calloc((size_t)critic->num_sets * r->num_params, sizeof *r->params);
  if (r->params == NULL) return MARL_FAIL(err, MARL_EMEMORY, "out of memory for critics");
  MARL_TRY(marl_network_create(&shape, MARL_MLP_BLOCK, &r->net, err));
  for (int set = 0; set < critic->num_sets; ++set)
    marl_network_init(&shape, marl_key_fold(key, (uint64_t)set), 1.0f,
                      r->params + (size_t)set * r->num_params);
  if (!init->normalize) return MARL_OK;
  r->scale = calloc((size_t)critic->num_sets, sizeof(MarlNormalizer *));
  if (r->scale == NULL) return MARL_FAIL(err, MARL_EMEMORY, "out of memory for critics");
  for (int set = 0; set < critic->num_sets; ++set)
    MARL_TRY(marl_normalizer_create(1, &r->scale[set], err));
  return MARL_OK;
}

MarlCode marl_critic_create(const MarlCriticInit *init, MarlCritic **out, MarlError *err) {
  *out = NULL;
  const MarlPolicy *policy = init->policy;
  MarlCritic *critic = calloc(1, sizeof *critic);
  MarlCriticRole *roles = calloc((size_t)policy->num_roles, sizeof *roles);
  if (critic == NULL || roles == NULL) {
    free(critic);
    free(roles);
    return MARL_FAIL(err, MARL_EMEMORY, "out of memory for critics");
  }
  *critic = (MarlCritic){.num_roles = policy->num_roles,
                         .num_sets = policy->roles[0].num_sets,
                         .state_dim = init->state_dim,
                         .shared = init->shared,
                         .roles = roles};
  MarlCode code =
      critic->shared ? marl_policy_branch(init->policy, init->trunk_hidden, err) : MARL_OK;
  for (int role = 0; role < critic->num_roles && code == MARL_OK; ++role)
    code = create_role(init, role, critic, err);
  if (code == MARL_OK)
    *out = critic;
  else
    marl_critic_destroy(&critic);
  return code;
}

void marl_critic_destroy(MarlCritic **critic) {
  MarlCritic *c = *critic;
  if (c == NULL) return;
  for (int role = 0; role < c->num_roles; ++role) {
    MarlCriticRole *r = &c->roles[role];
    for (int set = 0; r->scale != NULL && set < c->num_sets; ++set)
      marl_normalizer_destroy(&r->scale[set]);
    free(r->scale);
    free(r->params);
    marl_network_destroy(&r->net);
  }
  free(c->roles);
  free(c);
  *critic = NULL;
}

size_t marl_critic_state_at(const MarlCritic *critic, int role) {
  const MarlCriticRole *r = &critic->roles[role];
  return r->image_first ? (size_t)r->obs_dim : 0;
}

size_t marl_critic_obs_at(const MarlCritic *critic, int role) {
  return critic->roles[role].image_first ? 0 : (size_t)critic->state_dim;
}

float *marl_critic_params(const MarlCritic *critic, int role, int set) {
  const MarlCriticRole *r = &critic->roles[role];
  return r->params + (size_t)set * r->num_params;
}

void marl_critic_scale(const MarlCritic *critic, int role, int set, float *mean, float *std) {
  static const double smallest = 1e-6; /* constant returns: keep the division finite */
  *mean = 0, *std = 1;
  const MarlCriticRole *r = &critic->roles[role];
  if (r->scale == NULL || r->scale[set]->count < 2) return;
  const MarlNormalizer *scale = r->scale[set];
  const double deviation = sqrt(scale->m2[0] / scale->count);
  *mean = (float)scale->mean[0];
  *std = (float)(deviation > smallest ? deviation : smallest);
}

void marl_critic_values(const MarlCritic *critic, int role, int set, size_t rows,
                        const float *restrict input, const float *memory, float *restrict value) {
  float mean, std;
  marl_critic_scale(critic, role, set, &mean, &std);
  marl_network_forward(critic->roles[role].net, 1, &rows, marl_critic_params(critic, role, set),
                       input, memory, value);
  for (size_t row = 0; row < rows; ++row) value[row] = mean + std * value[row];
}

static MarlCode transfer_scales(const MarlCritic *critic, int role, MarlStore *group, bool write,
                                MarlError *err) {
  const MarlCriticRole *r = &critic->roles[role];
  for (int set = 0; r->scale != NULL && set < critic->num_sets; ++set) {
    char name[32];
    MarlStore *child;
    snprintf(name, sizeof name, "scale_%d", role);
    MARL_TRY(marl_group_begin(group, name, set, write, &child, err));
    const MarlCode code = write ? marl_normalizer_save(r->scale[set], child, err)
                                : marl_normalizer_load(r->scale[set], child, err);
    marl_store_close(&child);
    if (code != MARL_OK) return code;
  }
  return MARL_OK;
}

MarlCode marl_critic_save(const MarlCritic *critic, MarlStore *to, MarlError *err) {
  for (int role = 0; role < critic->num_roles; ++role) {
    const MarlCriticRole *r = &critic->roles[role];
    char name[32];
    snprintf(name, sizeof name, "params_%d", role);
    const MarlArray array = {
        .type = MARL_F32, .rank = 2, .shape = {(size_t)critic->num_sets, r->num_params}};
    MARL_TRY(marl_store_write(to, name, &array, r->params, err));
    MARL_TRY(transfer_scales(critic, role, to, true, err));
  }
  return MARL_OK;
}

MarlCode marl_critic_load(MarlCritic *critic, MarlStore *from, MarlError *err) {
  for (int role = 0; role < critic->num_roles; ++role) {
    MarlCriticRole *r = &critic->roles[role];
    char name[32];
    snprintf(name, sizeof name, "params_%d", role);
    MARL_TRY(marl_store_read(from, name, MARL_F32, (size_t)critic->num_sets * r->num_params,
                             r->params, err));
    MARL_TRY(transfer_scales(critic, role, from, false, err));
  }
  return MARL_OK;
}
