#include "envs/turbulence/trained_policy.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "marl/core/store.h"
#include "marl/learn/trainer.h"
#include "marl/run/checkpoint.h"

enum { MAX_PATH = 4096 };

/* The configuration that a file carries; "config" is the attribute's name in policies before 0.2.
 * *text stays NULL for a checkpoint of those days, which has none. */
static MarlCode carried_text(const char *policy, char **text, MarlError *err) {
  MarlStore *store = NULL;
  MARL_TRY(marl_checkpoint_open(policy, &store, err));
  if (marl_store_get_text(store, NULL, "configuration", text, NULL) != MARL_OK &&
      marl_store_get_text(store, NULL, "config", text, NULL) != MARL_OK)
    *text = NULL;
  marl_store_close(&store);
  return MARL_OK;
}

MarlCode marl_trained_policy_config(const char *policy, MarlConfig **out, MarlError *err) {
  struct stat info;
  char path[MAX_PATH], *text = NULL;
  if (stat(policy, &info) != 0)
    return MARL_FAIL(err, MARL_ECONFIG, "closure.policy = '%s': no such run folder or file",
                     policy);
  const bool folder = S_ISDIR(info.st_mode);
  if (!folder) MARL_TRY(carried_text(policy, &text, err));
  if (text != NULL) {
    const MarlCode code = marl_config_parse(text, strlen(text), policy, out, err);
    free(text);
    return code;
  }
  const char *slash = strrchr(policy, '/');
  int size = 0;
  if (folder)
    size = snprintf(path, sizeof path, "%s/config.yaml", policy);
  else if (slash != NULL)
    size = snprintf(path, sizeof path, "%.*s/config.yaml", (int)(slash - policy), policy);
  else
    size = snprintf(path, sizeof path, "config.yaml");
  if (size < 0 || size >= (int)sizeof path)
    return MARL_FAIL(err, MARL_ECONFIG, "closure.policy = '%s' is too long", policy);
  return marl_config_load(path, out, err);
}

MarlCode marl_trained_policy_params(const char *policy, const char *shipped, MarlConfig **run,
                                    MarlTurbulenceParams *params, MarlError *err) {
  MARL_TRY(marl_trained_policy_config(policy, run, err));
  if (shipped != NULL) MARL_TRY(marl_config_set_shipped(*run, shipped, err));
  const char *name = marl_config_peek(*run, "env", "name", "");
  if (strcmp(name, "turbulence") != 0)
    return MARL_FAIL(err, MARL_ECONFIG,
                     "%s: env.name is '%s'; a closure needs a policy of the "
                     "environment turbulence",
                     policy, name);
  const MarlOptionTable tables[] = {marl_env_common_options,
                                    {marl_turbulence_options, MARL_TURBULENCE_OPTIONS}};
  const MarlSection *section = NULL;
  MARL_TRY(marl_config_section(*run, "env", tables, 2, &section, err));
  return marl_turbulence_params(section, params, err);
}

MarlCode marl_trained_policy_role(const MarlPolicy *policy, const MarlTurbulenceParams *params,
                                  int columns, const char *path, int *role, MarlError *err) {
  MARL_TRY(marl_policy_find_role(policy, "coefficient", role, err));
  const MarlPolicyRole *found = &policy->roles[*role];
  if (!policy->shared && params->agents > 1)
    return MARL_FAIL(err, MARL_ECONFIG, "%s: a closure needs a policy shared by all agents", path);
  if (found->memory > 0)
    return MARL_FAIL(err, MARL_ECONFIG, "%s: a closure has no memory (policy.recurrent)", path);
  if (found->role.obs_dim == columns && found->role.act_dim == params->num_coefficients)
    return MARL_OK;
  return MARL_FAIL(err, MARL_ECONFIG,
                   "%s: the policy takes %d observations and gives %d coefficients; on a grid of "
                   "%d x %d its configuration makes %d and %d",
                   path, found->role.obs_dim, found->role.act_dim, params->n, params->n, columns,
                   params->num_coefficients);
}
