/* Indirect reciprocity as an engine of `marl compare`; a cycle is an episode. */
#include "envs/society/reciprocity.h"
#include "marl/compare/population.h"

static const char *const assessment_names[] = {"top_down", "bottom_up", NULL};

static const char *const introspection_names[] = {"before", "after", NULL};

static const MarlOption env_options[] = {
    {"num_agents", MARL_OPTION_INT, "10", 3, 1e6, NULL, "agents", "agents of the population"},
    {"encounters", MARL_OPTION_INT, "200", 1, 1e6, NULL, "encounters", "of an episode"},
    {"cycles", MARL_OPTION_INT, "10000", 1, 1e9, NULL, "episodes", "episodes of a run"},
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
    {"introspection", MARL_OPTION_REAL, "0", 0, 1, NULL, "1",
     "share of the payoff against oneself in what is learned from"},
    {"introspection_name", MARL_OPTION_CHOICE, "before", 0, 0, introspection_names, "1",
     "an agent meets itself under its name before the encounter, or the one that it then has"},
};
static const MarlOption learner_options[] = {
    {"learning_rate", MARL_OPTION_REAL, "0.01", 0, 1, NULL, "1", "step of the values"},
    {"exploration", MARL_OPTION_REAL, "0.1", 0, 1, NULL, "1", "share of random choices"},
    {"gamma", MARL_OPTION_REAL, "0.99", 0, 1, NULL, "1", "discount, with bootstrap"},
    {"bootstrap", MARL_OPTION_BOOL, "false", 0, 0, NULL, "1",
     "the value of the next decision counts; else every encounter is the last"},
    {"shuffled", MARL_OPTION_BOOL, "false", 0, 0, NULL, "1",
     "learn at the end of an episode, in random order"},
    {"own_name", MARL_OPTION_BOOL, "false", 0, 0, NULL, "1",
     "agents act by their own name too: four states"},
};

static MarlCode read(const MarlPopulationConfig *config, MarlReciprocityRules *rules,
                     MarlError *err) {
  const MarlSection *env = config->env, *learner = config->learner;
  *rules = (MarlReciprocityRules){
      .num_agents = marl_section_int(env, "num_agents"),
      .encounters = marl_section_int(env, "encounters"),
      .benefit = marl_section_real(env, "benefit"),
      .cost = marl_section_real(env, "cost"),
      .bottom_up = marl_section_choice(env, "assessment") == 1,
      .assessment_error = marl_section_real(env, "assessment_error"),
      .num_seeds = marl_section_int(env, "seeds"),
      .introspection = marl_section_real(env, "introspection"),
      .introspect_after = marl_section_choice(env, "introspection_name") == 1,
      .learning_rate = marl_section_real(learner, "learning_rate"),
      .exploration = marl_section_real(learner, "exploration"),
      .gamma = marl_section_real(learner, "gamma"),
      .bootstrap = marl_section_bool(learner, "bootstrap"),
      .shuffled = marl_section_bool(learner, "shuffled"),
      .own_name = marl_section_bool(learner, "own_name"),
  };
  if (rules->num_seeds >= rules->num_agents)
    return MARL_FAIL(err, MARL_ECONFIG, "env.seeds = %d leaves nobody to learn of %d agents",
                     rules->num_seeds, rules->num_agents);
  if (rules->benefit <= rules->cost)
    return MARL_FAIL(err, MARL_ECONFIG, "env.benefit = %g must be above env.cost = %g",
                     rules->benefit, rules->cost);
  if (rules->bottom_up && !rules->bootstrap)
    return MARL_FAIL(err, MARL_ECONFIG,
                     "env.assessment: bottom_up needs learner.bootstrap: judging earns nothing, so "
                     "without a future nothing is learned about it");
  return marl_norm_parse(marl_section_text(env, "norm"), &rules->norm, err);
}

static MarlCode check(const MarlPopulationConfig *config, MarlError *err) {
  MarlReciprocityRules rules;
  return read(config, &rules, err);
}

static void destroy(MarlPopulationState *base) {
  MarlReciprocity *reciprocity = (MarlReciprocity *)base;
  marl_reciprocity_destroy(&reciprocity);
}

static MarlCode create(const MarlPopulationConfig *config, MarlKey key, MarlPopulationState **out,
                       MarlError *err) {
  MarlReciprocityRules rules;
  MARL_TRY(read(config, &rules, err));
  MarlReciprocity *reciprocity;
  MARL_TRY(marl_reciprocity_create(&rules, key, &reciprocity, err));
  *out = (MarlPopulationState *)reciprocity;
  return MARL_OK;
}

static void cycle(MarlPopulationState *base, double *metrics, double *whole) {
  (void)whole; /* every episode has acts and names */
  marl_reciprocity_episode((MarlReciprocity *)base, metrics);
}

static MarlCode greedy(const MarlPopulationState *base, int cycles, double *metrics, double *whole,
                       MarlError *err) {
  (void)whole;
  return marl_reciprocity_greedy((const MarlReciprocity *)base, cycles, metrics, err);
}

static MarlCode save(const MarlPopulationState *base, MarlStore *to, MarlError *err) {
  return marl_reciprocity_save((const MarlReciprocity *)base, to, err);
}

static MarlCode load(MarlPopulationState *base, MarlStore *from, MarlError *err) {
  return marl_reciprocity_load((MarlReciprocity *)base, from, err);
}

static const int in_unit[] = {
    MARL_RECIPROCITY_ACTS,          MARL_RECIPROCITY_GOOD,        MARL_RECIPROCITY_ALLD,
    MARL_RECIPROCITY_DISCRIMINATOR, MARL_RECIPROCITY_PARADOXICAL, MARL_RECIPROCITY_ALLC,
    MARL_RECIPROCITY_NORM_0,        MARL_RECIPROCITY_NORM_3,      MARL_RECIPROCITY_NORM_9,
};
static const int greedy_metrics[] = {MARL_RECIPROCITY_COOPERATION};
static const int shares[] = {MARL_RECIPROCITY_ALLC, MARL_RECIPROCITY_DISCRIMINATOR,
                             MARL_RECIPROCITY_PARADOXICAL, MARL_RECIPROCITY_ALLD};
static const char *const table[] = {"greedy_cooperation", "share_alld", "share_discriminator",
                                    "share_paradoxical",  "share_allc", "share_norm_3"};

const MarlPopulationOps marl_population_reciprocity = {
    .name = "reciprocity",
    .summary = "tabular learners with good and bad names, norms from above or from among them",
    .source = "Anastassacos, Garcia, Hailes and Musolesi 2021, arXiv:2102.07523",
    .env_options = env_options,
    .num_env_options = sizeof env_options / sizeof *env_options,
    .learner_options = learner_options,
    .num_learner_options = sizeof learner_options / sizeof *learner_options,
    .metrics = marl_reciprocity_metric_names,
    .num_metrics = MARL_NUM_RECIPROCITY_METRICS,
    .followed = MARL_RECIPROCITY_COOPERATION,
    .in_unit = in_unit,
    .num_in_unit = sizeof in_unit / sizeof *in_unit,
    .greedy_metrics = greedy_metrics,
    .num_greedy_metrics = 1,
    .shares = shares,
    .num_shares = sizeof shares / sizeof *shares,
    .table = table,
    .num_table = sizeof table / sizeof *table,
    .check = check,
    .create = create,
    .destroy = destroy,
    .cycle = cycle,
    .greedy = greedy,
    .save = save,
    .load = load,
};
