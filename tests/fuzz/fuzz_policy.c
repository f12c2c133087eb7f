/* A policy file: loaded, and asked for an action of each role. */
#include <stdlib.h>

#include "marl/learn/policy.h"
#include "tests/fuzz/fuzz.h"

enum { MOST_OBS = 1 << 16 };

static void act(MarlPolicy *policy) {
  for (int r = 0; r < policy->num_roles; ++r) {
    const MarlRole *role = &policy->roles[r].role;
    if (role->obs_dim > MOST_OBS || role->act_dim > MOST_OBS) continue;
    float *obs = calloc((size_t)role->obs_dim, sizeof *obs);
    float *action = calloc((size_t)role->act_dim, sizeof *action);
    const MarlKey key = marl_key(1, MARL_STREAM_POLICY);
    if (obs != NULL && action != NULL) {
      const int set = marl_policy_set(policy, policy->num_agents - 1);
      marl_policy_act(policy, r, set, 1, obs, NULL, action);
      marl_policy_act(policy, r, set, 1, obs, &key, action);
    }
    free(obs);
    free(action);
  }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  fuzz_begin();
  FuzzFile file = fuzz_file_open(data, size);
  MarlPolicy *policy;
  MarlError err;
  if (marl_policy_open(file.path, 0, &policy, &err) == MARL_OK) {
    act(policy);
    marl_policy_destroy(&policy);
  }
  fuzz_file_close(&file);
  return 0;
}
