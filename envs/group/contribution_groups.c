#include "envs/group/contribution_groups.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "envs/game/gini.h"
#include "marl/core/arena.h"
#include "marl/core/ratio.h"

const char *const marl_contribution_metric_names[MARL_CONTRIBUTION_NUM_METRICS] = {
    "cooperation",     "welfare",    "gross_welfare", "free_riders", "full_contributors",
    "punishment_rate", "points",     "just_share",    "gini",        "last_cooperation",
    "efficiency",      "reward_rate"};

/* What is counted until it becomes a metric. */
enum {
  CONTRIBUTED,
  PAID,
  PAID_FIRST,
  LOWEST,
  HIGHEST,
  PUNISHED,
  POINTS,
  JUST,
  PERIODS,
  LAST,
  REWARDED
};

static size_t carve_all(MarlContributionGroups *g, char *block) {
  const size_t n = (size_t)g->rules.num_agents, size = (size_t)g->rules.game.group_size;
  size_t at = 0;
  g->member = marl_carve(block, &at, n, sizeof *g->member);
  g->seat = marl_carve(block, &at, n, sizeof *g->seat);
  g->level = marl_carve(block, &at, n, sizeof *g->level);
  g->points = marl_carve(block, &at, n * size, sizeof *g->points);
  g->last_points = marl_carve(block, &at, n * size, sizeof *g->last_points);
  g->gifts = marl_carve(block, &at, n * size, sizeof *g->gifts);
  g->last_gifts = marl_carve(block, &at, n * size, sizeof *g->last_gifts);
  double **const by_agent[] = {&g->first,         &g->payoff,        &g->utility,
                               &g->trace,         &g->others,        &g->last_payoff,
                               &g->total,         &g->others_payoff, &g->others_points,
                               &g->others_gifts,  &g->sorted,        &g->contribute_reward,
                               &g->punish_reward, &g->gift_reward};
  for (size_t i = 0; i < sizeof by_agent / sizeof by_agent[0]; ++i)
    *by_agent[i] = marl_carve(block, &at, n, sizeof **by_agent[i]);
  g->sums = marl_carve(block, &at, MARL_CONTRIBUTION_NUM_METRICS, sizeof *g->sums);
  return at;
}

MarlCode marl_contribution_groups_create(const MarlContributionRules *rules,
                                         MarlContributionGroups *out, MarlError *err) {
  *out = (MarlContributionGroups){.rules = *rules};
  out->memory = marl_arena_alloc(carve_all(out, NULL));
  if (out->memory == NULL)
    return MARL_FAIL(err, MARL_EMEMORY, "public goods: no memory for %d agents", rules->num_agents);
  carve_all(out, out->memory);
  return MARL_OK;
}

void marl_contribution_groups_clear(MarlContributionGroups *groups) {
  free(groups->memory);
  *groups = (MarlContributionGroups){.memory = NULL};
}

/* Groups of this period: a shuffle of the agents, and perfect strangers' rotation of it. */
static void seat_agents(MarlContributionGroups *g) {
  const MarlContributionRules *r = &g->rules;
  const int n = r->game.group_size;
  if (r->matching != MARL_GROUPS_STRANGERS && g->period > 0) {
    if (r->matching == MARL_GROUPS_PARTNERS) return;
    /* who sits on place c of a group moves on by c groups */
    for (int i = 0; i < r->num_agents; ++i)
      g->seat[i] = (g->seat[i] + g->seat[i] % n * n) % r->num_agents;
  } else {
    marl_permutation(marl_key_fold(g->key, (uint64_t)g->played), (uint32_t)r->num_agents,
                     (uint32_t *)g->seat);
  }
  for (int i = 0; i < r->num_agents; ++i) g->member[g->seat[i]] = i;
}

void marl_contribution_groups_reset(MarlContributionGroups *groups, MarlKey key) {
  char *const memory = groups->memory;
  memset(memory, 0, carve_all(groups, NULL));
  carve_all(groups, memory);
  groups->key = key;
  groups->period = groups->phase = groups->played = 0;
  seat_agents(groups);
}

/* Phases of verdicts and, after them, of rewards. */
static int num_verdicts(const MarlContributionRules *r) {
  return r->points.punishment == MARL_GROUPS_LEARNED ? r->game.group_size - 1 : 0;
}

int marl_contribution_last_phase(const MarlContributionRules *rules) {
  return num_verdicts(rules) + (rules->rewards ? rules->game.group_size - 1 : 0);
}

bool marl_contribution_rewarding(const MarlContributionGroups *groups) {
  return groups->phase > num_verdicts(&groups->rules);
}

/* Seats from a judge to whom it judges, 1 .. n - 1; 0 in phase 0. */
static int offset(const MarlContributionGroups *g) {
  return g->phase == 0 ? 0 : (g->phase - 1) % (g->rules.game.group_size - 1) + 1;
}

int marl_contribution_target(const MarlContributionGroups *groups, int agent) {
  const int n = groups->rules.game.group_size;
  const int seat = groups->seat[agent], first = seat / n * n;
  return groups->member[first + (seat - first + offset(groups)) % n];
}

bool marl_contribution_may_judge(const MarlContributionGroups *groups, int agent) {
  return !groups->rules.prosocial_only || marl_contribution_rewarding(groups) ||
         groups->level[marl_contribution_target(groups, agent)] < groups->level[agent];
}

int marl_contribution_received(const MarlContributionGroups *groups, int agent, int other) {
  const int n = groups->rules.game.group_size;
  if (groups->rules.matching != MARL_GROUPS_PARTNERS) return 0;
  return groups->last_points[other * n + groups->seat[agent] % n];
}

int marl_contribution_gifts(const MarlContributionGroups *groups, int agent, int other) {
  const int n = groups->rules.game.group_size;
  if (groups->rules.matching != MARL_GROUPS_PARTNERS) return 0;
  return groups->last_gifts[other * n + groups->seat[agent] % n];
}

static double contribution(const MarlContributionGroups *g, int agent) {
  return g->rules.level[g->level[agent]];
}

double marl_contribution_group_mean(const MarlContributionGroups *groups, int agent) {
  const int n = groups->rules.game.group_size, first = groups->seat[agent] / n * n;
  double mean = 0.0;
  for (int s = 0; s < n; ++s) mean += contribution(groups, groups->member[first + s]) / n;
  return mean;
}

/* By seat of one group: n first-stage payoffs, both points [n giver, n target], traces of inequity. */
typedef struct Stage {
  double first[MARL_MAX_GROUP], trace[MARL_MAX_GROUP];
  int points[MARL_MAX_GROUP * MARL_MAX_GROUP], gifts[MARL_MAX_GROUP * MARL_MAX_GROUP];
} Stage;

static void feel(const MarlContributionRules *rules, const Stage *stage, double *payoff,
                 double *utility) {
  marl_contribution_second_stage(&rules->game, stage->first, stage->points, payoff);
  if (rules->rewards) marl_contribution_reward_stage(&rules->game, stage->gifts, payoff);
  marl_intrinsic_utility(&rules->intrinsic, rules->game.group_size, payoff, stage->trace, utility);
}

/* What *points of seat s, of either stage, changed of the utility of s, which is `utility` with them. */
static double worth_of_points(const MarlContributionRules *rules, const Stage *stage, int *points,
                              int s, double utility) {
  const int given = *points;
  double payoff[MARL_MAX_GROUP], without[MARL_MAX_GROUP];
  if (given == 0) return 0.0;
  *points = 0;
  feel(rules, stage, payoff, without);
  *points = given;
  return utility - without[s];
}

/* One group's payoffs by seat, from contributions and the points so far. */
static void pay_group(MarlContributionGroups *g, int group) {
  const MarlContributionGame *game = &g->rules.game;
  const int n = game->group_size, *member = g->member + (ptrdiff_t)group * n;
  double in[MARL_MAX_GROUP] = {0}, payoff[MARL_MAX_GROUP], utility[MARL_MAX_GROUP];
  Stage stage;
  const bool rewarding = marl_contribution_rewarding(g);
  int *const verdicts = rewarding ? stage.gifts : stage.points;
  for (int s = 0; s < n; ++s) {
    in[s] = contribution(g, member[s]);
    stage.trace[s] = g->trace[member[s]];
    memcpy(stage.points + (ptrdiff_t)s * n, g->points + (ptrdiff_t)member[s] * n,
           (size_t)n * sizeof *stage.points);
    memcpy(stage.gifts + (ptrdiff_t)s * n, g->gifts + (ptrdiff_t)member[s] * n,
           (size_t)n * sizeof *stage.gifts);
  }
  marl_contribution_first_stage(game, in, stage.first);
  feel(&g->rules, &stage, payoff, utility);
  for (int s = 0; s < n; ++s) {
    const int agent = member[s], target = (s + offset(g)) % n;
    const double change = utility[s] - g->utility[agent];
    const double own =
        g->phase > 0 && !g->rules.credit_all
            ? worth_of_points(&g->rules, &stage, &verdicts[s * n + target], s, utility[s])
            : 0.0;
    g->first[agent] = stage.first[s];
    g->payoff[agent] = payoff[s];
    g->contribute_reward[agent] = change - own;
    g->punish_reward[agent] = rewarding ? 0.0 : own;
    g->gift_reward[agent] = rewarding ? own : 0.0;
    if (g->rules.credit_all && (g->period > 0 || g->phase > 0)) /* first comes no verdict's */
      g->punish_reward[agent] = g->gift_reward[agent] = change;
    g->utility[agent] = utility[s];
  }
}

static void punish_by_rule(MarlContributionGroups *g) {
  const MarlContributionRules *r = &g->rules;
  const int n = r->game.group_size;
  for (int i = 0; i < r->num_fixed; ++i) {
    const int first = g->seat[i] / n * n;
    const double own = contribution(g, i), mean = marl_contribution_group_mean(g, i);
    for (int s = 0; s < n; ++s) {
      const int j = g->member[first + s];
      if (j == i) continue;
      g->points[i * n + s] = marl_contribution_fixed_points(r, own, contribution(g, j), mean,
                                                            marl_contribution_received(g, i, j));
    }
  }
}

static void decide(MarlContributionGroups *g, const int *choice) {
  const MarlContributionRules *r = &g->rules;
  const int n = r->game.group_size;
  for (int i = 0; i < r->num_agents; ++i) {
    if (g->phase == 0) {
      g->level[i] = choice[i];
    } else if (marl_contribution_rewarding(g)) {
      const int target = marl_contribution_target(g, i);
      g->gifts[i * n + g->seat[target] % n] = r->reward_choice[choice[i]];
    } else if (marl_contribution_may_judge(g, i)) {
      const int target = marl_contribution_target(g, i);
      g->points[i * n + g->seat[target] % n] = r->points.choice[choice[i]];
    }
  }
}

/* What the other members of an agent's group earned and were given, on average. */
static void remember_others(MarlContributionGroups *g, int agent) {
  const int n = g->rules.game.group_size, *member = g->member + g->seat[agent] / n * n;
  double payoff = 0.0;
  int points = 0, gifts = 0;
  for (int s = 0; s < n; ++s) {
    if (member[s] == agent) continue;
    payoff += g->payoff[member[s]];
    for (int giver = 0; giver < n; ++giver) {
      points += g->points[member[giver] * n + s];
      gifts += g->gifts[member[giver] * n + s];
    }
  }
  g->others_payoff[agent] = payoff / (n - 1);
  g->others_points[agent] = (double)points / (n - 1);
  g->others_gifts[agent] = (double)gifts / (n - 1);
}

bool marl_contribution_over(const MarlContributionGroups *groups) {
  const MarlContributionRules *r = &groups->rules;
  return groups->period == r->periods && groups->played >= r->episode_periods;
}

/* What was seen of the game before is forgotten; contributors see their own last level from period 1 on. */
static void begin_game(MarlContributionGroups *g) {
  const size_t n = (size_t)g->rules.num_agents, pairs = n * (size_t)g->rules.game.group_size;
  double *const seen[] = {g->trace,         g->others,        g->last_payoff,
                          g->others_payoff, g->others_points, g->others_gifts};
  for (size_t i = 0; i < sizeof seen / sizeof seen[0]; ++i) memset(seen[i], 0, n * sizeof *seen[i]);
  memset(g->last_points, 0, pairs * sizeof *g->last_points);
  memset(g->last_gifts, 0, pairs * sizeof *g->last_gifts);
  g->period = 0;
}

/* Count the period, remember what the next one sees of it, and draw the next groups. */
static void end_period(MarlContributionGroups *g) {
  const MarlContributionRules *r = &g->rules;
  const int n = r->game.group_size;
  double contributed = 0.0;
  for (int i = 0; i < r->num_agents; ++i) {
    contributed += contribution(g, i);
    g->sums[LOWEST] += g->level[i] == 0;
    g->sums[HIGHEST] += g->level[i] == r->num_levels - 1;
    g->sums[PAID] += g->payoff[i];
    g->sums[PAID_FIRST] += g->first[i];
    g->total[i] += g->payoff[i];
    g->trace[i] = r->intrinsic.trace * g->trace[i] + g->payoff[i];
    remember_others(g, i);
    g->others[i] = (marl_contribution_group_mean(g, i) * n - contribution(g, i)) / (n - 1);
    g->utility[i] = 0.0;
    for (int s = 0; s < n; ++s) {
      const int points = g->points[i * n + s], j = g->member[g->seat[i] / n * n + s];
      g->sums[PUNISHED] += points > 0;
      g->sums[POINTS] += points;
      g->sums[REWARDED] += g->gifts[i * n + s] > 0;
      g->sums[JUST] += g->level[j] < g->level[i] ? points : 0;
    }
  }
  g->sums[CONTRIBUTED] += contributed;
  g->sums[LAST] = contributed / r->num_agents / r->game.endowment;
  ++g->sums[PERIODS];
  memcpy(g->last_points, g->points, (size_t)(r->num_agents * n) * sizeof *g->points);
  memset(g->points, 0, (size_t)(r->num_agents * n) * sizeof *g->points);
  memcpy(g->last_gifts, g->gifts, (size_t)(r->num_agents * n) * sizeof *g->gifts);
  memset(g->gifts, 0, (size_t)(r->num_agents * n) * sizeof *g->gifts);
  memcpy(g->last_payoff, g->payoff, (size_t)r->num_agents * sizeof *g->payoff);
  g->phase = 0;
  ++g->played;
  if (++g->period == r->periods && !marl_contribution_over(g)) begin_game(g);
  if (g->period < r->periods) seat_agents(g);
}

bool marl_contribution_apply(MarlContributionGroups *groups, const int *choice) {
  const MarlContributionRules *r = &groups->rules;
  decide(groups, choice);
  if (groups->phase == 0 && r->points.punishment == MARL_GROUPS_FIXED) punish_by_rule(groups);
  for (int group = 0; group < r->num_agents / r->game.group_size; ++group) pay_group(groups, group);
  if (groups->phase++ < marl_contribution_last_phase(r)) return false;
  end_period(groups);
  return true;
}

void marl_contribution_metrics(const MarlContributionGroups *groups,
                               double metrics[MARL_CONTRIBUTION_NUM_METRICS], double *whole) {
  const MarlContributionRules *r = &groups->rules;
  const double *sums = groups->sums;
  if (sums[PERIODS] == 0.0) { /* nothing is known yet */
    for (int m = 0; m < MARL_CONTRIBUTION_NUM_METRICS; ++m) marl_ratio(0, 0, m, metrics, whole);
    return;
  }
  const double plays = sums[PERIODS] * r->num_agents;
  const double verdicts =
      r->points.punishment == MARL_GROUPS_UNPUNISHED ? 0.0 : plays * (r->game.group_size - 1);
  metrics[MARL_CONTRIBUTION_COOPERATION] = sums[CONTRIBUTED] / plays / r->game.endowment;
  metrics[MARL_CONTRIBUTION_WELFARE] = sums[PAID] / plays;
  metrics[MARL_CONTRIBUTION_GROSS_WELFARE] = sums[PAID_FIRST] / plays;
  metrics[MARL_CONTRIBUTION_FREE_RIDERS] = sums[LOWEST] / plays;
  metrics[MARL_CONTRIBUTION_FULL] = sums[HIGHEST] / plays;
  marl_ratio(sums[PUNISHED], verdicts, MARL_CONTRIBUTION_PUNISHMENT_RATE, metrics, whole);
  marl_ratio(sums[POINTS], verdicts, MARL_CONTRIBUTION_POINTS, metrics, whole);
  marl_ratio(sums[JUST], sums[POINTS], MARL_CONTRIBUTION_JUST_SHARE, metrics, whole);
  const double gini = marl_gini(groups->total, r->num_agents, groups->sorted);
  marl_ratio(isnan(gini) ? 0.0 : gini, !isnan(gini), MARL_CONTRIBUTION_GINI, metrics, whole);
  metrics[MARL_CONTRIBUTION_LAST_COOPERATION] = sums[LAST];
  const double full = marl_contribution_full_payoff(&r->game);
  marl_ratio(metrics[MARL_CONTRIBUTION_WELFARE], full, MARL_CONTRIBUTION_EFFICIENCY, metrics,
             whole);
  marl_ratio(sums[REWARDED], r->rewards ? plays * (r->game.group_size - 1) : 0.0,
             MARL_CONTRIBUTION_REWARD_RATE, metrics, whole);
}
