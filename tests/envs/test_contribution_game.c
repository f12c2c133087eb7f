#include "envs/game/intrinsic.h"
#include "envs/group/contribution_game.h"
#include "marl/core/rng.h"
#include "tests/unit.h"

/* Payoffs here are sums of few multiples of 0.1 below 100: round-off stays below this. */
#define ROUND_OFF 1e-12

static const MarlContributionGame linear = {.group_size = 4,
                                            .endowment = 20,
                                            .mpcr = 0.4,
                                            .price_list = MARL_PRICE_LINEAR,
                                            .prices = {3, -1, -1}};
static const MarlContributionGame convex = {.group_size = 4,
                                            .endowment = 20,
                                            .mpcr = 0.4,
                                            .price_list = MARL_PRICE_CONVEX,
                                            .point_share = 0.1};

static double first_payoff(const double *contribution, int player) {
  double payoff[4];
  marl_contribution_first_stage(&linear, contribution, payoff);
  return payoff[player];
}

static void test_first_stage_payoffs_are_those_by_hand(void) {
  const double all[4] = {20, 20, 20, 20}, none[4] = {0}, mixed[4] = {20, 10, 5, 0};
  UNIT_NEAR(first_payoff(all, 0), 32.0, ROUND_OFF); /* 20 - 20 + 0.4 80 */
  UNIT_NEAR(first_payoff(none, 0), 20.0, ROUND_OFF);
  UNIT_NEAR(first_payoff(mixed, 0), 14.0, ROUND_OFF); /* 20 - 20 + 0.4 35 */
  UNIT_NEAR(first_payoff(mixed, 3), 34.0, ROUND_OFF);
}

/* Whatever the others do, a unit costs its giver 1 - 0.4 and brings the group 4 0.4 - 1. */
static void test_free_riding_is_dominant_and_full_contribution_is_optimal(void) {
  for (int others = 0; others <= 20; others += 5)
    for (int own = 1; own <= 20; ++own) {
      double with[4] = {own, others, others, others},
             without[4] = {own - 1, others, others, others};
      UNIT_NEAR(first_payoff(without, 0) - first_payoff(with, 0), 0.6, ROUND_OFF);
      double sum = 0.0;
      for (int i = 0; i < 4; ++i) sum += first_payoff(with, i) - first_payoff(without, i);
      UNIT_NEAR(sum, 0.6, ROUND_OFF);
    }
}

static void test_both_price_lists_take_and_cost_what_they_say(void) {
  const double contribution[4] = {20, 20, 20, 0};
  int points[16] = {0};
  double first[4], payoff[4];
  points[0 * 4 + 3] = 4; /* three contributors fine the free rider */
  points[1 * 4 + 3] = 2;
  points[2 * 4 + 3] = 1;
  points[3 * 4 + 0] = 10;                                      /* who takes revenge on the first */
  marl_contribution_first_stage(&linear, contribution, first); /* 24 24 24 44 */
  marl_contribution_second_stage(&linear, first, points, payoff);
  UNIT_NEAR(payoff[0], 24.0 - 4.0 - 30.0, ROUND_OFF);
  UNIT_NEAR(payoff[1], 22.0, ROUND_OFF);
  UNIT_NEAR(payoff[2], 23.0, ROUND_OFF);
  UNIT_NEAR(payoff[3], 44.0 - 21.0 - 10.0, ROUND_OFF);
  marl_contribution_second_stage(&convex, first, points, payoff);
  UNIT_NEAR(payoff[0], 24.0 * 0.0 - 6.0, ROUND_OFF); /* ten points take everything */
  UNIT_NEAR(payoff[1], 24.0 - 2.0, ROUND_OFF);
  UNIT_NEAR(payoff[2], 24.0 - 1.0, ROUND_OFF);
  UNIT_NEAR(payoff[3], 44.0 * 0.3 - 30.0, ROUND_OFF);
}

static void test_eleven_points_take_no_more_than_everything(void) {
  const double contribution[4] = {20, 20, 20, 0};
  int points[16] = {0};
  double first[4], payoff[4];
  points[0 * 4 + 3] = points[1 * 4 + 3] = 6;
  marl_contribution_first_stage(&convex, contribution, first);
  marl_contribution_second_stage(&convex, first, points, payoff);
  CU_ASSERT_EQUAL(payoff[3], 0.0);
  static const double cost[] = {0, 1, 2, 4, 6, 9, 12, 16, 20, 25, 30};
  for (int p = 0; p <= 10; ++p)
    CU_ASSERT_EQUAL(marl_contribution_reward_of_points(&convex, p, true), -cost[p]);
}

/* Sum of payoffs = n y + (n a - 1) sum g + sum (r - fine) p, r by whether the target gave less: nothing
 * else is paid. */
static void nothing_else_is_paid(MarlPointPrices prices) {
  const MarlKey key = marl_key(1, MARL_STREAM_ENV);
  MarlContributionGame game = linear;
  game.prices = prices;
  for (uint64_t trial = 0; trial < 100; ++trial) {
    double contribution[4], first[4], payoff[4], given = 0.0, sum = 0.0, just = 0.0, unjust = 0.0;
    int points[16] = {0};
    for (uint64_t i = 0; i < 4; ++i) {
      contribution[i] = (double)marl_below(key, 64 * trial + i, 21);
      given += contribution[i];
      for (uint64_t j = 0; j < 4; ++j) {
        if (i == j) continue;
        points[4 * i + j] = (int)marl_below(key, 64 * trial + 8 + 4 * i + j, 11);
      }
    }
    for (int i = 0; i < 4; ++i)
      for (int j = 0; j < 4; ++j)
        *(contribution[j] < contribution[i] ? &just : &unjust) += points[4 * i + j];
    marl_contribution_first_stage(&game, contribution, first);
    marl_contribution_second_stage(&game, first, points, payoff);
    for (int i = 0; i < 4; ++i) sum += payoff[i];
    UNIT_NEAR(sum,
              80.0 + 0.6 * given + (prices.just_reward - prices.fine) * just +
                  (prices.unjust_reward - prices.fine) * unjust,
              1e-10);
  }
}

static void test_nothing_else_is_paid(void) {
  nothing_else_is_paid(linear.prices);
  nothing_else_is_paid((MarlPointPrices){.fine = 3, .just_reward = 2, .unjust_reward = -10});
}

/* Fehr and Schmidt 1999: payoffs 10, 4, 1 with alpha 2, beta 0.5. */
static void test_inequity_aversion_has_the_right_signs(void) {
  const MarlIntrinsic averse = {.disadvantage = 2, .advantage = 0.5};
  const double reward[3] = {10, 4, 1};
  double u[3];
  marl_intrinsic_utility(&averse, 3, reward, NULL, u);
  UNIT_NEAR(u[0], 10.0 - 0.5 / 2.0 * (6.0 + 9.0), ROUND_OFF);
  UNIT_NEAR(u[1], 4.0 - 2.0 / 2.0 * 6.0 - 0.5 / 2.0 * 3.0, ROUND_OFF);
  UNIT_NEAR(u[2], 1.0 - 2.0 / 2.0 * (9.0 + 3.0), ROUND_OFF);
  const MarlIntrinsic ahead = {.advantage = 0.5}; /* being ahead hurts, it is not a reward */
  marl_intrinsic_utility(&ahead, 3, reward, NULL, u);
  CU_ASSERT(u[0] < reward[0] && u[1] < reward[1]);
  CU_ASSERT_EQUAL(u[2], reward[2]);
}

/* e = trace e + r: who was paid 8 before is still 4 ahead after an equal period. */
static void test_traces_remember_earlier_payoffs(void) {
  const MarlIntrinsic averse = {.disadvantage = 1, .advantage = 0.25, .trace = 0.5};
  const double reward[2] = {3, 3}, traces[2] = {8, 0};
  double u[2];
  marl_intrinsic_utility(&averse, 2, reward, traces, u);
  UNIT_NEAR(u[0], 3.0 - 0.25 * 4.0, ROUND_OFF);
  UNIT_NEAR(u[1], 3.0 - 1.0 * 4.0, ROUND_OFF);
}

/* Payoffs 3 and 3: 45 degrees; 4 and 0: 0 and 90 degrees; 0 and 0: no angle. */
static void test_social_value_orientation_measures_the_angle(void) {
  const double pi = 3.14159265358979323846;
  const MarlIntrinsic equal = {.orientation_weight = 2, .orientation = pi / 4};
  const double same[2] = {3, 3}, apart[2] = {4, 0}, nothing[2] = {0, 0}, owed[2] = {-1, -1};
  double u[2];
  marl_intrinsic_utility(&equal, 2, same, NULL, u);
  UNIT_NEAR(u[0], 3.0, ROUND_OFF);
  marl_intrinsic_utility(&equal, 2, apart, NULL, u);
  UNIT_NEAR(u[0], 4.0 - 2.0 * pi / 4, ROUND_OFF);
  UNIT_NEAR(u[1], 0.0 - 2.0 * pi / 4, ROUND_OFF);
  marl_intrinsic_utility(&equal, 2, nothing, NULL, u);
  CU_ASSERT_EQUAL(u[0], 0.0);
  marl_intrinsic_utility(&equal, 2, owed, NULL, u); /* -135 degrees, half a turn away */
  UNIT_NEAR(u[0], -1.0 - 2.0 * pi, ROUND_OFF);
}

/* Fehr and Schmidt 1999, proposition 5: m enforcers punish a free rider (each so much that he is
 * as well off as they) if the cost of taking one unit, c = 1/3, is below
 * alpha / ((n - 1)(1 + alpha) - (m - 1)(alpha + beta)). Here: is the last unit worth it? */
static void test_enforcers_punish_when_theory_says(void) {
  static const struct {
    double alpha;
    int enforcers;
  } cases[] = {{5, 3}, {5, 2}, {5, 1}, {1, 3}, {1.4, 3}, {1.6, 3}, {0, 3}};
  for (size_t k = 0; k < sizeof cases / sizeof cases[0]; ++k) {
    const double alpha = cases[k].alpha, c = 1.0 / 3.0;
    const int m = cases[k].enforcers;
    const bool theory = c < alpha / (3.0 * (1.0 + alpha) - (m - 1) * alpha);
    const MarlIntrinsic averse = {.disadvantage = alpha};
    /* the free rider has G more; all of m take x each until nothing is left: G - m x = -c x */
    const double lead = 20.0, x = lead / (m - c);
    double reward[4], u[4], base[4];
    for (int shortfall = 0; shortfall < 2; ++shortfall) {
      const double own = x - 0.01 * shortfall; /* of one enforcer, the others take x */
      for (int i = 0; i < 4; ++i) reward[i] = i < m ? 24.0 - c * x : 24.0;
      reward[0] = 24.0 - c * own;
      reward[3] = 24.0 + lead - (m - 1) * x - own;
      marl_intrinsic_utility(&averse, 4, reward, NULL, shortfall ? u : base);
    }
    CU_ASSERT_EQUAL(base[0] > u[0], theory);
  }
}

static CU_TestInfo tests[] = {
    {"first-stage payoffs are those by hand", test_first_stage_payoffs_are_those_by_hand},
    {"free riding is dominant and full contribution is optimal",
     test_free_riding_is_dominant_and_full_contribution_is_optimal},
    {"both price lists take and cost what they say",
     test_both_price_lists_take_and_cost_what_they_say},
    {"eleven points take no more than everything", test_eleven_points_take_no_more_than_everything},
    {"nothing else is paid", test_nothing_else_is_paid},
    {"inequity aversion has the right signs", test_inequity_aversion_has_the_right_signs},
    {"traces remember earlier payoffs", test_traces_remember_earlier_payoffs},
    {"social value orientation measures the angle",
     test_social_value_orientation_measures_the_angle},
    {"enforcers punish when theory says", test_enforcers_punish_when_theory_says},
    CU_TEST_INFO_NULL,
};
static CU_SuiteInfo suites[] = {
    {"envs/group/contribution_game", NULL, NULL, NULL, NULL, tests},
    CU_SUITE_INFO_NULL,
};
UNIT_MAIN(suites)
