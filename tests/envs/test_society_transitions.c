/* The rules of a society stand twice: in the environment `dilemma`, which any learner can use, and in
 * the society engine. Here the same scripted choices go through both, and every transition that is
 * learned from is compared: observation, action, reward, next observation, end. */
#include "envs/env_table.h"
#include "tests/envs/society_book.h"

/* The role `name` of the environment, as the population counts them. */
static int role_of(const MarlEnvSpec *spec, int number) {
  int role = 0;
  while (strcmp(marl_dilemma_role_names[role], spec->roles[number].name) != 0) ++role;
  return role;
}

/* One environment, read as marl/learn/transitions.h reads it. */
typedef struct Io {
  float obs[MAX_AGENTS * WIDE], act[MAX_AGENTS], reward[MAX_AGENTS * ROLES];
  float metrics[MARL_NUM_DILEMMA_METRICS];
  uint8_t role[MAX_AGENTS], active[MAX_AGENTS], terminated[MAX_AGENTS];
} Io;

static void decide(const MarlEnvSpec *spec, Io *io, const MarlPopulation *dims, Book *book) {
  for (int i = 0; i < spec->num_agents; ++i) {
    if (!io->active[i]) continue;
    const int role = role_of(spec, io->role[i]);
    Stream *s = &book->stream[i][role];
    const float *obs = io->obs + (ptrdiff_t)i * spec->obs_dim;
    const int dim = marl_population_obs_dim(dims, (MarlDilemmaRole)role, i);
    if (s->is_open) {
      memcpy(s->open.next, obs, (size_t)dim * sizeof *obs);
      s->learned[s->count++] = s->open;
    }
    const int choices = marl_population_num_choices(dims, (MarlDilemmaRole)role, i);
    s->open = (Learned){.choice = script(i, role, s->decisions++, choices)};
    memcpy(s->open.obs, obs, (size_t)dim * sizeof *obs);
    s->is_open = true;
    io->act[i] = (float)s->open.choice;
  }
}

static void by_environment(const char *const *settings, MarlKey key, Book *book) {
  MarlError err;
  MarlSection *config = section(settings);
  const MarlEnvOps *ops = NULL;
  MarlEnv *env = NULL;
  MarlDilemmaRules rules;
  MarlPopulation *dims = NULL; /* for the length of observations on a graph */
  UNIT_OK(marl_env_find(marl_env_table, "dilemma", &ops, &err));
  UNIT_OK(ops->create(config, MPI_COMM_SELF, &env, &err));
  UNIT_OK(marl_dilemma_rules_read(config, &rules, &err));
  UNIT_OK(marl_population_create(&rules, &dims, &err));
  const MarlEnvSpec *spec = &env->spec;
  CU_ASSERT_FATAL(spec->num_agents <= MAX_AGENTS && spec->obs_dim <= WIDE);
  static Io io;
  const MarlEnvIo bound = {.obs = io.obs,
                           .act = io.act,
                           .reward = io.reward,
                           .role = io.role,
                           .active = io.active,
                           .terminated = io.terminated,
                           .metrics = io.metrics};
  memset(book, 0, sizeof *book);
  memset(&io, 0, sizeof io);
  UNIT_OK(ops->reset(env, key, &bound, &err));
  do {
    decide(spec, &io, dims, book);
    UNIT_OK(ops->step(env, &bound, &err));
    for (int i = 0; i < spec->num_agents; ++i)
      for (int r = 0; r < spec->num_roles; ++r) {
        Stream *s = &book->stream[i][role_of(spec, r)];
        /* nothing is earned in a role before its first decision, but a gift of a centipede */
        if (!s->is_open && !rules.game.alternating)
          CU_ASSERT(io.reward[i * spec->num_roles + r] == 0.0f);
        s->open.reward += io.reward[i * spec->num_roles + r];
      }
  } while (!io.terminated[0]);
  for (int i = 0; i < spec->num_agents; ++i)
    for (int r = 0; r < ROLES; ++r) book->stream[i][r].open.end = true;
  marl_population_destroy(&dims);
  ops->destroy(env);
  marl_section_destroy(&config);
}

static void same(const Learned *a, const Learned *b) {
  UNIT_BITS_EQUAL(a->obs, b->obs, sizeof a->obs);
  UNIT_BITS_EQUAL(a->next, b->next, sizeof a->next);
  CU_ASSERT_EQUAL(a->choice, b->choice);
  CU_ASSERT_EQUAL(a->end, b->end);
  /* handed out in parts: sums of a few floats below 100 */
  UNIT_NEAR((double)a->reward, (double)b->reward, 1e-4);
}

static const char *const cases[][24] = {
    {"matching", "select", "mechanism", "direct+third_party", "play_sees_reputation", "true",
     "punish_sees_reputation", "true"},
    {"rematch", "true", "mechanism", "third_party", "reputation", "norm", "assessment_error", "0.1",
     "play_sees_reputation", "true"},
    {"mechanism", "third_party", "num_agents", "3", "punish_sees_reputation", "true"},
    {"mechanism", "direct+third_party+metanorm+graduated(fines=1;2;3)+adaptive(rate=0.5)",
     "individual_reputation", "true", "punish_sees_reputation", "true"},
    {"mechanism", "third_party+metanorm", "num_agents", "4", "rematch", "true"},
    {"mechanism", "direct+metanorm", "inequity_disadvantage", "0.5", "inequity_advantage", "0.25",
     "inequity_trace", "0.9", "matching", "select"},
    {"mechanism", "voluntary_pool(second_order=true)", "rematch", "true"},
    {"mechanism", "pool", "matching", "select", "select_view", "last_action"},
    {"mechanism", "indirect", "graph", "small_world", "num_agents", "7", "neighbors", "2",
     "rewiring", "0.5", "matching", "select"},
    {"game", "centipede", "mechanism", "direct+third_party", "matching", "select"},
    {"game", "centipede", "mechanism", "third_party+metanorm"},
};
enum { NUM_CASES = sizeof cases / sizeof cases[0] };

/* With 12 cycles of 4 rounds; returns its settings. */
static const char *const *read_case(int number, MarlDilemmaRules *rules) {
  static const char *settings[30] = {"cycles", "12", "rounds", "4"};
  memcpy(settings + 4, cases[number], sizeof cases[number]);
  read_settings(settings, rules);
  return settings;
}

static void test_both_learn_from_the_same_transitions(void) {
  for (int c = 0; c < NUM_CASES; ++c) {
    static Book engine, environment;
    MarlDilemmaRules rules;
    const char *const *settings = read_case(c, &rules);
    const MarlKey key = key_of(c);
    by_protocol(&rules, key, false, &engine);
    by_environment(settings, key, &environment);
    for (int i = 0; i < rules.num_agents; ++i)
      for (int r = 0; r < ROLES; ++r) {
        const Stream *a = &engine.stream[i][r], *b = &environment.stream[i][r];
        CU_ASSERT_EQUAL_FATAL(a->count, b->count);
        CU_ASSERT_EQUAL(a->decisions, b->decisions);
        for (int t = 0; t < a->count; ++t) same(&a->learned[t], &b->learned[t]);
        CU_ASSERT_EQUAL(a->is_open, b->is_open);
        if (a->is_open) same(&a->open, &b->open);
      }
  }
}

/* Where the agent really decided next, whoever its partner was then. */
static void test_a_transition_leads_to_the_agents_next_decision_in_the_role(void) {
  for (int c = 0; c < NUM_CASES; ++c) {
    static Book book;
    MarlDilemmaRules rules;
    read_case(c, &rules);
    by_protocol(&rules, key_of(c), false, &book);
    for (int i = 0; i < rules.num_agents; ++i)
      for (int r = 0; r < ROLES; ++r) {
        const Stream *s = &book.stream[i][r];
        CU_ASSERT_EQUAL(s->decisions, s->count + s->is_open); /* one a decision */
        for (int t = 0; t < s->count; ++t) {
          const Learned *next = t + 1 < s->count ? &s->learned[t + 1] : &s->open;
          UNIT_BITS_EQUAL(s->learned[t].next, next->obs, sizeof next->obs);
          CU_ASSERT_FALSE(s->learned[t].end);
        }
      }
  }
}

/* Prices are +2 for a just and -10 for an unjust fine, and a judge sees whom it judges: what the
 * verdict is worth follows from the transition alone. An accused loses the fine of 3 when a metanorm
 * has its judge punish. The one bystander of three is called twice after every round. */
static void test_every_price_is_with_its_own_verdict(void) {
  static const char *const called_twice[] = {
      "num_agents", "3", "mechanism", "third_party", "cycles", "30", "rounds", "4", NULL};
  static const char *const metanorm[] = {
      "num_agents", "5", "mechanism", "direct+third_party+metanorm", "cycles", "30",
      "rounds",     "4", NULL};
  static Book book;
  int fined = 0, twice = 0, accused = 0;
  for (int k = 0; k < 2; ++k) {
    by_environment(k == 0 ? called_twice : metanorm, key_of(k), &book);
    for (int i = 0; i < (k == 0 ? 3 : 5); ++i) {
      const Stream *s = &book.stream[i][MARL_ROLE_PUNISH];
      twice += k == 0 ? s->count : 0;
      for (int t = 0; t < s->count; ++t) {
        const Learned *l = &s->learned[t];
        const bool defected = l->obs[0] < 0.0f; /* scaled: C 1, D -1 */
        if (l->choice == MARL_PUNISH) {
          UNIT_NEAR((double)l->reward, defected ? 2 : -10, 0);
        } else if (k == 0 || !defected) {
          UNIT_NEAR((double)l->reward, 0, 0);
        } else {
          ++accused;
          fined += l->reward == -3.0f;
          CU_ASSERT(l->reward == -3.0f || l->reward == 0.0f);
        }
      }
    }
  }
  CU_ASSERT(twice > 500 && accused > 200 && fined > 50 && fined < accused);
}

/* A selection earns what the selector plays in its whole pairing, and ends with it; so does what the
 * players and judges decide in the last round; and nothing else ends. */
static void test_pairings_that_end_have_no_future(void) {
  enum { CYCLES = 6, ROUNDS = 4, AGENTS = 5 };
  static const char *const settings[] = {"matching", "select", "mechanism", "direct", "cycles",
                                         "6",        "rounds", "4",         NULL};
  static Book book;
  MarlDilemmaRules rules;
  read_settings(settings, &rules);
  by_protocol(&rules, key_of(0), true, &book);
  int ended[ROLES] = {0}, all[ROLES] = {0};
  for (int i = 0; i < AGENTS; ++i)
    for (int r = 0; r < ROLES; ++r) {
      const Stream *s = &book.stream[i][r];
      CU_ASSERT_FALSE(s->is_open); /* the last round was the last of a pairing */
      for (int t = 0; t < s->count; ++t) {
        ended[r] += s->learned[t].end;
        ++all[r];
      }
    }
  CU_ASSERT_EQUAL(all[MARL_ROLE_SELECT], AGENTS * CYCLES);
  CU_ASSERT_EQUAL(ended[MARL_ROLE_SELECT], AGENTS * CYCLES);
  CU_ASSERT_EQUAL(all[MARL_ROLE_PLAY], 2 * AGENTS * CYCLES * ROUNDS);
  CU_ASSERT_EQUAL(ended[MARL_ROLE_PLAY], 2 * AGENTS * CYCLES);
  CU_ASSERT_EQUAL(ended[MARL_ROLE_PUNISH], 2 * AGENTS * CYCLES);
  /* with new partners every round nothing ends */
  rules.matching = MARL_MATCHING_RANDOM;
  rules.rematch = true;
  by_protocol(&rules, key_of(0), true, &book);
  for (int i = 0; i < AGENTS; ++i)
    for (int r = 0; r < ROLES; ++r)
      for (int t = 0; t < book.stream[i][r].count; ++t)
        CU_ASSERT_FALSE(book.stream[i][r].learned[t].end);
}

static CU_TestInfo tests[] = {
    {"a transition leads to the agent's next decision in the role",
     test_a_transition_leads_to_the_agents_next_decision_in_the_role},
    {"every price is with its own verdict", test_every_price_is_with_its_own_verdict},
    {"pairings that end have no future", test_pairings_that_end_have_no_future},
    {"both learn from the same transitions", test_both_learn_from_the_same_transitions},
    CU_TEST_INFO_NULL,
};
static CU_SuiteInfo suites[] = {{"transitions of a society", NULL, NULL, NULL, NULL, tests},
                                CU_SUITE_INFO_NULL};
UNIT_MAIN(suites)
