#include "envs/society/population.h"
#include "tests/envs/with_mechanisms.h"
#include "tests/unit.h"

/* the rules of Dasgupta and Musolesi 2025 with raw observations */
static MarlDilemmaRules paper(const char *mechanisms, MarlMatching matching) {
  const MarlDilemmaRules rules = {.num_agents = 5,
                                  .rounds = 10,
                                  .cycles = 1,
                                  .game = marl_game_named("prisoners_dilemma"),
                                  .matching = matching,
                                  .graph = {.num_agents = 5},
                                  .prices = {.fine = 3, .just_reward = 2, .unjust_reward = -10},
                                  .reputation = MARL_REPUTATION_PLAY_PUNISH,
                                  .play_sees_reputation = true,
                                  .punish_sees_reputation = true};
  return with(rules, mechanisms);
}

static MarlPopulation *make(const MarlDilemmaRules *rules) {
  MarlError err;
  MarlPopulation *population = NULL;
  UNIT_OK(marl_population_create(rules, &population, &err));
  marl_population_reset(population, marl_key(3, MARL_STREAM_ENV));
  return population;
}

static void test_one_directly_punished_round_by_hand(void) {
  const MarlDilemmaRules rules = paper("direct", MARL_MATCHING_SELECT);
  MarlPopulation *p = make(&rules);
  CU_ASSERT_EQUAL(marl_population_pending(p), 5);
  const int select[5] = {2, 0, 0, 0, 0}; /* agent 0: third of 1, 2, 3, 4 */
  CU_ASSERT_FALSE(marl_population_apply(p, select));
  CU_ASSERT_EQUAL(p->now.player[0], 0);
  CU_ASSERT_EQUAL(p->now.player[1], 3);

  float obs[5];
  marl_population_observe(p, 0, obs);
  const float before[4] = {2, 2, 0, 0}; /* nothing is known yet */
  UNIT_BITS_EQUAL(obs, before, sizeof before);

  const int play[2] = {MARL_DEFECT, MARL_COOPERATE};
  CU_ASSERT_FALSE(marl_population_apply(p, play));
  CU_ASSERT_EQUAL(marl_population_decider(p, 0), 3); /* the partner judges the selector */
  marl_population_observe(p, 0, obs);
  const float seen[4] = {1, 0, 1, -1}; /* victim D, other C; scores of other and victim */
  UNIT_BITS_EQUAL(obs, seen, sizeof seen);

  const int punish[2] = {MARL_PUNISH, MARL_PUNISH};
  CU_ASSERT_TRUE(marl_population_apply(p, punish));
  const MarlRound *round = &p->finished;
  UNIT_NEAR(round->reward[0], 4 - 3, 0);
  UNIT_NEAR(round->reward[1], 0 - 3, 0);
  UNIT_NEAR(round->judge[0].reward, 2, 0);   /* just */
  UNIT_NEAR(round->judge[1].reward, -10, 0); /* unjust */
  CU_ASSERT_EQUAL(p->reputation.score[0], -1 - 3);
  CU_ASSERT_EQUAL(p->reputation.score[3], +1 + 2);
  marl_population_observe_play(p, 0, 3, obs);
  const float next[4] = {0, 1, 3, -4}; /* other's C, own D, other's score, own score */
  UNIT_BITS_EQUAL(obs, next, sizeof next);
  marl_population_destroy(&p);
}

static void test_the_price_list_says_who_pays_what(void) {
  const MarlPrices prices = {.fine = 3, .just_reward = -3, .unjust_reward = -10};
  UNIT_NEAR(marl_price_of_verdict(&prices, MARL_PUNISH, true), -3, 0);
  UNIT_NEAR(marl_price_of_verdict(&prices, MARL_PUNISH, false), -10, 0);
  UNIT_NEAR(marl_price_of_verdict(&prices, MARL_FORGIVE, true), 0, 0);
  UNIT_NEAR(marl_price_of_verdict(&prices, MARL_FORGIVE, false), 0, 0);
}

static void test_individual_views_add_the_victims_and_the_avenged(void) {
  int32_t score[9] = {0};
  MarlReputation r = {
      .source = MARL_REPUTATION_PLAY_PUNISH, .individual = true, .num_agents = 3, .score = score};
  marl_reputation_played(&r, 0, MARL_DEFECT);
  marl_reputation_judged(&r, 2, MARL_PUNISH, 0, MARL_DEFECT, 1); /* 2 avenges 1 */
  const int32_t just[9] = {0, 0, 2 - 5, -1, 0, 2 + 5, -1, 0, 0};
  UNIT_BITS_EQUAL(score, just, sizeof just);
  marl_reputation_judged(&r, 1, MARL_PUNISH, 0, MARL_COOPERATE, 2);
  CU_ASSERT_EQUAL(marl_reputation_of(&r, 0, 1), -3 - 5);
  CU_ASSERT_EQUAL(marl_reputation_of(&r, 2, 1), -3); /* an unjust fine avenges nobody */
}

/* 0 defects on 1; the third party who fines 0 is hated by 0 and loved by 1, and everybody else thinks
 * more of it. Everybody sees its partner's score in its own view, its own in the partner's. */
static void test_a_third_partys_fine_in_everybodys_view(void) {
  MarlDilemmaRules rules = paper("third_party", MARL_MATCHING_SELECT);
  rules.individual_reputation = true;
  MarlPopulation *p = make(&rules);
  const int select[5] = {0}, play[2] = {MARL_DEFECT, MARL_COOPERATE};
  const int verdicts[2] = {MARL_PUNISH, MARL_FORGIVE};
  marl_population_apply(p, select);
  marl_population_apply(p, play);
  const int judge = marl_population_decider(p, 0);
  CU_ASSERT_TRUE(marl_population_apply(p, verdicts));
  for (int viewer = 0; viewer < 5; ++viewer) {
    const int of_judge = viewer == judge ? 0 : viewer == 0 ? 2 - 5 : viewer == 1 ? 2 + 5 : 2;
    CU_ASSERT_EQUAL(marl_reputation_of(&p->reputation, viewer, judge), of_judge);
    CU_ASSERT_EQUAL(marl_reputation_of(&p->reputation, viewer, 0), viewer == 0 ? 0 : -1);
    CU_ASSERT_EQUAL(marl_reputation_of(&p->reputation, viewer, 1), viewer == 1 ? 0 : 1);
  }
  float obs[4];
  marl_population_observe_play(p, 0, 1, obs);
  CU_ASSERT(obs[2] == 1.0f && obs[3] == -1.0f);
  marl_population_observe_play(p, 1, 0, obs);
  CU_ASSERT(obs[2] == -1.0f && obs[3] == 1.0f);
  marl_population_destroy(&p);
  /* who punishes for itself is no avenger in its own eyes */
  rules = with(rules, "direct");
  p = make(&rules);
  marl_population_apply(p, select);
  marl_population_apply(p, play);
  marl_population_apply(p, verdicts);
  CU_ASSERT_EQUAL(marl_reputation_of(&p->reputation, 1, 1), 0);
  CU_ASSERT_EQUAL(marl_reputation_of(&p->reputation, 0, 1), 1 + 2 - 5);
  marl_population_destroy(&p);
}

/* A partner is a just punisher if it punished at all in the cycle before, and justly at least as
 * often as unjustly; a cooperator if it cooperated at least as often as it defected. */
static void test_partners_are_judged_by_what_they_did_the_cycle_before(void) {
  MarlError err;
  MarlTally t;
  UNIT_OK(marl_tally_create(4, &t, &err));
  marl_tally_begin_cycle(&t);
  marl_tally_judge(&t, 0, MARL_DIRECT, MARL_PUNISH, 3, MARL_DEFECT, 3, 2);
  marl_tally_judge(&t, 0, MARL_DIRECT, MARL_PUNISH, 3, MARL_COOPERATE, 3, -10);
  marl_tally_judge(&t, 1, MARL_DIRECT, MARL_PUNISH, 3, MARL_COOPERATE, 3, -10);
  marl_tally_judge(&t, 2, MARL_DIRECT, MARL_FORGIVE, 3, MARL_DEFECT, 0, 0);
  marl_tally_play(&t, 0, MARL_COOPERATE);
  marl_tally_play(&t, 0, MARL_DEFECT);
  marl_tally_play(&t, 1, MARL_DEFECT);
  marl_tally_partner(&t, 0); /* no cycle before: not counted */
  CU_ASSERT_EQUAL(t.selections, 0);
  marl_tally_begin_cycle(&t);
  static const int just[4] = {1, 0, 0, 0}, cooperated[4] = {1, 0, 1, 1};
  for (int i = 0; i < 4; ++i) {
    const int64_t before[2] = {t.just_punishers_selected, t.cooperators_selected};
    marl_tally_partner(&t, i);
    CU_ASSERT_EQUAL(t.just_punishers_selected - before[0], just[i]);
    CU_ASSERT_EQUAL(t.cooperators_selected - before[1], cooperated[i]);
  }
  CU_ASSERT_EQUAL(t.selections, 4);
  marl_tally_clear(&t);
}

static void test_sources_switch_what_changes_a_reputation(void) {
  for (int source = 0; source < 4; ++source) {
    int32_t score[2] = {0};
    MarlReputation r = {.source = (MarlReputationSource)source, .num_agents = 2, .score = score};
    marl_reputation_played(&r, 0, MARL_COOPERATE);
    marl_reputation_judged(&r, 1, MARL_PUNISH, 0, MARL_COOPERATE, 1);
    const bool play = source == MARL_REPUTATION_PLAY || source == MARL_REPUTATION_PLAY_PUNISH;
    const bool punish = source == MARL_REPUTATION_PUNISH || source == MARL_REPUTATION_PLAY_PUNISH;
    CU_ASSERT_EQUAL(score[0], play ? 1 : 0);
    CU_ASSERT_EQUAL(score[1], punish ? -3 : 0);
  }
}

/* One cycle in which everybody chooses action `i % 2` by parity of the decision number. */
static void count_cycle(const char *mechanisms, int64_t decisions) {
  const MarlDilemmaRules rules = paper(mechanisms, MARL_MATCHING_RANDOM);
  MarlPopulation *p = make(&rules);
  int choices[5] = {0, 1, 0, 1, 0}, rounds = 0;
  while (p->cycle == 0) {
    for (int i = 0; i < marl_population_pending(p); ++i) {
      const int agent = marl_population_decider(p, i);
      CU_ASSERT(agent >= 0 && agent < 5);
      if (p->phase == MARL_ROLE_PUNISH && p->now.judge[i].from == MARL_OUTSIDE) {
        CU_ASSERT_NOT_EQUAL(agent, p->now.player[0]);
        CU_ASSERT_NOT_EQUAL(agent, p->now.player[1]);
      }
    }
    rounds += marl_population_apply(p, choices);
  }
  CU_ASSERT_EQUAL(rounds, 50);
  CU_ASSERT_EQUAL(p->tally.plays, 100);
  CU_ASSERT_EQUAL(p->tally.decisions, decisions);
  marl_population_destroy(&p);
}

static void test_a_cycle_has_50_rounds_100_plays_and_0_100_or_200_verdicts(void) {
  count_cycle("custom", 0);
  count_cycle("direct", 100);
  count_cycle("third_party", 100);
  count_cycle("direct+third_party", 200);
}

static void test_welfare_of_uniform_play_is_the_table_times_the_plays(void) {
  const MarlDilemmaRules rules = paper("direct+third_party", MARL_MATCHING_RANDOM);
  MarlPopulation *p = make(&rules);
  const int defect[2] = {1, 1}, punish[4] = {1, 1, 1, 1};
  while (p->cycle == 0) marl_population_apply(p, p->phase == MARL_ROLE_PLAY ? defect : punish);
  double m[MARL_NUM_DILEMMA_METRICS];
  marl_tally_metrics(&p->tally, 50, 1, m, NULL);
  /* 100 plays of P = 1, 200 fines of 3, 100 direct and 100 outside just rewards of 2; exact */
  UNIT_NEAR(m[MARL_METRIC_GROSS_WELFARE], 100, 0);
  UNIT_NEAR(m[MARL_METRIC_WELFARE], 100 - 600 + 400, 0);
  UNIT_NEAR(m[MARL_METRIC_PUBLISHED_WELFARE], 100 - 600 + 200, 0);
  UNIT_NEAR(m[MARL_METRIC_PUNISHMENT_RATE], 1, 0);
  UNIT_NEAR(m[MARL_METRIC_JUST_SHARE], 1, 0);
  UNIT_NEAR(m[MARL_METRIC_COOPERATION], 0, 0);
  double sum = 0;
  for (int i = 0; i < 5; ++i) sum += p->tally.reward[i];
  UNIT_NEAR(sum, m[MARL_METRIC_WELFARE], 0);
  marl_population_destroy(&p);
}

static void test_partners_and_third_parties_are_drawn_uniformly(void) {
  MarlDilemmaRules rules = paper("third_party", MARL_MATCHING_RANDOM);
  rules.rounds = 1;
  MarlPopulation *p = make(&rules);
  int met[5][5] = {{0}}, judged[5] = {0}, alike = 0;
  const int choices[4] = {0, 0, 0, 0};
  const int cycles = 4000;
  while (p->cycle < cycles) {
    if (!marl_population_apply(p, choices)) continue;
    ++met[p->finished.player[0]][p->finished.player[1]];
    for (int i = 0; i < 2; ++i) ++judged[p->finished.judge[i].agent];
    alike += p->finished.judge[0].agent == p->finished.judge[1].agent;
  }
  /* with replacement, and each on its own: 20,000 rounds, one third; five deviations are 333 */
  UNIT_NEAR(alike, 5.0 * cycles / 3, 333);
  for (int i = 0; i < 5; ++i) {
    CU_ASSERT_EQUAL(met[i][i], 0);
    for (int j = 0; j < 5; ++j) /* binomial(4000, 1/4): five standard deviations are 137 */
      if (j != i) UNIT_NEAR(met[i][j], cycles / 4.0, 137);
    /* 40,000 verdicts, a fifth each; five standard deviations of the binomial are 400 */
    UNIT_NEAR(judged[i], 2.0 * cycles, 400);
  }
  marl_population_destroy(&p);
}

static void test_the_connected_caveman_graph_is_a_ring_of_turned_cliques(void) {
  MarlError err;
  MarlGraph g;
  UNIT_OK(marl_graph_create(
      &(MarlGraphParams){.kind = MARL_GRAPH_CAVEMAN, .num_agents = 25, .community = 5}, &g, &err));
  int edges = 0;
  for (int i = 0; i < 25; ++i) {
    edges += g.degree[i];
    for (int j = 0; j < g.degree[i]; ++j) /* symmetric */
      CU_ASSERT_TRUE(marl_graph_linked(&g, marl_graph_neighbor(&g, i, j), i));
  }
  CU_ASSERT_EQUAL(edges, 2 * 5 * 10); /* five cliques of ten edges, none added or lost */
  CU_ASSERT_FALSE(marl_graph_linked(&g, 5, 6));
  CU_ASSERT_TRUE(marl_graph_linked(&g, 5, 4));
  CU_ASSERT_TRUE(marl_graph_linked(&g, 0, 24));
  CU_ASSERT_EQUAL(g.max_degree, 5);
  marl_graph_clear(&g);
  UNIT_ERROR(marl_graph_create(
                 &(MarlGraphParams){.kind = MARL_GRAPH_CAVEMAN, .num_agents = 24, .community = 5},
                 &g, &err),
             MARL_ECONFIG, "community");
}

static int script(int64_t step, int decision) {
  return (int)marl_below(marl_key(6, MARL_STREAM_POLICY), (uint64_t)(8 * step + decision), 2);
}

/* `steps` phases of scripted choices from number `from` on. */
static void live(MarlPopulation *p, int64_t from, int64_t steps) {
  for (int64_t t = from; t < from + steps; ++t) {
    int choice[8];
    for (int i = 0; i < 8; ++i) choice[i] = script(t, i);
    marl_population_apply(p, choice);
  }
}

static void image_of(const MarlPopulation *p, void **bytes, size_t *size) {
  MarlError err;
  MarlStore *store = NULL;
  UNIT_OK(marl_store_create_memory(&store, &err));
  UNIT_OK(marl_population_save(p, store, &err));
  UNIT_OK(marl_store_image(store, bytes, size, &err));
  marl_store_close(&store);
}

static void copy_of(const MarlPopulation *from, MarlPopulation *to) {
  MarlError err;
  MarlStore *store = NULL;
  void *bytes = NULL;
  size_t size = 0;
  image_of(from, &bytes, &size);
  UNIT_OK(marl_store_open_image(bytes, size, &store, &err));
  UNIT_OK(marl_population_load(to, store, &err));
  marl_store_close(&store);
  free(bytes);
}

/* Nothing is forgotten: who was fined how often and by whom, views of each other, traces. A copy, by the
 * way of a store as everywhere, is taken between a fine and the act that answers it, too: after every phase. */
static void test_a_copy_lives_the_same_life(void) {
  enum { BEFORE = 40, AFTER = 60 };
  MarlDilemmaRules rules =
      paper("direct+third_party+metanorm+graduated(fines=1;2;5)+adaptive(rate=0.25)",
            MARL_MATCHING_SELECT);
  rules.individual_reputation = true;
  rules.intrinsic = (MarlIntrinsic){.disadvantage = 1, .trace = 0.5};
  for (int64_t before = BEFORE; before < BEFORE + 8; ++before) {
    MarlPopulation *p = make(&rules), *copy = make(&rules);
    live(p, 0, before);
    live(copy, 7, 20); /* whatever it did before */
    copy_of(p, copy);
    live(p, before, AFTER);
    live(copy, before, AFTER);
    void *own = NULL, *copied = NULL;
    size_t size = 0, copied_size = 0;
    image_of(p, &own, &size);
    image_of(copy, &copied, &copied_size);
    CU_ASSERT_EQUAL_FATAL(size, copied_size);
    UNIT_BITS_EQUAL(own, copied, size);
    free(own), free(copied);
    marl_population_destroy(&p), marl_population_destroy(&copy);
  }
}

static CU_TestInfo tests[] = {
    {"a copy lives the same life", test_a_copy_lives_the_same_life},
    {"one directly punished round by hand", test_one_directly_punished_round_by_hand},
    {"the price list says who pays what", test_the_price_list_says_who_pays_what},
    {"individual views add the victim's and the avenged",
     test_individual_views_add_the_victims_and_the_avenged},
    {"a third party's fine in everybody's view", test_a_third_partys_fine_in_everybodys_view},
    {"partners are judged by what they did the cycle before",
     test_partners_are_judged_by_what_they_did_the_cycle_before},
    {"sources switch what changes a reputation", test_sources_switch_what_changes_a_reputation},
    {"a cycle has 50 rounds, 100 plays and 0, 100 or 200 verdicts",
     test_a_cycle_has_50_rounds_100_plays_and_0_100_or_200_verdicts},
    {"welfare of uniform play is the table times the plays",
     test_welfare_of_uniform_play_is_the_table_times_the_plays},
    {"partners and third parties are drawn uniformly",
     test_partners_and_third_parties_are_drawn_uniformly},
    {"the connected caveman graph is a ring of turned cliques",
     test_the_connected_caveman_graph_is_a_ring_of_turned_cliques},
    CU_TEST_INFO_NULL,
};
static CU_SuiteInfo suites[] = {{"population", NULL, NULL, NULL, NULL, tests}, CU_SUITE_INFO_NULL};
UNIT_MAIN(suites)
