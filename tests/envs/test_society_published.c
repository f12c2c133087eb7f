/* env.transitions: published: those of the public code of Dasgupta and Musolesi 2025, through the vector
 * environment. */
#include "envs/society/published.h"

#include "tests/envs/society_book.h"

/* The same choices make the same society beside: what happened in the round that has just ended. */
static MarlPopulation *mirror(const char *const *settings, MarlKey key) {
  MarlError err;
  MarlDilemmaRules rules;
  MarlPopulation *population = NULL;
  read_settings(settings, &rules);
  UNIT_OK(marl_population_create(&rules, &population, &err));
  marl_population_reset(population, marl_key_fold(marl_key_fold(key, 0), 0)); /* first episode */
  return population;
}

/* The public code: next play state [other's act, own act] of the same two, a verdict's next state
 * its own, a selection stored every round with the scores of now; nothing ends. */
static void test_published_transitions_are_those_of_the_public_code(void) {
  static const char *const settings[] = {
      "num_agents", "3", "matching",    "select",    "mechanism", "direct", "observation", "raw",
      "rounds",     "2", "transitions", "published", "cycles",    "9",      NULL};
  MarlError err;
  static Book book;
  MarlVecEnv *vec = society(settings, key_of(0));
  MarlPopulation *population = mirror(settings, key_of(0));
  const MarlEnvSpec *spec = marl_vec_env_spec(vec);
  MarlBatch *b = marl_vec_env_batch(vec);
  memset(&book, 0, sizeof book);
  int rounds = 0, selected[3] = {-1, -1, -1};
  while (population->cycle < 4) {
    int choices[MARL_MAX_JUDGES] = {0};
    act(spec, b, &book);
    for (int i = 0; i < marl_population_pending(population); ++i) {
      const int agent = marl_population_decider(population, i);
      CU_ASSERT_TRUE(b->active[agent]);
      choices[i] = (int)b->act[agent];
      if (population->phase == MARL_ROLE_SELECT) selected[agent] = choices[i];
    }
    note_decisions(spec, b, &book);
    UNIT_OK(marl_vec_env_step(vec, &err));
    if (!marl_population_apply(population, choices)) {
      CU_ASSERT_EQUAL(b->num_transitions[0], 0);
      continue;
    }
    ++rounds;
    const MarlRound *round = &population->finished;
    CU_ASSERT_EQUAL_FATAL(b->num_transitions[0], 1 + 2 + 2);
    const MarlTransition *t = b->transition;
    CU_ASSERT_EQUAL(t->agent, round->player[0]);
    CU_ASSERT_EQUAL(role_of(spec, t->role), MARL_ROLE_SELECT);
    CU_ASSERT_EQUAL(t->choice, selected[t->agent]);
    UNIT_NEAR((double)t->reward, (double)round->reward[0], 0);
    for (int whom = 0; whom < 3; ++whom)
      CU_ASSERT(t->next_obs[whom] ==
                (float)marl_reputation_of(&population->reputation, t->agent, whom));
    for (int side = 0; side < 2; ++side) {
      const MarlTransition *play = ++t;
      CU_ASSERT_EQUAL(play->agent, round->player[side]);
      CU_ASSERT_EQUAL(play->choice, round->action[side]);
      UNIT_NEAR((double)play->reward, (double)round->reward[side], 0);
      CU_ASSERT(play->next_obs[0] == (float)round->action[1 - side]);
      CU_ASSERT(play->next_obs[1] == (float)round->action[side]);
      CU_ASSERT_FALSE(play->terminal);
    }
    for (int i = 0; i < 2; ++i) {
      const MarlTransition *verdict = ++t;
      CU_ASSERT_EQUAL(verdict->agent, round->judge[i].agent);
      CU_ASSERT_EQUAL(verdict->choice, round->judge[i].decision);
      UNIT_NEAR((double)verdict->reward, (double)round->judge[i].utility, 0);
      UNIT_BITS_EQUAL(verdict->next_obs, verdict->obs, 2 * sizeof(float));
      CU_ASSERT_FALSE(verdict->terminal);
    }
  }
  CU_ASSERT_EQUAL(rounds, 4 * 3 * 2);
  marl_population_destroy(&population);
  marl_vec_env_destroy(&vec);
}

typedef struct Hand {
  int agent, role, choice;
  float reward, obs[2], next[2];
} Hand;

/* Two agents, raw codes (C 0, D 1, unknown 2), R, S, T, P = 3, 0, 4, 1, fine 3, prices 2 and -10. In the
 * first round 0 cooperates and 1 defects; each judges the other, and both punish: 0 justly, 1 not. In
 * the second both cooperate and forgive. Decisions that are asked twice of the same agent are none. */
static void test_two_rounds_by_hand(void) {
  static const char *const settings[] = {"num_agents",  "2",         "mechanism", "direct",
                                         "observation", "raw",       "rounds",    "2",
                                         "transitions", "published", NULL};
  enum { PLAY, PUNISH };
  static const int moves[4][2] = {{0, 1}, {1, 1}, {0, 0}, {0, 0}}; /* of agents 0 and 1, by step */
  static const Hand expected[2][4] = {{{0, PLAY, 0, 0 - 3, {2, 2}, {1, 0}},
                                       {1, PLAY, 1, 4 - 3, {2, 2}, {0, 1}},
                                       {0, PUNISH, 1, 2, {1, 0}, {1, 0}},
                                       {1, PUNISH, 1, -10, {0, 1}, {0, 1}}},
                                      {{0, PLAY, 0, 3, {1, 0}, {0, 0}},
                                       {1, PLAY, 0, 3, {0, 1}, {0, 0}},
                                       {0, PUNISH, 0, 0, {0, 0}, {0, 0}},
                                       {1, PUNISH, 0, 0, {0, 0}, {0, 0}}}};
  MarlError err;
  MarlVecEnv *vec = society(settings, key_of(0));
  MarlBatch *b = marl_vec_env_batch(vec);
  for (int step = 0; step < 4; ++step) {
    b->act[0] = (float)moves[step][0], b->act[1] = (float)moves[step][1];
    UNIT_OK(marl_vec_env_step(vec, &err));
    CU_ASSERT_EQUAL_FATAL(b->num_transitions[0], step % 2 == 0 ? 0 : 4);
    for (int k = 0; k < b->num_transitions[0]; ++k) {
      const MarlTransition *t = &b->transition[k];
      const Hand *h = NULL; /* judges are called in the order of whom they judge */
      for (int i = 0; i < 4; ++i)
        if (expected[step / 2][i].agent == t->agent && expected[step / 2][i].role == t->role)
          h = &expected[step / 2][i];
      CU_ASSERT_PTR_NOT_NULL_FATAL(h);
      CU_ASSERT_EQUAL(t->choice, h->choice);
      UNIT_NEAR(t->reward, h->reward, 0);
      UNIT_BITS_EQUAL(t->obs, h->obs, sizeof h->obs);
      UNIT_BITS_EQUAL(t->next_obs, h->next, sizeof h->next);
      CU_ASSERT_FALSE(t->terminal);
    }
  }
  marl_vec_env_destroy(&vec);
}

/* Two rounds of two moves, and nobody stops: the last move of either player is terminal, with the
 * running reward: -1, 5 - 1, 4 - 1 and 5 - 1 + 5 - 1 by the one who moves. */
static void test_a_centipede_ends_with_the_last_move_of_each(void) {
  static const char *const settings[] = {
      "num_agents", "2", "game", "centipede", "rounds", "2", "transitions", "published", NULL};
  static const double reward[2][2] = {{-1, 3}, {4, 8}};
  MarlError err;
  MarlVecEnv *vec = society(settings, key_of(0));
  MarlBatch *b = marl_vec_env_batch(vec);
  for (int move = 0; move < 4; ++move) {
    b->act[0] = b->act[1] = MARL_COOPERATE;
    UNIT_OK(marl_vec_env_step(vec, &err));
    CU_ASSERT_EQUAL_FATAL(b->num_transitions[0], 1);
    const MarlTransition *t = b->transition;
    CU_ASSERT_EQUAL(t->agent, move % 2);
    CU_ASSERT_EQUAL(t->terminal, move >= 2);
    UNIT_NEAR((double)t->reward, reward[move % 2][move / 2], 0);
  }
  marl_vec_env_destroy(&vec);
}

/* The last round of a pairing has no future, in the published order too. */
static void test_pairings_can_end_in_the_published_order(void) {
  static const char *const settings[] = {
      "matching", "select",       "mechanism", "direct",      "cycles",    "3", "rounds",
      "4",        "pairings_end", "true",      "transitions", "published", NULL};
  static Book book;
  by_script(settings, key_of(0), &book);
  int ended[ROLES] = {0}, all[ROLES] = {0};
  for (int i = 0; i < 5; ++i)
    for (int r = 0; r < ROLES; ++r)
      for (int t = 0; t < book.stream[i][r].count; ++t) {
        ended[r] += book.stream[i][r].learned[t].end;
        ++all[r];
      }
  CU_ASSERT_EQUAL(all[MARL_ROLE_SELECT], 5 * 3 * 4);
  CU_ASSERT_EQUAL(ended[MARL_ROLE_SELECT], 5 * 3);
  CU_ASSERT_EQUAL(all[MARL_ROLE_PLAY], 2 * 5 * 3 * 4);
  CU_ASSERT_EQUAL(ended[MARL_ROLE_PLAY], 2 * 5 * 3);
  CU_ASSERT_EQUAL(ended[MARL_ROLE_PUNISH], 2 * 5 * 3);
}

static void test_a_new_partner_every_round_has_no_published_transition(void) {
  static const struct {
    const char *key, *value, *words;
  } wrong[] = {{"transitions", "published", "who is gone; set env.transitions: next_decision"},
               {"pairings_end", "true", "env.pairings_end ends nothing"}};
  for (int k = 0; k < 2; ++k) {
    const char *const settings[] = {"rematch", "true", wrong[k].key, wrong[k].value, NULL};
    MarlError err;
    MarlDilemmaRules rules;
    MarlSection *config = section(settings);
    UNIT_ERROR(marl_dilemma_rules_read(config, &rules, &err), MARL_ECONFIG, wrong[k].words);
    marl_section_destroy(&config);
  }
}

static CU_TestInfo tests[] = {
    {"published transitions are those of the public code",
     test_published_transitions_are_those_of_the_public_code},
    {"two rounds by hand", test_two_rounds_by_hand},
    {"a centipede ends with the last move of each",
     test_a_centipede_ends_with_the_last_move_of_each},
    {"pairings can end in the published order", test_pairings_can_end_in_the_published_order},
    {"a new partner every round has no published transition",
     test_a_new_partner_every_round_has_no_published_transition},
    CU_TEST_INFO_NULL,
};
static CU_SuiteInfo suites[] = {{"published transitions", NULL, NULL, NULL, NULL, tests},
                                CU_SUITE_INFO_NULL};
UNIT_MAIN(suites)
