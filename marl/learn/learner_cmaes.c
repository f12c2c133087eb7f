/* CMA-ES on the weights of a policy: the direct-search control of the gradient learners
 *
 * A candidate has environments of consecutive numbers, as many of each kind of flow or task as every other
 * candidate, and the same draws in them (common random numbers): candidates are ranked by what they do, not
 * by what they met, whatever the order of the kinds. It acts for `horizon` steps with the means of its
 * policy; its value is minus its mean reward a step over its environments, the first `settle` steps after
 * the change of candidate left out. Environments go on from candidate to candidate unless `restart` gives
 * each a new episode, which a reward at the end of an episode needs; without it draws are common at the
 * start alone. After each generation the policy is the mean of the search distribution (search.h; Hansen,
 * arXiv:1604.00772).
 *
 * One role, one shared parameter set, observations as they are: a running normalization would
 * change what a weight means while it is searched. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "marl/core/comm.h"
#include "marl/core/log.h"
#include "marl/learn/group_transfer.h"
#include "marl/learn/learner.h"
#include "marl/learn/plain_array.h"
#include "marl/learn/scripted.h"
#include "marl/learn/search.h"

typedef struct Cmaes {
  MarlLearner base;
  MarlPolicy *policy;
  MarlSearch *search;
  int num_envs, num_agents, obs_dim, act_dim;
  int num_shards, first_shard, own_shards;
  int population, horizon, settle;
  int company;         /* environments of a candidate */
  int64_t generations; /* finished */
  bool restart;
  size_t dim;      /* weights that are searched */
  double *points;  /* [population, dim] candidates of this generation */
  double *returns; /* [own_shards, num_envs] rewards counted in this generation */
  int64_t *steps;  /* [own_shards] observed in this generation */
  double *values;  /* [population] */
  double *all;     /* [num_shards, num_envs] returns of every environment */
  float *params;   /* [num_params] of the candidate that acts */
  float *mean;     /* [num_agents, act_dim] */
  MPI_Comm comm;
} Cmaes;

static const MarlOption options[] = {
    {"population", MARL_OPTION_INT, "0", 0, 4096, NULL, "1",
     "candidates a generation, each with env.num_envs over it environments, as many of each kind; "
     "0: "
     "one for each environment of a kind"},
    {"horizon", MARL_OPTION_INT, "1000", 1, 1e9, NULL, "steps", "steps a candidate is evaluated"},
    {"settle", MARL_OPTION_INT, "0", 0, 1e9, NULL, "steps",
     "of these the first, which do not count"},
    {"restart", MARL_OPTION_BOOL, "false", 0, 0, NULL, "",
     "every candidate begins a new episode; false: where the last candidate left it"},
    {"sigma", MARL_OPTION_REAL, "0.3", 1e-9, 1e3, NULL, "1",
     "standard deviation of the weights at the start"},
};

static Cmaes *cmaes(MarlLearner *learner) {
  return (Cmaes *)learner;
}

static void destroy(MarlLearner *learner) {
  Cmaes *c = cmaes(learner);
  if (c == NULL) return;
  marl_policy_destroy(&c->policy);
  if (c->search != NULL) marl_search_destroy(&c->search);
  free(c->points);
  free(c->returns);
  free(c->steps);
  free(c->params);
  free(c);
}

static MarlCode create_search(const MarlSection *config, const MarlLearnerInit *init, Cmaes *c,
                              MarlError *err) {
  double *start = malloc(2 * c->dim * sizeof *start);
  if (start == NULL) return MARL_FAIL(err, MARL_EMEMORY, "no memory for cmaes");
  const float *params = marl_policy_params(c->policy, 0, 0);
  for (size_t i = 0; i < c->dim; ++i) {
    start[i] = (double)params[i];
    start[c->dim + i] = marl_section_real(config, "sigma");
  }
  const MarlSearchParams search = {
      .dim = (int)c->dim,
      .start = start,
      .scale = start + c->dim,
      .population = c->population,
      .key = marl_key_fold(marl_key(init->seed, MARL_STREAM_SEARCH), (uint64_t)init->replica)};
  const MarlSearchOps *ops = NULL;
  MarlCode code = marl_search_find("cmaes", &ops, err);
  if (code == MARL_OK) code = marl_search_create(ops, &search, &c->search, err);
  free(start);
  return code;
}

static MarlCode check(const MarlLearnerInit *init, Cmaes *c, MarlError *err) {
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
    return MARL_FAIL(err, MARL_ECONFIG, "the learner cmaes trains one role, not %d",
                     init->env->num_roles);
  if (!c->policy->shared || c->policy->roles[0].normalizer != NULL)
    return MARL_FAIL(err, MARL_ECONFIG,
                     "the learner cmaes needs policy.sharing=shared and "
                     "policy.normalize_observations=false");
  return MARL_OK;
}

static MarlCode build(const MarlSection *config, const MarlLearnerInit *init, Cmaes *c,
                      MarlError *err) {
  const MarlKey key =
      marl_key_fold(marl_key(init->seed, MARL_STREAM_INIT), (uint64_t)init->replica);
  MARL_TRY(marl_policy_create(init->policy, init->env, MARL_OUTPUTS_PLAIN, init->replica, key,
                              &c->policy, err));
  MARL_TRY(check(init, c, err));
  const MarlPolicyRole *role = &c->policy->roles[0];
  const size_t population = (size_t)c->population, envs = (size_t)c->num_envs;
  c->dim = marl_mlp_num_params(&role->shape);
  MARL_TRY(create_search(config, init, c, err));
  c->points = calloc(population * (c->dim + 1), sizeof *c->points);
  c->returns = calloc(envs * (size_t)(c->own_shards + c->num_shards), sizeof *c->returns);
  c->steps = calloc((size_t)c->own_shards, sizeof *c->steps);
  c->params =
      calloc(role->num_params + (size_t)c->num_agents * (size_t)c->act_dim, sizeof *c->params);
  if (c->points == NULL || c->returns == NULL || c->steps == NULL || c->params == NULL)
    return MARL_FAIL(err, MARL_EMEMORY, "no memory for %d candidates", c->population);
  c->values = c->points + population * c->dim;
  c->all = c->returns + envs * (size_t)c->own_shards;
  c->mean = c->params + role->num_params;
  marl_search_ask(c->search, c->points);
  return MARL_OK;
}

static MarlCode create(const MarlSection *config, const MarlLearnerInit *init, MarlLearner **out,
                       MarlError *err) {
  *out = NULL;
  Cmaes *c = calloc(1, sizeof *c);
  if (c == NULL) return MARL_FAIL(err, MARL_EMEMORY, "no memory for cmaes");
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
  const MarlCode code = build(config, init, c, err);
  if (code == MARL_OK)
    *out = &c->base;
  else
    destroy(&c->base);
  return code;
}

/* The candidate of environment `env` of a shard. */
static int candidate(const Cmaes *c, int shard, int env) {
  return (shard * c->num_envs + env) / c->company;
}

/* All agents of an environment act with its candidate's weights, in blocks of rows. */
static void act_env(const Cmaes *c, const float *obs, float *act) {
  MarlPolicyRole *role = &c->policy->roles[0];
  const size_t obs_dim = (size_t)c->obs_dim, act_dim = (size_t)c->act_dim;
  for (size_t first = 0; first < (size_t)c->num_agents; first += MARL_MLP_BLOCK) {
    const size_t left = (size_t)c->num_agents - first;
    const size_t rows = left < MARL_MLP_BLOCK ? left : MARL_MLP_BLOCK;
    marl_mlp_forward(role->mlp, 1, rows, c->params, obs + first * obs_dim, c->mean);
    marl_policy_action(role, rows, c->mean, act + first * act_dim);
  }
}

static MarlCode act(MarlLearner *learner, int shard, MarlBatch *batch, MarlError *err) {
  (void)err;
  const Cmaes *c = cmaes(learner);
  for (int e = 0; e < c->num_envs; ++e) {
    const double *point = c->points + (size_t)candidate(c, shard, e) * c->dim;
    for (size_t i = 0; i < c->dim; ++i) c->params[i] = (float)point[i];
    const size_t row = (size_t)e * (size_t)c->num_agents;
    act_env(c, batch->obs + row * (size_t)c->obs_dim, batch->act + row * (size_t)c->act_dim);
  }
  return MARL_OK;
}

static MarlCode observe(MarlLearner *learner, int shard, const MarlBatch *batch, MarlError *err) {
  (void)err;
  Cmaes *c = cmaes(learner);
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

/* Values of the candidates from the returns of all environments, summed in their order. */
static MarlCode gather(Cmaes *c, MarlError *err) {
  const int envs = c->num_envs * c->num_shards, own = c->num_envs * c->own_shards;
  memset(c->all, 0, (size_t)envs * sizeof *c->all);
  memcpy(c->all + c->num_envs * c->first_shard, c->returns, (size_t)own * sizeof *c->all);
  const double began = marl_timer_seconds();
  if (MPI_Allreduce(MPI_IN_PLACE, c->all, envs, MPI_DOUBLE, MPI_SUM, c->comm) != MPI_SUCCESS)
    return MARL_FAIL(err, MARL_EMPI, "MPI_Allreduce failed"); /* one rank has each number */
  if (marl_comm_size(c->comm) > 1) marl_comm_spent_since(began);
  memset(c->values, 0, (size_t)c->population * sizeof *c->values);
  const double count = (double)c->company * (c->horizon - c->settle);
  for (int g = 0; g < envs; ++g) c->values[g / c->company] -= c->all[g] / count;
  return MARL_OK;
}

static MarlCode update(MarlLearner *learner, MarlStats *stats, MarlError *err) {
  Cmaes *c = cmaes(learner);
  stats->updated = c->steps[0] >= c->horizon;
  if (!stats->updated) return MARL_OK;
  MARL_TRY(gather(c, err));
  double best = c->values[0], mean = 0;
  for (int p = 0; p < c->population; ++p) {
    best = fmin(best, c->values[p]);
    mean += c->values[p] / c->population;
  }
  marl_search_tell(c->search, c->values);
  marl_search_estimate(c->search, c->points);
  float *params = marl_policy_params(c->policy, 0, 0);
  for (size_t i = 0; i < c->dim; ++i) params[i] = (float)c->points[i];
  marl_search_ask(c->search, c->points);
  memset(c->returns, 0, (size_t)(c->num_envs * c->own_shards) * sizeof *c->returns);
  memset(c->steps, 0, (size_t)c->own_shards * sizeof *c->steps);
  c->generations += 1;
  if (c->restart) stats->restart = c->generations;
  stats->count = 3;
  stats->name[0] = "mean_reward", stats->value[0] = -mean;
  stats->name[1] = "best_reward", stats->value[1] = -best;
  stats->name[2] = "spread", stats->value[2] = marl_search_spread(c->search);
  return MARL_OK;
}

static int company(const MarlLearner *learner) {
  return ((const Cmaes *)learner)->company;
}

static const MarlPolicy *policy(const MarlLearner *learner) {
  return ((const Cmaes *)learner)->policy;
}

/* What all ranks hold: the policy and the search, each in a group of its own. */
static MarlCode transfer(Cmaes *c, const char *name, MarlStore *store, bool saving,
                         MarlError *err) {
  MarlStore *group = NULL;
  MarlCode code = marl_group_begin(store, name, -1, saving, &group, err);
  if (code != MARL_OK) return code;
  if (strcmp(name, "policy") == 0)
    code = saving ? marl_policy_save(c->policy, group, err)
                  : marl_policy_restore(c->policy, group, err);
  else
    code =
        saving ? marl_search_save(c->search, group, err) : marl_search_load(c->search, group, err);
  marl_store_close(&group);
  return code;
}

static MarlCode save(const MarlLearner *learner, MarlStore *to, MarlError *err) {
  Cmaes *c = (Cmaes *)learner; /* saving changes nothing */
  MARL_TRY(marl_store_set_int(to, NULL, "generations", c->generations, err));
  MARL_TRY(transfer(c, "policy", to, true, err));
  return transfer(c, "search", to, true, err);
}

static MarlCode load(MarlLearner *learner, MarlStore *from, MarlError *err) {
  Cmaes *c = cmaes(learner);
  MARL_TRY(marl_store_get_int(from, NULL, "generations", &c->generations, err));
  MARL_TRY(transfer(c, "policy", from, false, err));
  MARL_TRY(transfer(c, "search", from, false, err));
  marl_search_ask(c->search, c->points);
  return MARL_OK;
}

static MarlCode save_shard(const MarlLearner *learner, int shard, MarlStore *to, MarlError *err) {
  const Cmaes *c = (const Cmaes *)learner;
  const int own = shard - c->first_shard;
  MARL_TRY(marl_store_set_int(to, NULL, "steps", c->steps[own], err));
  return marl_plain_write(to, "returns", MARL_F64, (size_t)c->num_envs,
                          c->returns + own * c->num_envs, err);
}

static MarlCode load_shard(MarlLearner *learner, int shard, MarlStore *from, MarlError *err) {
  Cmaes *c = cmaes(learner);
  const int own = shard - c->first_shard;
  MARL_TRY(marl_store_get_int(from, NULL, "steps", &c->steps[own], err));
  return marl_plain_read(from, "returns", MARL_F64, (size_t)c->num_envs,
                         c->returns + own * c->num_envs, err);
}

const MarlLearnerOps marl_learner_cmaes = {
    .name = "cmaes",
    .summary = "CMA-ES on the weights of a shared policy: the direct-search control",
    .source = "Hansen 2016, arXiv:1604.00772",
    .options = options,
    .num_options = sizeof options / sizeof options[0],
    .abilities = MARL_LEARNER_CONTINUOUS,
    .create = create,
    .destroy = destroy,
    .act = act,
    .observe = observe,
    .update = update,
    .policy = policy,
    .company = company,
    .save = save,
    .load = load,
    .save_shard = save_shard,
    .load_shard = load_shard,
};
