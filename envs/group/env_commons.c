/* A commons as an environment: roles harvest and, where punishing is learned, punish. An episode
 * ends with the collapse or the last month; it terminates, and is a cycle. Agents of scripted policies never decide:
 * where punishing is learned they give no points.
 *
 * harvest sees 1, the pool, the threshold, what it took and what the others took on average in the
 * month before, whether anybody was beyond the threshold then, and the share of months that is
 * over; punish sees what it and the target took, the threshold, and what is left. With
 * env.observation = states both see few states, for tables (commons.h). */
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
  const bool states = r->observe_states;
  const int widest = states ? MARL_COMMONS_HARVEST_STATE : MARL_COMMONS_HARVEST_OBS;
  env->roles[HARVEST] = (MarlRole){.name = "harvest",
                                   .obs_dim = widest,
                                   .action_kind = MARL_ACTION_DISCRETE,
                                   .act_dim = 1,
                                   .num_choices = r->num_wishes};
  env->roles[PUNISH] =
      (MarlRole){.name = "punish",
                 .obs_dim = states ? MARL_COMMONS_PUNISH_STATE : MARL_COMMONS_PUNISH_OBS,
                 .action_kind = MARL_ACTION_DISCRETE,
                 .act_dim = 1,
                 .num_choices = r->points.num_choices};
  env->base.spec = (MarlEnvSpec){.num_agents = r->num_agents,
                                 .num_roles = r->points.punishment == MARL_GROUPS_LEARNED ? 2 : 1,
                                 .roles = env->roles,
                                 .obs_dim = widest,
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

static bool cycle(const MarlEnv *base, double *metrics, double *whole) {
  const MarlCommons *state = &((const Commons *)base)->state;
  if (!state->over) return false;
  for (int m = 0; m < MARL_COMMONS_NUM_METRICS; ++m) whole[m] = 1.0;
  marl_commons_metrics(state, metrics, whole);
  return true;
}

static MarlCode save(const MarlEnv *base, MarlStore *to, MarlError *err) {
  return marl_commons_save(&((const Commons *)base)->state, to, err);
}

static MarlCode load(MarlEnv *base, MarlStore *from, MarlError *err) {
  Commons *env = (Commons *)base;
  env->state.rules = env->rules;
  return marl_commons_load(&env->state, from, err);
}

enum { COLUMN = MARL_MEASURE_COLUMN, UNIT = MARL_MEASURE_IN_UNIT };
enum { GREEDY = MARL_MEASURE_GREEDY, GREEDY_COLUMN = GREEDY | MARL_MEASURE_GREEDY_COLUMN };
static const MarlMeasure measures[] = {
    {"survival", MARL_MEASURE_FOLLOWED | UNIT | GREEDY_COLUMN},
    {"survived", UNIT},
    {"gain", COLUMN | GREEDY_COLUMN},
    {"efficiency", UNIT | COLUMN},
    {"over_use", UNIT | COLUMN},
    {"equality", COLUMN},
    {"welfare", COLUMN | GREEDY},
    {"gini", COLUMN},
    {"punishment_rate", UNIT | COLUMN},
    {"just_share", UNIT},
};

const MarlEnvOps marl_env_commons = {
    .name = "commons",
    .summary = "a shared pool: fishery, pasture, pollution, trash; punishment, newcomer",
    .source = "Piatti et al. 2024, arXiv:2404.16698",
    .formula =
        "agents see, in this order; catches in equal shares of the capacity (observation of "
        "states: one of each, as 0 or 1)\n"
        "harvest: 1, pool / capacity, threshold of a catch, own last catch, mean last catch of the "
        "others,\n"
        "  1 if someone was beyond the threshold in the month before, month / months\n"
        "punish: own catch, the judged agent's catch, threshold of a catch, pool / capacity",
    .options = marl_commons_options,
    .num_options = MARL_COMMONS_NUM_OPTIONS,
    .create = create,
    .destroy = destroy,
    .reset = reset,
    .step = step,
    .save = save,
    .load = load,
    .cycle = cycle,
    .measures = measures,
    .num_measures = sizeof measures / sizeof *measures,
    .scripted = marl_commons_scripted,
    .num_scripted = MARL_COMMONS_NUM_SCRIPTED,
};
