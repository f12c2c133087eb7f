/* The conditions of Alsobay et al. 2025 (arXiv:2508.17151) in the public goods experiment: prices a coin, the
 * reward stage, what is seen, games of different length. */
#include "tests/envs/contribution_case.h"

/* Payoffs are sums of few numbers below 1000. */
#define ROUND_OFF 1e-10

static MarlContributionGroups make(const char *const *settings) {
  return contribution_make(settings, NULL, 3);
}

/* One group of three partners who punish, then reward. */
#define BOTH_STAGES                                                                          \
  "num_agents", "0", "group_size", "3", "matching", "partners", "price_list", "per_coin",    \
      "incentive_cost", "2", "punishment_impact", "3", "reward_impact", "1.5", "punishment", \
      "learned", "punish_points", "0, 1, 4", "reward", "learned", "reward_points", "0, 1, 2"

/* Points of cost 2: a verdict of 4 costs 8 and takes 24, a reward of 2 costs 4 and brings 6. */
static void a_coin_takes_and_brings_its_impact(void) {
  static const char *const settings[] = {BOTH_STAGES, NULL};
  MarlContributionGroups g = make(settings);
  int agent[3], choice[3];
  for (int s = 0; s < 3; ++s) agent[s] = g.member[s];
  static const int stages[5][3] = {
      {4, 2, 0},            /* 20, 10 and 0: 12, 22, 32 with 0.4 */
      {0, 2, 0}, {0, 0, 0}, /* seat 1 gives seat 2 four points */
      {2, 0, 0}, {0, 1, 0}, /* seat 0 gives seat 1 two reward points, seat 1 gives seat 0 one */
  };
  for (int stage = 0; stage < 5; ++stage) {
    for (int s = 0; s < 3; ++s) choice[agent[s]] = stages[stage][s];
    CU_ASSERT_EQUAL(marl_contribution_rewarding(&g), stage > 2);
    CU_ASSERT_EQUAL(marl_contribution_apply(&g, choice), stage == 4);
  }
  UNIT_NEAR(g.payoff[agent[0]], 12.0 - 4.0 + 3.0, ROUND_OFF);
  UNIT_NEAR(g.payoff[agent[1]], 22.0 - 8.0 + 6.0 - 2.0, ROUND_OFF);
  UNIT_NEAR(g.payoff[agent[2]], 32.0 - 24.0, ROUND_OFF);
  double m[MARL_CONTRIBUTION_NUM_METRICS];
  marl_contribution_metrics(&g, m, NULL);
  UNIT_NEAR(m[MARL_CONTRIBUTION_PUNISHMENT_RATE], 1.0 / 6.0, ROUND_OFF);
  UNIT_NEAR(m[MARL_CONTRIBUTION_REWARD_RATE], 2.0 / 6.0, ROUND_OFF);
  UNIT_NEAR(m[MARL_CONTRIBUTION_EFFICIENCY], (11.0 + 18.0 + 8.0) / 3 / 24.0, ROUND_OFF);
  marl_contribution_groups_clear(&g);
}

/* Full contribution is the yardstick: 1; nobody contributing is worth y of n a y. */
static void efficiency_is_one_at_full_contribution(void) {
  static const char *const settings[] = {"num_agents", "0",      "group_size", "5", "mpcr",
                                         "0.3",        "levels", "0, 20",      NULL};
  for (int level = 0; level < 2; ++level) {
    MarlContributionGroups g = make(settings);
    const int choice[5] = {level, level, level, level, level};
    double m[MARL_CONTRIBUTION_NUM_METRICS];
    CU_ASSERT_EQUAL(g.rules.num_levels, 2); /* all or nothing */
    marl_contribution_apply(&g, choice);
    marl_contribution_metrics(&g, m, NULL);
    UNIT_NEAR(m[MARL_CONTRIBUTION_EFFICIENCY], level == 1 ? 1.0 : 1.0 / 1.5, 1e-12);
    marl_contribution_groups_clear(&g);
  }
}

static void first_stage(double mpcr, const double *given, double *payoff) {
  const MarlContributionGame game = {.group_size = 3, .endowment = 20, .mpcr = mpcr};
  marl_contribution_first_stage(&game, given, payoff);
}

/* All 27 profiles of three levels: a unit more changes the giver's payoff by a - 1, whatever the others do,
 * so contributing is dominated exactly where the return is below one. */
static void with_a_return_below_one_contributing_is_dominated(void) {
  static const double returns[] = {0.06, 0.4, 0.7, 0.99, 1.0, 1.2};
  for (size_t r = 0; r < sizeof returns / sizeof returns[0]; ++r)
    for (int profile = 0; profile < 27; ++profile) {
      const double given[3] = {10.0 * (profile % 3), 10.0 * (profile / 3 % 3),
                               10.0 * (profile / 9)};
      double payoff[3], nothing[3];
      first_stage(returns[r], given, payoff);
      first_stage(returns[r], (const double[3]){0, given[1], given[2]}, nothing);
      UNIT_NEAR(payoff[0] - nothing[0], (returns[r] - 1.0) * given[0], ROUND_OFF);
    }
}

/* One period of three: choices of the five stages by seat, and the payoff of seat 0. */
static double payoff_of_seat_0(int choices[5][3]) {
  static const char *const settings[] = {BOTH_STAGES, "periods", "1", NULL};
  MarlContributionGroups g = make(settings);
  int choice[3];
  for (int stage = 0; stage < 5; ++stage) {
    for (int s = 0; s < 3; ++s) choice[g.member[s]] = choices[stage][s];
    marl_contribution_apply(&g, choice);
  }
  CU_ASSERT_TRUE(marl_contribution_over(&g));
  const double payoff = g.payoff[g.member[0]];
  marl_contribution_groups_clear(&g);
  return payoff;
}

/* Backward induction of the one-shot game. Whatever was contributed and whatever the others give, points of
 * either stage lower their giver's payoff by what they cost; so nobody gives any, and then a contribution of x
 * costs (1 - a) x: the one subgame-perfect outcome pays everybody the endowment. */
static void subgame_perfect_players_earn_the_endowment(void) {
  const MarlKey key = marl_key(4, MARL_STREAM_ENV);
  static const double points[3] = {0, 1, 4}, rewards[3] = {0, 1, 2}, cost = 2.0;
  for (uint64_t trial = 0; trial < 60; ++trial) {
    int others[5][3];
    for (uint64_t k = 0; k < 15; ++k)
      others[k / 3][k % 3] = (int)marl_below(key, 16 * trial + k, 3);
    const int stage = 1 + (int)marl_below(key, 16 * trial + 15, 4);
    const double given = (stage > 2 ? rewards : points)[others[stage][0]];
    const double with = payoff_of_seat_0(others);
    others[stage][0] = 0;
    UNIT_NEAR(payoff_of_seat_0(others) - with, cost * given, ROUND_OFF);
  }
  for (int own = 0; own < 5; ++own)
    for (int other = 0; other < 5; ++other) {
      int silent[5][3] = {{own, other, other}};
      int nothing[5][3] = {{0, other, other}};
      UNIT_NEAR(payoff_of_seat_0(nothing) - payoff_of_seat_0(silent), 0.6 * 5.0 * own, ROUND_OFF);
    }
  int equilibrium[5][3] = {{0}};
  UNIT_NEAR(payoff_of_seat_0(equilibrium), 20.0, 0);
}

/* Random choices for a period: what each role was paid. */
typedef struct Paid {
  double contribute[3], punish[3], gift[3], whole[3];
} Paid;

static Paid play_a_period(MarlContributionGroups *g, uint64_t seed) {
  const MarlKey key = marl_key(seed, MARL_STREAM_POLICY);
  Paid paid = {{0}, {0}, {0}, {0}};
  bool ended = false;
  for (uint64_t draw = 0; !ended;) {
    int choice[3];
    const bool first = g->phase == 0;
    for (int i = 0; i < 3; ++i) choice[i] = (int)marl_below(key, draw++, 3);
    ended = marl_contribution_apply(g, choice);
    for (int i = 0; i < 3; ++i) {
      paid.contribute[i] += g->contribute_reward[i];
      paid.punish[i] += first ? 0.0 : g->punish_reward[i];
      paid.gift[i] += first ? 0.0 : g->gift_reward[i];
      paid.whole[i] += first ? 0.0 : g->contribute_reward[i];
    }
  }
  return paid;
}

static void own_credit_of_three_roles_adds_up(void) {
  static const char *const settings[] = {BOTH_STAGES, "inequity_disadvantage", "0.5", NULL};
  MarlContributionGroups g = make(settings);
  for (uint64_t period = 0; period < 9; ++period) {
    const Paid paid = play_a_period(&g, period);
    for (int i = 0; i < 3; ++i) {
      double utility = g.payoff[i];
      for (int j = 0; j < 3; ++j) utility -= 0.25 * fmax(g.payoff[j] - g.payoff[i], 0.0);
      UNIT_NEAR(paid.contribute[i] + paid.punish[i] + paid.gift[i], utility, ROUND_OFF);
    }
  }
  marl_contribution_groups_clear(&g);
}

/* A contribution earns the whole period, a verdict all that follows the contributions; the first
 * contribution of a game is nobody's verdict's. */
static void all_credit_pays_every_role_the_whole(void) {
  static const char *const settings[] = {BOTH_STAGES, "credit", "all", NULL};
  MarlContributionGroups g = make(settings);
  const int choice[3] = {4, 4, 4};
  marl_contribution_apply(&g, choice);
  for (int i = 0; i < 3; ++i) {
    CU_ASSERT_EQUAL(g.punish_reward[i], 0.0);
    CU_ASSERT_EQUAL(g.gift_reward[i], 0.0);
    UNIT_NEAR(g.contribute_reward[i], 24.0, ROUND_OFF);
  }
  marl_contribution_groups_reset(&g, marl_key(5, MARL_STREAM_ENV));
  for (uint64_t period = 0; period < 9; ++period) {
    const Paid paid = play_a_period(&g, period);
    for (int i = 0; i < 3; ++i) {
      UNIT_NEAR(paid.contribute[i], g.payoff[i], ROUND_OFF);
      UNIT_NEAR(paid.punish[i], paid.whole[i], ROUND_OFF);
      UNIT_NEAR(paid.gift[i], paid.whole[i], ROUND_OFF);
    }
  }
  marl_contribution_apply(&g,
                          choice); /* of a later period: an earlier verdict may have brought it */
  for (int i = 0; i < 3; ++i) UNIT_NEAR(g.punish_reward[i], 24.0, ROUND_OFF);
  marl_contribution_groups_clear(&g);
}

static CU_TestInfo tests[] = {
    {"a coin takes and brings its impact", a_coin_takes_and_brings_its_impact},
    {"efficiency is one at full contribution", efficiency_is_one_at_full_contribution},
    {"with a return below one contributing is dominated",
     with_a_return_below_one_contributing_is_dominated},
    {"subgame-perfect players earn the endowment", subgame_perfect_players_earn_the_endowment},
    {"own credit of three roles adds up", own_credit_of_three_roles_adds_up},
    {"all credit pays every role the whole", all_credit_pays_every_role_the_whole},
    CU_TEST_INFO_NULL,
};
static CU_SuiteInfo suites[] = {
    {"envs/group: stages and prices", NULL, NULL, NULL, NULL, tests},
    CU_SUITE_INFO_NULL,
};
UNIT_MAIN(suites)
