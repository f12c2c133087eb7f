#include <math.h>

#include "envs/society/reciprocity.h"
#include "tests/unit.h"

/* b = 5, c = 1; nobody explores. */
static MarlReciprocityRules rules_of(const char *norm) {
  MarlError err;
  MarlReciprocityRules rules = {
      .num_agents = 10, .encounters = 200, .benefit = 5, .cost = 1, .learning_rate = 0.5};
  UNIT_OK(marl_norm_parse(norm, &rules.norm, &err));
  return rules;
}

static MarlReciprocity *make(const MarlReciprocityRules *rules) {
  MarlError err;
  MarlReciprocity *r = NULL;
  UNIT_OK(marl_reciprocity_create(rules, marl_key(2, MARL_STREAM_ENV), &r, &err));
  return r;
}

/* Every agent's value of cooperating with anybody. */
static void set_values(MarlReciprocity *r, int first, int end, double cooperate) {
  for (int i = first; i < end; ++i)
    for (int state = 0; state < 4; ++state) marl_reciprocity_value(r, i, 0, state)[1] = cooperate;
}

static void test_one_encounter_teaches_both_its_payoff(void) {
  MarlReciprocityRules rules = rules_of("all_good");
  rules.encounters = 1;
  MarlReciprocity *r = make(&rules);
  double m[MARL_NUM_RECIPROCITY_METRICS];
  set_values(r, 0, 10, 1);
  marl_reciprocity_episode(r, m);
  UNIT_NEAR(m[MARL_RECIPROCITY_COOPERATION], 1, 0);
  int taught = 0;
  for (int i = 0; i < 10; ++i)
    for (int state = 0; state < 2; ++state) {
      const double q = marl_reciprocity_value(r, i, 0, state)[1];
      if (q == 1) continue;
      UNIT_NEAR(q, 1 + 0.5 * (4 - 1), 0); /* Q + beta (b - c - Q) */
      ++taught;
    }
  CU_ASSERT_EQUAL(taught, 2);
  marl_reciprocity_destroy(&r);
}

static void test_introspection_mixes_the_payoff_against_oneself(void) {
  MarlReciprocityRules rules = rules_of("all_good");
  rules.num_agents = 3;
  rules.encounters = 1;
  rules.introspection = 0.25;
  double m[MARL_NUM_RECIPROCITY_METRICS];
  /* agent 0 cooperates, the others do not: met by one of them it earns -1, by itself 4 */
  for (uint64_t seed = 0; seed < 20; ++seed) {
    MarlError err;
    MarlReciprocity *r = NULL;
    UNIT_OK(marl_reciprocity_create(&rules, marl_key(seed, MARL_STREAM_ENV), &r, &err));
    set_values(r, 0, 1, 1);
    set_values(r, 1, 3, -1);
    marl_reciprocity_episode(r, m);
    for (int state = 0; state < 2; ++state) {
      const double q = marl_reciprocity_value(r, 0, 0, state)[1];
      if (q != 1) UNIT_NEAR(q, 1 + 0.5 * (0.75 * -1 + 0.25 * 4 - 1), 0);
    }
    marl_reciprocity_destroy(&r);
  }
}

/* Everybody cooperates with the good only, so that an encounter brings b with a good name, and the
 * act's price; image scoring then gives the name. Against itself such an agent earns b - c under a
 * good name and nothing under a bad one: by its name before the encounter that is the payoff's own
 * condition, by the one after it is the act's. alpha is 0.25, values 1 for what is chosen. */
static void test_introspection_by_the_name_after_the_encounter_rewards_the_act(void) {
  MarlReciprocityRules rules = rules_of("image_scoring");
  rules.num_agents = 3;
  rules.encounters = 1;
  rules.introspection = 0.25;
  double m[MARL_NUM_RECIPROCITY_METRICS];
  int seen[2][2][2] = {{{0}}};
  for (int after = 0; after < 2; ++after)
    for (uint64_t seed = 0; seed < 60; ++seed) {
      MarlError err;
      MarlReciprocity *r = NULL;
      rules.introspect_after = after == 1;
      UNIT_OK(marl_reciprocity_create(&rules, marl_key(seed, MARL_STREAM_ENV), &r, &err));
      for (int i = 0; i < 3; ++i) /* choice = state is the greedy one */
        for (int state = 0; state < 2; ++state) marl_reciprocity_value(r, i, 0, state)[state] = 1;
      marl_reciprocity_episode(r, m);
      for (int i = 0; i < 3; ++i)
        for (int act = 0; act < 2; ++act) {
          const double q = marl_reciprocity_value(r, i, 0, act)[act];
          if (q == 1) continue;
          int matches = 0;
          for (int good = 0; good < 2; ++good) { /* its name before */
            const double own = 5.0 * good - act, self = (after ? act : good) * 4.0;
            if (fabs(q - (1 + 0.5 * (0.75 * own + 0.25 * self - 1))) > 1e-12) continue;
            ++matches;
            ++seen[after][act][good];
          }
          CU_ASSERT_EQUAL(matches, 1);
        }
      marl_reciprocity_destroy(&r);
    }
  for (int k = 0; k < 8; ++k) CU_ASSERT(seen[k / 4][k / 2 % 2][k % 2] > 0);
}

/* All but one agent are seeds; the last has learned nothing and defects. */
static double cooperation_of_seeds(const char *norm, double error) {
  MarlReciprocityRules rules = rules_of(norm);
  rules.num_seeds = 9;
  rules.learning_rate = 0;
  rules.assessment_error = error;
  MarlReciprocity *r = make(&rules);
  set_values(r, 9, 10, -1);
  double m[MARL_NUM_RECIPROCITY_METRICS];
  for (int e = 0; e < 20; ++e) marl_reciprocity_episode(r, m);
  marl_reciprocity_destroy(&r);
  return m[MARL_RECIPROCITY_ACTS];
}

static void test_discriminators_cooperate_under_norms_that_let_them(void) {
  /* everybody's last name is bad: nobody is cooperated with */
  UNIT_NEAR(cooperation_of_seeds("all_bad", 0), 0, 0);
  /* everybody is good: nine of ten cooperate always; 400 acts, five deviations are 0.075 */
  UNIT_NEAR(cooperation_of_seeds("all_good", 0), 0.9, 0.075);
  /* standing: the defector is bad after any act against a good one, and seeds, who refuse it,
   * stay good: C between seeds (0.9 * 8/9 of acts), D with the defector; five deviations 0.1 */
  UNIT_NEAR(cooperation_of_seeds("standing", 0), 0.8, 0.1);
  /* image scoring: refusing the bad makes bad, and bad names spread until nobody cooperates */
  UNIT_NEAR(cooperation_of_seeds("image_scoring", 0), 0, 0.01);
}

/* Learners that look at the payoff against themselves alone (alpha 1) under stern judging. By the
 * name before, an act changes nothing, and who cooperates more often meets itself better: AllC.
 * By the name after, only a rule whose acts earn the name under which it cooperates is worth b - c:
 * with the good only, with the bad only. This seed has 0.91 AllC by the name before, and nothing but
 * the two others by the name after. */
static void test_rules_that_earn_the_name_they_like_are_learned(void) {
  MarlReciprocityRules rules = rules_of("stern_judging");
  rules.epsilon = 0.1;
  rules.learning_rate = 0.01;
  rules.assessment_error = 0.001;
  rules.introspection = 1;
  for (int after = 0; after < 2; ++after) {
    rules.introspect_after = after == 1;
    MarlReciprocity *r = make(&rules);
    double m[MARL_NUM_RECIPROCITY_METRICS], all = 0, conditional = 0;
    for (int e = 0; e < 3000; ++e) {
      marl_reciprocity_episode(r, m);
      if (e < 2000) continue;
      all += m[MARL_RECIPROCITY_ALLC] / 1000;
      conditional += (m[MARL_RECIPROCITY_DISCRIMINATOR] + m[MARL_RECIPROCITY_PARADOXICAL]) / 1000;
    }
    CU_ASSERT(after ? conditional > 0.8 && all < 0.1 : all > 0.5);
    marl_reciprocity_destroy(&r);
  }
}

/* Without a future a learner that meets only discriminators under stern judging still has nothing
 * to gain from a name: it learns to defect. The published one-shot value for b/c = 5 is 4 to 5 %:
 * half of the exploration. */
static void test_one_shot_learners_defect_at_b_over_c_of_five(void) {
  MarlReciprocityRules rules = rules_of("stern_judging");
  rules.epsilon = 0.1;
  rules.learning_rate = 0.01;
  rules.assessment_error = 0.001;
  MarlReciprocity *r = make(&rules);
  double m[MARL_NUM_RECIPROCITY_METRICS], sum = 0;
  for (int e = 0; e < 1500; ++e) {
    marl_reciprocity_episode(r, m);
    if (e >= 1000) sum += m[MARL_RECIPROCITY_ACTS] / 500;
  }
  /* binomial of 200,000 acts: five deviations are 0.0025, and a little is left of learning */
  UNIT_NEAR(sum, 0.05, 0.005);
  UNIT_NEAR(m[MARL_RECIPROCITY_ALLD], 1, 0.21); /* two of ten may just be trying */
  marl_reciprocity_destroy(&r);
}

static void test_the_same_key_gives_the_same_bits_and_greedy_changes_nothing(void) {
  MarlReciprocityRules rules = rules_of("stern_judging");
  rules.epsilon = 0.1;
  rules.bottom_up = rules.shuffled = rules.own_name = true;
  rules.gamma = 0.9;
  rules.num_seeds = 2;
  MarlReciprocity *a = make(&rules), *b = make(&rules);
  MarlError err;
  double x[MARL_NUM_RECIPROCITY_METRICS], y[MARL_NUM_RECIPROCITY_METRICS];
  double ignored[MARL_NUM_RECIPROCITY_METRICS];
  for (int e = 0; e < 50; ++e) {
    marl_reciprocity_episode(a, x), marl_reciprocity_episode(b, y);
    UNIT_BITS_EQUAL(x, y, sizeof x);
    UNIT_OK(marl_reciprocity_greedy(a, 2, ignored, &err));
  }
  marl_reciprocity_destroy(&a), marl_reciprocity_destroy(&b);
}

/* Everybody judges sternly (C with the good and D with the bad is good) and acts accordingly, and
 * nobody learns: whoever acted has a good name. Judged by its own name in place of the co-player's, a
 * good one who refuses a bad one would lose it. */
static void test_judges_see_the_act_and_the_co_players_name(void) {
  MarlReciprocityRules rules = rules_of("all_good");
  rules.bottom_up = true;
  rules.gamma = 0.9;
  rules.learning_rate = 0.0;
  MarlReciprocity *r = make(&rules);
  double m[MARL_NUM_RECIPROCITY_METRICS];
  for (int i = 0; i < 10; ++i)
    for (int state = 0; state < 4; ++state) {
      const int act = state / 2, other = state % 2;      /* of judging: 2 act + co-player's name */
      marl_reciprocity_value(r, i, 0, state)[other] = 1; /* of acting: by the other's name */
      marl_reciprocity_value(r, i, 1, state)[act == other] = 1;
    }
  marl_reciprocity_episode(r, m);
  UNIT_NEAR(m[MARL_RECIPROCITY_GOOD], 1, 0);
  UNIT_NEAR(m[MARL_RECIPROCITY_NORM_9], 1, 1e-15);
  marl_reciprocity_destroy(&r);
}

static CU_TestInfo tests[] = {
    {"judges see the act and the co-player's name",
     test_judges_see_the_act_and_the_co_players_name},
    {"one encounter teaches both its payoff", test_one_encounter_teaches_both_its_payoff},
    {"introspection mixes the payoff against oneself",
     test_introspection_mixes_the_payoff_against_oneself},
    {"introspection by the name after the encounter rewards the act",
     test_introspection_by_the_name_after_the_encounter_rewards_the_act},
    {"rules that earn the name they like are learned",
     test_rules_that_earn_the_name_they_like_are_learned},
    {"discriminators cooperate under norms that let them",
     test_discriminators_cooperate_under_norms_that_let_them},
    {"one-shot learners defect at b/c of five", test_one_shot_learners_defect_at_b_over_c_of_five},
    {"the same key gives the same bits and greedy changes nothing",
     test_the_same_key_gives_the_same_bits_and_greedy_changes_nothing},
    CU_TEST_INFO_NULL,
};
static CU_SuiteInfo suites[] = {{"reciprocity", NULL, NULL, NULL, NULL, tests}, CU_SUITE_INFO_NULL};
UNIT_MAIN(suites)
