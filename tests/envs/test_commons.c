#include "envs/group/commons.h"
#include "tests/unit.h"

static MarlCode read(const char *const *settings, MarlCommonsRules *rules, MarlError *out) {
  MarlError err;
  MarlSection *config = NULL;
  const MarlOptionTable table = {marl_commons_options, MARL_COMMONS_NUM_OPTIONS};
  UNIT_OK(marl_section_create("env", &table, 1, &config, &err));
  for (; settings[0] != NULL; settings += 2)
    UNIT_OK(marl_section_set(config, settings[0], settings[1], "test", &err));
  const MarlCode code = marl_commons_rules_read(config, rules, out);
  marl_section_destroy(&config);
  return code;
}

/* Play an episode of fixed policies, or of learners who all make choice `k`. */
static MarlCommons play(const char *const *settings, int k, double *metrics) {
  MarlError err;
  MarlCommonsRules rules;
  MarlCommons c;
  int choice[MARL_COMMONS_MAX_AGENTS];
  for (int i = 0; i < MARL_COMMONS_MAX_AGENTS; ++i) choice[i] = k;
  UNIT_OK(read(settings, &rules, &err));
  marl_commons_begin(&rules, marl_key(6, MARL_STREAM_ENV), &c);
  while (!c.over) marl_commons_apply(&c, choice);
  marl_commons_metrics(&c, metrics, NULL);
  return c;
}

/* Everything here is a small whole number or a quotient of two. */
#define ROUND_OFF 1e-12

static void test_who_keeps_to_the_threshold_lives_for_ever(void) {
  static const char *const scenarios[] = {"fishery", "pasture", "pollution"};
  for (int s = 0; s < 3; ++s) {
    const char *const settings[] = {"policies", "threshold", "scenario", scenarios[s], NULL};
    double m[MARL_COMMONS_NUM_METRICS];
    const MarlCommons c = play(settings, 0, m);
    CU_ASSERT_EQUAL(c.month, 12);
    CU_ASSERT_EQUAL(m[MARL_COMMONS_SURVIVED], 1.0);
    UNIT_NEAR(m[MARL_COMMONS_GAIN], 120.0, ROUND_OFF);
    UNIT_NEAR(m[MARL_COMMONS_EFFICIENCY], 1.0, ROUND_OFF);
    UNIT_NEAR(m[MARL_COMMONS_EQUALITY], 1.0, ROUND_OFF);
    CU_ASSERT_EQUAL(m[MARL_COMMONS_OVER_USE], 0.0);
    CU_ASSERT_EQUAL(m[MARL_COMMONS_GINI], 0.0);
  }
}

static void test_the_greedy_collapse_in_the_first_month(void) {
  static const char *const settings[] = {"policies", "greedy", NULL};
  double m[MARL_COMMONS_NUM_METRICS];
  const MarlCommons c = play(settings, 0, m);
  CU_ASSERT_EQUAL(c.month, 1);
  UNIT_NEAR(m[MARL_COMMONS_SURVIVAL], 1.0 / 12.0, ROUND_OFF);
  UNIT_NEAR(m[MARL_COMMONS_GAIN], 20.0, ROUND_OFF);
  UNIT_NEAR(m[MARL_COMMONS_EFFICIENCY], 100.0 / 600.0, ROUND_OFF);
}

/* 100 - 55 = 45 -> 90 - 55 = 35 -> 70 - 55 = 15 -> 30 - 30 = 0: the fourth month, 195 units. */
static void test_eleven_each_last_four_months(void) {
  static const char *const settings[] = {"wishes", "0, 11", NULL};
  double m[MARL_COMMONS_NUM_METRICS];
  const MarlCommons c = play(settings, 1, m);
  CU_ASSERT_EQUAL(c.month, 4);
  UNIT_NEAR(m[MARL_COMMONS_GAIN], 195.0 / 5.0, ROUND_OFF);
  CU_ASSERT_EQUAL(m[MARL_COMMONS_SURVIVED], 0.0);
  UNIT_NEAR(m[MARL_COMMONS_EFFICIENCY], 195.0 / 600.0, ROUND_OFF);
}

/* floor(floor(pool / 2) / n); taking it never shrinks the pool, one more each does. */
static void test_the_threshold_is_the_most_that_lasts(void) {
  MarlError err;
  MarlCommonsRules r;
  static const char *const none[] = {NULL};
  UNIT_OK(read(none, &r, &err));
  CU_ASSERT_EQUAL(marl_commons_threshold(&r, 100, 5), 10);
  CU_ASSERT_EQUAL(marl_commons_threshold(&r, 99, 5), 9);
  CU_ASSERT_EQUAL(marl_commons_threshold(&r, 100, 4), 12);
  for (int pool = 10; pool <= 100; ++pool) {
    const int t = marl_commons_threshold(&r, pool, 5);
    CU_ASSERT(marl_commons_regrow(&r, pool - 5 * t) >= pool);
    CU_ASSERT(marl_commons_regrow(&r, pool - 5 * (t + 1)) < pool);
    CU_ASSERT_EQUAL(marl_commons_universal_loss(&r, pool, 5, t), 0.0);
    CU_ASSERT(marl_commons_universal_loss(&r, pool, 5, t + 1) > 0.0);
  }
  /* all take 11 of 100: 45 left, 90 next, 10 lost, 2 each */
  UNIT_NEAR(marl_commons_universal_loss(&r, 100, 5, 11), 2.0, ROUND_OFF);
  UNIT_NEAR(marl_commons_universal_loss(&r, 100, 5, 100), 20.0, ROUND_OFF);
}

/* Scarce units: everything is given out, nobody gets more than wished, equal wishes share alike.
 * 4,000 draws of 10 units for five: a mean of 2 with a deviation of 1.27; five standard errors. */
static void test_scarce_units_are_shared(void) {
  enum { DRAWS = 4000 };
  MarlError err;
  MarlCommonsRules r;
  static const char *const none[] = {NULL};
  UNIT_OK(read(none, &r, &err));
  const int equal[5] = {100, 100, 100, 100, 100}, uneven[5] = {1, 100, 0, 3, 100};
  double mean[5] = {0};
  for (int proportional = 0; proportional < 2; ++proportional) {
    r.proportional = proportional != 0;
    for (int d = 0; d < DRAWS; ++d) {
      const MarlKey key = marl_key_fold(marl_key(9, MARL_STREAM_ENV), (uint64_t)d);
      int32_t taken[5], sum = 0;
      marl_commons_harvest(&r, 10, uneven, key, taken);
      for (int i = 0; i < 5; ++i) {
        sum += taken[i];
        CU_ASSERT(taken[i] >= 0 && taken[i] <= uneven[i]);
      }
      CU_ASSERT_EQUAL(sum, 10);
      if (proportional) continue;
      marl_commons_harvest(&r, 10, equal, key, taken);
      for (int i = 0; i < 5; ++i) mean[i] += (double)taken[i] / DRAWS;
    }
  }
  for (int i = 0; i < 5; ++i) UNIT_NEAR(mean[i], 2.0, 5.0 * 1.27 / sqrt(DRAWS));
  int32_t taken[5];
  marl_commons_harvest(&r, 10, equal, marl_key(1, MARL_STREAM_ENV), taken); /* in proportion */
  for (int i = 0; i < 5; ++i) CU_ASSERT_EQUAL(taken[i], 2);
}

/* Four keep 100 // 2 // 4 = 12 for three months, then one who wants everything joins. The most
 * that she can find is 100; conditional cooperators collapse with her, at once. */
static void test_a_greedy_newcomer_ends_it(void) {
  static const char *const settings[] = {
      "months", "15", "newcomer", "3", "policies", "threshold*4, greedy", NULL};
  double m[MARL_COMMONS_NUM_METRICS];
  const MarlCommons c = play(settings, 0, m);
  CU_ASSERT_EQUAL(c.month, 4);
  for (int i = 0; i < 4; ++i) CU_ASSERT(c.total_taken[i] >= 36.0);
  double sum = 0.0;
  for (int i = 0; i < 5; ++i) sum += c.total_taken[i];
  UNIT_NEAR(sum, 3.0 * 48.0 + 100.0, ROUND_OFF);
  CU_ASSERT(c.total_taken[4] >= 60.0 && c.total_taken[4] <= 100.0);
}

/* Removing one each for ever is enough (95 left of 100), though the threshold says 10; nothing
 * removed is the end of the first month. */
static void test_trash_is_the_inverse(void) {
  static const char *const one[] = {"scenario",    "trash", "wishes", "0, 1",
                                    "month_value", "3",     NULL};
  static const char *const kept[] = {"scenario", "trash", "policies", "threshold", NULL};
  static const char *const none[] = {"scenario", "trash", "policies", "greedy", NULL};
  double m[MARL_COMMONS_NUM_METRICS];
  MarlCommons c = play(one, 1, m);
  CU_ASSERT_EQUAL(c.month, 12);
  UNIT_NEAR(m[MARL_COMMONS_GAIN], 12.0, ROUND_OFF); /* work */
  UNIT_NEAR(m[MARL_COMMONS_WELFARE], 12.0 * (3.0 - 1.0), ROUND_OFF);
  CU_ASSERT_EQUAL(m[MARL_COMMONS_OVER_USE], 1.0); /* all work less than the threshold */
  c = play(kept, 0, m);
  CU_ASSERT_EQUAL(c.month, 12);
  UNIT_NEAR(m[MARL_COMMONS_EFFICIENCY], 1.0, ROUND_OFF);
  c = play(none, 0, m);
  CU_ASSERT_EQUAL(c.month, 1);
  UNIT_NEAR(m[MARL_COMMONS_GAIN], 0.0, ROUND_OFF);
}

/* One of five takes everything beyond four thresholds: 15 wished against 10. Four give 5 points each at a
 * price, or for a reward: she pays 60, they have 5 rewards each; the pool does not care. */
static void punish(const char *just_reward, double reward) {
  const char *const settings[] = {
      "policies", "threshold*4, learner", "wishes", "0, 15",       "punishment",
      "fixed",    "unjust_reward",        "-10",    "just_reward", just_reward,
      NULL};
  MarlError err;
  MarlCommonsRules rules;
  MarlCommons c;
  const int choice[5] = {1, 1, 1, 1, 1};
  UNIT_OK(read(settings, &rules, &err));
  marl_commons_begin(&rules, marl_key(6, MARL_STREAM_ENV), &c);
  CU_ASSERT_TRUE(marl_commons_apply(&c, choice));
  CU_ASSERT_EQUAL(c.pool, 2 * (100 - 55));
  for (int i = 0; i < 4; ++i) UNIT_NEAR(c.total_payoff[i], 10.0 + 5.0 * reward, ROUND_OFF);
  UNIT_NEAR(c.total_payoff[4], 15.0 - 60.0, ROUND_OFF);
  UNIT_NEAR(c.harvest_reward[4], 15.0 - 60.0, ROUND_OFF);
  double m[MARL_COMMONS_NUM_METRICS];
  marl_commons_metrics(&c, m, NULL);
  UNIT_NEAR(m[MARL_COMMONS_PUNISHMENT_RATE], 4.0 / 20.0, ROUND_OFF);
  CU_ASSERT_EQUAL(m[MARL_COMMONS_JUST_SHARE], 1.0);
}

static void test_punishment_moves_payoffs_and_not_the_pool(void) {
  punish("-1", -1);
  punish("2", 2);
}

/* Every present pair is judged once. A point costs 1 and takes 3: the cost is the verdict's, the fine
 * that of the harvest which it answers; both roles add up to the payoffs. */
static void test_a_fine_is_paid_by_the_harvest_and_a_price_by_the_verdict(void) {
  static const char *const settings[] = {"punishment", "learned", "newcomer", "2",
                                         "months",     "6",       NULL};
  MarlError err;
  MarlCommonsRules rules;
  MarlCommons c;
  const MarlKey key = marl_key(8, MARL_STREAM_POLICY);
  UNIT_OK(read(settings, &rules, &err));
  marl_commons_begin(&rules, marl_key(6, MARL_STREAM_ENV), &c);
  double harvest[5] = {0}, punish[5] = {0};
  int verdicts = 0, months = 0, given[5] = {0}, received[5] = {0};
  for (uint64_t t = 0; !c.over; ++t) {
    int choice[5];
    for (uint64_t i = 0; i < 5; ++i) {
      choice[i] = (int)marl_below(key, 5 * t + i, 4);
      if (c.phase == 0 || !marl_commons_decides(&c, (int)i)) continue;
      ++verdicts;
      given[i] += rules.points.choice[choice[i]];
      received[marl_commons_target(&c, (int)i)] += rules.points.choice[choice[i]];
    }
    months += marl_commons_apply(&c, choice);
    for (int i = 0; i < 5; ++i) {
      harvest[i] += c.harvest_reward[i];
      punish[i] += c.punish_reward[i];
    }
  }
  CU_ASSERT_EQUAL(months, c.month);
  CU_ASSERT_EQUAL(verdicts, c.month <= 2 ? 12 * c.month : 24 + 20 * (c.month - 2));
  for (int i = 0; i < 5; ++i) {
    UNIT_NEAR(punish[i], -1.0 * given[i], 1e-10);
    UNIT_NEAR(harvest[i], c.total_taken[i] - 3.0 * received[i], 1e-10);
    UNIT_NEAR(harvest[i] + punish[i], c.total_payoff[i], 1e-10);
  }
}

/* Inequity aversion by hand: 5, 5 and 20 units; the first gives the last 2 points at 1 and 3. Before:
 * 5 - .9 / 2 15 = -1.75; after: 3 - .9 / 2 (2 + 11) = -2.85. The second only envies less. */
static void test_a_verdict_is_worth_what_it_changed_of_its_givers_utility(void) {
  static const char *const settings[] = {
      "num_agents", "3", "punishment", "learned", "wishes", "0, 5, 20", "inequity_disadvantage",
      "0.9",        NULL};
  MarlError err;
  MarlCommonsRules rules;
  MarlCommons c;
  const int wishes[3] = {1, 1, 2}, nothing[3] = {0, 0, 0}, two_points[3] = {1, 0, 0};
  UNIT_OK(read(settings, &rules, &err));
  marl_commons_begin(&rules, marl_key(6, MARL_STREAM_ENV), &c);
  marl_commons_apply(&c, wishes);
  marl_commons_apply(&c, nothing);
  CU_ASSERT_EQUAL_FATAL(marl_commons_target(&c, 0), 2);
  marl_commons_apply(&c, two_points);
  UNIT_NEAR(c.punish_reward[0], -2.85 + 1.75, ROUND_OFF);
  UNIT_NEAR(c.harvest_reward[0], 0.0, ROUND_OFF);
  UNIT_NEAR(c.punish_reward[2], 0.0, 0);
  UNIT_NEAR(c.harvest_reward[2], -6.0, ROUND_OFF);
  UNIT_NEAR(c.punish_reward[1], 0.0, 0);
  /* 5 - .9 / 2 15, and 5 - .9 / 2 9 */
  UNIT_NEAR(c.harvest_reward[1], 0.45 * 6, ROUND_OFF);
}

/* 5 and 20 units a month from a pool that both keep full: with a trace of one half what is compared is
 * 5 and 20, then 7.5 and 30, then 8.75 and 35; the one behind loses alpha of it, 0.2. */
static void test_inequity_is_of_the_months_before_too(void) {
  static const char *const settings[] = {
      "num_agents",     "2",   "wishes", "5, 20", "months", "3", "inequity_disadvantage", "0.2",
      "inequity_trace", "0.5", NULL};
  MarlError err;
  MarlCommonsRules rules;
  MarlCommons c;
  const int choice[2] = {0, 1};
  static const double lead[3] = {15, 22.5, 26.25};
  UNIT_OK(read(settings, &rules, &err));
  marl_commons_begin(&rules, marl_key(6, MARL_STREAM_ENV), &c);
  for (int month = 0; month < 3; ++month) {
    marl_commons_apply(&c, choice);
    UNIT_NEAR(c.harvest_reward[0], 5 - 0.2 * lead[month], ROUND_OFF);
    UNIT_NEAR(c.harvest_reward[1], 20, ROUND_OFF);
  }
}

/* All five take 15 where 10 are the threshold: nobody keeps to it, so that nobody punishes by the
 * rule, unless over-users do: each then gives 5 points to each other. */
static void test_over_users_punish_by_the_rule_if_they_may(void) {
  for (int may = 0; may < 2; ++may) {
    const char *const settings[] = {
        "wishes", "0, 15", "punishment", "fixed", "over_users_punish", may ? "true" : "false",
        NULL};
    MarlError err;
    MarlCommonsRules rules;
    MarlCommons c;
    const int choice[5] = {1, 1, 1, 1, 1};
    UNIT_OK(read(settings, &rules, &err));
    marl_commons_begin(&rules, marl_key(6, MARL_STREAM_ENV), &c);
    marl_commons_apply(&c, choice);
    for (int i = 0; i < 5; ++i)
      UNIT_NEAR(c.total_payoff[i], 15.0 - (may ? 4 * 5 * (1 + 3) : 0), ROUND_OFF);
  }
}

/* Two agents, the second of whom comes after three months: until then nobody is there to be
 * compared with or judged, and who is away earns nothing. */
static void test_who_is_alone_compares_itself_with_nobody(void) {
  static const char *const settings[] = {"num_agents",
                                         "2",
                                         "newcomer",
                                         "3",
                                         "months",
                                         "5",
                                         "punishment",
                                         "learned",
                                         "wishes",
                                         "0, 5",
                                         "inequity_disadvantage",
                                         "1",
                                         "inequity_advantage",
                                         "1",
                                         "orientation_weight",
                                         "1",
                                         NULL};
  MarlError err;
  MarlCommonsRules rules;
  MarlCommons c;
  const int choice[2] = {1, 0};
  UNIT_OK(read(settings, &rules, &err));
  marl_commons_begin(&rules, marl_key(6, MARL_STREAM_ENV), &c);
  while (!c.over) {
    const int month = c.month, phase = c.phase;
    CU_ASSERT_EQUAL(marl_commons_present(&c, 1), month >= 3);
    CU_ASSERT_EQUAL(marl_commons_decides(&c, 0), phase == 0 || month >= 3);
    float obs[MARL_COMMONS_HARVEST_OBS];
    marl_commons_observe(&c, 1, obs);
    /* what the others took on average: the one who was there in the month before took 5 */
    if (phase == 0) UNIT_NEAR(obs[4], month == 0 ? 0.0 : 5.0 * 2 / 100, 1e-7); /* float */
    marl_commons_apply(&c, choice);
    if (month < 3) {
      UNIT_NEAR(c.harvest_reward[0], phase == 0 ? 5.0 : 0.0, 0);
      UNIT_NEAR(c.harvest_reward[1], 0.0, 0);
    }
    for (int i = 0; i < 2; ++i) CU_ASSERT(isfinite(c.harvest_reward[i] + c.punish_reward[i]));
  }
  CU_ASSERT_EQUAL(c.month, 5);
}

/* Of three, the last of whom is away: agent 0 sees what agent 1 took, not half of it. */
static void test_a_mean_catch_is_that_of_those_who_were_there(void) {
  static const char *const settings[] = {"num_agents", "3",      "newcomer", "1", "months",
                                         "4",          "wishes", "0, 6",     NULL};
  MarlError err;
  MarlCommonsRules rules;
  MarlCommons c;
  const int choice[3] = {0, 1, 0};
  float obs[MARL_COMMONS_HARVEST_OBS];
  UNIT_OK(read(settings, &rules, &err));
  marl_commons_begin(&rules, marl_key(6, MARL_STREAM_ENV), &c);
  marl_commons_apply(&c, choice);
  marl_commons_observe(&c, 0, obs);
  UNIT_NEAR(obs[4], 6.0 * 3 / 100, 1e-7); /* float */
  marl_commons_observe(&c, 2, obs);
  UNIT_NEAR(obs[4], 3.0 * 3 / 100, 1e-7);
  marl_commons_apply(&c, choice);
  marl_commons_observe(&c, 0, obs);
  UNIT_NEAR(obs[4], 3.0 * 3 / 100, 1e-7); /* all three were there */
}

static void test_what_cannot_be_is_refused(void) {
  MarlError err;
  MarlCommonsRules rules;
  static const char *const two[] = {"policies", "greedy, share", NULL};
  static const char *const odd[] = {"policies", "gredy", NULL};
  static const char *const rich[] = {"wishes", "0, 200", NULL};
  UNIT_ERROR(read(two, &rules, &err), MARL_ECONFIG, "fewer entries than the 5 agents");
  UNIT_ERROR(read(odd, &rules, &err), MARL_ECONFIG, "greedy");
  UNIT_ERROR(read(rich, &rules, &err), MARL_ECONFIG, "at most 100");
}

static CU_TestInfo tests[] = {
    {"who keeps to the threshold lives for ever", test_who_keeps_to_the_threshold_lives_for_ever},
    {"the greedy collapse in the first month", test_the_greedy_collapse_in_the_first_month},
    {"eleven each last four months", test_eleven_each_last_four_months},
    {"the threshold is the most that lasts", test_the_threshold_is_the_most_that_lasts},
    {"scarce units are shared", test_scarce_units_are_shared},
    {"a greedy newcomer ends it", test_a_greedy_newcomer_ends_it},
    {"trash is the inverse", test_trash_is_the_inverse},
    {"punishment moves payoffs and not the pool", test_punishment_moves_payoffs_and_not_the_pool},
    {"a fine is paid by the harvest and a price by the verdict",
     test_a_fine_is_paid_by_the_harvest_and_a_price_by_the_verdict},
    {"a verdict is worth what it changed of its giver's utility",
     test_a_verdict_is_worth_what_it_changed_of_its_givers_utility},
    {"inequity is of the months before too", test_inequity_is_of_the_months_before_too},
    {"over-users punish by the rule if they may", test_over_users_punish_by_the_rule_if_they_may},
    {"who is alone compares itself with nobody", test_who_is_alone_compares_itself_with_nobody},
    {"a mean catch is that of those who were there",
     test_a_mean_catch_is_that_of_those_who_were_there},
    {"what cannot be is refused", test_what_cannot_be_is_refused},
    CU_TEST_INFO_NULL,
};
static CU_SuiteInfo suites[] = {
    {"envs/group/commons", NULL, NULL, NULL, NULL, tests},
    CU_SUITE_INFO_NULL,
};
UNIT_MAIN(suites)
