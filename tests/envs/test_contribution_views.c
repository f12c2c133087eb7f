/* What is seen of a public goods experiment, and of its games. */
#include "tests/envs/contribution_case.h"

/* Three partners who may punish and reward; one setting more. */
static const char *const partners[] = {
    "num_agents",    "0",        "group_size", "3",       "matching",      "partners",
    "price_list",    "per_coin", "punishment", "learned", "reward",        "learned",
    "max_points",    "4",        "periods",    "4",       "punish_points", "0, 4",
    "reward_points", "0, 2",     NULL};

static MarlContributionGroups make(const char *key, const char *value) {
  return contribution_make(partners, (const char *[]){key, value, NULL}, 6);
}

/* Seats give 20, 10 and 0; in its first verdict seat 0 punishes seat 1 with 4 points, in its first reward
 * it gives seat 1 two: payoffs 12 - 4 - 2, 22 - 12 + 2 and 32. */
static void play_a_period(MarlContributionGroups *g) {
  static const int stages[5][3] = {{4, 2, 0}, {1, 0, 0}, {0, 0, 0}, {1, 0, 0}, {0, 0, 0}};
  for (int stage = 0; stage < 5; ++stage) {
    int choice[3];
    for (int s = 0; s < 3; ++s) choice[g->member[s]] = stages[stage][s];
    marl_contribution_apply(g, choice);
  }
}

static const float *seen(const MarlContributionGroups *g, int seat, float *obs) {
  marl_contribution_observe(g, g->member[seat], obs);
  return obs;
}

/* Seat 1 as a contributor, then as the judge of seat 2 and of seat 0. */
static void points_are_seen_and_whose_they_were_if_actors_are_shown(void) {
  for (int shown = 0; shown < 2; ++shown) {
    MarlContributionGroups g = make("show_actors", shown ? "true" : "false");
    float obs[MARL_CONTRIBUTE_OBS_MOST];
    const int again[3] = {0, 0, 0};
    play_a_period(&g);
    seen(&g, 1, obs);
    UNIT_NEAR((double)obs[3], 1.0, 0); /* four of four points, from whomever */
    UNIT_NEAR((double)obs[5], 0.5, 0);
    marl_contribution_apply(&g, again);
    seen(&g, 1, obs); /* judges seat 2 */
    UNIT_NEAR((double)obs[3], 0.0, 0);
    marl_contribution_apply(&g, again);
    seen(&g, 1, obs); /* judges seat 0 */
    UNIT_NEAR((double)obs[3], shown ? 1.0 : 0.0, 0);
    UNIT_NEAR((double)obs[4], shown ? 0.5 : 0.0, 0);
    marl_contribution_groups_clear(&g);
  }
}

/* The others of seat 2 earned (6 + 12) / 2 = 9 and got 4 / 2 points and 2 / 2 reward points. */
static void outcomes_of_the_others_are_seen_if_shown(void) {
  MarlContributionGroups hidden = make(NULL, NULL), g = make("show_outcomes", "true");
  float obs[MARL_CONTRIBUTE_OBS_MOST];
  const int again[3] = {0, 0, 0};
  CU_ASSERT_EQUAL(marl_contribution_contribute_obs(&hidden.rules), MARL_CONTRIBUTE_OBS + 1);
  CU_ASSERT_EQUAL(marl_contribution_contribute_obs(&g.rules), MARL_CONTRIBUTE_OBS_MOST);
  CU_ASSERT_EQUAL(marl_contribution_judge_obs(&g.rules), MARL_PUNISH_OBS_MOST);
  play_a_period(&g);
  seen(&g, 2, obs);
  UNIT_NEAR((double)obs[6], 9.0 / 20, 1e-7); /* float */
  UNIT_NEAR((double)obs[7], 2.0 / 4, 1e-7);
  UNIT_NEAR((double)obs[8], 1.0 / 4, 1e-7);
  marl_contribution_apply(&g, again);
  marl_contribution_apply(&g, again);
  seen(&g, 2, obs); /* judges seat 1, which earned 12 and got 4 and 2 points */
  UNIT_NEAR((double)obs[5], 12.0 / 20, 1e-7);
  UNIT_NEAR((double)obs[6], 1.0, 0);
  UNIT_NEAR((double)obs[7], 0.5, 0);
  marl_contribution_groups_clear(&g);
  marl_contribution_groups_clear(&hidden);
}

static void periods_are_counted_if_the_horizon_is_known(void) {
  MarlContributionGroups known = make(NULL, NULL), g = make("show_horizon", "false");
  float obs[MARL_CONTRIBUTE_OBS_MOST];
  for (int period = 0; period < 4; ++period) {
    UNIT_NEAR((double)seen(&known, 0, obs)[4], period / 4.0, 0);
    UNIT_NEAR((double)seen(&g, 0, obs)[4], 0.0, 0);
    play_a_period(&known);
    play_a_period(&g);
  }
  marl_contribution_groups_clear(&known);
  marl_contribution_groups_clear(&g);
}

/* Games of four periods until ten are over: three games; what is seen when one begins is what is seen when
 * the first does, and money and metrics are those of all. */
static void games_of_an_episode_do_not_see_each_other(void) {
  MarlContributionGroups g = make("episode_periods", "10");
  float fresh[MARL_CONTRIBUTE_OBS_MOST], obs[MARL_CONTRIBUTE_OBS_MOST];
  const size_t size = (size_t)marl_contribution_contribute_obs(&g.rules) * sizeof *obs;
  seen(&g, 0, fresh);
  for (int period = 1; period <= 12; ++period) {
    CU_ASSERT_FALSE(marl_contribution_over(&g));
    play_a_period(&g);
    if (period % 4 == 0 && period < 12) {
      CU_ASSERT_EQUAL(g.period, 0);
      for (int s = 0; s < 3; ++s) UNIT_BITS_EQUAL(seen(&g, s, obs), fresh, size);
    } else {
      CU_ASSERT_EQUAL(g.period, (period - 1) % 4 + 1);
    }
  }
  CU_ASSERT_TRUE(marl_contribution_over(&g));
  double m[MARL_CONTRIBUTION_NUM_METRICS], sum = 0.0;
  marl_contribution_metrics(&g, m, NULL);
  for (int i = 0; i < 3; ++i) sum += g.total[i];
  UNIT_NEAR(sum, 12 * (6.0 + 12.0 + 32.0), 1e-9);
  UNIT_NEAR(m[MARL_CONTRIBUTION_WELFARE], 50.0 / 3, 1e-10);
  marl_contribution_groups_clear(&g);
}

static void what_cannot_be_seen_or_paid_is_refused(void) {
  static const struct {
    const char *key, *value, *words;
  } bad[] = {
      {"price_list", "linear", "need env.price_list = per_coin"},
      {"fine", "2", "prices of its own"},
      {"reward_points", "0, 5", "at most 4"},
  };
  MarlError err;
  MarlContributionRules rules;
  for (size_t i = 0; i < sizeof bad / sizeof bad[0]; ++i)
    UNIT_ERROR(
        contribution_read(partners, (const char *[]){bad[i].key, bad[i].value, NULL}, &rules, &err),
        MARL_ECONFIG, bad[i].words);
  static const char *const states[] = {"observation", "states", "show_outcomes", "true", NULL};
  static const char *const masked[] = {"matching",    "partners", "retaliation", "1",
                                       "show_actors", "false",    NULL};
  static const char *const coins[] = {"incentive_cost", "2", NULL};
  UNIT_ERROR(contribution_read(states, NULL, &rules, &err), MARL_ECONFIG, "observation = values");
  UNIT_ERROR(contribution_read(masked, NULL, &rules, &err), MARL_ECONFIG,
             "who punished is not known");
  UNIT_ERROR(contribution_read(coins, NULL, &rules, &err), MARL_ECONFIG, "per_coin");
}

static CU_TestInfo tests[] = {
    {"points are seen, and whose they were if actors are shown",
     points_are_seen_and_whose_they_were_if_actors_are_shown},
    {"outcomes of the others are seen if shown", outcomes_of_the_others_are_seen_if_shown},
    {"periods are counted if the horizon is known", periods_are_counted_if_the_horizon_is_known},
    {"games of an episode do not see each other", games_of_an_episode_do_not_see_each_other},
    {"what cannot be seen or paid is refused", what_cannot_be_seen_or_paid_is_refused},
    CU_TEST_INFO_NULL,
};
static CU_SuiteInfo suites[] = {
    {"envs/group: what is seen", NULL, NULL, NULL, NULL, tests},
    CU_SUITE_INFO_NULL,
};
UNIT_MAIN(suites)
