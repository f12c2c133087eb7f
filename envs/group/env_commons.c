/* A commons as an environment: roles harvest and, where punishing is learned, punish. An episode
 * ends with the collapse or the last month; it terminates. Agents of fixed policies never decide.
 *
 * harvest sees 1, the pool, the threshold, what it took and what the others took on average in the
 * month before, whether anybody was beyond the threshold then, and the share of months that is
 * over; punish sees what it and the target took, the threshold, and what is left. */
#include <stdlib.h>
#include <string.h>

#include "envs/group/commons.h"
#include "envs/group/group.h"

enum { HARVEST, PUNISH, NUM_ROLES };

typedef struct Commons {
  MarlEnv base;
  MarlRole roles[NUM_ROLES];
  MarlCommonsRules rules;
  MarlCommons state;
} Commons;

static MarlCode create(const MarlSection *config, MPI_Comm comm, MarlEnv **out, MarlError *err) {
  (void)comm; /* serial */
  Commons *env = calloc(1, sizeof *env);
  if (env == NULL) return MARL_FAIL(err, MARL_EMEMORY, "commons: no memory");
  const MarlCode code = marl_commons_rules_read(config, &env->rules, err);
  if (code != MARL_OK) {
    free(env);
    return code;
  }
  const MarlCommonsRules *r = &env->rules;
  env->roles[HARVEST] = (MarlRole){.name = "harvest",
                                   .obs_dim = MARL_COMMONS_HARVEST_OBS,
                                   .action_kind = MARL_ACTION_DISCRETE,
                                   .act_dim = 1,
                                   .num_choices = r->num_wishes};
  env->roles[PUNISH] = (MarlRole){.name = "punish",
                                  .obs_dim = MARL_COMMONS_PUNISH_OBS,
                                  .action_kind = MARL_ACTION_DISCRETE,
                                  .act_dim = 1,
                                  .num_choices = r->num_points};
  env->base.spec = (MarlEnvSpec){.num_agents = r->num_agents,
                                 .num_roles = r->punishment == MARL_COMMONS_LEARNED ? 2 : 1,
                                 .roles = env->roles,
                                 .obs_dim = MARL_COMMONS_HARVEST_OBS,
                                 .act_dim = 1,
                                 .num_metrics = MARL_COMMONS_NUM_METRICS,
                                 .metrics = marl_commons_metric_names};
  *out = &env->base;
  return MARL_OK;
}

static void destroy(MarlEnv *env) {
  free(env);
}

static void ask(const Commons *env, const MarlEnvIo *io) {
  const MarlEnvSpec *spec = &env->base.spec;
  double metrics[MARL_COMMONS_NUM_METRICS];
  memset(io->obs, 0, (size_t)(spec->num_agents * spec->obs_dim) * sizeof *io->obs);
  for (int i = 0; i < spec->num_agents; ++i) {
    io->role[i] = env->state.phase > 0 ? PUNISH : HARVEST;
    io->active[i] = marl_commons_decides(&env->state, i);
    marl_commons_observe(&env->state, i, io->obs + (ptrdiff_t)i * spec->obs_dim);
  }
  marl_commons_metrics(&env->state, metrics, NULL);
  for (int m = 0; m < MARL_COMMONS_NUM_METRICS; ++m) io->metrics[m] = (float)metrics[m];
}

static MarlCode reset(MarlEnv *base, MarlKey key, const MarlEnvIo *io, MarlError *err) {
  (void)err;
  Commons *env = (Commons *)base;
  marl_commons_begin(&env->rules, key, &env->state);
  ask(env, io);
  return MARL_OK;
}

static MarlCode step(MarlEnv *base, const MarlEnvIo *io, MarlError *err) {
  (void)err;
  Commons *env = (Commons *)base;
  const MarlEnvSpec *spec = &base->spec;
  int choice[MARL_COMMONS_MAX_AGENTS];
  for (int i = 0; i < spec->num_agents; ++i) choice[i] = (int)io->act[i];
  marl_commons_apply(&env->state, choice);
  for (int i = 0; i < spec->num_agents; ++i) {
    float *reward = io->reward + (ptrdiff_t)i * spec->num_roles;
    reward[HARVEST] = (float)env->state.harvest_reward[i];
    if (spec->num_roles > PUNISH) reward[PUNISH] = (float)env->state.punish_reward[i];
    io->terminated[i] = env->state.over != 0;
  }
  ask(env, io);
  return MARL_OK;
}

static MarlCode save(const MarlEnv *base, MarlStore *to, MarlError *err) {
  return marl_commons_save(&((const Commons *)base)->state, to, err);
}

static MarlCode load(MarlEnv *base, MarlStore *from, MarlError *err) {
  Commons *env = (Commons *)base;
  env->state.rules = env->rules;
  return marl_commons_load(&env->state, from, err);
}

const MarlEnvOps marl_env_commons = {
    .name = "commons",
    .summary = "a shared pool: fishery, pasture, pollution, trash; punishment, newcomer",
    .source = "Piatti et al. 2024, arXiv:2404.16698",
    .options = marl_commons_options,
    .num_options = MARL_COMMONS_NUM_OPTIONS,
    .create = create,
    .destroy = destroy,
    .reset = reset,
    .step = step,
    .save = save,
    .load = load,
};
