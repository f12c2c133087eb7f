#include "envs/dilemma/rules.h"

#include "envs/dilemma/mechanism.h"

const char *const marl_matching_names[] = {"random", "select", NULL};
const char *const marl_select_view_names[] = {"reputation", "last_action", NULL};
static const char *const observation_names[] = {"scaled", "raw", NULL};

const MarlOption marl_dilemma_options[MARL_DILEMMA_NUM_OPTIONS] = {
    {"num_agents", MARL_OPTION_INT, "5", 2, 10000, NULL, "agents", "agents of the society"},
    {"rounds", MARL_OPTION_INT, "10", 1, 1e6, NULL, "rounds", "rounds of one pairing"},
    {"cycles", MARL_OPTION_INT, "1", 1, 1e9, NULL, "cycles",
     "cycles of an episode; in each, every agent is the selector of one pairing"},
    {"game", MARL_OPTION_CHOICE, "prisoners_dilemma", 0, 0, marl_game_names, "1",
     "the two-person game of a round"},
    {"payoff", MARL_OPTION_REALS, "", -1e6, 1e6, NULL, "reward",
     "R, S, T, P in place of the named game's own; empty keeps them"},
    {"mechanism", MARL_OPTION_CHOICE, "custom", 0, 0, marl_mechanism_names, "1",
     "a named set of matching and punishment, see `marl list mechanisms`; custom leaves them as "
     "they are set"},
    {"visibility", MARL_OPTION_CHOICE, "published", 0, 0, marl_visibility_names, "1",
     "who else than selectors sees reputations; published is the mechanism's own, and with "
     "mechanism custom play_sees_reputation and punish_sees_reputation"},
    {"matching", MARL_OPTION_CHOICE, "random", 0, 0, marl_matching_names, "1",
     "partners are drawn, or chosen by each agent in turn"},
    {"graph", MARL_OPTION_CHOICE, "complete", 0, 0, marl_graph_names, "1", "who can meet whom"},
    {"community", MARL_OPTION_INT, "5", 3, 1000, NULL, "agents", "agents of a caveman community"},
    {"punishment", MARL_OPTION_CHOICE, "none", 0, 0, marl_punisher_names, "1",
     "who may punish a player after a round"},
    {"fine", MARL_OPTION_REAL, "3", 0, 1e6, NULL, "reward", "taken from a punished player"},
    {"just_reward", MARL_OPTION_REAL, "2", -1e6, 1e6, NULL, "reward",
     "to the punisher of a defector; negative is a cost"},
    {"unjust_reward", MARL_OPTION_REAL, "-10", -1e6, 1e6, NULL, "reward",
     "to the punisher of a cooperator; negative is a cost"},
    {"costly_just_reward", MARL_OPTION_REAL, "-3", -1e6, 1e6, NULL, "reward",
     "just_reward of the mechanisms named costly"},
    {"reputation", MARL_OPTION_CHOICE, "play_punish", 0, 0, marl_reputation_names, "1",
     "acts that change an agent's reputation"},
    {"individual_reputation", MARL_OPTION_BOOL, "false", 0, 0, NULL, "1",
     "every agent keeps its own view of every other"},
    {"select_view", MARL_OPTION_CHOICE, "reputation", 0, 0, marl_select_view_names, "1",
     "what a selector sees of its candidates"},
    {"play_sees_reputation", MARL_OPTION_BOOL, "false", 0, 0, NULL, "1",
     "players see both players' reputations"},
    {"punish_sees_reputation", MARL_OPTION_BOOL, "false", 0, 0, NULL, "1",
     "punishers see both players' reputations"},
    {"observation", MARL_OPTION_CHOICE, "scaled", 0, 0, observation_names, "1",
     "scaled: C 1, D -1, unknown 0, reputation tanh(score/100); raw: C 0, D 1, unknown 2, score"},
};
MarlCode marl_dilemma_rules_check(const MarlDilemmaRules *rules, MarlError *err) {
  if (rules->num_agents < 3 && marl_punishes_from_outside(rules->punishment))
    return MARL_FAIL(err, MARL_ECONFIG,
                     "env.punishment: third parties need num_agents >= 3, not %d",
                     rules->num_agents);
  return MARL_OK;
}

MarlCode marl_dilemma_rules_read(const MarlSection *config, MarlDilemmaRules *rules,
                                 MarlError *err) {
  *rules = (MarlDilemmaRules){
      .num_agents = marl_section_int(config, "num_agents"),
      .rounds = marl_section_int(config, "rounds"),
      .cycles = marl_section_int(config, "cycles"),
      .matching = (MarlMatching)marl_section_choice(config, "matching"),
      .graph = (MarlGraphKind)marl_section_choice(config, "graph"),
      .community = marl_section_int(config, "community"),
      .punishment = (MarlPunisher)marl_section_choice(config, "punishment"),
      .prices = {.fine = (float)marl_section_real(config, "fine"),
                 .just_reward = (float)marl_section_real(config, "just_reward"),
                 .unjust_reward = (float)marl_section_real(config, "unjust_reward")},
      .reputation = (MarlReputationSource)marl_section_choice(config, "reputation"),
      .individual_reputation = marl_section_bool(config, "individual_reputation"),
      .select_view = (MarlSelectView)marl_section_choice(config, "select_view"),
      .play_sees_reputation = marl_section_bool(config, "play_sees_reputation"),
      .punish_sees_reputation = marl_section_bool(config, "punish_sees_reputation"),
      .scaled = marl_section_choice(config, "observation") == 0,
  };
  const int mechanism = marl_section_choice(config, "mechanism");
  marl_mechanism_apply(mechanism, marl_section_real(config, "costly_just_reward"), rules);
  marl_visibility_apply(marl_section_choice(config, "visibility"), mechanism, rules);
  MARL_TRY(marl_game_read(config, &rules->game, err));
  return marl_dilemma_rules_check(rules, err);
}
