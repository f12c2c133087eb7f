/* What the players of a round make of their payoffs, on scripted rounds, by hand. */
#include <stdlib.h>

#include "envs/society/population.h"
#include "tests/envs/with_mechanisms.h"
#include "tests/unit.h"

/* Utilities are sums of few products below 100 in double, stored as float. */
#define ROUND_OFF 1e-5

static const double pi = 3.14159265358979323846;
static const int cells[4][2] = {{MARL_COOPERATE, MARL_COOPERATE},
                                {MARL_COOPERATE, MARL_DEFECT},
                                {MARL_DEFECT, MARL_COOPERATE},
                                {MARL_DEFECT, MARL_DEFECT}};

/* R, S, T, P = 3, 0, 4, 1; a fine of 3 that costs its giver 1. */
static MarlDilemmaRules rules_of(const char *mechanisms, MarlIntrinsic intrinsic) {
  const MarlDilemmaRules rules = {.num_agents = 5,
                                  .rounds = 10,
                                  .cycles = 1,
                                  .game = marl_game_named("prisoners_dilemma"),
                                  .graph = {.num_agents = 5},
                                  .prices = {.fine = 3, .just_reward = -1, .unjust_reward = -10},
                                  .intrinsic = intrinsic,
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

/* Utility of a player that plays `own` against `other`, in the first round of a society. */
static double felt(MarlIntrinsic intrinsic, int own, int other) {
  const MarlDilemmaRules rules = rules_of("custom", intrinsic);
  MarlPopulation *p = make(&rules);
  const int act[2] = {own, other};
  CU_ASSERT_TRUE(marl_population_apply(p, act));
  const double utility = p->finished.utility[0];
  marl_population_destroy(&p);
  return utility;
}

/* alpha 0.5, beta 0.25 by hand in all four cells. */
static void test_a_round_is_felt_as_by_hand(void) {
  const MarlIntrinsic averse = {.disadvantage = 0.5, .advantage = 0.25};
  UNIT_NEAR(felt(averse, MARL_COOPERATE, MARL_COOPERATE), 3, ROUND_OFF);
  UNIT_NEAR(felt(averse, MARL_COOPERATE, MARL_DEFECT), 0 - 0.5 * 4, ROUND_OFF);
  UNIT_NEAR(felt(averse, MARL_DEFECT, MARL_COOPERATE), 4 - 0.25 * 4, ROUND_OFF);
  UNIT_NEAR(felt(averse, MARL_DEFECT, MARL_DEFECT), 1, ROUND_OFF);
}

static void test_without_intrinsic_rewards_utilities_are_payoffs(void) {
  const MarlDilemmaRules rules = rules_of("direct+third_party", (MarlIntrinsic){.trace = 0.5});
  MarlPopulation *p = make(&rules);
  const MarlKey key = marl_key(1, MARL_STREAM_POLICY);
  for (uint64_t draw = 0, rounds = 0; rounds < 50;) {
    int choice[MARL_MAX_JUDGES];
    for (int i = 0; i < MARL_MAX_JUDGES; ++i) choice[i] = (int)marl_below(key, draw++, 2);
    if (!marl_population_apply(p, choice)) continue;
    ++rounds;
    const MarlRound *round = &p->finished;
    UNIT_BITS_EQUAL(round->utility, round->reward, sizeof round->reward);
    for (int i = 0; i < round->num_judges; ++i)
      UNIT_BITS_EQUAL(&round->judge[i].utility, &round->judge[i].reward, sizeof(float));
  }
  marl_population_destroy(&p);
}

/* Whatever the weights, nobody gains by being ahead, and with beta > 0 it costs. */
static void test_being_ahead_never_pays(void) {
  for (int a = 0; a < 4; ++a)
    for (int b = 1; b < 5; ++b)
      for (int c = 0; c < 4; ++c) {
        const MarlIntrinsic averse = {.disadvantage = 0.5 * a, .advantage = 0.25 * b};
        const double payoff = felt((MarlIntrinsic){0}, cells[c][0], cells[c][1]);
        const double utility = felt(averse, cells[c][0], cells[c][1]);
        CU_ASSERT(utility <= payoff);
        if (c == 2) UNIT_NEAR(utility, payoff - averse.advantage * 4, ROUND_OFF);
      }
}

/* Gain of cooperating over defecting against a partner that cooperates with probability p. */
static double gain(MarlIntrinsic intrinsic, double p) {
  return p * (felt(intrinsic, MARL_COOPERATE, MARL_COOPERATE) -
              felt(intrinsic, MARL_DEFECT, MARL_COOPERATE)) +
         (1 - p) * (felt(intrinsic, MARL_COOPERATE, MARL_DEFECT) -
                    felt(intrinsic, MARL_DEFECT, MARL_DEFECT));
}

/* C is the best reply to C iff R > T - beta (T - S), i.e. beta > (T - R) / (T - S) = 1/4; D to D
 * always, P > S - alpha (T - S). In between lies p* = (P - S + alpha (T - S)) /
 * ((P - S) - (T - R) + (alpha + beta) (T - S)) = (1 + 4 alpha) / (4 (alpha + beta)): with
 * beta <= alpha, as Fehr and Schmidt suppose, it is above 1/2, so defection is risk dominant. */
static void test_aversion_to_being_ahead_makes_the_dilemma_a_coordination_game(void) {
  for (int a = 0; a <= 8; ++a)
    for (int b = 0; b <= 8; ++b) {
      const MarlIntrinsic averse = {.disadvantage = 0.125 * a, .advantage = 0.03 + 0.125 * b};
      CU_ASSERT_EQUAL(gain(averse, 1) > 0, averse.advantage > 0.25);
      CU_ASSERT(gain(averse, 0) < 0);
      if (averse.advantage < 0.25) continue;
      const double share =
          (1 + 4 * averse.disadvantage) / (4 * (averse.disadvantage + averse.advantage));
      UNIT_NEAR(gain(averse, share), 0, ROUND_OFF);
      if (averse.advantage <= averse.disadvantage) CU_ASSERT(gain(averse, 0.5) < 0);
    }
}

/* Equal shares, weight w: 3, 4 - w pi/4, 0 - w pi/4, 1; C is the best reply to C iff
 * w > 4 / pi. An altruist, at 90 degrees, loses w pi/4 where it earns as much as its partner and
 * w pi/2 where it earns alone: C is the best reply to C iff w pi/4 > 1, and to D iff w pi/4 > 1. */
static void test_social_value_orientation_has_its_thresholds(void) {
  for (int k = 1; k <= 10; ++k) {
    const double w = 0.25 * k;
    const MarlIntrinsic equal = {.orientation_weight = w, .orientation = pi / 4};
    UNIT_NEAR(felt(equal, MARL_DEFECT, MARL_COOPERATE), 4 - w * pi / 4, ROUND_OFF);
    UNIT_NEAR(felt(equal, MARL_COOPERATE, MARL_DEFECT), -w * pi / 4, ROUND_OFF);
    UNIT_NEAR(felt(equal, MARL_DEFECT, MARL_DEFECT), 1, ROUND_OFF);
    CU_ASSERT_EQUAL(gain(equal, 1) > 0, w > 4 / pi);
    CU_ASSERT(gain(equal, 0) < 0);
    const MarlIntrinsic altruist = {.orientation_weight = w, .orientation = pi / 2};
    CU_ASSERT_EQUAL(gain(altruist, 1) > 0, w > 4 / pi);
    CU_ASSERT_EQUAL(gain(altruist, 0) > 0, w > 4 / pi);
  }
}

/* The victim of a defector fines it: payoffs (4, 0) become (4 - 3, 0 - 1). For its judge that is
 * U(-1, 1) - U(0, 4) = -1 - 2 alpha + 4 alpha, above 0 iff alpha > c / (f - c) = 1/2; its play is
 * worth U(0, 4), the defector's U(1, -1). */
static void test_envy_makes_a_costly_fine_worth_its_price(void) {
  const int verdicts[2] = {MARL_PUNISH, MARL_FORGIVE}; /* 1 judges 0, 0 judges 1 */
  for (int k = 0; k <= 4; ++k) {
    const MarlIntrinsic averse = {.disadvantage = 0.2 + 0.2 * k, .advantage = 0.25};
    const MarlDilemmaRules rules = rules_of("direct", averse);
    MarlPopulation *p = make(&rules);
    CU_ASSERT_FALSE(marl_population_apply(p, cells[2]));
    UNIT_NEAR(p->now.utility[0], 4 - 0.25 * 4, ROUND_OFF); /* before the verdict */
    CU_ASSERT_TRUE(marl_population_apply(p, verdicts));
    const MarlRound *round = &p->finished;
    UNIT_NEAR(round->reward[0], 1, 0);
    UNIT_NEAR(round->judge[0].reward, -1, 0);
    UNIT_NEAR(round->utility[0], 1 - 0.25 * 2, ROUND_OFF);
    UNIT_NEAR(round->utility[1], -4 * averse.disadvantage, ROUND_OFF);
    UNIT_NEAR(round->judge[0].utility, -1 + 2 * averse.disadvantage, ROUND_OFF);
    UNIT_NEAR(round->judge[1].utility, 0, ROUND_OFF);
    CU_ASSERT_EQUAL(round->judge[0].utility > 0, averse.disadvantage > 0.5);
    marl_population_destroy(&p);
  }
}

static void test_a_bystander_learns_from_its_price(void) {
  const MarlIntrinsic averse = {.disadvantage = 2, .advantage = 0.5};
  const MarlDilemmaRules rules = rules_of("third_party", averse);
  MarlPopulation *p = make(&rules);
  const int verdicts[2] = {MARL_PUNISH, MARL_FORGIVE};
  marl_population_apply(p, cells[2]);
  CU_ASSERT_TRUE(marl_population_apply(p, verdicts));
  UNIT_NEAR(p->finished.judge[0].utility, -1, 0);
  UNIT_NEAR(p->finished.judge[1].utility, 0, 0);
  UNIT_NEAR(p->finished.utility[0], 4 - 3 - 0.5 * 1, ROUND_OFF); /* 1 against 0 */
  UNIT_NEAR(p->finished.utility[1], 0 - 2 * 1, ROUND_OFF);
  marl_population_destroy(&p);
}

/* e <- e / 2 + r over the rounds played: (4, 0), then (3, 3) leaves e = (5, 3). */
static void test_traces_run_over_the_rounds_played(void) {
  const MarlIntrinsic averse = {.disadvantage = 1, .advantage = 0.25, .trace = 0.5};
  const MarlDilemmaRules rules = rules_of("custom", averse);
  MarlPopulation *p = make(&rules);
  const int selector = p->now.player[0], partner = p->now.player[1];
  marl_population_apply(p, cells[2]);
  UNIT_NEAR(p->finished.utility[0], 4 - 0.25 * 4, ROUND_OFF);
  marl_population_apply(p, cells[0]);
  UNIT_NEAR(p->finished.utility[0], 3 - 0.25 * 2, ROUND_OFF);
  UNIT_NEAR(p->finished.utility[1], 3 - 1 * 2, ROUND_OFF);
  for (int i = 0; i < 5; ++i)
    UNIT_NEAR(p->trace[i], i == selector ? 5 : i == partner ? 3 : 0, ROUND_OFF);
  marl_population_destroy(&p);
}

/* Under all punishments at once, with traces: what a player's two roles learn from adds up to the
 * utility of everything it got, and the tally goes on counting payoffs. */
static void test_play_and_verdict_add_up_to_the_utility_of_the_round(void) {
  const MarlIntrinsic averse = {.disadvantage = 0.75,
                                .advantage = 0.5,
                                .trace = 0.5,
                                .orientation_weight = 0.5,
                                .orientation = 1};
  const MarlDilemmaRules rules =
      rules_of("direct+third_party+metanorm+graduated(fines=1;2)", averse);
  MarlDilemmaRules selfish = rules;
  selfish.intrinsic = (MarlIntrinsic){0};
  MarlPopulation *p = make(&rules), *q = make(&selfish);
  const MarlKey key = marl_key(5, MARL_STREAM_POLICY);
  double trace[5] = {0};
  for (uint64_t draw = 0, rounds = 0; rounds < 200;) {
    int choice[MARL_MAX_JUDGES];
    for (int i = 0; i < MARL_MAX_JUDGES; ++i) choice[i] = (int)marl_below(key, draw++, 2);
    const bool over = marl_population_apply(p, choice);
    CU_ASSERT_EQUAL(marl_population_apply(q, choice), over);
    if (!over) continue;
    ++rounds;
    const MarlRound *round = &p->finished;
    double got[2], utility[2], sum[2], before[2];
    for (int side = 0; side < 2; ++side) { /* judge 0 is player 1 and judge 1 player 0 */
      before[side] = trace[round->player[side]];
      got[side] = (double)round->reward[side] + (double)round->judge[1 - side].reward;
      sum[side] = (double)round->utility[side] + (double)round->judge[1 - side].utility;
    }
    marl_intrinsic_utility(&averse, 2, got, before, utility);
    for (int side = 0; side < 2; ++side) {
      UNIT_NEAR(sum[side], utility[side], ROUND_OFF);
      trace[round->player[side]] = 0.5 * before[side] + got[side];
    }
    UNIT_BITS_EQUAL(round->reward, q->finished.reward, sizeof round->reward);
  }
  double of_averse[MARL_NUM_DILEMMA_METRICS], of_selfish[MARL_NUM_DILEMMA_METRICS];
  marl_tally_metrics(&p->tally, 50, 1, of_averse, NULL),
      marl_tally_metrics(&q->tally, 50, 1, of_selfish, NULL);
  UNIT_BITS_EQUAL(of_averse, of_selfish, sizeof of_averse);
  marl_population_destroy(&p), marl_population_destroy(&q);
}

/* Saved while the judges of judges are asked: what the first verdicts took is still known. */
static void test_a_saved_round_remembers_what_its_verdicts_took(void) {
  MarlError err;
  const MarlIntrinsic averse = {.disadvantage = 0.75, .advantage = 0.5, .trace = 0.5};
  const MarlDilemmaRules rules = rules_of("direct+metanorm", averse);
  MarlPopulation *p = make(&rules), *q = make(&rules);
  const int verdicts[2] = {MARL_FORGIVE, MARL_PUNISH}, meta = MARL_PUNISH;
  marl_population_apply(p, cells[3]);
  CU_ASSERT_FALSE(marl_population_apply(p, verdicts));
  MarlStore *memory = NULL, *copy = NULL;
  void *bytes = NULL;
  size_t size = 0;
  UNIT_OK(marl_store_create_memory(&memory, &err));
  UNIT_OK(marl_population_save(p, memory, &err));
  UNIT_OK(marl_store_image(memory, &bytes, &size, &err));
  UNIT_OK(marl_store_open_image(bytes, size, &copy, &err));
  UNIT_OK(marl_population_load(q, copy, &err));
  marl_store_close(&memory), marl_store_close(&copy);
  free(bytes);
  CU_ASSERT_TRUE(marl_population_apply(p, &meta));
  CU_ASSERT_TRUE(marl_population_apply(q, &meta));
  UNIT_BITS_EQUAL(p->finished.utility, q->finished.utility, sizeof p->finished.utility);
  for (int i = 0; i < 3; ++i)
    UNIT_BITS_EQUAL(&p->finished.judge[i].utility, &q->finished.judge[i].utility, sizeof(float));
  marl_population_destroy(&p), marl_population_destroy(&q);
}

static void test_an_alternating_game_has_no_payoffs_of_a_round(void) {
  MarlError err;
  MarlPopulation *p = NULL;
  MarlDilemmaRules rules = rules_of("custom", (MarlIntrinsic){.advantage = 1});
  rules.game = marl_game_named("centipede");
  UNIT_ERROR(marl_population_create(&rules, &p, &err), MARL_ECONFIG, "inequity");
}

/* Angles are on a circle: with -1 for oneself and 1 for the other one stands at 135 degrees, 90 from
 * -135 and 45 from 180. */
static void test_orientations_are_on_a_circle(void) {
  const double payoff[2] = {-1, 1};
  double utility[2];
  MarlIntrinsic in = {.orientation_weight = 1, .orientation = -0.75 * pi};
  marl_intrinsic_utility(&in, 2, payoff, NULL, utility);
  UNIT_NEAR(utility[0], -1 - 0.5 * pi, 1e-15);
  in.orientation = pi;
  marl_intrinsic_utility(&in, 2, payoff, NULL, utility);
  UNIT_NEAR(utility[0], -1 - 0.25 * pi, 1e-15);
}

static CU_TestInfo tests[] = {
    {"orientations are on a circle", test_orientations_are_on_a_circle},
    {"a round is felt as by hand", test_a_round_is_felt_as_by_hand},
    {"without intrinsic rewards utilities are payoffs",
     test_without_intrinsic_rewards_utilities_are_payoffs},
    {"being ahead never pays", test_being_ahead_never_pays},
    {"aversion to being ahead makes the dilemma a coordination game",
     test_aversion_to_being_ahead_makes_the_dilemma_a_coordination_game},
    {"social value orientation has its thresholds",
     test_social_value_orientation_has_its_thresholds},
    {"envy makes a costly fine worth its price", test_envy_makes_a_costly_fine_worth_its_price},
    {"a bystander learns from its price", test_a_bystander_learns_from_its_price},
    {"traces run over the rounds played", test_traces_run_over_the_rounds_played},
    {"play and verdict add up to the utility of the round",
     test_play_and_verdict_add_up_to_the_utility_of_the_round},
    {"a saved round remembers what its verdicts took",
     test_a_saved_round_remembers_what_its_verdicts_took},
    {"an alternating game has no payoffs of a round",
     test_an_alternating_game_has_no_payoffs_of_a_round},
    CU_TEST_INFO_NULL,
};
static CU_SuiteInfo suites[] = {{"sentiment", NULL, NULL, NULL, NULL, tests}, CU_SUITE_INFO_NULL};
UNIT_MAIN(suites)
