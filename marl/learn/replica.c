#include "marl/learn/replica.h"

#include <stdlib.h>

/* The kind of a role's actions that the learner cannot choose, NULL: it can. */
static const char *missing_ability(unsigned abilities, const MarlEnvSpec *spec,
                                   const MarlRole *role) {
  if (role->action_kind == MARL_ACTION_CONTINUOUS)
    return abilities & MARL_LEARNER_CONTINUOUS ? NULL : "continuous";
  if (!(abilities & MARL_LEARNER_DISCRETE)) return "discrete";
  if (role->act_dim > 1 && !(abilities & MARL_LEARNER_SEVERAL)) return "several discrete";
  if (spec->mask_dim > 0 && !(abilities & MARL_LEARNER_MASKED)) return "masked discrete";
  return NULL;
}

static MarlCode check_abilities(const MarlReplicaInit *init, const MarlEnvSpec *spec,
                                MarlError *err) {
  const MarlLearnerOps *ops = init->learner_ops;
  for (int r = 0; r < spec->num_roles; ++r) {
    const char *missing = missing_ability(ops->abilities, spec, &spec->roles[r]);
    if (missing == NULL) continue;
    return MARL_FAIL(err, MARL_ECONFIG,
                     "learner '%s' cannot choose the %s actions of role '%s' of environment '%s'",
                     ops->name, missing, spec->roles[r].name, init->env_ops->name);
  }
  if (spec->max_transitions == 0) return MARL_OK;
  if (!(ops->abilities & MARL_LEARNER_TRANSITIONS))
    return MARL_FAIL(err, MARL_ECONFIG,
                     "learner '%s' does not learn from single transitions, which environment '%s' "
                     "gives as it is set (env.transitions)",
                     ops->name, init->env_ops->name);
  if (marl_section_real(init->env, "common_reward") == 0) return MARL_OK;
  return MARL_FAIL(
      err, MARL_ECONFIG,
      "env.common_reward: environment '%s' gives transitions with rewards of its own as "
      "it is set (env.transitions)",
      init->env_ops->name);
}

static MarlCode check_policy(const MarlReplicaInit *init, MarlError *err) {
  const MarlLearnerOps *ops = init->learner_ops;
  size_t groups;
  marl_section_texts(init->policy, "groups", &groups);
  const bool frozen = marl_section_text(init->policy, "frozen")[0] != '\0';
  if (groups > 0 && !(ops->abilities & MARL_LEARNER_GROUPS))
    return MARL_FAIL(err, MARL_ECONFIG, "learner '%s' knows no groups of agents: policy.groups",
                     ops->name);
  if (frozen && !(ops->abilities & MARL_LEARNER_FROZEN))
    return MARL_FAIL(
        err, MARL_ECONFIG,
        "learner '%s' trains every agent: policy.frozen is for ppo, reinforce, dqn and tabular_q; "
        "strategies by name are env.policies",
        ops->name);
  if (marl_section_choice(init->policy, "recurrent") != 0 &&
      !(ops->abilities & MARL_LEARNER_MEMORY))
    return MARL_FAIL(err, MARL_ECONFIG,
                     "learner '%s' trains no policy that remembers: policy.recurrent", ops->name);
  size_t num_conv;
  (void)marl_section_ints(init->policy, "conv_channels", &num_conv);
  if (num_conv > 0 && !(ops->abilities & MARL_LEARNER_MEMORY))
    return MARL_FAIL(err, MARL_ECONFIG, "learner '%s' trains no convolutions: policy.conv_channels",
                     ops->name);
  return MARL_OK;
}

static MarlCode create_environments(const MarlReplicaInit *init, int envs_per_shard,
                                    MarlReplica *out, MarlError *err) {
  const MarlKey key = marl_key_fold(marl_key(init->seed, MARL_STREAM_ENV), (uint64_t)init->number);
  out->vec = calloc((size_t)init->own_shards, sizeof(MarlVecEnv *));
  if (out->vec == NULL) return MARL_FAIL(err, MARL_EMEMORY, "out of memory for environments");
  for (int s = 0; s < init->own_shards; ++s) {
    const int first_env = (init->first_shard + s) * envs_per_shard;
    MARL_TRY(marl_vec_env_create(init->env_ops, init->env, envs_per_shard, first_env, key,
                                 MPI_COMM_SELF, &out->vec[s], err));
    marl_vec_env_share_rewards(out->vec[s], marl_section_real(init->env, "common_reward"));
  }
  return MARL_OK;
}

static MarlCode create_learner(const MarlReplicaInit *init, int envs_per_shard, MarlReplica *out,
                               MarlError *err) {
  const MarlEnvSpec *spec = marl_vec_env_spec(out->vec[0]);
  MARL_TRY(check_abilities(init, spec, err));
  MARL_TRY(check_policy(init, err));
  const MarlLearnerInit learner = {
      .env = spec,
      .policy = init->policy,
      .num_envs = envs_per_shard,
      .num_shards = init->num_shards,
      .first_shard = init->first_shard,
      .own_shards = init->own_shards,
      .num_updates = init->num_updates,
      .seed = init->seed,
      .replica = init->number,
      .comm = init->comm,
  };
  MARL_TRY(init->learner_ops->create(init->learner, &learner, &out->learner, err));
  out->learner->ops = init->learner_ops;
  return MARL_OK;
}

MarlCode marl_replica_create(const MarlReplicaInit *init, MarlReplica *out, MarlError *err) {
  const int envs_per_shard = marl_section_int(init->env, "num_envs") / init->num_shards;
  *out = (MarlReplica){.first_shard = init->first_shard, .own_shards = init->own_shards};
  MarlCode code = create_environments(init, envs_per_shard, out, err);
  if (code == MARL_OK) code = create_learner(init, envs_per_shard, out, err);
  for (int s = 0; s < init->own_shards && code == MARL_OK; ++s) {
    if (out->learner->ops->company != NULL)
      marl_vec_env_draw_alike(out->vec[s], out->learner->ops->company(out->learner));
    code = marl_vec_env_reset(out->vec[s], err);
  }
  if (code != MARL_OK) marl_replica_clear(out);
  return code;
}

void marl_replica_clear(MarlReplica *replica) {
  for (int s = 0; replica->vec != NULL && s < replica->own_shards; ++s)
    marl_vec_env_destroy(&replica->vec[s]);
  free(replica->vec);
  if (replica->learner != NULL) replica->learner->ops->destroy(replica->learner);
  *replica = (MarlReplica){.learner = NULL};
}

MarlCode marl_replica_act(MarlReplica *replica, MarlError *err) {
  MarlLearner *learner = replica->learner;
  for (int s = 0; s < replica->own_shards; ++s)
    MARL_TRY(learner->ops->act(learner, replica->first_shard + s,
                               marl_vec_env_batch(replica->vec[s]), err));
  return MARL_OK;
}

MarlCode marl_replica_observe(MarlReplica *replica, MarlError *err) {
  MarlLearner *learner = replica->learner;
  for (int s = 0; s < replica->own_shards; ++s)
    MARL_TRY(learner->ops->observe(learner, replica->first_shard + s,
                                   marl_vec_env_batch(replica->vec[s]), err));
  return MARL_OK;
}

MarlCode marl_replica_update(MarlReplica *replica, MarlStats *stats, MarlError *err) {
  stats->restart = 0;
  MARL_TRY(replica->learner->ops->update(replica->learner, stats, err));
  for (int s = 0; s < replica->own_shards && stats->restart > 0; ++s)
    MARL_TRY(marl_vec_env_begin(replica->vec[s], stats->restart, err));
  return MARL_OK;
}
