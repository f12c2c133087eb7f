/* Who pays what under each rule, on scripted rounds, by hand. */
#include "envs/society/population.h"
#include "tests/envs/with_mechanisms.h"
#include "tests/unit.h"

static const int cooperate[2] = {MARL_COOPERATE, MARL_COOPERATE};
static const int defect[2] = {MARL_DEFECT, MARL_DEFECT};
static const int first_defects[2] = {MARL_DEFECT, MARL_COOPERATE};

/* R, S, T, P = 3, 0, 4, 1; a fine of 3, +2 for a just one, -10 for an unjust one. */
static MarlDilemmaRules rules_of(const char *mechanisms) {
  const MarlDilemmaRules rules = {.num_agents = 5,
                                  .rounds = 10,
                                  .cycles = 1,
                                  .game = marl_game_named("prisoners_dilemma"),
                                  .graph = {.num_agents = 5},
                                  .prices = {.fine = 3, .just_reward = 2, .unjust_reward = -10},
                                  .reputation = MARL_REPUTATION_PLAY_PUNISH};
  return with(rules, mechanisms);
}

static MarlPopulation *make(const MarlDilemmaRules *rules) {
  MarlError err;
  MarlPopulation *population = NULL;
  UNIT_OK(marl_population_create(rules, &population, &err));
  marl_population_reset(population, marl_key(3, MARL_STREAM_ENV));
  return population;
}

static void test_the_pool_taxes_everybody_and_fines_defectors(void) {
  MarlDilemmaRules rules = rules_of("pool");
  rules.prices.tax = 0.5f;
  MarlPopulation *p = make(&rules);
  CU_ASSERT_TRUE(marl_population_apply(p, first_defects)); /* nobody decides about fines */
  UNIT_NEAR(p->finished.reward[0], 4 - 0.5 - 3, 0);
  UNIT_NEAR(p->finished.reward[1], 0 - 0.5, 0);
  double m[MARL_NUM_DILEMMA_METRICS];
  marl_tally_metrics(&p->tally, 1, 0, m, NULL);
  UNIT_NEAR(m[MARL_METRIC_GROSS_WELFARE], 4, 0);
  UNIT_NEAR(m[MARL_METRIC_WELFARE], 4 - 2 * 0.5 - 3, 0);
  marl_population_destroy(&p);
}

/* One round of a voluntary pool with fine 3 and tax 1: `pay` and `act` of the selector and of its
 * partner. Judge 0 is the partner, judge 1 the selector. */
static void pool_round(bool second_order, const int pay[2], const int act[2], double play[2],
                       double join[2]) {
  MarlDilemmaRules rules =
      rules_of(second_order ? "voluntary_pool(second_order=true)" : "voluntary_pool");
  rules.prices.tax = 1;
  MarlPopulation *p = make(&rules);
  const int first = p->now.player[0], second = p->now.player[1];
  CU_ASSERT_EQUAL(p->phase, MARL_ROLE_PUNISH); /* they join before they play */
  CU_ASSERT_EQUAL(marl_population_decider(p, 0), second);
  CU_ASSERT_EQUAL(marl_population_decider(p, 1), first);
  const int joins[2] = {pay[1], pay[0]};
  CU_ASSERT_FALSE(marl_population_apply(p, joins));
  CU_ASSERT_EQUAL(p->phase, MARL_ROLE_PLAY);
  CU_ASSERT_TRUE(marl_population_apply(p, act));
  for (int side = 0; side < 2; ++side) {
    play[side] = p->finished.reward[side];
    join[side] = p->finished.judge[1 - side].reward;
  }
  /* nothing else is paid, and the tally has it all */
  double m[MARL_NUM_DILEMMA_METRICS];
  marl_tally_metrics(&p->tally, 1, 0, m, NULL);
  UNIT_NEAR(m[MARL_METRIC_WELFARE], play[0] + play[1] + join[0] + join[1], 0);
  UNIT_NEAR(p->tally.reward[first], play[0] + join[0], 0);
  UNIT_NEAR(p->tally.reward[second], play[1] + join[1], 0);
  UNIT_NEAR(m[MARL_METRIC_PUNISHMENT_RATE], (pay[0] + pay[1]) / 2.0, 0);
  /* who pays while nobody offends fines nobody: no fine is unjust, and without any there is no share */
  int fined = 0;
  for (int side = 0; side < 2; ++side)
    fined += pay[side] * ((act[1 - side] == MARL_DEFECT) + (second_order && !pay[1 - side]));
  CU_ASSERT_EQUAL(p->tally.fined, fined);
  if (fined > 0) UNIT_NEAR(m[MARL_METRIC_JUST_SHARE], 1, 0);
  if (fined == 0) CU_ASSERT(isnan(m[MARL_METRIC_JUST_SHARE]));
  marl_population_destroy(&p);
}

/* Sigmund et al. 2010 in a group of two: the tax, and a fine for each payer among the others. All
 * sixteen rounds of each kind of pool, against the formula written out. */
static void test_a_voluntary_pool_fines_by_its_payers(void) {
  static const double payoff[2][2] = {{3, 0}, {4, 1}};
  for (int second = 0; second < 2; ++second)
    for (int k = 0; k < 16; ++k) {
      const int pay[2] = {k & 1, k >> 1 & 1}, act[2] = {k >> 2 & 1, k >> 3 & 1};
      double play[2], join[2];
      pool_round(second, pay, act, play, join);
      for (int i = 0; i < 2; ++i) {
        UNIT_NEAR(play[i], payoff[act[i]][act[1 - i]] - 3.0 * pay[1 - i] * act[i], 0);
        UNIT_NEAR(join[i], -1.0 * pay[i] - 3.0 * second * pay[1 - i] * (1 - pay[i]), 0);
      }
    }
}

/* Their types by hand: V cooperates and pays, X cooperates, Y does neither. */
static void test_second_order_fines_turn_the_pool_into_an_equilibrium(void) {
  static const int cooperate_both[2] = {0, 0}, second_defects[2] = {0, 1};
  static const int both_pay[2] = {1, 1}, first_pays[2] = {1, 0};
  double play[2], join[2];
  pool_round(false, both_pay, cooperate_both, play, join); /* V, V */
  UNIT_NEAR(play[1] + join[1], 3 - 1, 0);
  pool_round(false, first_pays, cooperate_both, play, join); /* V, X: X does better than V */
  UNIT_NEAR(play[1] + join[1], 3, 0);
  pool_round(false, first_pays, second_defects, play, join); /* V, Y */
  UNIT_NEAR(play[0] + join[0], 0 - 1, 0);
  UNIT_NEAR(play[1] + join[1], 4 - 3, 0);
  pool_round(true, first_pays, cooperate_both, play, join); /* V, X: no longer */
  UNIT_NEAR(play[1] + join[1], 3 - 3, 0);
  pool_round(true, first_pays, second_defects, play, join); /* two offenses, two fines */
  UNIT_NEAR(play[1] + join[1], 4 - 3 - 3, 0);
}

static void test_payers_see_the_last_actions_of_both(void) {
  MarlDilemmaRules rules = rules_of("voluntary_pool");
  MarlPopulation *p = make(&rules);
  const int pay[2] = {1, 0};
  float obs[5];
  marl_population_observe(p, 0, obs);
  const float unknown[2] = {MARL_UNKNOWN_ACTION, MARL_UNKNOWN_ACTION};
  UNIT_BITS_EQUAL(obs, unknown, sizeof unknown);
  marl_population_apply(p, pay);
  marl_population_apply(p, first_defects);
  marl_population_observe(p, 0, obs); /* the partner sees the selector's act, then its own */
  const float seen[2] = {MARL_DEFECT, MARL_COOPERATE};
  UNIT_BITS_EQUAL(obs, seen, sizeof seen);
  marl_population_destroy(&p);
}

static void test_indirect_judges_are_neighbors_of_the_one_who_suffered(void) {
  MarlDilemmaRules rules = rules_of("indirect");
  rules.num_agents = rules.graph.num_agents = 6;
  rules.graph.kind = MARL_GRAPH_SMALL_WORLD; /* a ring: nothing is rewired */
  rules.graph.neighbors = 2;
  rules.matching = MARL_MATCHING_SELECT;
  MarlPopulation *p = make(&rules);
  const int select[6] = {0}; /* agent 0 chooses 1, of its neighbors 1 and 5 */
  marl_population_apply(p, select);
  CU_ASSERT_FALSE(marl_population_apply(p, first_defects));
  CU_ASSERT_EQUAL(marl_population_pending(p), 2);
  CU_ASSERT_EQUAL(marl_population_decider(p, 0), 2); /* neighbor of 1, judges 0 */
  CU_ASSERT_EQUAL(marl_population_decider(p, 1), 5); /* neighbor of 0, judges 1 */
  const int punish[2] = {MARL_PUNISH, MARL_FORGIVE};
  CU_ASSERT_TRUE(marl_population_apply(p, punish));
  UNIT_NEAR(p->finished.reward[0], 4 - 3, 0);
  UNIT_NEAR(p->finished.judge[0].reward, 2, 0);
  marl_population_destroy(&p);
}

static void test_who_forgives_a_defector_is_judged_under_a_metanorm(void) {
  MarlDilemmaRules rules = rules_of("direct+metanorm");
  MarlPopulation *p = make(&rules);
  marl_population_apply(p, defect);
  const int verdicts[2] = {MARL_FORGIVE, MARL_PUNISH}; /* 1 forgives 0, 0 fines 1 */
  CU_ASSERT_FALSE(marl_population_apply(p, verdicts));
  CU_ASSERT_EQUAL(marl_population_pending(p), 1);
  const int meta = marl_population_decider(p, 0);
  CU_ASSERT(meta != p->now.player[0] && meta != p->now.player[1]);
  float obs[5];
  marl_population_observe(p, 0, obs); /* what the forgiver saw: a defector and its partner */
  const float seen[2] = {1, 1};
  UNIT_BITS_EQUAL(obs, seen, sizeof seen);
  const int punish = MARL_PUNISH;
  CU_ASSERT_TRUE(marl_population_apply(p, &punish));
  const MarlRound *round = &p->finished;
  UNIT_NEAR(round->reward[0], 1, 0);
  UNIT_NEAR(round->reward[1], 1 - 3, 0);
  UNIT_NEAR(round->judge[0].reward, -3, 0); /* the forgiver pays the fine */
  UNIT_NEAR(round->judge[1].reward, 2, 0);
  UNIT_NEAR(round->judge[2].reward, 2, 0);
  CU_ASSERT_EQUAL(p->tally.decisions, 3);
  marl_population_apply(p, cooperate);
  const int forgive[2] = {MARL_FORGIVE, MARL_FORGIVE};
  CU_ASSERT_TRUE(marl_population_apply(p, forgive)); /* nobody to be fined, nobody forgave */
  marl_population_destroy(&p);
}

/* One round: both play `action`, both are fined or forgiven. */
static const MarlRound *round_of(MarlPopulation *p, const int *action, int verdict) {
  const int verdicts[2] = {verdict, verdict};
  marl_population_apply(p, action);
  CU_ASSERT_TRUE(marl_population_apply(p, verdicts));
  return &p->finished;
}

static void test_graduated_fines_grow_and_cooperation_takes_one_back(void) {
  MarlDilemmaRules rules = rules_of("direct+graduated(fines=1;2;5)");
  MarlPopulation *p = make(&rules);
  UNIT_NEAR(round_of(p, defect, MARL_PUNISH)->reward[0], 1 - 1, 0);
  UNIT_NEAR(round_of(p, defect, MARL_PUNISH)->reward[0], 1 - 2, 0);
  UNIT_NEAR(round_of(p, defect, MARL_PUNISH)->reward[0], 1 - 5, 0);
  UNIT_NEAR(round_of(p, defect, MARL_PUNISH)->reward[0], 1 - 5, 0); /* the last grade stays */
  UNIT_NEAR(round_of(p, cooperate, MARL_FORGIVE)->reward[0], 3, 0);
  UNIT_NEAR(round_of(p, defect, MARL_PUNISH)->reward[0], 1 - 2, 0);
  marl_population_destroy(&p);
}

static void test_an_adaptive_judge_follows_what_came_of_its_fine(void) {
  MarlDilemmaRules rules = rules_of("direct+adaptive(rate=0.5)");
  MarlPopulation *p = make(&rules);
  const MarlRound *round = round_of(p, defect, MARL_PUNISH);
  UNIT_NEAR(round->reward[0], 1 - 3, 0); /* intensity is 1 at first */
  round = round_of(p, defect, MARL_PUNISH);
  UNIT_NEAR(round->reward[0], 1 - 0.5 * 3, 0); /* it did not help: half */
  UNIT_NEAR(round->judge[0].reward, 0.5 * 2, 0);
  round = round_of(p, cooperate, MARL_FORGIVE); /* it helped: 1/2 + 1/2 (1 - 1/2) */
  UNIT_NEAR(p->state[round->player[0]], 0.75, 0);
  round_of(p, defect, MARL_FORGIVE); /* nobody was fined before: nothing to learn */
  UNIT_NEAR(p->state[round->player[0]], 0.75, 0);
  marl_population_destroy(&p);
}

/* One move of the centipede and its verdict. */
static const MarlRound *move_of(MarlPopulation *p, int action, int verdict) {
  CU_ASSERT_EQUAL(marl_population_pending(p), 1);
  marl_population_apply(p, &action);
  CU_ASSERT_EQUAL(marl_population_pending(p), 1);
  CU_ASSERT_TRUE(marl_population_apply(p, &verdict));
  return &p->finished;
}

static void test_a_centipede_runs_until_somebody_defects(void) {
  MarlDilemmaRules rules = rules_of("direct");
  rules.game = marl_game_named("centipede");
  rules.rounds = 2;
  MarlPopulation *p = make(&rules);
  const int selector = p->now.player[0];
  const MarlRound *round = move_of(p, MARL_COOPERATE, MARL_FORGIVE);
  CU_ASSERT_TRUE(round->moved[0] && !round->moved[1] && !round->last && !round->terminal);
  UNIT_NEAR(round->reward[0], -1, 0);
  UNIT_NEAR(round->reward[1], 5, 0);
  CU_ASSERT_EQUAL(round->judge[0].agent, round->player[1]);
  round = move_of(p, MARL_COOPERATE, MARL_PUNISH); /* unjust */
  CU_ASSERT_TRUE(round->moved[1] && !round->moved[0]);
  UNIT_NEAR(round->reward[0], -1 + 5, 0);
  UNIT_NEAR(round->reward[1], 5 - 1 - 3, 0);
  UNIT_NEAR(round->judge[0].reward, -10, 0);
  round = move_of(p, MARL_DEFECT, MARL_PUNISH); /* ends the pairing, with a just fine */
  CU_ASSERT_TRUE(round->last && round->terminal);
  UNIT_NEAR(round->reward[0], -1 + 5 - 3, 0);
  UNIT_NEAR(round->reward[1], 1, 0);
  CU_ASSERT_EQUAL(p->now.player[0], selector + 1); /* the next pairing begins at 0 */
  UNIT_NEAR(p->now.reward[0], 0, 0);
  marl_population_destroy(&p);
}

static void test_a_cooperative_centipede_earns_four_a_move(void) {
  MarlDilemmaRules rules = rules_of("custom");
  rules.game = marl_game_named("centipede");
  MarlPopulation *p = make(&rules);
  double m[MARL_NUM_DILEMMA_METRICS];
  while (p->cycle == 0) marl_population_apply(p, cooperate);
  marl_tally_metrics(&p->tally, marl_dilemma_rounds_a_cycle(&rules), 0, m, NULL);
  UNIT_NEAR(m[MARL_METRIC_WELFARE], 5 * 20 * 4, 0);
  UNIT_NEAR(m[MARL_METRIC_PLAYS], 20, 0);
  marl_population_reset(p, marl_key(4, MARL_STREAM_ENV));
  while (p->cycle == 0) marl_population_apply(p, defect);
  marl_tally_metrics(&p->tally, marl_dilemma_rounds_a_cycle(&rules), 0, m, NULL);
  UNIT_NEAR(m[MARL_METRIC_WELFARE], 0, 0);
  UNIT_NEAR(m[MARL_METRIC_PLAYS], 1, 0);
  marl_population_destroy(&p);
}

static void test_rematched_partners_change_within_a_pairing(void) {
  MarlDilemmaRules rules = rules_of("custom");
  rules.rematch = true;
  rules.rounds = 400;
  MarlPopulation *p = make(&rules);
  int met[5] = {0};
  for (int round = 0; round < 400; ++round) {
    CU_ASSERT_EQUAL(p->now.player[0], 0);
    ++met[p->now.player[1]];
    marl_population_apply(p, cooperate);
  }
  CU_ASSERT_EQUAL(met[0], 0);
  /* binomial(400, 1/4): five standard deviations are 43 */
  for (int i = 1; i < 5; ++i) UNIT_NEAR(met[i], 100, 43);
  marl_population_destroy(&p);
}

static void test_rules_that_contradict_each_other_are_refused(void) {
  MarlError err;
  MarlPopulation *p = NULL;
  MarlDilemmaRules rules = rules_of("pool+metanorm");
  UNIT_ERROR(marl_population_create(&rules, &p, &err), MARL_ECONFIG, "metanorm");
  rules = rules_of("pool+graduated");
  UNIT_ERROR(marl_population_create(&rules, &p, &err), MARL_ECONFIG, "graduated");
  rules = rules_of("adaptive");
  UNIT_ERROR(marl_population_create(&rules, &p, &err), MARL_ECONFIG, "direct+adaptive");
  rules = rules_of("voluntary_pool+direct+metanorm");
  UNIT_ERROR(marl_population_create(&rules, &p, &err), MARL_ECONFIG, "second_order");
  rules = rules_of("voluntary_pool");
  rules.game = marl_game_named("centipede");
  UNIT_ERROR(marl_population_create(&rules, &p, &err), MARL_ECONFIG, "move at once");
  rules = rules_of("custom");
  rules.rematch = true;
  rules.matching = MARL_MATCHING_SELECT;
  UNIT_ERROR(marl_population_create(&rules, &p, &err), MARL_ECONFIG, "rematch");
}

static void test_every_metric_has_a_name(void) {
  for (int m = 0; m < MARL_NUM_DILEMMA_METRICS; ++m)
    CU_ASSERT_PTR_NOT_NULL(marl_dilemma_metric_names[m]);
  CU_ASSERT_STRING_EQUAL(marl_dilemma_metric_names[MARL_METRIC_PLAYS], "plays");
}

static CU_TestInfo tests[] = {
    {"the pool taxes everybody and fines defectors",
     test_the_pool_taxes_everybody_and_fines_defectors},
    {"a voluntary pool fines by its payers", test_a_voluntary_pool_fines_by_its_payers},
    {"second-order fines turn the pool into an equilibrium",
     test_second_order_fines_turn_the_pool_into_an_equilibrium},
    {"payers see the last actions of both", test_payers_see_the_last_actions_of_both},
    {"indirect judges are neighbors of the one who suffered",
     test_indirect_judges_are_neighbors_of_the_one_who_suffered},
    {"who forgives a defector is judged under a metanorm",
     test_who_forgives_a_defector_is_judged_under_a_metanorm},
    {"graduated fines grow and cooperation takes one back",
     test_graduated_fines_grow_and_cooperation_takes_one_back},
    {"an adaptive judge follows what came of its fine",
     test_an_adaptive_judge_follows_what_came_of_its_fine},
    {"a centipede runs until somebody defects", test_a_centipede_runs_until_somebody_defects},
    {"a cooperative centipede earns four a move", test_a_cooperative_centipede_earns_four_a_move},
    {"rematched partners change within a pairing", test_rematched_partners_change_within_a_pairing},
    {"rules that contradict each other are refused",
     test_rules_that_contradict_each_other_are_refused},
    {"every metric has a name", test_every_metric_has_a_name},
    CU_TEST_INFO_NULL,
};
static CU_SuiteInfo suites[] = {{"mechanisms", NULL, NULL, NULL, NULL, tests}, CU_SUITE_INFO_NULL};
UNIT_MAIN(suites)
