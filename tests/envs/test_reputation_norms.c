/* Norms as the learning society applies them, bit by bit; mechanisms by name; graphs. */
#include "envs/society/census.h"
#include "envs/society/graph.h"
#include "envs/society/mechanism.h"
#include "envs/society/reputation.h"
#include "envs/society/rules.h"
#include "tests/unit.h"

static MarlNorm norm_of(const char *text) {
  MarlError err;
  MarlNorm norm = {{{{0}}}, {{0}}};
  UNIT_OK(marl_norm_parse(text, &norm, &err));
  return norm;
}

/* New name of agent 0 (named `own`) after `action` against agent 1 (named `other`). */
static int assessed(const char *norm, int own, int other, int action, double error) {
  int32_t score[2] = {own, other};
  MarlReputation r = {.source = MARL_REPUTATION_NORM,
                      .num_agents = 2,
                      .norm = norm_of(norm),
                      .assessment_error = error,
                      .score = score};
  const int player[2] = {0, 1}, actions[2] = {action, MARL_COOPERATE};
  const bool moved[2] = {true, false};
  marl_reputation_assess(&r, player, actions, moved, marl_key(1, MARL_STREAM_ENV), 7);
  CU_ASSERT_EQUAL(score[1], other); /* who did not act keeps its name */
  return score[0];
}

/* Anastassacos et al. 2021: D to bad, D to good, C to bad, C to good. */
static void test_every_second_order_norm_is_its_four_bits(void) {
  for (int number = 0; number < 16; ++number) {
    char bits[5] = "";
    for (int i = 0; i < 4; ++i) bits[i] = (char)('0' + (number >> (3 - i) & 1));
    for (int own = 0; own < 2; ++own)
      for (int other = 0; other < 2; ++other) {
        CU_ASSERT_EQUAL(assessed(bits, own, other, MARL_DEFECT, 0), bits[other] - '0');
        CU_ASSERT_EQUAL(assessed(bits, own, other, MARL_COOPERATE, 0), bits[2 + other] - '0');
        /* every assessment wrong: every bit turned */
        CU_ASSERT_EQUAL(assessed(bits, own, other, MARL_DEFECT, 1), '1' - bits[other]);
      }
  }
}

static void test_names_are_their_bits(void) {
  static const char *const same[][2] = {
      {"image_scoring", "0011"}, {"standing", "1011"}, {"stern_judging", "1001"},
      {"shunning", "0001"},      {"all_good", "1111"}, {"all_bad", "0000"},
      {"L3", "11011101"},        {"L6", "10011001"},   {"L8", "00011001"}};
  for (size_t i = 0; i < sizeof same / sizeof *same; ++i)
    for (int bits = 0; bits < 8; ++bits)
      CU_ASSERT_EQUAL(assessed(same[i][0], bits >> 2 & 1, bits >> 1 & 1, bits & 1, 0),
                      assessed(same[i][1], bits >> 2 & 1, bits >> 1 & 1, bits & 1, 0));
  MarlError err;
  MarlNorm norm;
  UNIT_ERROR(marl_norm_parse("stern", &norm, &err), MARL_ECONFIG, "stern_judging");
  UNIT_ERROR(marl_norm_parse("10012", &norm, &err), MARL_ECONFIG, "norm");
}

/* (donor, recipient, act) = BBD BBC BGD BGC GBD GBC GGD GGC, Ohtsuki and Iwasa 2004. */
static void test_the_leading_eight_assess_by_their_tables(void) {
  static const char *const tables[8] = {"01011101", "01011001", "11011101", "10011101",
                                        "11011001", "10011001", "00011101", "00011001"};
  for (int index = 0; index < 8; ++index) {
    char name[3] = {'L', (char)('1' + index), '\0'};
    for (int bit = 0; bit < 8; ++bit) {
      const int action = (bit & 1) != 0 ? MARL_COOPERATE : MARL_DEFECT;
      CU_ASSERT_EQUAL(assessed(name, bit >> 2 & 1, bit >> 1 & 1, action, 0),
                      tables[index][bit] - '0');
    }
  }
}

/* The names here and the exact results of theory/ are of the same norms, donors' acts included. */
static void test_names_and_theory_mean_the_same_norms(void) {
  for (int index = 0; index < 8; ++index) {
    const char name[3] = {'L', (char)('1' + index), '\0'};
    const MarlNorm named = norm_of(name), exact = marl_norm_leading_eight(index);
    UNIT_BITS_EQUAL(&named, &exact, sizeof named);
  }
  const MarlNorm named = norm_of("image_scoring"), exact = marl_norm_image_scoring();
  UNIT_BITS_EQUAL(&named, &exact, sizeof named);
}

static void test_a_norm_of_ones_own_is_known_by_its_name(void) {
  static const MarlNormOps own = {.name = "forgiving",
                                  .summary = "cooperation is good, and so is what the bad do",
                                  .bits = "11110101"};
  static const MarlNormOps no_norm = {.name = "nothing", .summary = "no bits", .bits = "012"};
  MarlError err;
  UNIT_OK(marl_register_norm(&own, &err));
  const MarlNorm named = norm_of("forgiving"), bits = norm_of("11110101");
  UNIT_BITS_EQUAL(&named, &bits, sizeof named);
  CU_ASSERT_EQUAL(assessed("forgiving", MARL_BAD, MARL_GOOD, MARL_DEFECT, 0), MARL_GOOD);
  CU_ASSERT_EQUAL(assessed("forgiving", MARL_GOOD, MARL_GOOD, MARL_DEFECT, 0), MARL_BAD);
  UNIT_ERROR(marl_register_norm(&no_norm, &err), MARL_EARG, "nothing");
}

/* Both are assessed by the names from before: under stern judging two bad players that defect on
 * each other are both good; one after the other the second would be bad. */
static void test_players_are_assessed_at_once(void) {
  int32_t score[2] = {MARL_BAD, MARL_BAD};
  MarlReputation r = {.source = MARL_REPUTATION_NORM,
                      .num_agents = 2,
                      .norm = norm_of("stern_judging"),
                      .score = score};
  const int player[2] = {0, 1}, actions[2] = {MARL_DEFECT, MARL_DEFECT};
  const bool moved[2] = {true, true};
  marl_reputation_assess(&r, player, actions, moved, marl_key(1, MARL_STREAM_ENV), 0);
  CU_ASSERT_EQUAL(score[0], MARL_GOOD);
  CU_ASSERT_EQUAL(score[1], MARL_GOOD);
}

static void test_private_assessments_err_each_on_its_own(void) {
  enum { N = 100 };
  static int32_t score[N * N];
  MarlReputation r = {.source = MARL_REPUTATION_NORM,
                      .individual = true,
                      .num_agents = N,
                      .norm = norm_of("image_scoring"),
                      .assessment_error = 0.1,
                      .score = score};
  marl_reputation_reset(&r);
  int bad = 0;
  const bool moved[2] = {true, true};
  for (uint64_t round = 0; round < 50; ++round) {
    const int player[2] = {0, 1}, actions[2] = {MARL_COOPERATE, MARL_DEFECT};
    marl_reputation_assess(&r, player, actions, moved, marl_key(1, MARL_STREAM_ENV), round);
    for (int viewer = 0; viewer < N; ++viewer) bad += marl_reputation_of(&r, viewer, 0) == MARL_BAD;
  }
  /* binomial(5000, 0.1): five standard deviations are 106 */
  UNIT_NEAR(bad, 500, 106);
  CU_ASSERT_EQUAL(marl_reputation_of(&r, 3, 2), MARL_GOOD); /* who did nothing */
}

/* The names say it: S chooses partners, DP, TPP and TPPDP punish directly, from outside and both ways,
 * costly prices are the costly ones; and players see scores in the published comparison where third
 * parties punish, and where there is nothing but reputation. */
static void test_mechanisms_are_what_their_names_say(void) {
  MarlError err;
  const MarlPlugin *plugin;
  int combinations = 0;
  for (size_t m = 0; (plugin = marl_kind_at(&marl_kind_mechanisms, m)) != NULL; ++m) {
    const char *const name = plugin->name;
    if (((const MarlMechanismOps *)plugin)->combination == NULL) continue;
    ++combinations;
    const bool both = strstr(name, "TPPDP") != NULL;
    const bool outside = strstr(name, "TPP") != NULL;
    const bool direct = both || (!outside && strstr(name, "DP") != NULL);
    const bool reputation = strcmp(name, "reputation") == 0;
    const bool selects = strcmp(name, "S") == 0 || strstr(name, "-S") != NULL;
    MarlDilemmaRules rules = {.prices = {.just_reward = 2}, .reputation = MARL_REPUTATION_PLAY};
    UNIT_OK(marl_dilemma_rules_use(&rules, name, -3.0, 0, &err));
    CU_ASSERT_EQUAL(rules.matching, selects ? MARL_MATCHING_SELECT : MARL_MATCHING_RANDOM);
    CU_ASSERT_EQUAL(marl_mechanisms_have(&rules.mechanisms, "direct"), direct);
    CU_ASSERT_EQUAL(marl_mechanisms_have(&rules.mechanisms, "third_party"), outside);
    CU_ASSERT_EQUAL(rules.mechanisms.count, direct + outside);
    CU_ASSERT_EQUAL(marl_dilemma_omits_direct(&rules), both);
    CU_ASSERT(rules.prices.just_reward == (strstr(name, "costly") != NULL ? -3.0f : 2.0f));
    const bool none = strcmp(name, "none") == 0;
    CU_ASSERT_EQUAL(rules.reputation, none ? MARL_REPUTATION_NONE : MARL_REPUTATION_PLAY);
    CU_ASSERT_EQUAL(rules.play_sees_reputation, outside || reputation);
    CU_ASSERT_FALSE(rules.punish_sees_reputation);
    for (int v = 1; marl_visibility_names[v] != NULL; ++v) { /* the named ones, on any mechanism */
      UNIT_OK(marl_dilemma_rules_use(&rules, name, -3.0, v, &err));
      const char *seen = marl_visibility_names[v];
      CU_ASSERT_EQUAL(rules.play_sees_reputation, strstr(seen, "play") != NULL);
      CU_ASSERT_EQUAL(rules.punish_sees_reputation, strstr(seen, "punish") != NULL);
    }
  }
  CU_ASSERT_EQUAL(combinations, 15);
}

/* R, S, T, P of each name; a donation of b = 3 at c = 1 has R = b - c, S = -c, T = b, P = 0; drivers in
 * a snowdrift who share c = 2 for b = 4 have R = b - c / 2, S = b - c, T = b, P = 0. */
static void test_games_have_the_payoffs_of_their_names(void) {
  static const char *const names[] = {"prisoners_dilemma", "stag_hunt", "chicken",
                                      "snowdrift",         "donation",  "harmony"};
  static const double payoff[6][4] = {{3, 0, 4, 1},         {4, 0, 3, 2},      {3, 1, 4, 0},
                                      {4 - 1, 4 - 2, 4, 0}, {3 - 1, -1, 3, 0}, {4, 2, 3, 1}};
  for (int g = 0; g < 6; ++g) {
    const MarlGame game = marl_game_named(names[g]);
    UNIT_NEAR((double)game.payoff[MARL_COOPERATE][MARL_COOPERATE], payoff[g][0], 0);
    UNIT_NEAR((double)game.payoff[MARL_COOPERATE][MARL_DEFECT], payoff[g][1], 0);
    UNIT_NEAR((double)game.payoff[MARL_DEFECT][MARL_COOPERATE], payoff[g][2], 0);
    UNIT_NEAR((double)game.payoff[MARL_DEFECT][MARL_DEFECT], payoff[g][3], 0);
    CU_ASSERT_FALSE(game.alternating);
  }
  const MarlGame centipede = marl_game_named("centipede");
  CU_ASSERT(centipede.alternating && centipede.cost == 1.0f && centipede.gift == 5.0f);
}

/* What each kind of dilemma means, by the order of its payoffs. */
static void test_games_are_the_dilemmas_of_their_names(void) {
  static const struct {
    const char *name;
    bool greed, fear; /* T > R: exploiting pays; P > S: being exploited costs */
  } kinds[] = {{"prisoners_dilemma", true, true}, {"donation", true, true},
               {"stag_hunt", false, true},        {"chicken", true, false},
               {"snowdrift", true, false},        {"harmony", false, false}};
  for (size_t k = 0; k < sizeof kinds / sizeof *kinds; ++k) {
    const MarlGame game = marl_game_named(kinds[k].name);
    const float r = game.payoff[0][0], s = game.payoff[0][1];
    const float t = game.payoff[1][0], p = game.payoff[1][1];
    CU_ASSERT_EQUAL(t > r, kinds[k].greed);
    CU_ASSERT_EQUAL(p > s, kinds[k].fear);
    CU_ASSERT(r > p && 2 * r >= t + s); /* nothing is better for both together than to cooperate */
  }
}

static void test_a_game_of_ones_own_is_played_by_its_name(void) {
  static const MarlGameOps own = {.name = "deadlock",
                                  .summary = "mutual defection is best for both",
                                  .game = {.payoff = {{1, 0}, {3, 2}}}};
  static const MarlOption options[] = {MARL_GAME_OPTIONS("deadlock")};
  const MarlOptionTable table = {options, 2};
  MarlError err;
  MarlSection *section = NULL;
  MarlGame game;
  UNIT_OK(marl_register_game(&own, &err));
  UNIT_OK(marl_section_create("env", &table, 1, &section, &err));
  UNIT_OK(marl_game_read_table(section, &game, &err));
  UNIT_BITS_EQUAL(game.payoff, own.game.payoff, sizeof game.payoff);
  UNIT_OK(marl_section_set(section, "payoff", "1, 2, 3, 4", "test", &err));
  UNIT_OK(marl_game_read_table(section, &game, &err));
  UNIT_NEAR((double)game.payoff[MARL_DEFECT][MARL_COOPERATE], 3, 0); /* T */
  UNIT_OK(marl_section_set(section, "payoff", "", "test", &err));
  UNIT_OK(marl_section_set(section, "game", "centipede", "test", &err));
  UNIT_ERROR(marl_game_read_table(section, &game, &err), MARL_ECONFIG, "move in turn");
  UNIT_OK(marl_section_set(section, "game", "snowdrfit", "test", &err));
  UNIT_ERROR(marl_game_read(section, &game, &err), MARL_ECONFIG, "snowdrift");
  marl_section_destroy(&section);
}

/* All sixteen answers to (partner's, own) last actions: TFT does what the partner did, win-stay
 * lose-shift repeats after the partner's C and changes after its D. */
static void test_strategies_are_known_by_their_answers(void) {
  for (int code = 0; code < 16; ++code) {
    int answer[2][2];
    bool c = true, d = true, tft = true, wsls = true;
    for (int partner = 0; partner < 2; ++partner)
      for (int own = 0; own < 2; ++own) {
        const int a = answer[partner][own] = code >> (2 * partner + own) & 1;
        c = c && a == MARL_COOPERATE;
        d = d && a == MARL_DEFECT;
        tft = tft && a == partner;
        wsls = wsls && a == (partner == MARL_COOPERATE ? own : 1 - own);
      }
    CU_ASSERT_EQUAL(marl_strategy_class(answer), c      ? MARL_CLASS_ALLC
                                                 : d    ? MARL_CLASS_ALLD
                                                 : tft  ? MARL_CLASS_TFT
                                                 : wsls ? MARL_CLASS_WSLS
                                                        : MARL_CLASS_OTHER);
  }
}

static int num_edges(const MarlGraphParams *params, MarlGraph *g) {
  MarlError err;
  int ends = 0;
  UNIT_OK(marl_graph_create(params, g, &err));
  for (int i = 0; i < params->num_agents; ++i) {
    ends += g->degree[i];
    for (int j = 0; j < g->degree[i]; ++j) {
      CU_ASSERT_NOT_EQUAL(marl_graph_neighbor(g, i, j), i);
      CU_ASSERT_TRUE(marl_graph_linked(g, marl_graph_neighbor(g, i, j), i));
      if (j > 0)
        CU_ASSERT_TRUE(marl_graph_neighbor(g, i, j) >
                       marl_graph_neighbor(g, i, j - 1)); /* in order, each once */
    }
  }
  return ends / 2;
}

static void test_graphs_have_the_edges_of_their_models(void) {
  MarlGraph g;
  CU_ASSERT_EQUAL(num_edges(&(MarlGraphParams){.kind = MARL_GRAPH_LATTICE, .num_agents = 25}, &g),
                  50);
  CU_ASSERT_TRUE(marl_graph_linked(&g, 0, 4) && marl_graph_linked(&g, 0, 20));
  CU_ASSERT_EQUAL(g.max_degree, 4);
  marl_graph_clear(&g);
  MarlGraphParams p = {
      .kind = MARL_GRAPH_SMALL_WORLD, .num_agents = 200, .neighbors = 6, .seed = 5};
  CU_ASSERT_EQUAL(num_edges(&p, &g), 600);
  CU_ASSERT_TRUE(marl_graph_linked(&g, 0, 3) && marl_graph_linked(&g, 0, 197));
  CU_ASSERT_EQUAL(g.max_degree, 6);
  marl_graph_clear(&g);
  p.rewiring = 0.2;
  CU_ASSERT_EQUAL(num_edges(&p, &g), 600); /* rewiring keeps their number */
  int turned = 0;
  for (int i = 0; i < 200; ++i)
    for (int k = 1; k <= 3; ++k) turned += !marl_graph_linked(&g, i, (i + k) % 200);
  /* binomial(600, 0.2): five standard deviations are 49; a few turned edges land on a ring's */
  UNIT_NEAR(turned, 120, 49);
  marl_graph_clear(&g);
  p.kind = MARL_GRAPH_SCALE_FREE;
  /* a complete core of m + 1 = 4 agents, then m = 3 edges each */
  CU_ASSERT_EQUAL(num_edges(&p, &g), 6 + 3 * 196);
  CU_ASSERT(g.max_degree > 20); /* hubs: the mean degree is 6 */
  marl_graph_clear(&g);
}

static CU_TestInfo tests[] = {
    {"every second-order norm is its four bits", test_every_second_order_norm_is_its_four_bits},
    {"names are their bits", test_names_are_their_bits},
    {"the leading eight assess by their tables", test_the_leading_eight_assess_by_their_tables},
    {"names and theory mean the same norms", test_names_and_theory_mean_the_same_norms},
    {"a norm of one's own is known by its name", test_a_norm_of_ones_own_is_known_by_its_name},
    {"players are assessed at once", test_players_are_assessed_at_once},
    {"private assessments err each on its own", test_private_assessments_err_each_on_its_own},
    {"mechanisms are what their names say", test_mechanisms_are_what_their_names_say},
    {"games have the payoffs of their names", test_games_have_the_payoffs_of_their_names},
    {"games are the dilemmas of their names", test_games_are_the_dilemmas_of_their_names},
    {"a game of one's own is played by its name", test_a_game_of_ones_own_is_played_by_its_name},
    {"strategies are known by their answers", test_strategies_are_known_by_their_answers},
    {"graphs have the edges of their models", test_graphs_have_the_edges_of_their_models},
    CU_TEST_INFO_NULL,
};
static CU_SuiteInfo suites[] = {{"norms and graphs", NULL, NULL, NULL, NULL, tests},
                                CU_SUITE_INFO_NULL};
UNIT_MAIN(suites)
