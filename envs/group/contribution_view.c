/* What the members of groups see. */
#include <math.h>
#include <string.h>

#include "envs/group/contribution_groups.h"

int marl_contribution_contribute_obs(const MarlContributionRules *rules) {
  const int more = (rules->rewards ? 1 : 0) + (rules->show_outcomes ? rules->rewards ? 3 : 2 : 0);
  return rules->observe_states ? rules->num_levels + 1 : MARL_CONTRIBUTE_OBS + more;
}

int marl_contribution_judge_obs(const MarlContributionRules *rules) {
  const int more = (rules->rewards ? 1 : 0) + (rules->show_outcomes ? rules->rewards ? 3 : 2 : 0);
  return rules->observe_states ? 2 * rules->num_levels : MARL_PUNISH_OBS + more;
}

static double contribution(const MarlContributionGroups *g, int agent) {
  return g->rules.level[g->level[agent]];
}

/* Everything in units of the endowment and of max_points. */
static void observe_contributor(const MarlContributionGroups *g, int agent, float *obs) {
  const MarlContributionRules *r = &g->rules;
  const int n = r->game.group_size;
  const double unit = 1.0 / r->game.endowment;
  const double point = r->points.max > 0 ? 1.0 / r->points.max : 0.0;
  double received = 0.0, gifts = 0.0;
  for (int s = 0; s < n; ++s) {
    const int other = g->member[g->seat[agent] / n * n + s];
    received += marl_contribution_received(g, agent, other);
    gifts += marl_contribution_gifts(g, agent, other);
  }
  obs[0] = 1.0f;
  obs[1] = g->period > 0 ? (float)(contribution(g, agent) * unit) : 0.0f;
  obs[2] = (float)(g->others[agent] * unit);
  obs[3] = (float)(received * point);
  obs[4] = r->show_horizon ? (float)((double)g->period / r->periods) : 0.0f;
  obs += MARL_CONTRIBUTE_OBS;
  if (r->rewards) *obs++ = (float)(gifts * point);
  if (!r->show_outcomes) return;
  *obs++ = (float)(g->others_payoff[agent] * unit);
  *obs++ = (float)(g->others_points[agent] * point);
  if (r->rewards) *obs = (float)(g->others_gifts[agent] * point);
}

/* All points, or reward points, that a partner got in the period before. */
static int got(const MarlContributionGroups *g, const int32_t *given, int agent) {
  const int n = g->rules.game.group_size, seat = g->seat[agent];
  int sum = 0;
  for (int s = 0; s < n; ++s) sum += given[g->member[seat / n * n + s] * n + seat % n];
  return sum;
}

static void observe_judge(const MarlContributionGroups *g, int agent, float *obs) {
  const MarlContributionRules *r = &g->rules;
  const double unit = 1.0 / r->game.endowment;
  const double point = r->points.max > 0 ? 1.0 / r->points.max : 0.0;
  const int target = marl_contribution_target(g, agent);
  obs[0] = (float)(contribution(g, agent) * unit);
  obs[1] = (float)(contribution(g, target) * unit);
  obs[2] = (float)(marl_contribution_group_mean(g, agent) * unit);
  obs[3] = r->show_actors ? (float)(marl_contribution_received(g, agent, target) * point) : 0.0f;
  obs += MARL_PUNISH_OBS;
  if (r->rewards)
    *obs++ = r->show_actors ? (float)(marl_contribution_gifts(g, agent, target) * point) : 0.0f;
  if (!r->show_outcomes) return;
  const bool known = r->matching == MARL_GROUPS_PARTNERS;
  *obs++ = known ? (float)(g->last_payoff[target] * unit) : 0.0f;
  *obs++ = known ? (float)(got(g, g->last_points, target) * point) : 0.0f;
  if (r->rewards) *obs = known ? (float)(got(g, g->last_gifts, target) * point) : 0.0f;
}

static int nearest_level(const MarlContributionRules *r, double amount) {
  int nearest = 0;
  for (int l = 1; l < r->num_levels; ++l)
    if (fabs(r->level[l] - amount) < fabs(r->level[nearest] - amount)) nearest = l;
  return nearest;
}

static void observe_state(const MarlContributionGroups *g, int agent, float *obs) {
  const MarlContributionRules *r = &g->rules;
  if (g->phase == 0) {
    memset(obs, 0, (size_t)(r->num_levels + 1) * sizeof *obs);
    obs[g->period == 0 ? r->num_levels : nearest_level(r, g->others[agent])] = 1.0f;
    return;
  }
  memset(obs, 0, (size_t)(2 * r->num_levels) * sizeof *obs);
  obs[g->level[agent]] = 1.0f;
  obs[r->num_levels + g->level[marl_contribution_target(g, agent)]] = 1.0f;
}

void marl_contribution_observe(const MarlContributionGroups *groups, int agent, float *obs) {
  if (groups->rules.observe_states)
    observe_state(groups, agent, obs);
  else if (groups->phase == 0)
    observe_contributor(groups, agent, obs);
  else
    observe_judge(groups, agent, obs);
}
