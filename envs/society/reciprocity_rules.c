/* The options of indirect reciprocity, for the environment and the kernel. */
#include "envs/society/reciprocity.h"

static const char *const assessment_names[] = {"top_down", "bottom_up", NULL};
static const char *const introspection_names[] = {"before", "after", NULL};

const MarlOption marl_reciprocity_options[MARL_RECIPROCITY_ALL_OPTIONS] = {
    {"max_steps", MARL_OPTION_INT, "0", 0, 1e9, NULL, "steps",
     "of an episode, a time limit; 0: the population lives on"},
    {"num_agents", MARL_OPTION_INT, "10", 3, 1e6, NULL, "agents", "agents of the population"},
    {"encounters", MARL_OPTION_INT, "200", 1, 1e6, NULL, "encounters", "of a cycle"},
    {"benefit", MARL_OPTION_REAL, "5", -1e6, 1e6, NULL, "reward", "b, what a cooperation gives"},
    {"cost", MARL_OPTION_REAL, "1", -1e6, 1e6, NULL, "reward", "c, what it costs; not b"},
    {"assessment", MARL_OPTION_CHOICE, "top_down", 0, 0, assessment_names, "1",
     "names are given by one norm, or by a third agent's own learned one"},
    {"norm", MARL_OPTION_TEXT, "stern_judging", 0, 0, NULL, "1",
     "top down: a name or bits, as env.norm of society"},
    {"assessment_error", MARL_OPTION_REAL, "0.001", 0, 1, NULL, "1",
     "probability that a name is turned around"},
    {"seeds", MARL_OPTION_INT, "0", 0, 1e6, NULL, "agents",
     "agents that always cooperate with the good only"},
    {"own_name", MARL_OPTION_BOOL, "false", 0, 0, NULL, "1",
     "agents act by their own name too: four states"},
    {"introspection", MARL_OPTION_REAL, "0", 0, 1, NULL, "1",
     "share of the payoff against oneself in what is learned from"},
    {"introspection_name", MARL_OPTION_CHOICE, "before", 0, 0, introspection_names, "1",
     "an agent meets itself under its name before the encounter, or the one that it then has"},
    {"cycles", MARL_OPTION_INT, "10000", 1, 1e9, NULL, "episodes", "episodes of a run"},
};

MarlCode marl_reciprocity_rules_read(const MarlSection *env, MarlReciprocityRules *rules,
                                     MarlError *err) {
  *rules = (MarlReciprocityRules){
      .num_agents = marl_section_int(env, "num_agents"),
      .encounters = marl_section_int(env, "encounters"),
      .benefit = marl_section_real(env, "benefit"),
      .cost = marl_section_real(env, "cost"),
      .bottom_up = marl_section_choice(env, "assessment") == 1,
      .assessment_error = marl_section_real(env, "assessment_error"),
      .num_seeds = marl_section_int(env, "seeds"),
      .own_name = marl_section_bool(env, "own_name"),
  };
  if (rules->num_seeds >= rules->num_agents)
    return MARL_FAIL(err, MARL_ECONFIG, "env.seeds = %d leaves nobody to learn of %d agents",
                     rules->num_seeds, rules->num_agents);
  if (rules->benefit <= rules->cost)
    return MARL_FAIL(err, MARL_ECONFIG, "env.benefit = %g must be above env.cost = %g",
                     rules->benefit, rules->cost);
  return marl_norm_parse(marl_section_text(env, "norm"), &rules->norm, err);
}
