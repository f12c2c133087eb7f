#include "marl/learn/candidates.h"

#include <stdlib.h>
#include <string.h>

#include "marl/core/comm.h"
#include "marl/core/log.h"
#include "marl/learn/group_transfer.h"
#include "marl/learn/plain_array.h"
#include "marl/learn/scripted.h"

static MarlCandidates *candidates(MarlLearner *learner) {
  return (MarlCandidates *)learner;
}

void marl_candidates_clear(MarlCandidates *c) {
  marl_policy_destroy(&c->policy);
  free(c->points);
  free(c->returns);
  free(c->steps);
  free(c->params);
}

static MarlCode check(const MarlLearnerInit *init, const char *name, MarlCandidates *c,
                      MarlError *err) {
  const int envs = init->num_envs * init->num_shards;
  const int kinds = init->env->num_kinds > 0 ? init->env->num_kinds : 1;
  if (c->population == 0) c->population = envs / kinds;
  if (c->population < 4 || envs % (c->population * kinds) != 0)
    return MARL_FAIL(
        err, MARL_ECONFIG,
        "learner.population = %d must be at least 4, and env.num_envs = %d a multiple of "
        "it times the %d kind%s of environments, so that every candidate meets every kind",
        c->population, envs, kinds, kinds == 1 ? "" : "s");
  c->company = envs / c->population;
  if (c->settle >= c->horizon)
    return MARL_FAIL(err, MARL_ECONFIG,
                     "learner.settle = %d must be less than learner.horizon = %d", c->settle,
                     c->horizon);
  if (init->env->num_roles != 1)
    return MARL_FAIL(err, MARL_ECONFIG, "the learner %s trains one role, not %d", name,
                     init->env->num_roles);
  if (!c->policy->shared || c->policy->roles[0].normalizer != NULL)
    return MARL_FAIL(err, MARL_ECONFIG,
                     "the learner %s needs policy.sharing=shared and "
                     "policy.normalize_observations=false",
                     name);
  return MARL_OK;
}

static MarlCode allocate(MarlCandidates *c, MarlError *err) {
  const MarlPolicyRole *role = &c->policy->roles[0];
  const size_t population = (size_t)c->population, envs = (size_t)c->num_envs;
  c->dim = marl_mlp_num_params(&role->shape);
  c->points = calloc(population * c->dim, sizeof *c->points);
  c->returns = calloc(envs * (size_t)(c->own_shards + c->num_shards), sizeof *c->returns);
  c->steps = calloc((size_t)c->own_shards, sizeof *c->steps);
  c->params =
      calloc(role->num_params + (size_t)c->num_agents * (size_t)c->act_dim, sizeof *c->params);
  if (c->points == NULL || c->returns == NULL || c->steps == NULL || c->params == NULL)
    return MARL_FAIL(err, MARL_EMEMORY, "no memory for %d candidates", c->population);
  c->all = c->returns + envs * (size_t)c->own_shards;
  c->mean = c->params + role->num_params;
  return MARL_OK;
}

MarlCode marl_candidates_init(const MarlSection *config, const MarlLearnerInit *init,
                              const char *name, MarlCandidates *c, MarlError *err) {
  const MarlKey key =
      marl_key_fold(marl_key(init->seed, MARL_STREAM_INIT), (uint64_t)init->replica);
  c->num_envs = init->num_envs;
  c->num_agents = init->env->num_agents;
  c->obs_dim = init->env->obs_dim;
  c->act_dim = init->env->act_dim;
  c->num_shards = init->num_shards;
  c->first_shard = init->first_shard;
  c->own_shards = init->own_shards;
  c->population = marl_section_int(config, "population");
  c->horizon = marl_section_int(config, "horizon");
  c->settle = marl_section_int(config, "settle");
  c->restart = marl_section_bool(config, "restart");
  c->comm = init->comm;
  MARL_TRY(marl_policy_create(init->policy, init->env, MARL_OUTPUTS_PLAIN, init->replica, key,
                              &c->policy, err));
  MARL_TRY(check(init, name, c, err));
  return allocate(c, err);
}

/* The candidate of environment `env` of a shard. */
static int candidate(const MarlCandidates *c, int shard, int env) {
  return (shard * c->num_envs + env) / c->company;
}

/* All agents of an environment act with its candidate's weights, in blocks of rows. */
static void act_env(const MarlCandidates *c, const float *obs, float *act) {
  MarlPolicyRole *role = &c->policy->roles[0];
  const size_t obs_dim = (size_t)c->obs_dim, act_dim = (size_t)c->act_dim;
  for (size_t first = 0; first < (size_t)c->num_agents; first += MARL_MLP_BLOCK) {
    const size_t left = (size_t)c->num_agents - first;
    const size_t rows = left < MARL_MLP_BLOCK ? left : MARL_MLP_BLOCK;
    marl_mlp_forward(role->mlp, 1, rows, c->params, obs + first * obs_dim, c->mean);
    marl_policy_action(role, rows, c->mean, act + first * act_dim);
  }
}

MarlCode marl_candidates_act(MarlLearner *learner, int shard, MarlBatch *batch, MarlError *err) {
  (void)err;
  const MarlCandidates *c = candidates(learner);
  for (int e = 0; e < c->num_envs; ++e) {
    const double *point = c->points + (size_t)candidate(c, shard, e) * c->dim;
    for (size_t i = 0; i < c->dim; ++i) c->params[i] = (float)point[i];
    const size_t row = (size_t)e * (size_t)c->num_agents;
    act_env(c, batch->obs + row * (size_t)c->obs_dim, batch->act + row * (size_t)c->act_dim);
  }
  return MARL_OK;
}

MarlCode marl_candidates_observe(MarlLearner *learner, int shard, const MarlBatch *batch,
                                 MarlError *err) {
  (void)err;
  MarlCandidates *c = candidates(learner);
  const int own = shard - c->first_shard;
  if (++c->steps[own] <= c->settle) return MARL_OK;
  for (int e = 0; e < c->num_envs; ++e) {
    double sum = 0;
    const MarlPlayers *players = batch->players;
    const int learners = players != NULL ? players->num_learners : c->num_agents;
    for (int a = 0; a < c->num_agents; ++a)
      if (players == NULL || players->of[a] == MARL_LEARNER)
        sum += (double)batch->reward[e * c->num_agents + a] / learners;
    c->returns[own * c->num_envs + e] += sum;
  }
  return MARL_OK;
}

/* Returns of all environments, of which one rank has each. */
static MarlCode gather(MarlCandidates *c, MarlError *err) {
  const int envs = c->num_envs * c->num_shards, own = c->num_envs * c->own_shards;
  memset(c->all, 0, (size_t)envs * sizeof *c->all);
  memcpy(c->all + c->num_envs * c->first_shard, c->returns, (size_t)own * sizeof *c->all);
  const double began = marl_timer_seconds();
  if (MPI_Allreduce(MPI_IN_PLACE, c->all, envs, MPI_DOUBLE, MPI_SUM, c->comm) != MPI_SUCCESS)
    return MARL_FAIL(err, MARL_EMPI, "MPI_Allreduce failed");
  if (marl_comm_size(c->comm) > 1) marl_comm_spent_since(began);
  return MARL_OK;
}

MarlCode marl_candidates_over(MarlCandidates *c, bool *over, MarlError *err) {
  *over = c->steps[0] >= c->horizon;
  if (!*over) return MARL_OK;
  MARL_TRY(gather(c, err));
  memset(c->returns, 0, (size_t)(c->num_envs * c->own_shards) * sizeof *c->returns);
  memset(c->steps, 0, (size_t)c->own_shards * sizeof *c->steps);
  c->generations += 1;
  return MARL_OK;
}

void marl_candidates_adopt(MarlCandidates *c, const double *point) {
  float *params = marl_policy_params(c->policy, 0, 0);
  for (size_t i = 0; i < c->dim; ++i) params[i] = (float)point[i];
}

void marl_candidates_report(const MarlCandidates *c, double mean, double best, double spread,
                            MarlStats *stats) {
  stats->updated = true;
  if (c->restart) stats->restart = c->generations;
  stats->count = 3;
  stats->name[0] = "mean_reward", stats->value[0] = mean;
  stats->name[1] = "best_reward", stats->value[1] = best;
  stats->name[2] = "spread", stats->value[2] = spread;
}

int marl_candidates_company(const MarlLearner *learner) {
  return ((const MarlCandidates *)learner)->company;
}

const MarlPolicy *marl_candidates_policy(const MarlLearner *learner) {
  return ((const MarlCandidates *)learner)->policy;
}

MarlCode marl_candidates_save(const MarlCandidates *c, MarlStore *to, MarlError *err) {
  MarlStore *group = NULL;
  MARL_TRY(marl_store_set_int(to, NULL, "generations", c->generations, err));
  MARL_TRY(marl_group_begin(to, "policy", -1, true, &group, err));
  const MarlCode code = marl_policy_save(c->policy, group, err);
  marl_store_close(&group);
  return code;
}

MarlCode marl_candidates_load(MarlCandidates *c, MarlStore *from, MarlError *err) {
  MarlStore *group = NULL;
  MARL_TRY(marl_store_get_int(from, NULL, "generations", &c->generations, err));
  MARL_TRY(marl_group_begin(from, "policy", -1, false, &group, err));
  const MarlCode code = marl_policy_restore(c->policy, group, err);
  marl_store_close(&group);
  return code;
}

MarlCode marl_candidates_save_shard(const MarlLearner *learner, int shard, MarlStore *to,
                                    MarlError *err) {
  const MarlCandidates *c = (const MarlCandidates *)learner;
  const int own = shard - c->first_shard;
  MARL_TRY(marl_store_set_int(to, NULL, "steps", c->steps[own], err));
  return marl_plain_write(to, "returns", MARL_F64, (size_t)c->num_envs,
                          c->returns + own * c->num_envs, err);
}

MarlCode marl_candidates_load_shard(MarlLearner *learner, int shard, MarlStore *from,
                                    MarlError *err) {
  MarlCandidates *c = candidates(learner);
  const int own = shard - c->first_shard;
  MARL_TRY(marl_store_get_int(from, NULL, "steps", &c->steps[own], err));
  return marl_plain_read(from, "returns", MARL_F64, (size_t)c->num_envs,
                         c->returns + own * c->num_envs, err);
}
