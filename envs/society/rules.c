#include "envs/society/rules.h"

#include "envs/game/scripted_strategies.h"

const char *const marl_matching_names[] = {"random", "select", NULL};
const char *const marl_select_view_names[] = {"reputation", "last_action", "nothing", NULL};
const char *const marl_visibility_names[] = {"published", "hidden",      "play",
                                             "punish",    "play_punish", NULL};
static const char *const transition_names[] = {"next_decision", "published", NULL};
static const char *const observation_names[] = {"scaled", "raw", NULL};

const MarlOption marl_dilemma_options[MARL_DILEMMA_NUM_OPTIONS] = {
    {"num_agents", MARL_OPTION_INT, "5", 2, 10000, NULL, "agents", "agents of the society"},
    {"rounds", MARL_OPTION_INT, "10", 1, 1e6, NULL, "rounds", "rounds of one pairing"},
    {"cycles", MARL_OPTION_INT, "1", 0, 1e9, NULL, "cycles",
     "cycles of an episode, 0: it never ends; in each, every agent is the selector of one pairing"},
    MARL_GAME_OPTIONS("prisoners_dilemma"),
    {"mechanism", MARL_OPTION_TEXT, "custom", 0, 0, NULL, "1",
     "who may punish whom: names of `marl list mechanisms` joined by +, options of one in "
     "brackets, "
     "as in DP+graduated(fines=1;2;4); custom: nobody, with matching and reputation as they are "
     "set"},
    {"visibility", MARL_OPTION_CHOICE, "published", 0, 0, marl_visibility_names, "1",
     "who else than selectors sees reputations; published is the combination's own (DP, TPP-S, "
     "...), "
     "and without one play_sees_reputation and punish_sees_reputation"},
    {"matching", MARL_OPTION_CHOICE, "random", 0, 0, marl_matching_names, "1",
     "partners are drawn, or chosen by each agent in turn"},
    {"candidates", MARL_OPTION_INT, "0", 0, MARL_MAX_CANDIDATES, NULL, "agents",
     "with matching select, agents that a selector sees and chooses from, drawn anew for each; 0: "
     "all whom it can meet, as published, for small societies"},
    {"rematch", MARL_OPTION_BOOL, "false", 0, 0, NULL, "1",
     "with matching random, partners are drawn anew every round"},
    {"graph", MARL_OPTION_CHOICE, "complete", 0, 0, marl_graph_names, "1", "who can meet whom"},
    {"community", MARL_OPTION_INT, "5", 3, 1000, NULL, "agents", "agents of a caveman community"},
    {"neighbors", MARL_OPTION_INT, "4", 2, 1000, NULL, "agents",
     "even: of an agent in the ring of small_world; the mean of scale_free"},
    {"rewiring", MARL_OPTION_REAL, "0.1", 0, 1, NULL, "1",
     "probability that an edge of small_world is rewired"},
    {"graph_seed", MARL_OPTION_INT, "1", 0, 9007199254740992.0, NULL, "1",
     "random graphs are a function of it"},
    MARL_PRICE_OPTIONS,
    {"costly_just_reward", MARL_OPTION_REAL, "-3", -1e6, 1e6, NULL, "reward",
     "just_reward of the mechanisms named costly"},
    {"reputation", MARL_OPTION_CHOICE, "play_punish", 0, 0, marl_reputation_names, "1",
     "acts that change an agent's reputation"},
    {"norm", MARL_OPTION_TEXT, "stern_judging", 0, 0, NULL, "1",
     "of reputation norm: a name of `marl list norms`, or bits: four (D to bad, D to good, C to "
     "bad, C "
     "to good) or eight (donor, recipient, act: BBD BBC BGD BGC GBD GBC GGD GGC)"},
    {"assessment_error", MARL_OPTION_REAL, "0", 0, 1, NULL, "1",
     "probability that a norm's assessment is turned around"},
    {"individual_reputation", MARL_OPTION_BOOL, "false", 0, 0, NULL, "1",
     "every agent keeps its own view of every other"},
    {"select_view", MARL_OPTION_CHOICE, "reputation", 0, 0, marl_select_view_names, "1",
     "what a selector sees of its candidates"},
    {"play_sees_reputation", MARL_OPTION_BOOL, "false", 0, 0, NULL, "1",
     "players see both players' reputations"},
    {"punish_sees_reputation", MARL_OPTION_BOOL, "false", 0, 0, NULL, "1",
     "punishers see both players' reputations"},
    {"transitions", MARL_OPTION_CHOICE, "next_decision", 0, 0, transition_names, "1",
     "what follows a decision: the agent's next one in the role, or, published, for learners of "
     "single "
     "transitions, the view of the same partner after every round"},
    {"pairings_end", MARL_OPTION_BOOL, "false", 0, 0, NULL, "1",
     "what is decided in the last round of a pairing has no future, though the agent lives on"},
    {"observation", MARL_OPTION_CHOICE, "scaled", 0, 0, observation_names, "1",
     "scaled: C 1, D -1, unknown 0, reputation tanh(score/100); raw: C 0, D 1, unknown 2, score"},
    MARL_POLICIES_OPTION(MARL_MEMORY_ONE_NAMES " or punisher:p"),
    MARL_INTRINSIC_OPTIONS,
};

int64_t marl_dilemma_rounds_a_cycle(const MarlDilemmaRules *rules) {
  return (int64_t)rules->num_agents * rules->rounds * (rules->game.alternating ? 2 : 1);
}

MarlCode marl_dilemma_rules_check(const MarlDilemmaRules *rules, MarlError *err) {
  if (rules->num_agents < 3 && rules->matching == MARL_MATCHING_SELECT)
    return MARL_FAIL(err, MARL_ECONFIG,
                     "env.matching: select needs num_agents >= 3, two to choose from, not %d",
                     rules->num_agents);
  if (rules->candidates == 1)
    return MARL_FAIL(err, MARL_ECONFIG, "env.candidates: one leaves no choice");
  if (rules->rematch && rules->matching == MARL_MATCHING_SELECT)
    return MARL_FAIL(err, MARL_ECONFIG, "env.rematch: a chosen partner stays for the pairing");
  if (rules->rematch && rules->game.alternating)
    return MARL_FAIL(err, MARL_ECONFIG, "env.rematch: an alternating game is one pairing");
  if (rules->rematch && (rules->published || rules->pairings_end))
    return MARL_FAIL(
        err, MARL_ECONFIG, "env.rematch: %s",
        rules->published
            ? "env.transitions: published leads to the view of the same partner, who is "
              "gone; set env.transitions: next_decision"
            : "no partner stays, so that env.pairings_end ends nothing; leave it out");
  if (rules->game.alternating && marl_intrinsic_used(&rules->intrinsic))
    return MARL_FAIL(err, MARL_ECONFIG,
                     "env.inequity_*, env.orientation_weight: payoffs of a round are compared; "
                     "use a game with a table, whose players move at once");
  return marl_mechanisms_check(&rules->mechanisms, rules, err);
}

MarlCode marl_dilemma_rules_use(MarlDilemmaRules *rules, const char *text,
                                double costly_just_reward, int visibility, MarlError *err) {
  const MarlCombination *combination;
  MARL_TRY(marl_mechanisms_parse(text, &rules->mechanisms, &combination, err));
  if (combination != NULL) {
    rules->matching = combination->matching;
    if (!combination->reputations) rules->reputation = MARL_REPUTATION_NONE;
    if (combination->costly) rules->prices.just_reward = (float)costly_just_reward;
  }
  if (visibility == 0 && combination == NULL) return MARL_OK;
  const unsigned switches = (unsigned)visibility - 1; /* bit 0 players, bit 1 punishers */
  rules->play_sees_reputation =
      visibility == 0 ? combination->published_visible : (switches & 1u) != 0;
  rules->punish_sees_reputation = visibility != 0 && (switches & 2u) != 0;
  return MARL_OK;
}

bool marl_dilemma_omits_direct(const MarlDilemmaRules *rules) {
  return marl_mechanisms_have(&rules->mechanisms, "direct") &&
         marl_mechanisms_have(&rules->mechanisms, "third_party");
}

static MarlGraphParams read_graph(const MarlSection *config) {
  return (MarlGraphParams){.kind = (MarlGraphKind)marl_section_choice(config, "graph"),
                           .num_agents = marl_section_int(config, "num_agents"),
                           .community = marl_section_int(config, "community"),
                           .neighbors = marl_section_int(config, "neighbors"),
                           .rewiring = marl_section_real(config, "rewiring"),
                           .seed = (uint64_t)marl_section_int64(config, "graph_seed")};
}

MarlCode marl_dilemma_rules_read(const MarlSection *config, MarlDilemmaRules *rules,
                                 MarlError *err) {
  *rules = (MarlDilemmaRules){
      .num_agents = marl_section_int(config, "num_agents"),
      .rounds = marl_section_int(config, "rounds"),
      .cycles = marl_section_int(config, "cycles"),
      .matching = (MarlMatching)marl_section_choice(config, "matching"),
      .candidates = marl_section_int(config, "candidates"),
      .rematch = marl_section_bool(config, "rematch"),
      .graph = read_graph(config),
      .reputation = (MarlReputationSource)marl_section_choice(config, "reputation"),
      .individual_reputation = marl_section_bool(config, "individual_reputation"),
      .assessment_error = marl_section_real(config, "assessment_error"),
      .select_view = (MarlSelectView)marl_section_choice(config, "select_view"),
      .play_sees_reputation = marl_section_bool(config, "play_sees_reputation"),
      .punish_sees_reputation = marl_section_bool(config, "punish_sees_reputation"),
      .published = marl_section_choice(config, "transitions") == 1,
      .pairings_end = marl_section_bool(config, "pairings_end"),
      .scaled = marl_section_choice(config, "observation") == 0,
  };
  marl_intrinsic_read(config, &rules->intrinsic);
  marl_prices_read(config, &rules->prices);
  MARL_TRY(marl_game_read(config, &rules->game, err));
  MARL_TRY(marl_norm_parse(marl_section_text(config, "norm"), &rules->norm, err));
  MARL_TRY(marl_dilemma_rules_use(rules, marl_section_text(config, "mechanism"),
                                  marl_section_real(config, "costly_just_reward"),
                                  marl_section_choice(config, "visibility"), err));
  return marl_dilemma_rules_check(rules, err);
}
