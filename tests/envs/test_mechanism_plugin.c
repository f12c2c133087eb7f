/* Mechanisms as names: what a list of them means, and one that a program brings itself. */
#include "envs/society/population.h"
#include "tests/envs/with_mechanisms.h"
#include "tests/unit.h"

static MarlDilemmaRules rules_of(const char *mechanisms) {
  const MarlDilemmaRules rules = {.num_agents = 5,
                                  .rounds = 4,
                                  .cycles = 1,
                                  .game = marl_game_named("prisoners_dilemma"),
                                  .graph = {.num_agents = 5},
                                  .prices = {.fine = 3, .just_reward = 2, .unjust_reward = -10},
                                  .reputation = MARL_REPUTATION_PLAY_PUNISH};
  return with(rules, mechanisms);
}

static MarlPopulation *make(const char *mechanisms) {
  MarlError err;
  MarlPopulation *population = NULL;
  const MarlDilemmaRules rules = rules_of(mechanisms);
  UNIT_OK(marl_population_create(&rules, &population, &err));
  marl_population_reset(population, marl_key(3, MARL_STREAM_ENV));
  return population;
}

/* `phases` phases of drawn decisions. */
static void live(MarlPopulation *p, uint64_t from, int phases) {
  const MarlKey key = marl_key(9, MARL_STREAM_POLICY);
  for (int t = 0; t < phases; ++t) {
    int choice[MARL_MAX_JUDGES];
    const uint64_t first = (from + (uint64_t)t) * MARL_MAX_JUDGES;
    for (int i = 0; i < marl_population_pending(p); ++i) {
      const int agent = marl_population_decider(p, i);
      const int choices = marl_population_num_choices(p, p->phase, agent);
      choice[i] = (int)marl_below(key, first + (uint64_t)i, (uint64_t)choices);
    }
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

static void same_life(MarlPopulation *p, MarlPopulation *q) {
  void *a = NULL, *b = NULL;
  size_t size = 0, other = 0;
  image_of(p, &a, &size), image_of(q, &b, &other);
  CU_ASSERT_EQUAL_FATAL(size, other);
  UNIT_BITS_EQUAL(a, b, size);
  free(a), free(b);
}

static void test_the_order_of_the_names_does_not_matter(void) {
  static const char *const orders[] = {
      "direct+third_party+metanorm+graduated(fines=1;2;4)+adaptive(rate=0.25)",
      "adaptive(rate=0.25)+metanorm+third_party+direct+graduated(fines=1,2,4)",
      "graduated(shown=false;fines=1;2;4)+adaptive(rate=0.25)+TPPDP+metanorm"};
  MarlPopulation *first = make(orders[0]);
  live(first, 0, 300);
  for (int i = 1; i < 3; ++i) {
    MarlPopulation *p = make(orders[i]);
    live(p, 0, 300);
    same_life(first, p);
    marl_population_destroy(&p);
  }
  marl_population_destroy(&first);
}

static void test_a_combination_is_its_mechanisms(void) {
  const MarlPlugin *plugin;
  for (size_t i = 0; (plugin = marl_kind_at(&marl_kind_mechanisms, i)) != NULL; ++i) {
    const MarlCombination *combination = ((const MarlMechanismOps *)plugin)->combination;
    if (combination == NULL || combination->mechanisms[0] == '\0') continue;
    MarlPopulation *named = make(plugin->name), *listed = make(combination->mechanisms);
    live(named, 0, 100), live(listed, 0, 100);
    same_life(named, listed);
    marl_population_destroy(&named), marl_population_destroy(&listed);
  }
}

static void refuse(const char *text, const char *words) {
  MarlError err;
  MarlMechanismList list;
  const MarlCombination *combination;
  UNIT_ERROR(marl_mechanisms_parse(text, &list, &combination, &err), MARL_ECONFIG, words);
}

static void test_what_cannot_be_meant_is_refused(void) {
  refuse("metanrom", "did you mean 'metanorm'");
  refuse("direct+direct", "direct is named twice");
  refuse("DP+direct", "direct is named twice");
  refuse("DP+TPP", "who meets whom");
  refuse("DP(rate=1)", "DP has no options");
  refuse("direct+adaptive(rate=2)", "rate");
  refuse("direct+adaptive(speed=1)", "speed");
  refuse("direct+adaptive(rate", "expected NAME(key=value)");
  refuse("direct+adaptive(rate)", "expected key=value");
  refuse("direct+graduated(fines=1;2;3;4;5;6;7;8;9;10;11;12;13;14;15;16)", "at most 15");
}

/* A mechanism of a program's own: who suffers a defection may fine by `unit`, once or twice, at the
 * same price to itself; everybody sees how often the judged has been fined. */
static const MarlOption feud_options[] = {
    {"unit", MARL_OPTION_REAL, "1", 0, 10, NULL, "reward", "of a fine"}};
static const MarlMechanismState feud_states[] = {{.name = "fined", .high = 1e9}};

static void feud_ask(const MarlMechanism *own, MarlEncounter *encounter) {
  const MarlRound *now = encounter->now;
  for (int side = 0; side < 2; ++side)
    if (now->action[side] == MARL_DEFECT)
      marl_encounter_ask(encounter, own, now->player[1 - side], side, -1, MARL_DIRECT);
}

static void feud_decide(const MarlMechanism *own, MarlEncounter *encounter, MarlJudge *judge) {
  MarlRound *now = encounter->now;
  const int judged = now->player[judge->side];
  judge->fine = (float)(own->value[0] * judge->decision);
  judge->reward -= judge->fine;
  now->reward[judge->side] -= judge->fine;
  if (judge->decision > 0) marl_encounter_state(encounter, own, 0)[judged] += 1.0;
}

static int feud_columns(const MarlMechanism *own) {
  (void)own;
  return 1;
}

static void feud_observe(const MarlMechanism *own, const MarlEncounter *encounter,
                         const MarlRound *round, const MarlJudge *judge, float *out) {
  out[0] = (float)marl_encounter_state(encounter, own, 0)[round->player[judge->side]];
}

static const MarlMechanismOps feud = {
    .name = "feud",
    .summary = "who suffers a defection may fine once or twice",
    .options = feud_options,
    .num_options = 1,
    .most_asked = 2,
    .judges = true,
    .num_choices = 3,
    .num_states = 1,
    .states = feud_states,
    .num_columns = feud_columns,
    .observe = feud_observe,
    .after_moves = feud_ask,
    .decide = feud_decide,
};

static void test_a_mechanism_of_ones_own_asks_pays_shows_and_is_saved(void) {
  MarlError err;
  UNIT_OK(marl_register_mechanism(&feud, &err));
  MarlPopulation *p = make("feud(unit=0.5)");
  const int first_defects[2] = {MARL_DEFECT, MARL_COOPERATE}, twice = 2;
  for (int round = 0; round < 2; ++round) {
    CU_ASSERT_FALSE(marl_population_apply(p, first_defects));
    CU_ASSERT_EQUAL_FATAL(marl_population_pending(p), 1);
    CU_ASSERT_EQUAL(marl_population_decider(p, 0), p->now.player[1]);
    CU_ASSERT_EQUAL(marl_population_num_choices(p, MARL_ROLE_PUNISH, 0), 3);
    CU_ASSERT_EQUAL_FATAL(marl_population_obs_dim(p, MARL_ROLE_PUNISH, 0), 3);
    float obs[3];
    marl_population_observe(p, 0, obs);
    const float seen[3] = {MARL_DEFECT, MARL_COOPERATE, (float)round}; /* fined once a round */
    UNIT_BITS_EQUAL(obs, seen, sizeof seen);
    CU_ASSERT_TRUE(marl_population_apply(p, &twice));
    UNIT_NEAR(p->finished.reward[0], 4 - 2 * 0.5, 0);
    UNIT_NEAR(p->finished.judge[0].reward, -2 * 0.5, 0);
  }
  live(p, 0, 50);
  void *bytes = NULL;
  size_t size = 0;
  MarlPopulation *restored = make("feud(unit=0.5)");
  MarlStore *copy = NULL;
  image_of(p, &bytes, &size);
  UNIT_OK(marl_store_open_image(bytes, size, &copy, &err));
  UNIT_OK(marl_population_load(restored, copy, &err));
  marl_store_close(&copy);
  free(bytes);
  live(p, 50, 50), live(restored, 50, 50);
  same_life(p, restored);
  p->state[0] = -1.0; /* nobody can have been fined less than never */
  image_of(p, &bytes, &size);
  UNIT_OK(marl_store_open_image(bytes, size, &copy, &err));
  UNIT_ERROR(marl_population_load(restored, copy, &err), MARL_EIO, "fined = -1 of agent 0");
  marl_store_close(&copy);
  free(bytes);
  marl_population_destroy(&p), marl_population_destroy(&restored);
}

static void test_a_shown_mark_is_the_share_of_fines_that_stand(void) {
  MarlPopulation *p = make("direct+graduated(shown=true;fines=1;2;4)");
  const int defect[2] = {1, 1}, fine[2] = {MARL_PUNISH, MARL_FORGIVE};
  static const float shown[4] = {0.0f, 0.5f, 1.0f, 1.0f}; /* 0, 1, 2, 2 of 2 */
  for (int round = 0; round < 4; ++round) {
    float obs[2][3];
    marl_population_apply(p, defect);
    CU_ASSERT_EQUAL_FATAL(marl_population_obs_dim(p, MARL_ROLE_PUNISH, 0), 3);
    for (int judge = 0; judge < 2; ++judge) marl_population_observe(p, judge, obs[judge]);
    UNIT_NEAR(obs[0][2], shown[round], 0); /* judge 0 is asked about the selector, who is fined */
    UNIT_NEAR(obs[1][2], 0, 0);
    marl_population_apply(p, fine);
  }
  marl_population_destroy(&p);
}

static CU_TestInfo tests[] = {
    {"the order of the names does not matter", test_the_order_of_the_names_does_not_matter},
    {"a combination is its mechanisms", test_a_combination_is_its_mechanisms},
    {"what cannot be meant is refused", test_what_cannot_be_meant_is_refused},
    {"a mechanism of one's own asks, pays, shows and is saved",
     test_a_mechanism_of_ones_own_asks_pays_shows_and_is_saved},
    {"a shown mark is the share of fines that stand",
     test_a_shown_mark_is_the_share_of_fines_that_stand},
    CU_TEST_INFO_NULL,
};
static CU_SuiteInfo suites[] = {{"mechanism plugins", NULL, NULL, NULL, NULL, tests},
                                CU_SUITE_INFO_NULL};
UNIT_MAIN(suites)
