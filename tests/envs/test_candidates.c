/* Partner selection from lists of candidates: which lists, what is seen of them, whom a choice meets. */
#include "envs/society/population.h"
#include "tests/envs/with_mechanisms.h"
#include "tests/unit.h"

static MarlDilemmaRules rules_of(int num_agents, int candidates, MarlGraphKind graph) {
  const MarlDilemmaRules rules = {.num_agents = num_agents,
                                  .rounds = 2,
                                  .cycles = 1,
                                  .game = marl_game_named("prisoners_dilemma"),
                                  .matching = MARL_MATCHING_SELECT,
                                  .candidates = candidates,
                                  .graph = {.kind = graph, .num_agents = num_agents},
                                  .prices = {.fine = 3, .just_reward = 2, .unjust_reward = -10},
                                  .reputation = MARL_REPUTATION_PLAY_PUNISH,
                                  .play_sees_reputation = true};
  return with(rules, "third_party");
}

static MarlPopulation *make(const MarlDilemmaRules *rules) {
  MarlError err;
  MarlPopulation *population = NULL;
  UNIT_OK(marl_population_create(rules, &population, &err));
  marl_population_reset(population, marl_key(3, MARL_STREAM_ENV));
  return population;
}

/* Every agent's score is its number, so that a row of scores is a list of agents. */
static void number_scores(MarlPopulation *p) {
  for (int i = 0; i < p->rules.num_agents; ++i) p->reputation.score[i] = i;
}

/* Each other agent is on a list with probability p = K / (N - 1), each pair of others with
 * K (K - 1) / ((N - 1) (N - 2)). The sum over agents of (count - C p)^2 / (C p (1 - p)) has as its
 * expectation the number of counts, and a deviation of at most sqrt(2 count) nearly: counts of one
 * selector are negatively correlated, which only narrows it. Five of them. */
static void test_every_list_is_as_likely_as_any_other(void) {
  enum { N = 12, K = 4, C = 3000 };
  const MarlDilemmaRules rules = rules_of(N, K, MARL_GRAPH_COMPLETE);
  MarlPopulation *p = make(&rules);
  number_scores(p);
  static int on[N][N], both[N][N][N];
  memset(on, 0, sizeof on), memset(both, 0, sizeof both);
  for (p->cycle = 0; p->cycle < C; ++p->cycle)
    for (int i = 0; i < N; ++i) {
      float row[K];
      marl_population_observe_select(p, i, row);
      for (int a = 0; a < K; ++a) {
        CU_ASSERT_NOT_EQUAL((int)row[a], i);
        if (a > 0) CU_ASSERT(row[a] > row[a - 1]);
        ++on[i][(int)row[a]];
        for (int b = 0; b < a; ++b) ++both[i][(int)row[b]][(int)row[a]];
      }
    }
  const double single = K / (N - 1.0), pair = K * (K - 1.0) / ((N - 1.0) * (N - 2.0));
  double of_one = 0, of_two = 0;
  for (int i = 0; i < N; ++i)
    for (int j = 0; j < N; ++j) {
      if (j == i) continue;
      of_one += pow(on[i][j] - C * single, 2) / (C * single * (1 - single));
      for (int k = j + 1; k < N; ++k)
        if (k != i) of_two += pow(both[i][j][k] - C * pair, 2) / (C * pair * (1 - pair));
    }
  const double ones = N * (N - 1.0), twos = N * (N - 1.0) * (N - 2.0) / 2.0;
  UNIT_NEAR(of_one, ones, 5 * sqrt(2 * ones));
  UNIT_NEAR(of_two, twos, 5 * sqrt(2 * twos));
  marl_population_destroy(&p);
}

static void test_a_choice_meets_the_candidate_of_its_column(void) {
  enum { N = 30, K = 5 };
  const MarlDilemmaRules rules = rules_of(N, K, MARL_GRAPH_COMPLETE);
  for (int column = 0; column < K; ++column) {
    MarlPopulation *p = make(&rules);
    number_scores(p);
    CU_ASSERT_EQUAL(marl_population_num_choices(p, MARL_ROLE_SELECT, 7), K);
    CU_ASSERT_EQUAL(marl_population_obs_dim(p, MARL_ROLE_SELECT, 7), K);
    float row[N][K];
    int choice[N];
    for (int i = 0; i < N; ++i) {
      marl_population_observe(p, i, row[i]);
      choice[i] = column;
    }
    marl_population_apply(p, choice);
    for (int i = 0; i < N; ++i)
      CU_ASSERT_EQUAL(marl_graph_neighbor(&p->graph, i, p->choice[i]), (int)row[i][column]);
    CU_ASSERT_EQUAL(p->now.player[1], (int)row[0][column]);
    marl_population_destroy(&p);
  }
}

/* Two societies with the same drawn decisions; `skips_itself`: rows of q lack the agent's own column. */
static void live_alike(const MarlDilemmaRules *rules_p, const MarlDilemmaRules *rules_q,
                       bool skips_itself) {
  MarlPopulation *p = make(rules_p), *q = make(rules_q);
  const MarlKey key = marl_key(9, MARL_STREAM_POLICY);
  for (uint64_t draw = 0; p->cycle < 20;) {
    int choice[16];
    for (int i = 0; i < marl_population_pending(p); ++i) {
      const int agent = marl_population_decider(p, i);
      const int choices = marl_population_num_choices(p, p->phase, agent);
      CU_ASSERT_EQUAL_FATAL(marl_population_num_choices(q, p->phase, agent), choices);
      choice[i] = (int)marl_below(key, draw++, (uint64_t)choices);
      float seen[16], of_q[16];
      marl_population_observe(p, i, seen);
      marl_population_observe(q, i, of_q);
      const int width = marl_population_obs_dim(q, p->phase, agent);
      for (int c = 0; c < width; ++c)
        UNIT_NEAR(of_q[c], seen[c + (skips_itself && p->phase == MARL_ROLE_SELECT && c >= agent)],
                  0);
    }
    marl_population_apply(p, choice), marl_population_apply(q, choice);
    UNIT_BITS_EQUAL(&p->now, &q->now, sizeof p->now);
    UNIT_BITS_EQUAL(&p->finished, &q->finished, sizeof p->finished);
  }
  UNIT_BITS_EQUAL(p->reputation.score, q->reputation.score, 9 * sizeof(int32_t));
  marl_population_destroy(&p), marl_population_destroy(&q);
}

static void test_all_others_as_candidates_are_the_published_form(void) {
  const MarlDilemmaRules published = rules_of(9, 0, MARL_GRAPH_COMPLETE);
  const MarlDilemmaRules all = rules_of(9, 8, MARL_GRAPH_COMPLETE);
  live_alike(&published, &all, true);
  const MarlDilemmaRules lattice = rules_of(9, 0, MARL_GRAPH_LATTICE);
  const MarlDilemmaRules neighbors = rules_of(9, 4, MARL_GRAPH_LATTICE);
  live_alike(&lattice, &neighbors, false);
}

/* A society of ten thousand chooses partners; before, 400 MB were for its graph alone. */
static void test_ten_thousand_agents_select(void) {
  enum { N = 10000, K = 8 };
  const MarlDilemmaRules rules = rules_of(N, K, MARL_GRAPH_COMPLETE);
  MarlPopulation *p = make(&rules);
  static int choice[N];
  int64_t decisions = 0;
  while (p->cycle == 0) {
    const int pending = marl_population_pending(p);
    decisions += pending;
    for (int i = 0; i < pending; ++i) choice[i] = (int)(decisions + i) % 2;
    marl_population_apply(p, choice);
  }
  CU_ASSERT_EQUAL(decisions,
                  N + 2 * N * (2 + 2));    /* select; two rounds of two plays, two verdicts */
  CU_ASSERT_EQUAL(p->tally.selections, 0); /* nobody did anything in a cycle before the first */
  marl_population_destroy(&p);
}

static void test_one_candidate_is_no_choice(void) {
  MarlError err;
  MarlPopulation *p = NULL;
  const MarlDilemmaRules rules = rules_of(9, 1, MARL_GRAPH_COMPLETE);
  UNIT_ERROR(marl_population_create(&rules, &p, &err), MARL_ECONFIG, "candidates");
}

static CU_TestInfo tests[] = {
    {"every list is as likely as any other", test_every_list_is_as_likely_as_any_other},
    {"a choice meets the candidate of its column", test_a_choice_meets_the_candidate_of_its_column},
    {"all others as candidates are the published form",
     test_all_others_as_candidates_are_the_published_form},
    {"ten thousand agents select", test_ten_thousand_agents_select},
    {"one candidate is no choice", test_one_candidate_is_no_choice},
    CU_TEST_INFO_NULL,
};
static CU_SuiteInfo suites[] = {{"candidates", NULL, NULL, NULL, NULL, tests}, CU_SUITE_INFO_NULL};
UNIT_MAIN(suites)
