#include "tests/envs/contribution_case.h"

static MarlContributionGroups make(const char *const *settings) {
  return contribution_make(settings, NULL, 2);
}

enum { AGENTS = 28, PERIODS = 7 };

/* How often two agents shared a group in PERIODS periods. */
static void count_meetings(const char *matching, int met[AGENTS][AGENTS]) {
  const char *const settings[] = {"num_agents", "28", "periods", "7", "matching", matching, NULL};
  MarlContributionGroups groups = make(settings);
  const int choice[AGENTS] = {0};
  memset(met, 0, AGENTS * sizeof met[0]);
  for (int t = 0; t < PERIODS; ++t) {
    for (int i = 0; i < AGENTS; ++i)
      for (int j = 0; j < AGENTS; ++j) met[i][j] += groups.seat[i] / 4 == groups.seat[j] / 4;
    for (int i = 0; i < AGENTS; ++i) CU_ASSERT_EQUAL(groups.member[groups.seat[i]], i);
    marl_contribution_apply(&groups, choice);
  }
  marl_contribution_groups_clear(&groups);
}

static void test_perfect_strangers_never_meet_twice(void) {
  int met[AGENTS][AGENTS];
  count_meetings("perfect_strangers", met);
  for (int i = 0; i < AGENTS; ++i) {
    int partners = 0;
    for (int j = 0; j < AGENTS; ++j) {
      if (i != j) CU_ASSERT(met[i][j] <= 1);
      partners += i != j && met[i][j] == 1;
    }
    CU_ASSERT_EQUAL(partners, 3 * PERIODS);
  }
}

static void test_partners_stay_and_strangers_mix(void) {
  int met[AGENTS][AGENTS], pairs = 0;
  count_meetings("partners", met);
  for (int i = 0; i < AGENTS; ++i)
    for (int j = 0; j < AGENTS; ++j) CU_ASSERT(met[i][j] == 0 || met[i][j] == PERIODS);
  count_meetings("strangers", met);
  for (int i = 0; i < AGENTS; ++i)
    for (int j = 0; j < i; ++j) pairs += met[i][j] > 0;
  CU_ASSERT(pairs > AGENTS * 3 / 2 * 3); /* of partners there are 42 */
}

static void test_what_cannot_be_is_refused(void) {
  MarlError err;
  MarlContributionRules rules;
  const char *const six[] = {"num_agents", "24", "matching", "perfect_strangers", NULL};
  const char *const odd[] = {"num_agents", "10", NULL};
  const char *const rich[] = {"levels", "0, 30", NULL};
  const char *const revenge[] = {"retaliation", "1", NULL};
  const char *const eleven[] = {"price_list", "convex", "max_points", "11", NULL};
  UNIT_ERROR(contribution_read(six, NULL, &rules, &err), MARL_ECONFIG, "prime number of groups");
  UNIT_ERROR(contribution_read(odd, NULL, &rules, &err), MARL_ECONFIG,
             "not a multiple of group_size");
  UNIT_ERROR(contribution_read(rich, NULL, &rules, &err), MARL_ECONFIG, "more than env.endowment");
  UNIT_ERROR(contribution_read(revenge, NULL, &rules, &err), MARL_ECONFIG, "partners");
  UNIT_ERROR(contribution_read(eleven, NULL, &rules, &err), MARL_ECONFIG, "ends at 10 points");
}

/* Contributions 20, 10, 5, 0 have mean 8.75: 3.75 and 8.75 below, one point a unit. */
static void test_conditional_cooperators_punish_who_stays_below_the_mean(void) {
  static const char *const settings[] = {"punishment", "fixed", "matching", "partners", NULL};
  MarlContributionGroups g = make(settings);
  int choice[4];
  static const int level[4] = {4, 2, 1, 0};
  for (int s = 0; s < 4; ++s) choice[g.member[s]] = level[s];
  int agent[4];
  memcpy(agent, g.member, sizeof agent);
  CU_ASSERT_TRUE(marl_contribution_apply(&g, choice));
  static const int given[4][4] = {{0, 0, 4, 9}, {0, 0, 4, 9}, {0, 0, 0, 9}, {0, 0, 0, 0}};
  for (int s = 0; s < 4; ++s)
    for (int t = 0; t < 4; ++t) CU_ASSERT_EQUAL(g.last_points[agent[s] * 4 + t], given[s][t]);
  /* 14 - 13, 24 - 13, 29 - 24 - 9, 34 - 81 */
  static const double payoff[4] = {1, 11, -4, -47};
  for (int s = 0; s < 4; ++s) {
    UNIT_NEAR(g.payoff[agent[s]], payoff[s], 1e-12);
    UNIT_NEAR(g.contribute_reward[agent[s]], payoff[s], 1e-12);
    CU_ASSERT_EQUAL(marl_contribution_received(&g, agent[3], agent[s]), given[s][3]);
  }
  double m[MARL_CONTRIBUTION_NUM_METRICS];
  marl_contribution_metrics(&g, m, NULL);
  UNIT_NEAR(m[MARL_CONTRIBUTION_COOPERATION], 35.0 / 80.0, 1e-12);
  UNIT_NEAR(m[MARL_CONTRIBUTION_WELFARE], -39.0 / 4.0, 1e-12);
  UNIT_NEAR(m[MARL_CONTRIBUTION_GROSS_WELFARE], 101.0 / 4.0, 1e-12);
  UNIT_NEAR(m[MARL_CONTRIBUTION_PUNISHMENT_RATE], 5.0 / 12.0, 1e-12);
  CU_ASSERT_EQUAL(m[MARL_CONTRIBUTION_JUST_SHARE], 1.0);
  marl_contribution_groups_clear(&g);
}

static void test_motives_add_up(void) {
  MarlContributionRules r = {.points = {.max = 10}, .prosocial = 0.5, .antisocial = 0.2};
  CU_ASSERT_EQUAL(marl_contribution_fixed_points(&r, 20, 4, 10, 0), 3);
  CU_ASSERT_EQUAL(marl_contribution_fixed_points(&r, 2, 4, 10, 0), 0); /* 0.4 is rounded away */
  CU_ASSERT_EQUAL(marl_contribution_fixed_points(&r, 0, 20, 10, 0), 4);
  CU_ASSERT_EQUAL(marl_contribution_fixed_points(&r, 10, 10, 10, 7), 0);
  r.retaliation = 1.0;
  CU_ASSERT_EQUAL(marl_contribution_fixed_points(&r, 10, 10, 10, 7), 7);
  CU_ASSERT_EQUAL(marl_contribution_fixed_points(&r, 20, 4, 10, 9), 10); /* at most max_points */
}

/* A period of random choices: what each role was paid, and the points given and received. */
typedef struct Paid {
  double contribute[8], punish[8];
  int judged[8], given[8], received[8];
} Paid;

static Paid play_a_period(MarlContributionGroups *g, int period) {
  const MarlKey key = marl_key_fold(marl_key(8, MARL_STREAM_POLICY), (uint64_t)period);
  Paid paid = {{0}, {0}, {0}, {0}, {0}};
  uint64_t draws = 0;
  bool ended = false;
  for (int phase = 0; !ended; ++phase) {
    int choice[8];
    for (int i = 0; i < 8; ++i) {
      choice[i] = (int)marl_below(key, draws++, 4);
      if (phase == 0) continue;
      const int target = marl_contribution_target(g, i), points = g->rules.points.choice[choice[i]];
      ++paid.judged[target];
      paid.given[i] += points;
      paid.received[target] += points;
    }
    ended = marl_contribution_apply(g, choice);
    for (int i = 0; i < 8; ++i) {
      paid.contribute[i] += g->contribute_reward[i];
      paid.punish[i] += g->punish_reward[i];
      if (phase == 0) CU_ASSERT_EQUAL(g->punish_reward[i], 0.0);
    }
  }
  return paid;
}

/* Every pair is judged once; a point costs 1 and takes 3: the cost is the verdict's, the fine that of
 * the contribution which it answers. Small whole numbers and tenths. */
static void test_a_fine_is_paid_by_the_contribution_and_a_price_by_the_verdict(void) {
  static const char *const settings[] = {"punishment", "learned", "num_agents", "8", NULL};
  MarlContributionGroups g = make(settings);
  for (int period = 0; period < 10; ++period) {
    const Paid paid = play_a_period(&g, period);
    for (int i = 0; i < 8; ++i) {
      CU_ASSERT_EQUAL(paid.judged[i], 3);
      UNIT_NEAR(paid.punish[i], -1.0 * paid.given[i], 1e-10);
      UNIT_NEAR(paid.contribute[i], g.first[i] - 3.0 * paid.received[i], 1e-10);
    }
  }
  marl_contribution_groups_clear(&g);
}

/* With intrinsic rewards, traces and prices that are not linear, too: nothing is paid twice and
 * nothing is lost. */
static void test_both_roles_add_up_to_the_utility_of_the_payoff(void) {
  static const char *const settings[] = {"punishment",
                                         "learned",
                                         "num_agents",
                                         "8",
                                         "price_list",
                                         "convex",
                                         "matching",
                                         "partners",
                                         "inequity_disadvantage",
                                         "0.5",
                                         "inequity_advantage",
                                         "0.25",
                                         "inequity_trace",
                                         "0.5",
                                         NULL};
  MarlContributionGroups g = make(settings);
  double trace[8] = {0};
  for (int period = 0; period < 10; ++period) {
    const Paid paid = play_a_period(&g, period);
    for (int i = 0; i < 8; ++i) {
      double utility = g.payoff[i];
      for (int j = 0; j < 8; ++j) {
        if (g.seat[j] / 4 != g.seat[i] / 4) continue;
        const double lead = 0.5 * (trace[i] - trace[j]) + g.payoff[i] - g.payoff[j];
        utility -= (0.5 * fmax(-lead, 0.0) + 0.25 * fmax(lead, 0.0)) / 3;
      }
      UNIT_NEAR(paid.contribute[i] + paid.punish[i], utility, 1e-10);
    }
    for (int i = 0; i < 8; ++i) trace[i] = 0.5 * trace[i] + g.payoff[i];
  }
  marl_contribution_groups_clear(&g);
}

/* Inequity aversion by hand: three who gave everything have 24, the free rider 44. */
static void test_a_verdict_is_worth_what_it_changed_of_its_givers_utility(void) {
  static const char *const settings[] = {"punishment", "learned", "inequity_disadvantage", "0.9",
                                         NULL};
  MarlContributionGroups g = make(settings);
  int choice[4];
  static const int level[4] = {4, 4, 4, 0}; /* 24, 24, 24 and 44 */
  for (int s = 0; s < 4; ++s) choice[g.member[s]] = level[s];
  marl_contribution_apply(&g, choice);
  for (int s = 0; s < 4; ++s) choice[g.member[s]] = s == 2 ? 1 : 0; /* seat 2 gives 2 points to 3 */
  const int giver = g.member[2], target = g.member[3], bystander = g.member[0];
  marl_contribution_apply(&g, choice);
  /* before: 24 - .9 / 3 20 = 18; after: 22 - .9 / 3 (2 + 2 + 16) = 16 */
  UNIT_NEAR(g.punish_reward[giver], 16.0 - 18.0, 1e-12);
  UNIT_NEAR(g.contribute_reward[giver], 0.0, 1e-12);
  UNIT_NEAR(g.punish_reward[target], 0.0, 0);
  UNIT_NEAR(g.contribute_reward[target], -6.0, 1e-12);
  UNIT_NEAR(g.punish_reward[bystander], 0.0, 0);
  UNIT_NEAR(g.contribute_reward[bystander], 0.9 / 3 * 6,
            1e-12); /* less envy, by no act of its own */
  marl_contribution_groups_clear(&g);
}

/* Nobody sees a verdict before the period is over, and only lower contributors can be judged. */
static void test_permission_and_simultaneity(void) {
  static const char *const settings[] = {"punishment", "learned", "punish_targets",
                                         "lower_contributors", NULL};
  MarlContributionGroups g = make(settings);
  int choice[4] = {3, 3, 3, 3};
  for (int i = 0; i < 4; ++i) choice[i] = i; /* four levels */
  marl_contribution_apply(&g, choice);
  float before[4][MARL_PUNISH_OBS], after[MARL_PUNISH_OBS];
  for (int i = 0; i < 4; ++i) marl_contribution_observe(&g, i, before[i]);
  int lower = 0;
  for (int phase = 1; phase < 4; ++phase) {
    for (int i = 0; i < 4; ++i) {
      const int target = marl_contribution_target(&g, i);
      CU_ASSERT_EQUAL(marl_contribution_may_judge(&g, i), target < i);
      lower += marl_contribution_may_judge(&g, i);
      choice[i] = 3; /* ten points */
    }
    marl_contribution_apply(&g, choice);
    if (phase < 3) {
      marl_contribution_observe(&g, 0, after);
      CU_ASSERT_EQUAL(after[0], before[0][0]); /* contributions only */
      CU_ASSERT_EQUAL(after[3], 0.0f);
    }
  }
  CU_ASSERT_EQUAL(lower, 6);
  UNIT_NEAR(g.payoff[0], 20.0 + 0.4 * 30.0 - 3.0 * 30.0, 1e-12); /* three fines of ten points */
  UNIT_NEAR(g.payoff[3], 20.0 - 15.0 + 0.4 * 30.0 - 30.0, 1e-12);
  marl_contribution_groups_clear(&g);
}

/* Everybody gives the same: each point is at somebody who gave as much. */
static void test_points_at_equals_are_antisocial(void) {
  static const char *const settings[] = {"punishment", "learned", NULL};
  MarlContributionGroups g = make(settings);
  const int same[4] = {2, 2, 2, 2}, points[4] = {1, 1, 1, 1};
  double m[MARL_CONTRIBUTION_NUM_METRICS];
  marl_contribution_apply(&g, same);
  for (int phase = 1; phase < 4; ++phase) marl_contribution_apply(&g, points);
  marl_contribution_metrics(&g, m, NULL);
  UNIT_NEAR(m[MARL_CONTRIBUTION_POINTS], 2.0, 1e-12);
  UNIT_NEAR(m[MARL_CONTRIBUTION_JUST_SHARE], 0.0, 1e-12);
  marl_contribution_groups_clear(&g);
}

/* Seen of the period before: own 20, the others' mean (10 + 5 + 0) / 3, in units of 20. */
static void test_a_contributor_sees_the_mean_of_the_others(void) {
  static const char *const settings[] = {"matching", "partners", NULL};
  MarlContributionGroups g = make(settings);
  static const int level[4] = {4, 2, 1, 0};
  int choice[4];
  float obs[MARL_CONTRIBUTE_OBS];
  for (int s = 0; s < 4; ++s) choice[g.member[s]] = level[s];
  marl_contribution_apply(&g, choice);
  marl_contribution_observe(&g, g.member[0], obs);
  UNIT_NEAR((double)obs[1], 1.0, 0);
  UNIT_NEAR((double)obs[2], 5.0 / 20, 1e-7); /* float */
  marl_contribution_groups_clear(&g);
}

/* The others of seat 0 gave (10 + 5 + 0) / 3 = 5, those of seat 3 (20 + 10 + 5) / 3, next to 10. */
static void test_states_are_the_nearest_level_and_both_levels_of_a_verdict(void) {
  static const char *const settings[] = {"matching",    "partners", "punishment",
                                         "learned",     "levels",   "0, 5, 10, 20",
                                         "observation", "states",   NULL};
  MarlContributionGroups g = make(settings);
  static const int level[4] = {3, 2, 1, 0};
  int choice[4];
  float obs[8];
  CU_ASSERT_EQUAL(marl_contribution_contribute_obs(&g.rules), 5);
  CU_ASSERT_EQUAL(marl_contribution_judge_obs(&g.rules), 8);
  marl_contribution_observe(&g, 0, obs);
  UNIT_BITS_EQUAL(obs, ((const float[5]){0, 0, 0, 0, 1}), 5 * sizeof *obs); /* nothing yet */
  for (int s = 0; s < 4; ++s) choice[g.member[s]] = level[s];
  marl_contribution_apply(&g, choice);
  marl_contribution_observe(&g, g.member[1], obs); /* judges seat 2 in phase 1 */
  UNIT_BITS_EQUAL(obs, ((const float[8]){0, 0, 1, 0, 0, 1, 0, 0}), 8 * sizeof *obs);
  memset(choice, 0, sizeof choice);
  for (int phase = 1; phase < 4; ++phase) marl_contribution_apply(&g, choice);
  marl_contribution_observe(&g, g.member[0], obs);
  UNIT_BITS_EQUAL(obs, ((const float[5]){0, 1, 0, 0, 0}), 5 * sizeof *obs);
  marl_contribution_observe(&g, g.member[3], obs);
  UNIT_BITS_EQUAL(obs, ((const float[5]){0, 0, 1, 0, 0}), 5 * sizeof *obs);
  marl_contribution_groups_clear(&g);
}

static CU_TestInfo tests[] = {
    {"states are the nearest level and both levels of a verdict",
     test_states_are_the_nearest_level_and_both_levels_of_a_verdict},
    {"points at equals are antisocial", test_points_at_equals_are_antisocial},
    {"a contributor sees the mean of the others", test_a_contributor_sees_the_mean_of_the_others},
    {"perfect strangers never meet twice", test_perfect_strangers_never_meet_twice},
    {"partners stay and strangers mix", test_partners_stay_and_strangers_mix},
    {"what cannot be is refused", test_what_cannot_be_is_refused},
    {"conditional cooperators punish who stays below the mean",
     test_conditional_cooperators_punish_who_stays_below_the_mean},
    {"motives add up", test_motives_add_up},
    {"a fine is paid by the contribution and a price by the verdict",
     test_a_fine_is_paid_by_the_contribution_and_a_price_by_the_verdict},
    {"both roles add up to the utility of the payoff",
     test_both_roles_add_up_to_the_utility_of_the_payoff},
    {"a verdict is worth what it changed of its giver's utility",
     test_a_verdict_is_worth_what_it_changed_of_its_givers_utility},
    {"permission and simultaneity", test_permission_and_simultaneity},
    CU_TEST_INFO_NULL,
};
static CU_SuiteInfo suites[] = {
    {"envs/group/contribution_groups", NULL, NULL, NULL, NULL, tests},
    CU_SUITE_INFO_NULL,
};
UNIT_MAIN(suites)
