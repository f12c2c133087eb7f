/* Any environment with any learner as a population of `marl compare`.
 *
 * A run is a training without an end of its own: the same steps, the same bits as `marl train` takes
 * under the cell's seed with run.first_replica = replica. It is measured in cycles: those of the
 * environment, or its episodes. */
#include "marl/compare/trained.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "marl/core/arena.h"
#include "marl/learn/group_transfer.h"
#include "marl/learn/plain_array.h"
#include "marl/learn/returns.h"

/* An environment in which nothing ends would be waited for without end. */
static const int64_t most_steps = 100000000;

static const MarlEnvSpec *spec_of(const Trained *t) {
  return marl_vec_env_spec(t->replica.vec[0]);
}

size_t marl_trained_width(const Trained *t) {
  return (size_t)marl_num_returns(spec_of(t)) + 1;
}

static int num_probed(const MarlEnvOps *ops) {
  return ops->probe != NULL ? ops->probe->num_metrics : 0;
}

static size_t lay_out(Trained *t, char *block) {
  const MarlEnvSpec *s = spec_of(t);
  const size_t Q = t->env_ops->probe != NULL ? (size_t)t->env_ops->probe->num_obs : 0;
  const size_t obs = (size_t)s->obs_dim, act = (size_t)s->act_dim;
  size_t n = 0;
  t->part = marl_carve(block, &n, (size_t)t->num_metrics, sizeof *t->part);
  t->whole = marl_carve(block, &n, (size_t)t->num_metrics, sizeof *t->whole);
  t->reward = marl_carve(block, &n, (size_t)t->num_envs * marl_trained_width(t), sizeof *t->reward);
  t->obs = marl_carve(block, &n, Q * obs, sizeof *t->obs);
  t->act = marl_carve(block, &n, Q * act, sizeof *t->act);
  t->asked = marl_carve(block, &n, (size_t)s->num_agents * Q * (obs + act), sizeof *t->asked);
  return n;
}

static void destroy(MarlPopulationState *population) {
  Trained *t = (Trained *)population;
  if (t == NULL) return;
  marl_replica_clear(&t->replica);
  free(t->part);
  free(t);
}

static MarlCode check_shards(const MarlPopulationConfig *config, MarlError *err) {
  const int num_envs = marl_section_int(config->env, "num_envs");
  const int num_shards = marl_section_int(config->run, "shards");
  if (num_envs % num_shards == 0) return MARL_OK;
  return MARL_FAIL(err, MARL_ECONFIG, "env.num_envs = %d is not a multiple of run.shards = %d",
                   num_envs, num_shards);
}

static MarlCode create_trained(const MarlPopulationConfig *config, Trained **out, MarlError *err) {
  MARL_TRY(check_shards(config, err));
  Trained *t = calloc(1, sizeof *t);
  *out = NULL;
  if (t == NULL) return MARL_FAIL(err, MARL_EMEMORY, "no memory for a population");
  t->env_ops = config->env_ops;
  t->env = config->env;
  t->num_envs = marl_section_int(config->env, "num_envs");
  t->num_shards = marl_section_int(config->run, "shards");
  t->greedy_key = marl_key_fold(marl_key_fold(marl_key(config->seed, MARL_STREAM_ENV), UINT64_MAX),
                                (uint64_t)config->replica);
  const MarlReplicaInit init = {.env_ops = config->env_ops,
                                .learner_ops = config->learner_ops,
                                .env = config->env,
                                .learner = config->learner,
                                .policy = config->policy,
                                .seed = config->seed,
                                .number = config->replica,
                                .num_shards = t->num_shards,
                                .own_shards = t->num_shards,
                                .comm = MPI_COMM_SELF};
  MarlCode code = marl_replica_create(&init, &t->replica, err);
  if (code == MARL_OK) {
    const MarlEnvSpec *s = spec_of(t);
    t->num_metrics = s->num_metrics + num_probed(t->env_ops) + (int)marl_trained_width(t);
    const size_t size = lay_out(t, NULL);
    char *block = marl_arena_alloc(size);
    if (block == NULL)
      code = MARL_FAIL(err, MARL_EMEMORY, "no memory for a population");
    else
      lay_out(t, block);
  }
  if (code == MARL_OK)
    *out = t;
  else
    destroy((MarlPopulationState *)t);
  return code;
}

static MarlCode create(const MarlPopulationConfig *config, MarlKey key, MarlPopulationState **out,
                       MarlError *err) {
  (void)key; /* the seed of the cell and the replica's number are keys enough */
  Trained *t;
  MARL_TRY(create_trained(config, &t, err));
  *out = (MarlPopulationState *)t;
  return MARL_OK;
}

static void add_name(MarlPopulationMetrics *out, const char *prefix, const char *name) {
  snprintf(out->name[out->count++], MARL_METRIC_NAME, "%s%.*s", prefix,
           MARL_METRIC_NAME - 1 - (int)strlen(prefix), name);
}

/* Builds what a run would, so that nothing is refused later. */
static MarlCode describe(const MarlPopulationConfig *config, MarlPopulationMetrics *out,
                         MarlError *err) {
  Trained *t;
  MARL_TRY(create_trained(config, &t, err));
  const MarlEnvSpec *s = spec_of(t);
  const MarlEnvOps *ops = config->env_ops;
  MarlCode code = MARL_OK;
  *out = (MarlPopulationMetrics){.measures = ops->measures, .num_measures = ops->num_measures};
  if (t->num_metrics > MARL_POPULATION_MAX_METRICS)
    code = MARL_FAIL(err, MARL_EARG, "environment '%s' has more than %d metrics", ops->name,
                     MARL_POPULATION_MAX_METRICS - (int)marl_trained_width(t));
  for (int m = 0; m < s->num_metrics && code == MARL_OK; ++m) add_name(out, "", s->metrics[m]);
  for (int m = 0; m < num_probed(ops) && code == MARL_OK; ++m)
    add_name(out, "", ops->probe->metrics[m]);
  for (int r = 0; r < marl_num_returns(s) && code == MARL_OK; ++r)
    add_name(out, "return_", marl_return_name(s, r));
  if (code == MARL_OK) add_name(out, "", "length");
  destroy((MarlPopulationState *)t);
  return code;
}

int marl_trained_count(const Trained *t, MarlVecEnv *vec, bool probe, double *reward, double *part,
                       double *whole) {
  const MarlEnvSpec *s = spec_of(t);
  const MarlBatch *b = marl_vec_env_batch(vec);
  const int M = s->num_metrics, P = num_probed(t->env_ops), R = marl_num_returns(s);
  int ended = 0;
  for (int e = 0; e < b->num_envs; ++e, reward += R + 1) {
    marl_add_returns(s, b, e, reward);
    reward[R] += 1.0;
    if (b->cycle_ended[e]) {
      ++ended;
      for (int m = 0; m < M; ++m) {
        part[m] += b->cycle_metrics[e * M + m];
        whole[m] += b->cycle_whole[e * M + m];
      }
      if (P > 0 && probe) marl_trained_probe(t, vec, e, part + M, whole + M);
      for (int r = 0; r <= R; ++r) {
        part[M + P + r] += r < R ? reward[r] / marl_return_agents(s, r) : reward[r];
        whole[M + P + r] += 1.0;
      }
    }
    if (b->cycle_ended[e] || marl_vec_env_steps(vec)[e] == 0)
      memset(reward, 0, (size_t)(R + 1) * sizeof *reward);
  }
  return ended;
}

/* Every environment takes one step, and the learner learns. */
static MarlCode step(Trained *t, MarlError *err) {
  const int envs = t->num_envs / t->num_shards, width = (int)marl_trained_width(t);
  MarlStats stats;
  MARL_TRY(marl_replica_act(&t->replica, err));
  MARL_TRY(marl_vec_env_step_all(t->replica.vec, t->num_shards, err));
  MARL_TRY(marl_replica_observe(&t->replica, err));
  for (int s = 0; s < t->num_shards; ++s)
    t->ended += marl_trained_count(t, t->replica.vec[s], true,
                                   t->reward + (ptrdiff_t)s * envs * width, t->part, t->whole);
  MARL_TRY(marl_replica_update(&t->replica, &stats, err));
  if (stats.restart) memset(t->reward, 0, (size_t)(t->num_envs * width) * sizeof *t->reward);
  return MARL_OK;
}

static MarlCode cycle(MarlPopulationState *population, double *metrics, double *whole,
                      MarlError *err) {
  Trained *t = (Trained *)population;
  const size_t size = (size_t)t->num_metrics * sizeof *metrics;
  for (int64_t steps = 0; t->ended < t->num_envs; ++steps) {
    if (steps == most_steps)
      return MARL_FAIL(err, MARL_ENUMERIC,
                       "environment '%s': no cycle has ended in %lld steps; give the environment "
                       "a time limit",
                       t->env_ops->name, (long long)most_steps);
    MARL_TRY(step(t, err));
  }
  t->ended -= t->num_envs;
  memcpy(metrics, t->part, size);
  memcpy(whole, t->whole, size);
  memset(t->part, 0, size);
  memset(t->whole, 0, size);
  return MARL_OK;
}

/* Between two steps: learner, then what a shard holds of it and its environments. */
static MarlCode transfer_shard(const Trained *t, int s, MarlStore *group, bool saving,
                               MarlError *err) {
  MarlLearner *learner = t->replica.learner;
  MarlStore *part;
  MARL_TRY(marl_group_begin(group, "env", -1, saving, &part, err));
  MarlCode code = saving ? marl_vec_env_save(t->replica.vec[s], part, err)
                         : marl_vec_env_load(t->replica.vec[s], part, err);
  marl_store_close(&part);
  MARL_TRY(code);
  MARL_TRY(marl_group_begin(group, "learner", -1, saving, &part, err));
  code = saving ? learner->ops->save_shard(learner, s, part, err)
                : learner->ops->load_shard(learner, s, part, err);
  marl_store_close(&part);
  return code;
}

static MarlCode transfer(const Trained *t, MarlStore *store, bool saving, MarlError *err) {
  MarlLearner *learner = t->replica.learner;
  const size_t width = marl_trained_width(t);
  MarlPlainArray fields[] = {
      {"part", MARL_F64, (size_t)t->num_metrics, t->part},
      {"whole", MARL_F64, (size_t)t->num_metrics, t->whole},
      {"reward", MARL_F64, (size_t)t->num_envs * width, t->reward},
  };
  MarlStore *group;
  MARL_TRY(marl_plain_transfer(store, fields, 3, saving, err));
  MARL_TRY(marl_group_begin(store, "learner", -1, saving, &group, err));
  MarlCode code =
      saving ? learner->ops->save(learner, group, err) : learner->ops->load(learner, group, err);
  marl_store_close(&group);
  for (int s = 0; s < t->num_shards && code == MARL_OK; ++s) {
    MARL_TRY(marl_group_begin(store, "shard", s, saving, &group, err));
    code = transfer_shard(t, s, group, saving, err);
    marl_store_close(&group);
  }
  return code;
}

static MarlCode save(const MarlPopulationState *population, MarlStore *to, MarlError *err) {
  const Trained *t = (const Trained *)population;
  MARL_TRY(marl_store_set_int(to, NULL, "ended", t->ended, err));
  return transfer(t, to, true, err);
}

static MarlCode load(MarlPopulationState *population, MarlStore *from, MarlError *err) {
  Trained *t = (Trained *)population;
  MARL_TRY(marl_store_get_int(from, NULL, "ended", &t->ended, err));
  MARL_TRY(marl_store_check_within(from, "ended", MARL_I64, 1, 0, t->num_envs, &t->ended, err));
  return transfer(t, from, false, err);
}

const MarlPopulationOps marl_population_trained = {
    .name = "trained",
    .summary = "any environment with any learner: env.name, learner.name",
    .describe = describe,
    .create = create,
    .destroy = destroy,
    .cycle = cycle,
    .greedy = marl_trained_greedy,
    .save = save,
    .load = load,
};
