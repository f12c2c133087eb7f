/* Policies of tables: what differs from networks. */
#include <stdio.h>

#include "marl/learn/policy_internal.h"

MarlCode marl_policy_alloc_table(MarlPolicyRole *role, double initial, size_t max_states,
                                 MarlError *err) {
  const MarlTableShape shape = {.obs_dim = (size_t)role->role.obs_dim,
                                .num_sets = role->num_sets,
                                .num_choices = role->role.num_choices,
                                .initial = initial,
                                .max_states = max_states};
  return marl_table_create(&shape, &role->table, err);
}

MarlCode marl_policy_create_tables(const MarlSection *config, const MarlEnvSpec *env,
                                   const double *initial, size_t max_states, int replica,
                                   MarlPolicy **out, MarlError *err) {
  *out = NULL;
  MarlPolicy *policy = NULL;
  int *set;
  MARL_TRY(marl_policy_read_sharing(config, env->num_agents, &set, err));
  MarlCode code = marl_policy_alloc(env->num_agents, env->num_roles, set, &policy, err);
  for (int r = 0; r < env->num_roles && code == MARL_OK; ++r) {
    MarlPolicyRole *role = &policy->roles[r];
    *role = (MarlPolicyRole){.role = env->roles[r],
                             .masked = env->mask_dim > 0,
                             .values = true,
                             .num_sets = policy->num_sets};
    snprintf(role->name, sizeof role->name, "%s", role->role.name);
    role->role.name = role->name;
    code = marl_policy_own_choices(role, err);
    if (code == MARL_OK) code = marl_policy_alloc_table(role, initial[r], max_states, err);
  }
  if (code == MARL_OK) code = marl_policy_alloc_scratch(policy, err);
  if (code == MARL_OK) code = marl_policy_freeze(config, policy, err);
  if (code == MARL_OK) code = marl_policy_start_from(config, replica, policy, err);
  if (code == MARL_OK)
    *out = policy;
  else
    marl_policy_destroy(&policy);
  return code;
}

void marl_policy_act_table(const MarlPolicyRole *role, int set, float epsilon,
                           const MarlPolicyRows *rows) {
  const size_t n = (size_t)role->role.num_choices, dim = (size_t)role->role.obs_dim;
  for (size_t row = 0; row < rows->count; ++row) {
    const double *values = marl_table_values(role->table, rows->obs + row * dim, set);
    const uint8_t *mask = rows->mask == NULL ? NULL : rows->mask + row * n;
    rows->act[row] =
        (float)(rows->keys == NULL
                    ? marl_table_greedy(values, (int)n, mask)
                    : marl_table_draw(values, (int)n, mask, (double)epsilon, rows->keys[row]));
  }
}

MarlCode marl_policy_transfer_table(const MarlPolicyRole *role, MarlStore *group, bool write,
                                    MarlError *err) {
  MarlStore *child;
  MARL_TRY(write ? marl_store_group_create(group, "table", &child, err)
                 : marl_store_group_open(group, "table", &child, err));
  const MarlCode code =
      write ? marl_table_save(role->table, child, err) : marl_table_load(role->table, child, err);
  marl_store_close(&child);
  return code;
}
