/* recipe: marl/learn/learner_untrained.c, ENTRY(untrained) in marl/learn/learner_table.c */
/* Learner `untrained`: acts by its policy as it was made and never changes it. What it earns is what any
 * training has to beat. */
#include <stdlib.h>

#include "marl/learn/learner.h"

typedef struct Untrained {
  MarlLearner base; /* first */
  MarlPolicy *policy;
  MarlKey key;
  int num_agents, obs_dim, act_dim;
  size_t rows; /* of a shard */
  int first_shard, interval;
  int64_t *acts; /* [own_shards] that every shard has done: draws are keyed by it */
  int64_t steps; /* since the last report */
} Untrained;

static const MarlOption options[] = {
    {"interval", MARL_OPTION_INT, "100", 1, 1e9, NULL, "steps", "steps that are one update"},
};

static void destroy(MarlLearner *learner) {
  Untrained *u = (Untrained *)learner;
  if (u == NULL) return;
  marl_policy_destroy(&u->policy);
  free(u->acts);
  free(u);
}

static MarlCode create(const MarlSection *config, const MarlLearnerInit *init, MarlLearner **out,
                       MarlError *err) {
  Untrained *u = calloc(1, sizeof *u);
  if (u == NULL) return MARL_FAIL(err, MARL_EMEMORY, "untrained: out of memory");
  const uint64_t replica = (uint64_t)init->replica;
  u->key = marl_key_fold(marl_key(init->seed, MARL_STREAM_POLICY), replica);
  u->num_agents = init->env->num_agents;
  u->obs_dim = init->env->obs_dim;
  u->act_dim = init->env->act_dim;
  u->rows = (size_t)init->num_envs * (size_t)u->num_agents;
  u->first_shard = init->first_shard;
  u->interval = marl_section_int(config, "interval");
  u->acts = calloc((size_t)init->own_shards, sizeof *u->acts);
  MarlCode code = u->acts != NULL ? MARL_OK : MARL_FAIL(err, MARL_EMEMORY, "out of memory");
  const MarlKey start = marl_key_fold(marl_key(init->seed, MARL_STREAM_INIT), replica);
  if (code == MARL_OK)
    code = marl_policy_create(init->policy, init->env, MARL_OUTPUTS_PLAIN, init->replica, start,
                              &u->policy, err);
  if (code == MARL_OK)
    *out = &u->base;
  else
    destroy(&u->base);
  return code;
}

/* Draws are keyed by the row's number over all ranks. */
static MarlCode act(MarlLearner *learner, int shard, MarlBatch *batch, MarlError *err) {
  (void)err;
  Untrained *u = (Untrained *)learner;
  const MarlKey now = marl_key_fold(u->key, (uint64_t)u->acts[shard - u->first_shard]++);
  for (size_t row = 0; row < u->rows; ++row) {
    if (!batch->active[row]) continue;
    const int set = marl_policy_set(u->policy, (int)(row % (size_t)u->num_agents));
    const MarlKey key = marl_key_fold(now, (uint64_t)shard * u->rows + row);
    marl_policy_act(u->policy, batch->role[row], set, 1, batch->obs + row * (size_t)u->obs_dim,
                    &key, batch->act + row * (size_t)u->act_dim);
  }
  return MARL_OK;
}

static MarlCode observe(MarlLearner *learner, int shard, const MarlBatch *batch, MarlError *err) {
  (void)learner, (void)shard, (void)batch, (void)err;
  return MARL_OK;
}

static MarlCode update(MarlLearner *learner, MarlStats *stats, MarlError *err) {
  (void)err;
  Untrained *u = (Untrained *)learner;
  *stats = (MarlStats){.updated = ++u->steps == u->interval};
  if (stats->updated) u->steps = 0;
  return MARL_OK;
}

static const MarlPolicy *policy(const MarlLearner *learner) {
  return ((const Untrained *)learner)->policy;
}

static MarlCode save(const MarlLearner *learner, MarlStore *to, MarlError *err) {
  const Untrained *u = (const Untrained *)learner;
  MarlStore *group = NULL;
  MARL_TRY(marl_store_set_int(to, NULL, "steps", u->steps, err));
  MARL_TRY(marl_store_group_create(to, "policy", &group, err));
  const MarlCode code = marl_policy_save(u->policy, group, err);
  marl_store_close(&group);
  return code;
}

static MarlCode load(MarlLearner *learner, MarlStore *from, MarlError *err) {
  Untrained *u = (Untrained *)learner;
  MarlStore *group = NULL;
  MARL_TRY(marl_store_get_int(from, NULL, "steps", &u->steps, err));
  MARL_TRY(marl_store_group_open(from, "policy", &group, err));
  const MarlCode code = marl_policy_restore(u->policy, group, err);
  marl_store_close(&group);
  return code;
}

static MarlCode save_shard(const MarlLearner *learner, int shard, MarlStore *to, MarlError *err) {
  const Untrained *u = (const Untrained *)learner;
  return marl_store_set_int(to, NULL, "acts", u->acts[shard - u->first_shard], err);
}

static MarlCode load_shard(MarlLearner *learner, int shard, MarlStore *from, MarlError *err) {
  Untrained *u = (Untrained *)learner;
  return marl_store_get_int(from, NULL, "acts", &u->acts[shard - u->first_shard], err);
}

const MarlLearnerOps marl_learner_untrained = {
    .name = "untrained",
    .summary = "acts by its policy as it was made and never changes it",
    .source = "the recipe of docs/plugins.md",
    .options = options,
    .num_options = sizeof options / sizeof options[0],
    .abilities = MARL_LEARNER_CONTINUOUS | MARL_LEARNER_DISCRETE,
    .create = create,
    .destroy = destroy,
    .act = act,
    .observe = observe,
    .update = update,
    .policy = policy,
    .save = save,
    .load = load,
    .save_shard = save_shard,
    .load_shard = load_shard,
};
