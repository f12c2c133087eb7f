#include "envs/group/contribution_rules.h"

#include <math.h>

static const char *const matching_names[] = {"partners", "strangers", "perfect_strangers", NULL};
static const char *const observation_names[] = {"values", "states", NULL};
static const char *const permission_names[] = {"anybody", "lower_contributors", NULL};
static const char *const reward_names[] = {"none", "learned", NULL};
static const char *const credit_names[] = {"own", "all", NULL};

const MarlOption marl_contribution_options[MARL_CONTRIBUTION_NUM_OPTIONS] = {
    {"num_agents", MARL_OPTION_INT, "4", 0, 1e6, NULL, "agents",
     "agents, whole groups of them; 0: one group"},
    {"group_size", MARL_OPTION_INT, "4", 2, MARL_MAX_GROUP, NULL, "agents", "agents of a group"},
    {"periods", MARL_OPTION_INT, "10", 1, 1e6, NULL, "periods", "periods of a game"},
    {"episode_periods", MARL_OPTION_INT, "0", 0, 1e6, NULL, "periods",
     "an episode is as many games as have so many periods at least, so that short games give as "
     "much "
     "to learn from as long ones; nothing is seen or owed from one to the next; 0: one game"},
    {"matching", MARL_OPTION_CHOICE, "strangers", 0, 0, matching_names, "1",
     "who is in a group: always the same, drawn every period, or never met before"},
    {"endowment", MARL_OPTION_REAL, "20", 1e-6, 1e6, NULL, "reward", "of an agent and period"},
    {"mpcr", MARL_OPTION_REAL, "0.4", 0, 1e6, NULL, "1",
     "marginal per capita return: what a contributed unit pays to each member"},
    {"levels", MARL_OPTION_REALS, "0, 5, 10, 15, 20", 0, 1e6, NULL, "reward",
     "contributions to choose from, at most the endowment"},
    MARL_POINT_OPTIONS("who contributed less", "who contributed as much or more"),
    {"price_list", MARL_OPTION_CHOICE, "linear", 0, 0, marl_price_list_names, "1",
     "linear: fine and rewards of a point; convex: rising cost, share of the target's income, at "
     "most 10 points; per_coin: incentive_cost of a point, and what each coin of it does"},
    {"point_share", MARL_OPTION_REAL, "0.1", 0, 1, NULL, "1",
     "convex: part of the target's first-stage income that a point takes"},
    {"incentive_cost", MARL_OPTION_REAL, "1", 0, 1e6, NULL, "reward",
     "per_coin: coins that a point of punishment or of reward costs its giver"},
    {"punishment_impact", MARL_OPTION_REAL, "3", 0, 1e6, NULL, "1",
     "per_coin: taken from who is punished, a coin that its giver spends"},
    {"reward_impact", MARL_OPTION_REAL, "1", 0, 1e6, NULL, "1",
     "per_coin: given to who is rewarded, a coin that its giver spends"},
    {"reward", MARL_OPTION_CHOICE, "none", 0, 0, reward_names, "1",
     "is there a reward stage after the contributions (and the punishment), in which agents learn "
     "to reward each other; needs price_list = per_coin"},
    {"reward_points", MARL_OPTION_INTS, "0, 1, 2", 0, 1000, NULL, "points",
     "reward stage: points to choose from"},
    {"credit", MARL_OPTION_CHOICE, "own", 0, 0, credit_names, "1",
     "own: a verdict earns what its own points changed of the period's utility, the contribution "
     "the "
     "rest; all: each role earns all that its agent does, so that what a verdict changes later "
     "counts"},
    {"show_actors", MARL_OPTION_BOOL, "true", 0, 0, NULL, "1",
     "a judge sees what the judged member gave it the period before; partners"},
    {"show_outcomes", MARL_OPTION_BOOL, "false", 0, 0, NULL, "1",
     "agents see what other members earned and were given the period before (of a judged member: "
     "partners)"},
    {"show_horizon", MARL_OPTION_BOOL, "true", 0, 0, NULL, "1",
     "contributors see the share of periods that is over"},
    {"punish_targets", MARL_OPTION_CHOICE, "anybody", 0, 0, permission_names, "1",
     "learned: whom an agent may punish"},
    {"prosocial", MARL_OPTION_REAL, "1", 0, 1e6, NULL, "points/reward",
     "fixed: points per unit that a target stayed below the group's mean"},
    {"antisocial", MARL_OPTION_REAL, "0", 0, 1e6, NULL, "points/reward",
     "fixed: points per unit that a target contributed more than the punisher"},
    {"retaliation", MARL_OPTION_REAL, "0", 0, 1e6, NULL, "1",
     "fixed: points per point received from the target in the period before; partners"},
    {"punishers", MARL_OPTION_REAL, "1", 0, 1, NULL, "1", "fixed: share of agents that punish"},
    {"observation", MARL_OPTION_CHOICE, "values", 0, 0, observation_names, "1",
     "what agents see: contributions and points, or for tables of few states the level nearest to "
     "what others gave, and of a verdict own and target's level"},
    MARL_INTRINSIC_OPTIONS,
};

static MarlCode read_levels(const MarlSection *config, MarlContributionRules *r, MarlError *err) {
  size_t count;
  const double *levels = marl_section_reals(config, "levels", &count);
  if (count < 2 || count > MARL_MAX_LEVELS)
    return MARL_FAIL(err, MARL_ECONFIG, "env.levels: %zu contributions; expected 2 .. %d", count,
                     MARL_MAX_LEVELS);
  for (size_t i = 0; i < count; ++i) {
    if (levels[i] > r->game.endowment)
      return MARL_FAIL(err, MARL_ECONFIG, "env.levels: %g is more than env.endowment = %g",
                       levels[i], r->game.endowment);
    if (i > 0 && levels[i] <= levels[i - 1])
      return MARL_FAIL(err, MARL_ECONFIG, "env.levels: %g after %g; expected increasing numbers",
                       levels[i], levels[i - 1]);
    r->level[r->num_levels++] = levels[i];
  }
  return MARL_OK;
}

/* Prices that a list does not have are not left without effect. */
static MarlCode read_coins(const MarlSection *config, MarlContributionRules *r, MarlError *err) {
  const double cost = marl_section_real(config, "incentive_cost"),
               taken = marl_section_real(config, "punishment_impact"),
               given = marl_section_real(config, "reward_impact");
  r->rewards = marl_section_choice(config, "reward") == 1;
  MARL_TRY(marl_choices_read(config, "reward_points", r->points.max, &r->num_reward_choices,
                             r->reward_choice, err));
  if (r->game.price_list != MARL_PRICE_PER_COIN) {
    if (r->rewards || cost != 1 || taken != 3 || given != 1)
      return MARL_FAIL(err, MARL_ECONFIG,
                       "env.reward, incentive_cost, punishment_impact and reward_impact need "
                       "env.price_list = per_coin");
    return MARL_OK;
  }
  r->game.prices = (MarlPointPrices){cost * taken, -cost, -cost};
  r->game.reward_cost = cost;
  r->game.reward_value = cost * given;
  return MARL_OK;
}

static MarlCode read_points(const MarlSection *config, MarlContributionRules *r, MarlError *err) {
  MARL_TRY(marl_points_read(config, &r->points, err));
  r->game.prices = r->points.prices;
  if (r->game.price_list == MARL_PRICE_CONVEX && r->points.max > MARL_CONVEX_MAX_POINTS)
    return MARL_FAIL(err, MARL_ECONFIG,
                     "env.max_points = %d: the convex price list ends at %d points", r->points.max,
                     MARL_CONVEX_MAX_POINTS);
  const MarlPointPrices *prices = &r->points.prices;
  if (r->game.price_list != MARL_PRICE_LINEAR &&
      (prices->fine != 3 || prices->just_reward != -1 || prices->unjust_reward != -1))
    return MARL_FAIL(err, MARL_ECONFIG,
                     "env.price_list = %s has prices of its own: leave fine, just_reward and "
                     "unjust_reward as they are (3, -1, -1)",
                     marl_price_list_names[r->game.price_list]);
  return read_coins(config, r, err);
}

static MarlCode check_view(const MarlContributionRules *r, MarlError *err) {
  if (r->retaliation > 0.0 && !r->show_actors)
    return MARL_FAIL(err, MARL_ECONFIG,
                     "env.retaliation needs env.show_actors = true: who punished is not known");
  if (r->show_outcomes && r->observe_states)
    return MARL_FAIL(err, MARL_ECONFIG,
                     "env.show_outcomes needs env.observation = values: states have no earnings");
  return MARL_OK;
}

static MarlCode check_groups(const MarlContributionRules *r, MarlError *err) {
  const int n = r->game.group_size;
  if (r->num_agents % n != 0)
    return MARL_FAIL(err, MARL_ECONFIG, "env.num_agents = %d is not a multiple of group_size = %d",
                     r->num_agents, n);
  if (r->retaliation > 0.0 && r->matching != MARL_GROUPS_PARTNERS)
    return MARL_FAIL(err, MARL_ECONFIG,
                     "env.retaliation needs env.matching = partners: strangers do not meet again");
  if (r->matching != MARL_GROUPS_PERFECT_STRANGERS) return MARL_OK;
  const int groups = r->num_agents / n;
  for (int c = 1; c < n; ++c)
    for (int t = 1; t < r->periods; ++t)
      if (c * t % groups == 0)
        return MARL_FAIL(err, MARL_ECONFIG,
                         "env.matching = perfect_strangers: %d groups of %d cannot meet anew in %d "
                         "periods; use a prime number of groups, at least env.periods",
                         groups, n, r->periods);
  return MARL_OK;
}

MarlCode marl_contribution_rules_read(const MarlSection *config, MarlContributionRules *rules,
                                      MarlError *err) {
  *rules = (MarlContributionRules){
      .game = {.group_size = marl_section_int(config, "group_size"),
               .endowment = marl_section_real(config, "endowment"),
               .mpcr = marl_section_real(config, "mpcr"),
               .price_list = (MarlPriceList)marl_section_choice(config, "price_list"),
               .point_share = marl_section_real(config, "point_share")},
      .num_agents = marl_section_int(config, "num_agents"),
      .periods = marl_section_int(config, "periods"),
      .episode_periods = marl_section_int(config, "episode_periods"),
      .matching = (MarlGroupMatching)marl_section_choice(config, "matching"),
      .credit_all = marl_section_choice(config, "credit") == 1,
      .show_actors = marl_section_bool(config, "show_actors"),
      .show_outcomes = marl_section_bool(config, "show_outcomes"),
      .show_horizon = marl_section_bool(config, "show_horizon"),
      .observe_states = marl_section_choice(config, "observation") == 1,
      .prosocial_only = marl_section_choice(config, "punish_targets") == 1,
      .prosocial = marl_section_real(config, "prosocial"),
      .antisocial = marl_section_real(config, "antisocial"),
      .retaliation = marl_section_real(config, "retaliation"),
  };
  if (rules->num_agents == 0) rules->num_agents = rules->game.group_size;
  rules->num_fixed = (int)lround(marl_section_real(config, "punishers") * rules->num_agents);
  marl_intrinsic_read(config, &rules->intrinsic);
  MARL_TRY(read_levels(config, rules, err));
  MARL_TRY(read_points(config, rules, err));
  MARL_TRY(check_view(rules, err));
  return check_groups(rules, err);
}

int marl_contribution_fixed_points(const MarlContributionRules *rules, double own, double other,
                                   double mean, int received) {
  double points = rules->retaliation * received;
  if (other < own && other < mean) points += rules->prosocial * (mean - other);
  if (other > own) points += rules->antisocial * (other - own);
  return (int)fmin(rules->points.max, round(points));
}
