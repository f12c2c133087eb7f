/* What the agents of a trained population would do without exploration. */
#include <stdlib.h>
#include <string.h>

#include "marl/compare/trained.h"
#include "marl/learn/decider.h"
#include "marl/learn/scripted.h"

/* The answers [Q, U] of agent `a` to its questions [Q, O]; who draws draws by `draws`. */
static void answer(const Trained *t, const MarlEnv *env, MarlKey draws, int role, int a,
                   const float *asked, float *answers) {
  const MarlPolicy *policy = t->replica.learner->ops->policy(t->replica.learner);
  const MarlScriptedKind *kind = marl_scripted_kind(&env->spec, a);
  const MarlRole *r = &env->spec.roles[role];
  const size_t Q = (size_t)t->env_ops->probe->num_obs, dim = (size_t)r->obs_dim;
  const size_t wide = (size_t)env->spec.obs_dim, act = (size_t)env->spec.act_dim;
  if (kind != NULL && kind->policy->act != NULL) {
    for (size_t q = 0; q < Q; ++q) {
      const MarlKey key = marl_key_fold(marl_key_fold(draws, (uint64_t)a), q);
      const MarlScriptedTurn turn = {.policy = kind->policy,
                                     .agent = a,
                                     .role = role,
                                     .number = kind->number,
                                     .obs = asked + q * wide,
                                     .key = key};
      kind->policy->act(env, &turn, answers + q * act);
    }
    return;
  }
  for (size_t q = 0; q < Q; ++q) memcpy(t->obs + q * dim, asked + q * wide, dim * sizeof *t->obs);
  marl_policy_act(policy, role, marl_policy_set(policy, a), Q, t->obs, NULL, t->act);
  for (size_t q = 0; q < Q; ++q)
    memcpy(answers + q * act, t->act + q * (size_t)r->act_dim, (size_t)r->act_dim * sizeof *t->act);
}

void marl_trained_probe(const Trained *t, const MarlVecEnv *vec, int e, double *part,
                        double *whole) {
  const MarlEnv *env = marl_vec_env_member(vec, e);
  const MarlKey draws = marl_vec_env_probe_key(vec, e);
  const MarlEnvProbe *probe = t->env_ops->probe;
  const MarlEnvSpec *s = &env->spec;
  const size_t Q = (size_t)probe->num_obs, wide = (size_t)s->obs_dim, act = (size_t)s->act_dim;
  float *answers = t->asked + (size_t)s->num_agents * Q * wide;
  double measured[2 * MARL_POPULATION_MAX_METRICS];
  if (t->replica.learner->ops->policy(t->replica.learner) == NULL) return; /* nobody can be asked */
  const int role = probe->ask(env, t->asked);
  for (size_t a = 0; a < (size_t)s->num_agents; ++a)
    answer(t, env, draws, role, (int)a, t->asked + a * Q * wide, answers + a * Q * act);
  probe->answer(env, answers, measured, measured + probe->num_metrics);
  for (int m = 0; m < probe->num_metrics; ++m) {
    part[m] += measured[m];
    whole[m] += measured[probe->num_metrics + m];
  }
}

/* The environments of a shard as they are, in a batch of their own. */
static MarlCode copy_shard(const Trained *t, int shard, MarlVecEnv **out, MarlError *err) {
  const int envs = t->num_envs / t->num_shards;
  MarlStore *store = NULL;
  void *bytes = NULL;
  size_t size = 0;
  MARL_TRY(marl_vec_env_create(t->env_ops, t->env, envs, shard * envs, t->greedy_key, MPI_COMM_SELF,
                               out, err));
  MARL_TRY(marl_store_create_memory(&store, err));
  MarlCode code = marl_vec_env_save(t->replica.vec[shard], store, err);
  if (code == MARL_OK) code = marl_store_image(store, &bytes, &size, err);
  marl_store_close(&store);
  if (code == MARL_OK) code = marl_store_open_image(bytes, size, &store, err);
  if (code == MARL_OK) {
    code = marl_vec_env_load(*out, store, err);
    marl_store_close(&store);
  }
  free(bytes);
  return code;
}

/* Nobody learns and nobody explores, until each shard has had its share of the cycles. */
static MarlCode live(const Trained *t, MarlVecEnv *vec, int64_t cycles, double *reward,
                     double *part, double *whole, MarlError *err) {
  const MarlPolicy *policy = t->replica.learner->ops->policy(t->replica.learner);
  MarlBatch *batch = marl_vec_env_batch(vec);
  MarlDecider decider;
  MarlCode code =
      marl_decider_create(policy, marl_vec_env_spec(vec), batch->num_envs, &decider, err);
  for (int64_t ended = 0; ended < cycles && code == MARL_OK;) {
    marl_decider_act(&decider, batch, NULL, 0);
    code = marl_vec_env_step(vec, err);
    if (code == MARL_OK) ended += marl_trained_count(t, vec, false, reward, part, whole);
  }
  marl_decider_clear(&decider);
  return code;
}

MarlCode marl_trained_greedy(const MarlPopulationState *population, int cycles, double *metrics,
                             double *whole, MarlError *err) {
  const Trained *t = (const Trained *)population;
  const int envs = t->num_envs / t->num_shards;
  const size_t width = marl_trained_width(t);
  for (int m = 0; m < t->num_metrics; ++m) metrics[m] = whole[m] = 0.0;
  if (t->replica.learner->ops->policy(t->replica.learner) == NULL) return MARL_OK;
  double *reward = calloc((size_t)envs * width, sizeof *reward);
  if (reward == NULL) return MARL_FAIL(err, MARL_EMEMORY, "no memory for greedy cycles");
  MarlCode code = MARL_OK;
  for (int s = 0; s < t->num_shards && code == MARL_OK; ++s) {
    MarlVecEnv *copy = NULL;
    memset(reward, 0, (size_t)envs * width * sizeof *reward);
    code = copy_shard(t, s, &copy, err);
    if (code == MARL_OK) code = live(t, copy, (int64_t)cycles * envs, reward, metrics, whole, err);
    marl_vec_env_destroy(&copy);
  }
  free(reward);
  return code;
}
