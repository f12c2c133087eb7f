/* What a society's agents learn from in the next-decision order, whoever the learner is. */
#include "marl/learn/learner_dqn.h"
#include "tests/envs/society_book.h"

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

/* Where the agent really decided next, whoever its partner was then. */
static void test_a_transition_leads_to_the_agents_next_decision_in_the_role(void) {
  for (int c = 0; c < NUM_CASES; ++c) {
    static Book book;
    MarlDilemmaRules rules;
    by_script(read_case(c, &rules), key_of(c), &book);
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
    by_script(k == 0 ? called_twice : metanorm, key_of(k), &book);
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
  static const char *const settings[] = {"matching",     "select", "mechanism", "direct",
                                         "cycles",       "6",      "rounds",    "4",
                                         "pairings_end", "true",   NULL};
  static Book book;
  by_script(settings, key_of(0), &book);
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
}

static MarlSection *defaults(const char *name, MarlOptionTable table) {
  MarlError err;
  MarlSection *out = NULL;
  UNIT_OK(marl_section_create(name, &table, 1, &out, &err));
  return out;
}

/* Learns nothing, remembers everything; networks of each agent's own. */
static DqnLearner *learner_of(const MarlEnvSpec *spec, const char *after) {
  MarlError err;
  MarlSection *policy = defaults("policy", marl_policy_options);
  MarlSection *config = defaults(
      "learner", (MarlOptionTable){marl_learner_dqn.options, marl_learner_dqn.num_options});
  UNIT_OK(marl_section_set(policy, "sharing", "independent", "test", &err));
  UNIT_OK(marl_section_set(config, "learn_after", after, "test", &err));
  UNIT_OK(marl_section_set(config, "replay_start", "4000", "test", &err));
  UNIT_OK(marl_section_set(config, "replay_size", "4000", "test", &err));
  const MarlLearnerInit init = {.env = spec,
                                .policy = policy,
                                .num_envs = 1,
                                .num_shards = 1,
                                .own_shards = 1,
                                .num_updates = 1,
                                .seed = 3,
                                .comm = MPI_COMM_SELF};
  MarlLearner *learner = NULL;
  UNIT_OK(marl_learner_dqn.create(config, &init, &learner, &err));
  marl_section_destroy(&policy);
  marl_section_destroy(&config);
  return (DqnLearner *)learner;
}

static void same_memory(const DqnLearner *dqn, const MarlEnvSpec *spec, const Book *book) {
  for (int i = 0; i < spec->num_agents; ++i)
    for (int r = 0; r < spec->num_roles; ++r) {
      const MarlReplay *replay = marl_transitions_replay(dqn->shards[0].memory, r, i);
      const Stream *s = &book->stream[i][role_of(spec, r)];
      const size_t dim = replay->obs_dim;
      CU_ASSERT_EQUAL_FATAL(replay->size, (size_t)s->count);
      for (int t = 0; t < s->count; ++t) {
        const Learned *l = &s->learned[t];
        const float *row = replay->rows + (size_t)t * replay->stride, *tail = row + 2 * dim;
        UNIT_BITS_EQUAL(row, l->obs, dim * sizeof *row);
        if (!l->end) UNIT_BITS_EQUAL(row + dim, l->next, dim * sizeof *row);
        CU_ASSERT_EQUAL((int)tail[1], l->choice);
        CU_ASSERT_EQUAL(tail[2] > 0, l->end);
        UNIT_NEAR(tail[0], l->reward, 1e-4); /* sums of a few floats below 100 */
      }
    }
}

/* The learner's memory holds what the interface says, whenever it learns, also where pairings end and
 * where the environment gives the transitions; an episode's end ends what is open. */
static void test_a_learner_remembers_what_its_agents_went_through(void) {
  static const char *const after[] = {"interval", "transition"};
  for (int c = 0; c < 4 * NUM_CASES; ++c) {
    static Book book;
    const char *settings[34] = {NULL};
    MarlError err;
    MarlDilemmaRules rules;
    const char *const *own = read_case(c / 4, &rules);
    const char *option = c % 2 ? "pairings_end" : "transitions";
    if (rules.rematch) option = "rematch";
    size_t n = 0;
    for (; own[n] != NULL; ++n) settings[n] = own[n];
    settings[n] = option;
    settings[n + 1] = c % 2 || rules.rematch ? "true" : "published";
    MarlVecEnv *vec = society(settings, key_of(c));
    const MarlEnvSpec *spec = marl_vec_env_spec(vec);
    MarlBatch *b = marl_vec_env_batch(vec);
    DqnLearner *dqn = learner_of(spec, after[c / 2 % 2]);
    memset(&book, 0, sizeof book);
    do {
      UNIT_OK(marl_learner_dqn.act(&dqn->base, 0, b, &err));
      note_decisions(spec, b, &book);
      UNIT_OK(marl_vec_env_step(vec, &err));
      note_step(spec, b, &book);
      UNIT_OK(marl_learner_dqn.observe(&dqn->base, 0, b, &err));
    } while (!b->terminated[0]);
    for (int i = 0; i < spec->num_agents; ++i)
      for (int r = 0; r < ROLES; ++r) complete(&book.stream[i][r], NULL, 0);
    same_memory(dqn, spec, &book);
    marl_learner_dqn.destroy(&dqn->base);
    marl_vec_env_destroy(&vec);
  }
}

static CU_TestInfo tests[] = {
    {"a transition leads to the agent's next decision in the role",
     test_a_transition_leads_to_the_agents_next_decision_in_the_role},
    {"every price is with its own verdict", test_every_price_is_with_its_own_verdict},
    {"pairings that end have no future", test_pairings_that_end_have_no_future},
    {"a learner remembers what its agents went through",
     test_a_learner_remembers_what_its_agents_went_through},
    CU_TEST_INFO_NULL,
};
static CU_SuiteInfo suites[] = {{"transitions of a society", NULL, NULL, NULL, NULL, tests},
                                CU_SUITE_INFO_NULL};
UNIT_MAIN(suites)
