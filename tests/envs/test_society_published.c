/* The transitions of profile `paper`: those of the public code of Dasgupta and Musolesi 2025. */
#include "tests/envs/society_book.h"

/* The public code: next play state [other's act, own act] of the same two, a verdict's next state
 * its own, a selection stored every round with the scores of now; nothing ends. */
static void test_published_transitions_are_those_of_the_public_code(void) {
  static const char *const settings[] = {"num_agents", "3",      "matching",    "select",
                                         "mechanism",  "direct", "observation", "raw",
                                         "rounds",     "2",      NULL};
  MarlError err;
  static Book book;
  MarlDilemmaRules rules;
  MarlPopulation *population = NULL;
  MarlProtocol protocol;
  read_settings(settings, &rules);
  UNIT_OK(marl_population_create(&rules, &population, &err));
  UNIT_OK(marl_protocol_create(population, MARL_TRANSITIONS_PUBLISHED, false, &protocol, &err));
  memset(&book, 0, sizeof book);
  book.base = (MarlDilemmaLearners){choose, learn};
  book.population = population;
  int rounds = 0;
  while (population->cycle < 4) {
    int before[MAX_AGENTS][ROLES];
    for (int i = 0; i < 3; ++i)
      for (int r = 0; r < ROLES; ++r) before[i][r] = book.stream[i][r].count;
    const int64_t played = population->tally.rounds;
    marl_protocol_phase(&protocol, &book.base);
    if (population->tally.rounds == played) continue;
    ++rounds;
    const MarlRound *round = &population->finished;
    for (int side = 0; side < 2; ++side) {
      const int own = round->player[side], other = round->player[1 - side];
      const Learned *play = &book.stream[own][MARL_ROLE_PLAY].learned[before[own][MARL_ROLE_PLAY]];
      CU_ASSERT_EQUAL(book.stream[own][MARL_ROLE_PLAY].count, before[own][MARL_ROLE_PLAY] + 1);
      CU_ASSERT_EQUAL(play->choice, round->action[side]);
      UNIT_NEAR((double)play->reward, (double)round->reward[side], 0);
      CU_ASSERT(play->next[0] == (float)round->action[1 - side]);
      CU_ASSERT(play->next[1] == (float)round->action[side]);
      CU_ASSERT_FALSE(play->end);
      const Learned *verdict =
          &book.stream[other][MARL_ROLE_PUNISH].learned[before[other][MARL_ROLE_PUNISH]];
      UNIT_BITS_EQUAL(verdict->next, verdict->obs, sizeof verdict->obs);
      CU_ASSERT_FALSE(verdict->end);
    }
    const int selector = round->player[0];
    const Stream *select = &book.stream[selector][MARL_ROLE_SELECT];
    CU_ASSERT_EQUAL(select->count, before[selector][MARL_ROLE_SELECT] + 1);
    UNIT_NEAR((double)select->learned[select->count - 1].reward, (double)round->reward[0], 0);
    for (int whom = 0; whom < 3; ++whom)
      CU_ASSERT(select->learned[select->count - 1].next[whom] ==
                (float)marl_reputation_of(&population->reputation, selector, whom));
  }
  CU_ASSERT_EQUAL(rounds, 4 * 3 * 2);
  marl_protocol_clear(&protocol);
  marl_population_destroy(&population);
}

static int go_on(MarlDilemmaLearners *base, int agent, MarlDilemmaRole role, const float *obs) {
  ((Book *)base)->stream[agent][role].decisions++;
  (void)obs;
  return MARL_COOPERATE;
}

/* Two rounds of two moves, and nobody stops: the last move of either player is terminal, with the
 * running reward: -1, 5 - 1, 4 - 1 and 5 - 1 + 5 - 1 by the one who moves. */
static void test_a_centipede_ends_with_the_last_move_of_each(void) {
  static const char *const settings[] = {"num_agents", "2", "game", "centipede",
                                         "rounds",     "2", NULL};
  static const double reward[2][2] = {{-1, 3}, {4, 8}};
  MarlError err;
  static Book book;
  MarlDilemmaRules rules;
  MarlPopulation *population = NULL;
  MarlProtocol protocol;
  read_settings(settings, &rules);
  UNIT_OK(marl_population_create(&rules, &population, &err));
  UNIT_OK(marl_protocol_create(population, MARL_TRANSITIONS_PUBLISHED, false, &protocol, &err));
  memset(&book, 0, sizeof book);
  book.base = (MarlDilemmaLearners){go_on, learn};
  book.population = population;
  for (int move = 0; move < 4; ++move) marl_protocol_phase(&protocol, &book.base);
  for (int side = 0; side < 2; ++side) {
    const Stream *play = &book.stream[side][MARL_ROLE_PLAY];
    CU_ASSERT_EQUAL_FATAL(play->count, 2);
    for (int k = 0; k < 2; ++k) {
      CU_ASSERT_EQUAL(play->learned[k].end, k == 1);
      UNIT_NEAR((double)play->learned[k].reward, reward[side][k], 0);
    }
  }
  marl_protocol_clear(&protocol);
  marl_population_destroy(&population);
}

static void test_a_new_partner_every_round_has_no_published_transition(void) {
  static const char *const settings[] = {"rematch", "true", NULL};
  MarlError err;
  MarlDilemmaRules rules;
  MarlProfile profile = marl_profile_named(0);
  MarlSociety *society = NULL;
  read_settings(settings, &rules);
  const MarlKey key = key_of(0);
  UNIT_ERROR(marl_society_create(&rules, &profile, key, &society, &err), MARL_ECONFIG,
             "who is gone; set learner.transitions: next_decision");
  profile.transitions = MARL_TRANSITIONS_NEXT_DECISION;
  UNIT_OK(marl_society_create(&rules, &profile, key, &society, &err));
  marl_society_destroy(&society);
  profile = marl_profile_named(1);
  UNIT_OK(marl_society_create(&rules, &profile, key, &society, &err));
  marl_society_destroy(&society);
}

static CU_TestInfo tests[] = {
    {"published transitions are those of the public code",
     test_published_transitions_are_those_of_the_public_code},
    {"a centipede ends with the last move of each",
     test_a_centipede_ends_with_the_last_move_of_each},
    {"a new partner every round has no published transition",
     test_a_new_partner_every_round_has_no_published_transition},
    CU_TEST_INFO_NULL,
};
static CU_SuiteInfo suites[] = {{"published transitions", NULL, NULL, NULL, NULL, tests},
                                CU_SUITE_INFO_NULL};
UNIT_MAIN(suites)
