#include "marl/learn/learner_tabular_q.h"

#include <stdlib.h>
#include <string.h>

#include "marl/core/arena.h"
#include "marl/learn/group_transfer.h"
#include "marl/learn/plain_array.h"
#include "marl/learn/role_values.h"

static const MarlOption options[] = {
    {"gamma", MARL_OPTION_TEXTS, "0.99", 0, 1, NULL, "1",
     "discount of a decision to the next; role=number for a role of its own"},
    {"learning_rate", MARL_OPTION_TEXTS, "0.1", 0, 1, NULL, "1",
     "part of its error by which a value is corrected; role=number for a role of its own"},
    {"initial_value", MARL_OPTION_TEXTS, "0", -1e9, 1e9, NULL, "reward",
     "of an action that was never taken; role=number for a role of its own"},
    {"epsilon_start", MARL_OPTION_TEXTS, "1", 0, 1, NULL, "1",
     "probability of a uniform action at first; role=number for a role of its own"},
    {"epsilon_end", MARL_OPTION_TEXTS, "0.05", 0, 1, NULL, "1",
     "probability of a uniform action after epsilon_steps; role=number for a role of its own"},
    {"epsilon_steps", MARL_OPTION_TEXTS, "10000", 0, 1e15, NULL, "steps",
     "steps of all environments together in which epsilon falls linearly; role=number for its own"},
    {"epsilon_episodes", MARL_OPTION_INT, "0", 0, 1e15, NULL, "episodes",
     "episodes of an environment in which epsilon falls, in place of epsilon_steps; 0: by steps"},
    {"interval", MARL_OPTION_INT, "100", 1, 1e9, NULL, "steps",
     "steps of each environment that are reported as one update; it learns after every step"},
    {"max_states", MARL_OPTION_INT, "100000", 1, 4e9, NULL, "1",
     "different observations of a role beyond which the run ends with an error"},
};

static MarlCode read_params(const MarlSection *config, const MarlRole *roles, TabularQ *q,
                            double *initial, MarlError *err) {
  const struct {
    const char *key;
    double *at;
  } values[] = {
      {"gamma", &q->params[0].gamma},
      {"learning_rate", &q->params[0].learning_rate},
      {"epsilon_start", &q->params[0].epsilon_start},
      {"epsilon_end", &q->params[0].epsilon_end},
      {"epsilon_steps", &q->params[0].epsilon_steps},
  };
  const size_t stride = sizeof *q->params / sizeof(double);
  for (size_t i = 0; i < sizeof values / sizeof *values; ++i)
    MARL_TRY(marl_role_values(config, values[i].key, false, roles, q->num_roles, stride,
                              values[i].at, err));
  q->epsilon_episodes = marl_section_int64(config, "epsilon_episodes");
  q->interval = marl_section_int(config, "interval");
  return marl_role_values(config, "initial_value", false, roles, q->num_roles, 1, initial, err);
}

static size_t num_streams(const TabularQ *q) {
  return q->num_rows * (size_t)q->num_roles;
}

static size_t lay_out(TabularQ *q, char *block) {
  size_t n = 0;
  q->counts = marl_carve(block, &n, (size_t)q->num_shards, sizeof *q->counts);
  q->sizes = marl_carve(block, &n, (size_t)q->num_shards, sizeof *q->sizes);
  for (int own = 0; own < q->own_shards; ++own) {
    TabularShard *s = &q->shards[own];
    s->episodes = marl_carve(block, &n, (size_t)q->num_envs, sizeof *s->episodes);
    s->stage = marl_carve(block, &n, num_streams(q), sizeof *s->stage);
    s->complete = marl_carve(block, &n, num_streams(q), sizeof *s->complete);
    s->choice = marl_carve(block, &n, num_streams(q), sizeof *s->choice);
    s->reward = marl_carve(block, &n, num_streams(q), sizeof *s->reward);
    s->obs = marl_carve(block, &n, num_streams(q) * q->obs_dim, sizeof *s->obs);
    s->next = marl_carve(block, &n, num_streams(q) * q->obs_dim, sizeof *s->next);
    s->legal = marl_carve(block, &n, num_streams(q) * q->mask_dim, sizeof *s->legal);
  }
  return n;
}

static void destroy(MarlLearner *learner) {
  TabularQ *q = (TabularQ *)learner;
  if (q == NULL) return;
  marl_policy_destroy(&q->policy);
  free(q->params);
  free(q->shards);
  free(q->travel);
  free(q->arena);
  free(q);
}

static MarlCode build(const MarlSection *config, const MarlLearnerInit *init, TabularQ *q,
                      MarlError *err) {
  double initial[MARL_ENV_MAX_ROLES];
  q->params = calloc((size_t)q->num_roles, sizeof *q->params);
  q->shards = calloc((size_t)q->own_shards, sizeof *q->shards);
  if (q->params == NULL || q->shards == NULL)
    return MARL_FAIL(err, MARL_EMEMORY, "out of memory for tabular_q");
  MARL_TRY(read_params(config, init->env->roles, q, initial, err));
  MARL_TRY(marl_policy_create_tables(init->policy, init->env, initial,
                                     (size_t)marl_section_int64(config, "max_states"),
                                     init->replica, &q->policy, err));
  for (int r = 0; r < q->num_roles; ++r)
    q->policy->roles[r].epsilon = (float)marl_tabular_q_epsilon(q, r, 0, 0);
  const size_t size = lay_out(q, NULL);
  q->arena = marl_arena_alloc(size);
  if (q->arena == NULL)
    return MARL_FAIL(err, MARL_EMEMORY, "out of memory for tabular_q: %zu bytes", size);
  lay_out(q, q->arena);
  return MARL_OK;
}

static MarlCode create(const MarlSection *config, const MarlLearnerInit *init, MarlLearner **out,
                       MarlError *err) {
  *out = NULL;
  TabularQ *q = calloc(1, sizeof *q);
  if (q == NULL) return MARL_FAIL(err, MARL_EMEMORY, "out of memory for tabular_q");
  q->num_envs = init->num_envs;
  q->num_agents = init->env->num_agents;
  q->num_roles = init->env->num_roles;
  q->obs_dim = (size_t)init->env->obs_dim;
  q->act_dim = (size_t)init->env->act_dim;
  q->mask_dim = (size_t)init->env->mask_dim;
  q->num_rows = (size_t)q->num_envs * (size_t)q->num_agents;
  q->num_shards = init->num_shards;
  q->first_shard = init->first_shard;
  q->own_shards = init->own_shards;
  q->act_key = marl_key_fold(marl_key(init->seed, MARL_STREAM_POLICY), (uint64_t)init->replica);
  q->comm = init->comm;
  const MarlCode code = build(config, init, q, err);
  if (code == MARL_OK)
    *out = &q->base;
  else
    destroy(&q->base);
  return code;
}

static MarlCode act(MarlLearner *learner, int shard_number, MarlBatch *batch, MarlError *err) {
  (void)err;
  TabularQ *q = (TabularQ *)learner;
  TabularShard *shard = &q->shards[shard_number - q->first_shard];
  const MarlKey step_key = marl_key_fold(q->act_key, (uint64_t)shard->acts);
  const uint64_t first_row = (uint64_t)shard_number * (uint64_t)q->num_rows;
  for (size_t i = 0; i < batch->first_touched[q->num_envs]; ++i) {
    const size_t row = batch->touched[i];
    if (!batch->active[row]) continue;
    const int role = batch->role[row];
    const MarlTable *table = q->policy->roles[role].table;
    const int set = marl_policy_set(q->policy, (int)(row % (size_t)q->num_agents));
    const size_t stream = row * (size_t)q->num_roles + (size_t)role;
    const float *obs = batch->obs + row * q->obs_dim;
    const bool learns = marl_policy_learns(q->policy, set);
    const double epsilon =
        learns ? marl_tabular_q_epsilon(q, role, shard->acts,
                                        shard->episodes[row / (size_t)q->num_agents])
               : (double)q->policy->roles[role].frozen_epsilon;
    const uint8_t *mask = q->mask_dim > 0 ? batch->mask + row * q->mask_dim : NULL;
    const int choice = marl_table_draw(marl_table_values(table, obs, set), table->shape.num_choices,
                                       mask, epsilon, marl_key_fold(step_key, first_row + row));
    batch->act[row * q->act_dim] = (float)choice;
    if (!learns) continue;
    q->policy->roles[role].epsilon = (float)epsilon;
    shard->stage[stream] = TABULAR_OPEN;
    shard->choice[stream] = choice;
    shard->reward[stream] = 0;
    memcpy(shard->obs + stream * q->obs_dim, obs, q->obs_dim * sizeof *obs);
  }
  ++shard->acts;
  return MARL_OK;
}

/* What the step was to the decision that is open in a stream: what it earned, and whether that is all. */
static void observe_stream(const TabularQ *q, TabularShard *shard, const MarlBatch *batch,
                           size_t row, int role) {
  const size_t stream = row * (size_t)q->num_roles + (size_t)role;
  if (shard->stage[stream] != TABULAR_OPEN) return;
  const float *next = NULL;
  const uint8_t *mask = batch->mask;
  shard->reward[stream] += (double)batch->reward[stream];
  if (batch->terminated[row] || (batch->ended != NULL && batch->ended[stream])) {
    shard->stage[stream] = TABULAR_ENDED;
  } else if (batch->truncated[row]) {
    const bool decides = batch->final_active[row] && batch->final_role[row] == role;
    if (decides) next = batch->final_obs + row * q->obs_dim;
    mask = batch->final_mask;
    shard->stage[stream] = decides ? TABULAR_FOLLOWED : TABULAR_NONE;
  } else if (batch->active[row] && batch->role[row] == role) {
    next = batch->obs + row * q->obs_dim;
    shard->stage[stream] = TABULAR_FOLLOWED;
  }
  if (shard->stage[stream] >= TABULAR_FOLLOWED) shard->complete[shard->num_complete++] = stream;
  if (next == NULL) return;
  memcpy(shard->next + stream * q->obs_dim, next, q->obs_dim * sizeof *next);
  if (mask != NULL)
    memcpy(shard->legal + stream * q->mask_dim, mask + row * q->mask_dim, q->mask_dim);
}

static MarlCode observe(MarlLearner *learner, int shard_number, const MarlBatch *batch,
                        MarlError *err) {
  (void)err;
  const TabularQ *q = (const TabularQ *)learner;
  TabularShard *shard = &q->shards[shard_number - q->first_shard];
  for (size_t i = 0; i < batch->first_touched[q->num_envs]; ++i)
    for (int role = 0; role < q->num_roles; ++role)
      observe_stream(q, shard, batch, batch->touched[i], role);
  for (int e = 0; e < q->num_envs; ++e) shard->episodes[e] += batch->episode_ended[e];
  return MARL_OK;
}

static const MarlPolicy *policy(const MarlLearner *learner) {
  return ((const TabularQ *)learner)->policy;
}

static MarlCode transfer(TabularQ *q, MarlStore *store, bool saving, MarlError *err) {
  const MarlPlainArray arrays[] = {{"steps", MARL_I64, 1, &q->steps},
                                   {"sums", MARL_F64, TABULAR_NUM_SUMS, q->sums}};
  MarlStore *group;
  MARL_TRY(marl_plain_transfer(store, arrays, sizeof arrays / sizeof *arrays, saving, err));
  MARL_TRY(marl_group_begin(store, "policy", -1, saving, &group, err));
  const MarlCode code =
      saving ? marl_policy_save(q->policy, group, err) : marl_policy_restore(q->policy, group, err);
  marl_store_close(&group);
  return code;
}

static MarlCode save(const MarlLearner *learner, MarlStore *to, MarlError *err) {
  TabularQ view = *(const TabularQ *)learner; /* nothing is changed when writing */
  return transfer(&view, to, true, err);
}

static MarlCode load(MarlLearner *learner, MarlStore *from, MarlError *err) {
  return transfer((TabularQ *)learner, from, false, err);
}

/* Between updates: nothing is complete. */
static MarlCode transfer_shard(const TabularQ *q, TabularShard *s, MarlStore *store, bool saving,
                               MarlError *err) {
  const size_t n = num_streams(q);
  const MarlPlainArray arrays[] = {
      {"acts", MARL_I64, 1, &s->acts},    {"episodes", MARL_I64, (size_t)q->num_envs, s->episodes},
      {"stage", MARL_U8, n, s->stage},    {"choice", MARL_I32, n, s->choice},
      {"reward", MARL_F64, n, s->reward}, {"obs", MARL_F32, n * q->obs_dim, s->obs},
  };
  return marl_plain_transfer(store, arrays, sizeof arrays / sizeof *arrays, saving, err);
}

static MarlCode save_shard(const MarlLearner *learner, int shard, MarlStore *to, MarlError *err) {
  const TabularQ *q = (const TabularQ *)learner;
  TabularShard view = q->shards[shard - q->first_shard];
  return transfer_shard(q, &view, to, true, err);
}

static MarlCode load_shard(MarlLearner *learner, int shard, MarlStore *from, MarlError *err) {
  const TabularQ *q = (const TabularQ *)learner;
  TabularShard *s = &q->shards[shard - q->first_shard];
  MARL_TRY(transfer_shard(q, s, from, false, err));
  MARL_TRY(marl_store_check_within(from, "stage", MARL_U8, num_streams(q), TABULAR_NONE,
                                   TABULAR_OPEN, s->stage, err));
  for (size_t stream = 0; stream < num_streams(q); ++stream)
    if (s->stage[stream] == TABULAR_OPEN)
      MARL_TRY(marl_store_check_within(
          from, "choice", MARL_I32, 1, 0,
          q->policy->roles[stream % (size_t)q->num_roles].role.num_choices - 1, &s->choice[stream],
          err));
  return MARL_OK;
}

const MarlLearnerOps marl_learner_tabular_q = {
    .name = "tabular_q",
    .summary = "Q-learning with a table over the observations that occur",
    .source = "Watkins and Dayan, Machine Learning 8, 1992",
    .options = options,
    .num_options = sizeof options / sizeof options[0],
    .abilities =
        MARL_LEARNER_DISCRETE | MARL_LEARNER_MASKED | MARL_LEARNER_GROUPS | MARL_LEARNER_FROZEN,
    .create = create,
    .destroy = destroy,
    .act = act,
    .observe = observe,
    .update = marl_tabular_q_update,
    .policy = policy,
    .save = save,
    .load = load,
    .save_shard = save_shard,
    .load_shard = load_shard,
};
