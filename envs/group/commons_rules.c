#include "envs/group/commons_rules.h"

#include <math.h>
#include <stdlib.h>

static const char *const scenario_names[] = {"fishery", "pasture", "pollution", "trash", NULL};
static const char *const assignment_names[] = {"stochastic", "proportional", NULL};
static const char *const observation_names[] = {"values", "states", NULL};

/* in the order of MarlCommonsPolicy */
const MarlScripted marl_commons_scripted[MARL_COMMONS_NUM_SCRIPTED] = {
    {.name = "greedy", .summary = "wishes for the whole pool"},
    {.name = "share", .summary = "wishes for an equal share of the whole pool"},
    {.name = "threshold", .summary = "wishes for what keeps the pool from shrinking"},
    {.name = "conditional", .summary = "the threshold; a share after somebody took more than that"},
};

const MarlOption marl_commons_options[MARL_COMMONS_NUM_OPTIONS] = {
    {"scenario", MARL_OPTION_CHOICE, "fishery", 0, 0, scenario_names, "1",
     "fishery, pasture and pollution have the same rules; trash is the inverse"},
    {"num_agents", MARL_OPTION_INT, "5", 2, MARL_COMMONS_MAX_AGENTS, NULL, "agents", "agents"},
    {"months", MARL_OPTION_INT, "12", 1, 1e6, NULL, "months", "months of an episode"},
    {"newcomer", MARL_OPTION_INT, "0", 0, 1e6, NULL, "months",
     "months before the last agent joins; 0: everybody is there from the start"},
    {"capacity", MARL_OPTION_INT, "100", 1, 1e6, NULL, "units", "of the pool, and its start"},
    {"collapse", MARL_OPTION_INT, "5", 0, 1e6, NULL, "units",
     "a pool with less left has collapsed; trash: with less room left"},
    {"growth", MARL_OPTION_REAL, "2", 1, 100, NULL, "1", "factor by which the pool grows a month"},
    {"inflow", MARL_OPTION_INT, "50", 0, 1e6, NULL, "units", "trash: new units a month"},
    {"assignment", MARL_OPTION_CHOICE, "stochastic", 0, 0, assignment_names, "1",
     "who gets scarce units: drawn one by one, or in proportion to wishes"},
    {"observe_catches", MARL_OPTION_BOOL, "true", 0, 0, NULL, "1", "agents see what others took"},
    {"month_value", MARL_OPTION_REAL, "0", -1e6, 1e6, NULL, "reward",
     "to everybody for a month that does not end in collapse"},
    {"universalization", MARL_OPTION_REAL, "0", 0, 1e6, NULL, "1",
     "weight of an agent's share of what the pool would lose if all did as it does, subtracted"},
    MARL_POLICIES_OPTION(
        "greedy, share, threshold or conditional, who give no points where punishing is learned"),
    {"wishes", MARL_OPTION_INTS, "0, 2, 5, 8, 10, 11, 12, 15, 20, 100", 0, 1e6, NULL, "units",
     "what a learner chooses from"},
    MARL_POINT_OPTIONS("who took beyond the threshold", "who kept to the threshold"),
    {"prosocial", MARL_OPTION_REAL, "1", 0, 1e6, NULL, "points/unit",
     "fixed: points per unit beyond the threshold"},
    {"over_users_punish", MARL_OPTION_BOOL, "false", 0, 0, NULL, "1",
     "fixed: agents beyond the threshold punish others there too, not only those who kept to it"},
    {"observation", MARL_OPTION_CHOICE, "values", 0, 0, observation_names, "1",
     "what agents see: units, or for tables of few states tenths of the pool and of a verdict how "
     "far "
     "the target was beyond the threshold"},
    MARL_INTRINSIC_OPTIONS,
};

static MarlCode read_policies(const MarlSection *config, MarlCommonsRules *r, MarlError *err) {
  MarlPlayers *players;
  MARL_TRY(marl_players_read(config, marl_commons_scripted, MARL_COMMONS_NUM_SCRIPTED,
                             r->num_agents, &players, err));
  for (int i = 0; players != NULL && i < r->num_agents; ++i)
    if (players->of[i] != MARL_LEARNER)
      r->policy[i] =
          (MarlCommonsPolicy)(MARL_COMMONS_GREEDY +
                              (players->kind[players->of[i]].policy - marl_commons_scripted));
  free(players);
  return MARL_OK;
}

MarlCode marl_commons_rules_read(const MarlSection *config, MarlCommonsRules *rules,
                                 MarlError *err) {
  *rules = (MarlCommonsRules){
      .scenario = (MarlCommonsScenario)marl_section_choice(config, "scenario"),
      .num_agents = marl_section_int(config, "num_agents"),
      .months = marl_section_int(config, "months"),
      .newcomer = marl_section_int(config, "newcomer"),
      .capacity = marl_section_int(config, "capacity"),
      .collapse = marl_section_int(config, "collapse"),
      .inflow = marl_section_int(config, "inflow"),
      .growth = marl_section_real(config, "growth"),
      .proportional = marl_section_choice(config, "assignment") == 1,
      .observe_catches = marl_section_bool(config, "observe_catches"),
      .observe_states = marl_section_choice(config, "observation") == 1,
      .month_value = marl_section_real(config, "month_value"),
      .universalization = marl_section_real(config, "universalization"),
      .prosocial = marl_section_real(config, "prosocial"),
      .over_users_punish = marl_section_bool(config, "over_users_punish"),
  };
  marl_intrinsic_read(config, &rules->intrinsic);
  MARL_TRY(read_policies(config, rules, err));
  MARL_TRY(
      marl_choices_read(config, "wishes", rules->capacity, &rules->num_wishes, rules->wish, err));
  return marl_points_read(config, &rules->points, err);
}

int marl_commons_threshold(const MarlCommonsRules *rules, int pool, int num_present) {
  if (rules->scenario == MARL_COMMONS_TRASH) return rules->inflow / num_present;
  return (int)floor(pool * (1.0 - 1.0 / rules->growth)) / num_present;
}

int marl_commons_excess(const MarlCommonsRules *rules, int taken, int threshold) {
  return rules->scenario == MARL_COMMONS_TRASH ? threshold - taken : taken - threshold;
}

int marl_commons_regrow(const MarlCommonsRules *rules, int left) {
  const double grown =
      rules->scenario == MARL_COMMONS_TRASH ? left + rules->inflow : floor(rules->growth * left);
  return (int)fmin(rules->capacity, grown);
}

bool marl_commons_collapses(const MarlCommonsRules *rules, int left) {
  return rules->scenario == MARL_COMMONS_TRASH ? left > rules->capacity - rules->collapse
                                               : left < rules->collapse;
}

double marl_commons_universal_loss(const MarlCommonsRules *rules, int pool, int num_present,
                                   int wish) {
  const int left = pool > num_present * wish ? pool - num_present * wish : 0;
  const int next = marl_commons_regrow(rules, left);
  const int worse = rules->scenario == MARL_COMMONS_TRASH ? next - pool : pool - next;
  return worse > 0 ? (double)worse / num_present : 0.0;
}
