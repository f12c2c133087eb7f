#include "marl/learn/group_transfer.h"
#include "marl/learn/plain_array.h"
#include "marl/learn/ppo.h"

static MarlCode transfer_normalizer(MarlNormalizer *normalizer, MarlStore *store, const char *name,
                                    int index, bool saving, MarlError *err) {
  MarlStore *group;
  MARL_TRY(marl_group_begin(store, name, index, saving, &group, err));
  const MarlCode code = saving ? marl_normalizer_save(normalizer, group, err)
                               : marl_normalizer_load(normalizer, group, err);
  marl_store_close(&group);
  return code;
}

static MarlCode transfer_adam(MarlAdam *adam, MarlStore *store, const char *name, int role,
                              bool saving, MarlError *err) {
  MarlStore *group;
  MARL_TRY(marl_group_begin(store, name, role, saving, &group, err));
  const MarlCode code =
      saving ? marl_adam_save(adam, group, err) : marl_adam_load(adam, group, err);
  marl_store_close(&group);
  return code;
}

static MarlCode transfer_networks(const Ppo *ppo, MarlStore *store, bool saving, MarlError *err) {
  MarlStore *group;
  MARL_TRY(marl_group_begin(store, "policy", -1, saving, &group, err));
  MarlCode code = saving ? marl_policy_save(ppo->policy, group, err)
                         : marl_policy_restore(ppo->policy, group, err);
  marl_store_close(&group);
  if (code != MARL_OK) return code;
  MARL_TRY(marl_group_begin(store, "critic", -1, saving, &group, err));
  code = saving ? marl_critic_save(ppo->critic, group, err)
                : marl_critic_load(ppo->critic, group, err);
  marl_store_close(&group);
  return code;
}

static MarlCode transfer(const Ppo *ppo, MarlStore *store, bool saving, MarlError *err) {
  MARL_TRY(transfer_networks(ppo, store, saving, err));
  for (int role = 0; role < ppo->num_roles; ++role) {
    MARL_TRY(transfer_adam(ppo->policy_adam[role], store, "policy_adam", role, saving, err));
    MARL_TRY(transfer_adam(ppo->critic_adam[role], store, "critic_adam", role, saving, err));
  }
  if (ppo->state_normalizer == NULL) return MARL_OK;
  return transfer_normalizer(ppo->state_normalizer, store, "state_normalizer", -1, saving, err);
}

MarlCode marl_ppo_save(const MarlLearner *learner, MarlStore *to, MarlError *err) {
  const Ppo *ppo = (const Ppo *)learner;
  MARL_TRY(marl_store_set_int(to, NULL, "update", ppo->update, err));
  MARL_TRY(marl_schedule_save(&ppo->schedule, to, err));
  return transfer(ppo, to, true, err);
}

MarlCode marl_ppo_load(MarlLearner *learner, MarlStore *from, MarlError *err) {
  Ppo *ppo = (Ppo *)learner;
  MARL_TRY(marl_schedule_check(&ppo->schedule, from, err));
  MARL_TRY(marl_store_get_int(from, NULL, "update", &ppo->update, err));
  return transfer(ppo, from, false, err);
}

/* A stored choice becomes an index of the network's outputs. */
static MarlCode check_choice(const MarlRole *role, size_t slot, const float *act, MarlStore *from,
                             MarlError *err) {
  for (int i = 0; i < role->act_dim; ++i) {
    const int choices = marl_role_choices(role, i);
    if (!(act[i] >= 0 && act[i] < (float)choices))
      return MARL_FAIL(err, MARL_EIO,
                       "%s: choice %zu of role '%s' is %g, expected 0 to %d: the file is damaged",
                       marl_store_path(from), slot, role->name, (double)act[i], choices - 1);
  }
  return MARL_OK;
}

static MarlCode check_choices(const Ppo *ppo, const MarlRollout *rollout, MarlStore *from,
                              MarlError *err) {
  const size_t slots = marl_rollout_num_slots(rollout);
  for (size_t slot = 0; slot < slots; ++slot) {
    if (rollout->role[slot] == MARL_NO_ROLE) continue;
    const MarlRole *role = &ppo->policy->roles[rollout->role[slot]].role;
    if (role->action_kind == MARL_ACTION_DISCRETE)
      MARL_TRY(check_choice(role, slot, rollout->act + slot * (size_t)ppo->act_dim, from, err));
  }
  return MARL_OK;
}

static MarlCode transfer_shard(const Ppo *ppo, PpoShard *shard, MarlStore *store, bool saving,
                               MarlError *err) {
  MarlStore *group;
  MARL_TRY(marl_group_begin(store, "rollout", -1, saving, &group, err));
  MarlCode code = saving ? marl_rollout_save(shard->rollout, group, err)
                         : marl_rollout_load(shard->rollout, group, err);
  marl_store_close(&group);
  if (code == MARL_OK && !saving) code = check_choices(ppo, shard->rollout, store, err);
  if (code != MARL_OK) return code;
  const size_t memory = (size_t)ppo->remembered * (size_t)ppo->num_roles;
  const MarlPlainArray remembered = {"memory", MARL_F32, shard->rollout->shape.rows * memory,
                                     shard->memory};
  MARL_TRY(marl_plain_transfer(store, &remembered, 1, saving, err));
  for (int g = 0; g <= ppo->num_groups; ++g)
    if (shard->seen[g] != NULL)
      MARL_TRY(transfer_normalizer(shard->seen[g], store, "seen", g, saving, err));
  return MARL_OK;
}

MarlCode marl_ppo_save_shard(const MarlLearner *learner, int shard_number, MarlStore *to,
                             MarlError *err) {
  const Ppo *ppo = (const Ppo *)learner;
  PpoShard *shard = &ppo->shards[shard_number - ppo->first_shard];
  MARL_TRY(marl_store_set_int(to, NULL, "acts", shard->acts, err));
  return transfer_shard(ppo, shard, to, true, err);
}

MarlCode marl_ppo_load_shard(MarlLearner *learner, int shard_number, MarlStore *from,
                             MarlError *err) {
  const Ppo *ppo = (const Ppo *)learner;
  PpoShard *shard = &ppo->shards[shard_number - ppo->first_shard];
  MARL_TRY(marl_store_get_int(from, NULL, "acts", &shard->acts, err));
  return transfer_shard(ppo, shard, from, false, err);
}
