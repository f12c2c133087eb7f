#include "envs/group/commons.h"

#include <math.h>
#include <string.h>

static int present_in(const MarlCommonsRules *rules, int month) {
  return rules->num_agents - (month < rules->newcomer ? 1 : 0);
}

static int num_present(const MarlCommons *c) {
  return present_in(&c->rules, c->month);
}

bool marl_commons_present(const MarlCommons *commons, int agent) {
  return agent < num_present(commons);
}

void marl_commons_begin(const MarlCommonsRules *rules, MarlKey key, MarlCommons *out) {
  *out = (MarlCommons){.rules = *rules, .key = key, .pool = rules->capacity};
  out->threshold = marl_commons_threshold(rules, out->pool, num_present(out));
}

bool marl_commons_decides(const MarlCommons *commons, int agent) {
  if (commons->over || !marl_commons_present(commons, agent)) return false;
  if (commons->rules.policy[agent] != MARL_COMMONS_LEARNER)
    return false; /* and it gives no points */
  return commons->phase == 0 || marl_commons_present(commons, marl_commons_target(commons, agent));
}

int marl_commons_target(const MarlCommons *commons, int agent) {
  return (agent + commons->phase) % commons->rules.num_agents;
}

static void observe_state(const MarlCommons *c, int agent, float *obs) {
  const MarlCommonsRules *r = &c->rules;
  enum { TENTHS = MARL_COMMONS_HARVEST_STATE - 2 };
  if (c->phase == 0) {
    memset(obs, 0, MARL_COMMONS_HARVEST_STATE * sizeof *obs);
    obs[(int64_t)c->pool * TENTHS / r->capacity] = 1.0f;
    obs[TENTHS + 1] = r->observe_catches ? (float)c->exceeded : 0.0f;
    return;
  }
  const int own = marl_commons_excess(r, c->taken[agent], c->threshold);
  const int excess = marl_commons_excess(r, c->taken[marl_commons_target(c, agent)], c->threshold);
  memset(obs, 0, MARL_COMMONS_PUNISH_STATE * sizeof *obs);
  obs[0] = own > 0 ? 1.0f : 0.0f;
  obs[1 + (excess > 0) + (excess > 3) + (excess > 10)] = 1.0f;
}

/* Everything in units of an equal share of the capacity. */
void marl_commons_observe(const MarlCommons *commons, int agent, float *obs) {
  const MarlCommonsRules *r = &commons->rules;
  if (r->observe_states) {
    observe_state(commons, agent, obs);
    return;
  }
  const double share = (double)r->num_agents / r->capacity;
  if (commons->phase > 0) {
    obs[0] = (float)(commons->taken[agent] * share);
    obs[1] = (float)(commons->taken[marl_commons_target(commons, agent)] * share);
    obs[2] = (float)(commons->threshold * share);
    obs[3] = (float)commons->pool / (float)r->capacity;
    return;
  }
  /* the others who were there in the month before, in which a newcomer was not yet */
  const int before = present_in(r, commons->month > 0 ? commons->month - 1 : 0);
  const int others_then = before - (agent < before ? 1 : 0);
  double others = 0.0;
  for (int j = 0; j < before; ++j)
    if (j != agent) others += (double)commons->taken[j] / others_then;
  obs[0] = 1.0f;
  obs[1] = (float)commons->pool / (float)r->capacity;
  obs[2] = (float)(commons->threshold * share);
  obs[3] = (float)(commons->taken[agent] * share);
  obs[4] = r->observe_catches ? (float)(others * share) : 0.0f;
  obs[5] = r->observe_catches ? (float)commons->exceeded : 0.0f;
  obs[6] = (float)commons->month / (float)r->months;
}

static int wish_of(const MarlCommons *c, int agent, const int *choice) {
  const MarlCommonsRules *r = &c->rules;
  const bool trash = r->scenario == MARL_COMMONS_TRASH;
  switch (r->policy[agent]) {
    case MARL_COMMONS_GREEDY:
      return trash ? 0 : c->pool;
    case MARL_COMMONS_SHARE:
      return trash ? 0 : c->pool / num_present(c);
    case MARL_COMMONS_THRESHOLD:
      return c->threshold;
    case MARL_COMMONS_CONDITIONAL:
      if (!c->exceeded || !r->observe_catches) return c->threshold;
      return trash ? 0 : c->pool / num_present(c);
    default:
      return r->wish[choice[agent]];
  }
}

static void share_in_proportion(int n, int pool, int64_t sum, int *left, MarlKey key,
                                int32_t *taken) {
  uint32_t order[MARL_COMMONS_MAX_AGENTS];
  int spare = pool;
  for (int i = 0; i < n; ++i) {
    taken[i] = (int32_t)((int64_t)left[i] * pool / sum);
    left[i] -= taken[i];
    spare -= taken[i];
  }
  marl_permutation(key, (uint32_t)n, order); /* rounding leaves less than n units */
  for (int k = 0; k < n && spare > 0; ++k)
    if (left[order[k]] > 0) ++taken[order[k]], --spare;
}

void marl_commons_harvest(const MarlCommonsRules *rules, int pool, const int *wishes, MarlKey key,
                          int32_t *taken) {
  const int n = rules->num_agents;
  int left[MARL_COMMONS_MAX_AGENTS] = {0}, hungry[MARL_COMMONS_MAX_AGENTS] = {0}, num_hungry = 0;
  int64_t sum = 0;
  for (int i = 0; i < n; ++i) {
    left[i] = wishes[i] < pool ? wishes[i] : pool;
    sum += left[i];
    taken[i] = left[i];
    if (left[i] > 0) hungry[num_hungry++] = i;
  }
  if (sum <= pool) return;
  if (rules->proportional) {
    share_in_proportion(n, pool, sum, left, key, taken);
    return;
  }
  memset(taken, 0, (size_t)n * sizeof *taken);
  for (int unit = 0; unit < pool; ++unit) {
    const int k = (int)marl_below(key, (uint64_t)unit, (uint64_t)num_hungry);
    ++taken[hungry[k]];
    if (--left[hungry[k]] == 0) hungry[k] = hungry[--num_hungry];
  }
}

static double first_payoff(const MarlCommons *c, int agent, bool collapses) {
  const double value = collapses ? 0.0 : c->rules.month_value;
  return c->rules.scenario == MARL_COMMONS_TRASH ? value - c->taken[agent]
                                                 : value + c->taken[agent];
}

static bool is_beyond(const MarlCommons *c, int agent) {
  return marl_commons_excess(&c->rules, c->taken[agent], c->threshold) > 0;
}

static double reward_of_point(const MarlCommons *c, int target) {
  const MarlPointPrices *prices = &c->rules.points.prices;
  return is_beyond(c, target) ? prices->just_reward : prices->unjust_reward;
}

/* What the points of this phase for agent i's target changed of its utility, which is `utility` with
 * them. */
static double worth_of_points(const MarlCommons *c, int i, double utility) {
  const MarlCommonsRules *r = &c->rules;
  const int n = r->num_agents, present = num_present(c), target = marl_commons_target(c, i);
  const int given = c->phase > 0 && i < present && target < present ? c->points[i * n + target] : 0;
  double payoff[MARL_COMMONS_MAX_AGENTS], without[MARL_COMMONS_MAX_AGENTS];
  if (given == 0) return 0.0;
  memcpy(payoff, c->payoff, sizeof payoff);
  payoff[i] -= reward_of_point(c, target) * given;
  payoff[target] += r->points.prices.fine * given;
  marl_intrinsic_utility(&r->intrinsic, present, payoff, c->trace, without);
  return utility - without[i];
}

/* Payoffs of the month from what was taken and the points so far, and the rewards of this phase. */
static void pay(MarlCommons *c) {
  const MarlCommonsRules *r = &c->rules;
  const int n = r->num_agents, present = num_present(c);
  const bool collapses = marl_commons_collapses(r, c->pool);
  double utility[MARL_COMMONS_MAX_AGENTS] = {0};
  for (int i = 0; i < present; ++i) {
    c->payoff[i] = first_payoff(c, i, collapses);
    for (int j = 0; j < n; ++j)
      c->payoff[i] += reward_of_point(c, j) * c->points[i * n + j] -
                      r->points.prices.fine * c->points[j * n + i];
  }
  marl_intrinsic_utility(&r->intrinsic, present, c->payoff, c->trace, utility);
  for (int i = 0; i < n; ++i) {
    c->punish_reward[i] = worth_of_points(c, i, utility[i]);
    utility[i] -= c->loss[i];
    c->harvest_reward[i] = utility[i] - c->utility[i] - c->punish_reward[i];
    c->utility[i] = utility[i];
  }
}

static void punish_by_rule(MarlCommons *c) {
  const MarlCommonsRules *r = &c->rules;
  const int present = num_present(c);
  for (int i = 0; i < present; ++i) {
    if (is_beyond(c, i) && !r->over_users_punish) continue;
    for (int j = 0; j < present; ++j) {
      const double excess = marl_commons_excess(r, c->taken[j], c->threshold);
      if (j != i && excess > 0)
        c->points[i * r->num_agents + j] =
            (int32_t)fmin(r->points.max, round(r->prosocial * excess));
    }
  }
}

static void harvest(MarlCommons *c, const int *choice) {
  const MarlCommonsRules *r = &c->rules;
  int wishes[MARL_COMMONS_MAX_AGENTS] = {0};
  for (int i = 0; i < num_present(c); ++i) {
    wishes[i] = wish_of(c, i, choice);
    c->loss[i] =
        r->universalization * marl_commons_universal_loss(r, c->pool, num_present(c), wishes[i]);
  }
  marl_commons_harvest(r, c->pool, wishes, marl_key_fold(c->key, (uint64_t)c->month), c->taken);
  for (int i = 0; i < r->num_agents; ++i) c->pool -= c->taken[i];
  if (r->points.punishment == MARL_GROUPS_FIXED) punish_by_rule(c);
}

static void judge(MarlCommons *c, const int *choice) {
  const MarlCommonsRules *r = &c->rules;
  for (int i = 0; i < r->num_agents; ++i)
    if (marl_commons_decides(c, i))
      c->points[i * r->num_agents + marl_commons_target(c, i)] = r->points.choice[choice[i]];
}

static void count_points(MarlCommons *c) {
  const int n = c->rules.num_agents, present = num_present(c);
  for (int i = 0; i < present; ++i)
    for (int j = 0; j < present; ++j) {
      if (i == j) continue;
      const int points = c->points[i * n + j];
      ++c->verdicts;
      c->punished += points > 0;
      c->given += points;
      c->just += is_beyond(c, j) ? points : 0;
    }
}

static void end_month(MarlCommons *c) {
  const MarlCommonsRules *r = &c->rules;
  const bool collapses = marl_commons_collapses(r, c->pool);
  count_points(c);
  c->exceeded = 0;
  for (int i = 0; i < num_present(c); ++i) {
    const bool beyond = is_beyond(c, i);
    ++c->decisions;
    c->beyond += beyond;
    c->exceeded |= beyond;
    c->gross += first_payoff(c, i, collapses);
    c->total_taken[i] += c->taken[i];
    c->total_payoff[i] += c->payoff[i];
    c->trace[i] = r->intrinsic.trace * c->trace[i] + c->payoff[i];
  }
  memset(c->points, 0, sizeof c->points);
  memset(c->utility, 0, sizeof c->utility);
  ++c->month;
  c->phase = 0;
  c->over = collapses || c->month >= r->months;
  c->pool = marl_commons_regrow(r, c->pool);
  c->threshold = marl_commons_threshold(r, c->pool, num_present(c));
}

bool marl_commons_apply(MarlCommons *commons, const int *choice) {
  const MarlCommonsRules *r = &commons->rules;
  if (commons->phase == 0)
    harvest(commons, choice);
  else
    judge(commons, choice);
  pay(commons);
  const int last = r->points.punishment == MARL_GROUPS_LEARNED ? r->num_agents - 1 : 0;
  if (commons->phase++ < last) return false;
  end_month(commons);
  return true;
}
