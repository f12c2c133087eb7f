/* A public goods experiment as an environment: roles contribute, where punishing is learned punish, and
 * with a reward stage reward. An episode is a game of env.periods
 * periods, or as many games as have env.episode_periods; it terminates, and is a cycle.
 *
 * contribute sees 1, own contribution, mean contribution of the other members of its last group,
 * points it received (partners only), and the share of periods that is over; punish sees its own
 * contribution, the target's, the group's mean, and what the target gave it the period before; reward
 * sees the same. A reward stage adds the reward points that a contributor got and those that a target
 * gave; env.show_outcomes adds what the others earned and got, or the target (contribution_view.c).
 * Contributions are in units of the endowment, points of max_points. With env.observation = states
 * both see few states, for tables (contribution_groups.h). */
#include <stdlib.h>
#include <string.h>

#include "envs/group/contribution_groups.h"
#include "envs/group/group.h"

enum { CONTRIBUTE, MAX_ROLES = 3 };

typedef struct PublicGoods {
  MarlEnv base;
  MarlRole roles[MAX_ROLES];
  int punish, reward; /* their numbers; 0: nobody decides in it */
  MarlContributionGroups groups;
  int *choice;                                  /* [N] */
  float metrics[MARL_CONTRIBUTION_NUM_METRICS]; /* as of the last period */
} PublicGoods;

static void destroy(MarlEnv *base) {
  PublicGoods *env = (PublicGoods *)base;
  if (env == NULL) return;
  marl_contribution_groups_clear(&env->groups);
  free(env->choice);
  free(env);
}

static MarlRole role(const char *name, int obs_dim, int num_choices) {
  return (MarlRole){.name = name,
                    .obs_dim = obs_dim,
                    .action_kind = MARL_ACTION_DISCRETE,
                    .act_dim = 1,
                    .num_choices = num_choices};
}

/* The number of roles in which somebody decides. */
static int name_roles(PublicGoods *env, const MarlContributionRules *rules) {
  const int judge = marl_contribution_judge_obs(rules);
  int count = 0;
  env->roles[count++] =
      role("contribute", marl_contribution_contribute_obs(rules), rules->num_levels);
  if (rules->points.punishment == MARL_GROUPS_LEARNED) {
    env->punish = count;
    env->roles[count++] = role("punish", judge, rules->points.num_choices);
  }
  if (rules->rewards) {
    env->reward = count;
    env->roles[count++] = role("reward", judge, rules->num_reward_choices);
  }
  return count;
}

static MarlCode create(const MarlSection *config, MPI_Comm comm, MarlEnv **out, MarlError *err) {
  (void)comm; /* serial */
  MarlContributionRules rules;
  MARL_TRY(marl_contribution_rules_read(config, &rules, err));
  PublicGoods *env = calloc(1, sizeof *env);
  if (env == NULL) return MARL_FAIL(err, MARL_EMEMORY, "public_goods: no memory");
  env->choice = calloc((size_t)rules.num_agents, sizeof *env->choice);
  MarlCode code = marl_contribution_groups_create(&rules, &env->groups, err);
  if (code == MARL_OK && env->choice == NULL)
    code = MARL_FAIL(err, MARL_EMEMORY, "public_goods: no memory for %d agents", rules.num_agents);
  if (code != MARL_OK) {
    destroy(&env->base);
    return code;
  }
  const int num_roles = name_roles(env, &rules);
  int widest = 0;
  for (int r = 0; r < num_roles; ++r)
    if (env->roles[r].obs_dim > widest) widest = env->roles[r].obs_dim;
  env->base.spec = (MarlEnvSpec){.num_agents = rules.num_agents,
                                 .num_roles = num_roles,
                                 .roles = env->roles,
                                 .obs_dim = widest,
                                 .act_dim = 1,
                                 .ends_decisions = rules.episode_periods > 0,
                                 .num_metrics = MARL_CONTRIBUTION_NUM_METRICS,
                                 .metrics = marl_contribution_metric_names};
  *out = &env->base;
  return MARL_OK;
}

static void ask(const PublicGoods *env, const MarlEnvIo *io) {
  const MarlContributionGroups *groups = &env->groups;
  const MarlEnvSpec *spec = &env->base.spec;
  const int pending = groups->phase == 0                    ? CONTRIBUTE
                      : marl_contribution_rewarding(groups) ? env->reward
                                                            : env->punish;
  memset(io->obs, 0, (size_t)(spec->num_agents * spec->obs_dim) * sizeof *io->obs);
  for (int i = 0; i < spec->num_agents; ++i) {
    io->role[i] = (uint8_t)pending;
    io->active[i] = groups->phase == 0 || marl_contribution_may_judge(groups, i);
    marl_contribution_observe(groups, i, io->obs + (ptrdiff_t)i * spec->obs_dim);
  }
  memcpy(io->metrics, env->metrics, sizeof env->metrics);
}

static void measure(PublicGoods *env) {
  double metrics[MARL_CONTRIBUTION_NUM_METRICS];
  marl_contribution_metrics(&env->groups, metrics, NULL);
  for (int m = 0; m < MARL_CONTRIBUTION_NUM_METRICS; ++m) env->metrics[m] = (float)metrics[m];
}

static MarlCode reset(MarlEnv *base, MarlKey key, const MarlEnvIo *io, MarlError *err) {
  (void)err;
  PublicGoods *env = (PublicGoods *)base;
  marl_contribution_groups_reset(&env->groups, key);
  measure(env);
  ask(env, io);
  return MARL_OK;
}

static MarlCode step(MarlEnv *base, const MarlEnvIo *io, MarlError *err) {
  (void)err;
  PublicGoods *env = (PublicGoods *)base;
  const MarlEnvSpec *spec = &base->spec;
  for (int i = 0; i < spec->num_agents; ++i) env->choice[i] = (int)io->act[i];
  const bool period_ended = marl_contribution_apply(&env->groups, env->choice);
  if (period_ended) measure(env);
  const bool over = marl_contribution_over(&env->groups);
  const bool between_games = period_ended && env->groups.period == 0;
  for (int i = 0; i < spec->num_agents; ++i) {
    float *reward = io->reward + (ptrdiff_t)i * spec->num_roles;
    reward[CONTRIBUTE] = (float)env->groups.contribute_reward[i];
    if (env->punish > 0) reward[env->punish] = (float)env->groups.punish_reward[i];
    if (env->reward > 0) reward[env->reward] = (float)env->groups.gift_reward[i];
    io->terminated[i] = over;
    if (io->ended != NULL && between_games)
      memset(io->ended + (ptrdiff_t)i * spec->num_roles, 1, (size_t)spec->num_roles);
  }
  ask(env, io);
  return MARL_OK;
}

static bool cycle(const MarlEnv *base, double *metrics, double *whole) {
  const MarlContributionGroups *groups = &((const PublicGoods *)base)->groups;
  if (!marl_contribution_over(groups)) return false;
  for (int m = 0; m < MARL_CONTRIBUTION_NUM_METRICS; ++m) whole[m] = 1.0;
  marl_contribution_metrics(groups, metrics, whole);
  return true;
}

static MarlCode save(const MarlEnv *base, MarlStore *to, MarlError *err) {
  return marl_contribution_groups_save(&((const PublicGoods *)base)->groups, to, err);
}

static MarlCode load(MarlEnv *base, MarlStore *from, MarlError *err) {
  PublicGoods *env = (PublicGoods *)base;
  MARL_TRY(marl_contribution_groups_load(&env->groups, from, err));
  measure(env);
  return MARL_OK;
}

enum { COLUMN = MARL_MEASURE_COLUMN, UNIT = MARL_MEASURE_IN_UNIT, GREEDY = MARL_MEASURE_GREEDY };
static const MarlMeasure measures[] = {
    {"cooperation", MARL_MEASURE_FOLLOWED | UNIT | GREEDY},
    {"welfare", COLUMN | GREEDY | MARL_MEASURE_GREEDY_COLUMN},
    {"gross_welfare", COLUMN},
    {"free_riders", UNIT},
    {"full_contributors", UNIT},
    {"punishment_rate", UNIT | COLUMN | GREEDY},
    {"just_share", UNIT | COLUMN},
    {"last_cooperation", UNIT},
    {"reward_rate", UNIT},
};

const MarlEnvOps marl_env_public_goods = {
    .name = "public_goods",
    .summary = "the linear public goods game with stages of punishment and reward, in groups",
    .source =
        "Fehr and Gaechter, Am. Econ. Rev. 90, 2000; Nature 415, 2002; Alsobay et al. 2025, "
        "arXiv:2508.17151",
    .formula =
        "agents see, in this order; contributions over the endowment, points over max_points\n"
        "contribute: 1, own last contribution, mean of the others in the group, points received, "
        "period / periods\n"
        "punish, reward: own contribution, the judged member's, mean of the group, points received "
        "from "
        "that member\n"
        "then, with a reward stage, reward points received, or those from that member; with "
        "show_outcomes what the others, or that member, earned over the endowment and were given",
    .options = marl_contribution_options,
    .num_options = MARL_CONTRIBUTION_NUM_OPTIONS,
    .create = create,
    .destroy = destroy,
    .reset = reset,
    .step = step,
    .save = save,
    .load = load,
    .cycle = cycle,
    .measures = measures,
    .num_measures = sizeof measures / sizeof *measures,
};
