#include <stdlib.h>
#include <string.h>

#include "envs/binding/internal.h"

int marl_binding_policy_open(const char *path, int replica, MarlBindingPolicy **out,
                             char *message) {
  MarlError err;
  MarlCode code = MARL_OK;
  MarlBindingPolicy *policy = calloc(1, sizeof *policy);
  *out = NULL;
  if (policy == NULL)
    code = MARL_FAIL(&err, MARL_EMEMORY, "out of memory for a policy");
  else
    code = marl_policy_open(path, replica, &policy->policy, &err);
  if (code == MARL_OK)
    code = marl_binding_describe_policy(policy->policy, &policy->description, &err);
  if (code == MARL_OK) {
    policy->keepers = 1;
    *out = policy;
  } else {
    marl_binding_policy_destroy(policy);
  }
  return marl_binding_answer(code, &err, message);
}

void marl_binding_policy_destroy(MarlBindingPolicy *policy) {
  if (policy == NULL || --policy->keepers > 0) return;
  marl_policy_destroy(&policy->policy);
  free(policy->description);
  free(policy);
}

const char *marl_binding_policy_describe(const MarlBindingPolicy *policy) {
  return policy->description;
}

int marl_binding_policy_decide(const MarlBindingPolicy *policy, int role, int set, size_t count,
                               const float *obs, const uint8_t *mask, const uint64_t *seed,
                               float *memory, float *act, char *message) {
  MarlError err;
  const MarlPolicy *p = policy->policy;
  MarlKey *keys = NULL;
  if (role < 0 || role >= p->num_roles || set < 0 || set >= p->num_sets ||
      count >= SIZE_MAX / sizeof *keys)
    return marl_binding_answer(MARL_FAIL(&err, MARL_EARG,
                                         "role %d, parameter set %d: the policy has %d roles with "
                                         "%d sets",
                                         role, set, p->num_roles, p->num_sets),
                               &err, message);
  if (seed != NULL) {
    keys = malloc((count + 1) * sizeof *keys);
    if (keys == NULL)
      return marl_binding_answer(MARL_FAIL(&err, MARL_EMEMORY, "out of memory for decisions"), &err,
                                 message);
    const MarlKey key = marl_key(*seed, MARL_STREAM_POLICY);
    for (size_t i = 0; i < count; ++i) keys[i] = marl_key_fold(key, i);
  }
  const MarlPolicyRows rows = {
      .count = count, .obs = obs, .mask = mask, .keys = keys, .memory = memory, .act = act};
  marl_policy_decide(p, role, set, &rows);
  free(keys);
  return MARL_OK;
}

/* The decider of another policy makes room for that of this one. */
static MarlCode take_seat(MarlBindingPolicy *policy, MarlBindingEnvs *envs, MarlError *err) {
  if (envs->player == policy) return MARL_OK;
  const MarlEnvSpec *spec = marl_vec_env_spec(envs->vec);
  MARL_TRY(marl_policy_check_env(policy->policy, spec, envs->sections.env_ops->name, err));
  marl_decider_clear(&envs->decider);
  marl_binding_policy_destroy(envs->player);
  envs->player = NULL;
  MARL_TRY(marl_decider_create(policy->policy, spec, marl_vec_env_batch(envs->vec)->num_envs,
                               &envs->decider, err));
  envs->player = policy;
  ++policy->keepers;
  return MARL_OK;
}

int marl_binding_policy_play(MarlBindingPolicy *policy, MarlBindingEnvs *envs, const uint64_t *seed,
                             char *message) {
  MarlError err;
  MarlCode code = marl_binding_require_begun(envs, &err);
  if (code == MARL_OK) code = take_seat(policy, envs, &err);
  if (code == MARL_OK) {
    const MarlKey key = marl_key(seed != NULL ? *seed : 0, MARL_STREAM_POLICY);
    marl_decider_act(&envs->decider, marl_vec_env_batch(envs->vec), seed != NULL ? &key : NULL, 0);
  }
  return marl_binding_answer(code, &err, message);
}
