#include "marl/learn/group_transfer.h"
#include "marl/learn/plain_array.h"
#include "marl/learn/vracer.h"

static MarlCode transfer(const Vracer *v, MarlStore *store, bool saving, MarlError *err) {
  MarlStore *group;
  MARL_TRY(marl_group_begin(store, "policy", -1, saving, &group, err));
  MarlCode code =
      saving ? marl_policy_save(v->policy, group, err) : marl_policy_restore(v->policy, group, err);
  marl_store_close(&group);
  if (code != MARL_OK) return code;
  MARL_TRY(marl_group_begin(store, "adam", -1, saving, &group, err));
  code = saving ? marl_adam_save(v->adam, group, err) : marl_adam_load(v->adam, group, err);
  marl_store_close(&group);
  return code;
}

MarlCode marl_vracer_save(const MarlLearner *learner, MarlStore *to, MarlError *err) {
  const Vracer *v = (const Vracer *)learner;
  MARL_TRY(marl_store_set_int(to, NULL, "update", v->update, err));
  MARL_TRY(marl_store_set_int(to, NULL, "step", v->step, err));
  MARL_TRY(marl_plain_write(to, "beta", MARL_F64, 1, &v->beta, err));
  MARL_TRY(marl_plain_write(to, "network", MARL_F32, v->num_params, v->network, err));
  return transfer(v, to, true, err);
}

MarlCode marl_vracer_load(MarlLearner *learner, MarlStore *from, MarlError *err) {
  Vracer *v = (Vracer *)learner;
  MARL_TRY(marl_store_get_int(from, NULL, "update", &v->update, err));
  MARL_TRY(marl_store_get_int(from, NULL, "step", &v->step, err));
  MARL_TRY(marl_plain_read(from, "beta", MARL_F64, 1, &v->beta, err));
  MARL_TRY(marl_plain_read(from, "network", MARL_F32, v->num_params, v->network, err));
  return transfer(v, from, false, err);
}

MarlCode marl_vracer_save_shard(const MarlLearner *learner, int shard, MarlStore *to,
                                MarlError *err) {
  const Vracer *v = (const Vracer *)learner;
  return marl_sequences_save(v->shards[shard - v->first_shard], to, err);
}

MarlCode marl_vracer_load_shard(MarlLearner *learner, int shard, MarlStore *from, MarlError *err) {
  Vracer *v = (Vracer *)learner;
  return marl_sequences_load(v->shards[shard - v->first_shard], from, err);
}
