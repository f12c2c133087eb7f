#include <stdlib.h>

#include "marl/learn/group_transfer.h"
#include "marl/learn/learner_dqn.h"
#include "marl/learn/plain_array.h"

static MarlCode transfer(const DqnLearner *dqn, MarlStore *store, bool saving, MarlError *err) {
  const size_t num_groups = (size_t)dqn->num_groups;
  int64_t *steps = calloc(num_groups, sizeof *steps);
  if (steps == NULL) return MARL_FAIL(err, MARL_EMEMORY, "out of memory for dqn");
  for (size_t g = 0; g < num_groups; ++g) steps[g] = dqn->groups[g].steps;
  const MarlPlainArray arrays[] = {
      {"target", MARL_F32, dqn->target_size, dqn->target},
      {"gradient_steps", MARL_I64, num_groups, steps},
      {"totals", MARL_F64, num_groups * DQN_NUM_TOTALS, dqn->totals},
  };
  MarlCode code = marl_plain_transfer(store, arrays, sizeof arrays / sizeof *arrays, saving, err);
  for (size_t g = 0; g < num_groups; ++g) dqn->groups[g].steps = steps[g];
  free(steps);
  MARL_TRY(code);
  MarlStore *group;
  MARL_TRY(marl_group_begin(store, "policy", -1, saving, &group, err));
  code = saving ? marl_policy_save(dqn->policy, group, err)
                : marl_policy_restore(dqn->policy, group, err);
  marl_store_close(&group);
  if (code != MARL_OK) return code;
  for (int role = 0; role < dqn->num_roles; ++role) {
    MARL_TRY(marl_group_begin(store, "adam", role, saving, &group, err));
    code = saving ? marl_adam_save(dqn->adam[role], group, err)
                  : marl_adam_load(dqn->adam[role], group, err);
    marl_store_close(&group);
    if (code != MARL_OK) return code;
  }
  return MARL_OK;
}

MarlCode marl_dqn_learner_save(const MarlLearner *learner, MarlStore *to, MarlError *err) {
  const DqnLearner *dqn = (const DqnLearner *)learner;
  MARL_TRY(marl_store_set_int(to, NULL, "update", dqn->update, err));
  MARL_TRY(marl_schedule_save(&dqn->schedule, to, err));
  return transfer(dqn, to, true, err);
}

MarlCode marl_dqn_learner_load(MarlLearner *learner, MarlStore *from, MarlError *err) {
  DqnLearner *dqn = (DqnLearner *)learner;
  MARL_TRY(marl_schedule_check(&dqn->schedule, from, err));
  MARL_TRY(marl_store_get_int(from, NULL, "update", &dqn->update, err));
  return transfer(dqn, from, false, err);
}

static MarlCode transfer_shard(const DqnLearner *dqn, const DqnShard *shard, MarlStore *store,
                               bool saving, MarlError *err) {
  MarlStore *group;
  MARL_TRY(marl_group_begin(store, "memory", -1, saving, &group, err));
  MarlCode code = saving ? marl_transitions_save(shard->memory, group, err)
                         : marl_transitions_load(shard->memory, group, err);
  marl_store_close(&group);
  for (int g = 0; shard->seen != NULL && g < dqn->num_groups && code == MARL_OK; ++g) {
    MARL_TRY(marl_group_begin(store, "seen", g, saving, &group, err));
    code = saving ? marl_normalizer_save(shard->seen[g], group, err)
                  : marl_normalizer_load(shard->seen[g], group, err);
    marl_store_close(&group);
  }
  return code;
}

MarlCode marl_dqn_learner_save_shard(const MarlLearner *learner, int shard_number, MarlStore *to,
                                     MarlError *err) {
  const DqnLearner *dqn = (const DqnLearner *)learner;
  const DqnShard *shard = &dqn->shards[shard_number - dqn->first_shard];
  MARL_TRY(marl_store_set_int(to, NULL, "acts", shard->acts, err));
  return transfer_shard(dqn, shard, to, true, err);
}

MarlCode marl_dqn_learner_load_shard(MarlLearner *learner, int shard_number, MarlStore *from,
                                     MarlError *err) {
  const DqnLearner *dqn = (const DqnLearner *)learner;
  DqnShard *shard = &dqn->shards[shard_number - dqn->first_shard];
  MARL_TRY(marl_store_get_int(from, NULL, "acts", &shard->acts, err));
  return transfer_shard(dqn, shard, from, false, err);
}
