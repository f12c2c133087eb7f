/* Indirect reciprocity as a population of `marl compare`: a kernel; a cycle is an episode. */
#include "envs/society/reciprocity.h"
#include "marl/compare/population.h"

static const MarlOption learner_options[] = {
    {"learning_rate", MARL_OPTION_REAL, "0.01", 0, 1, NULL, "1", "step of the values"},
    {"epsilon", MARL_OPTION_REAL, "0.1", 0, 1, NULL, "1", "probability of a uniform choice"},
    {"gamma", MARL_OPTION_REAL, "0", 0, 1, NULL, "1",
     "discount of a decision to the next; 0: every encounter is the last"},
    {"shuffled", MARL_OPTION_BOOL, "false", 0, 0, NULL, "1",
     "learn at the end of an episode, in random order"},
};

static MarlCode read(const MarlPopulationConfig *config, MarlReciprocityRules *rules,
                     MarlError *err) {
  const MarlSection *env = config->env, *learner = config->learner;
  MARL_TRY(marl_reciprocity_rules_read(env, rules, err));
  rules->introspection = marl_section_real(env, "introspection");
  rules->introspect_after = marl_section_choice(env, "introspection_name") == 1;
  rules->learning_rate = marl_section_real(learner, "learning_rate");
  rules->epsilon = marl_section_real(learner, "epsilon");
  rules->gamma = marl_section_real(learner, "gamma");
  rules->shuffled = marl_section_bool(learner, "shuffled");
  if (rules->bottom_up && rules->gamma == 0.0)
    return MARL_FAIL(
        err, MARL_ECONFIG,
        "env.assessment: bottom_up needs learner.gamma above 0: judging earns nothing, so "
        "without a future nothing is learned about it");
  return MARL_OK;
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

static MarlCode cycle(MarlPopulationState *base, double *metrics, double *whole, MarlError *err) {
  (void)whole, (void)err; /* every episode has acts and names */
  marl_reciprocity_episode((MarlReciprocity *)base, metrics);
  return MARL_OK;
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

static const MarlMeasure measures[] = {
    {"cooperation", MARL_MEASURE_FOLLOWED | MARL_MEASURE_GREEDY},
    {"cooperation", MARL_MEASURE_GREEDY_COLUMN},
    {"share_alld", MARL_MEASURE_COLUMN | MARL_MEASURE_IN_UNIT | MARL_MEASURE_SHARE},
    {"share_discriminator", MARL_MEASURE_COLUMN | MARL_MEASURE_IN_UNIT | MARL_MEASURE_SHARE},
    {"share_paradoxical", MARL_MEASURE_COLUMN | MARL_MEASURE_IN_UNIT | MARL_MEASURE_SHARE},
    {"share_allc", MARL_MEASURE_COLUMN | MARL_MEASURE_IN_UNIT | MARL_MEASURE_SHARE},
    {"share_norm_3", MARL_MEASURE_COLUMN | MARL_MEASURE_IN_UNIT},
    {"cooperating_acts", MARL_MEASURE_IN_UNIT},
    {"good_names", MARL_MEASURE_IN_UNIT},
    {"share_norm_0", MARL_MEASURE_IN_UNIT},
    {"share_norm_9", MARL_MEASURE_IN_UNIT},
};

const MarlPopulationOps marl_population_reciprocity = {
    .name = "reciprocity",
    .summary = "tabular learners with good and bad names, norms from above or from among them",
    .source = "Anastassacos, Garcia, Hailes and Musolesi 2021, arXiv:2102.07523",
    .options = marl_reciprocity_options + MARL_RECIPROCITY_OF_ENV,
    .num_options = MARL_RECIPROCITY_ALL_OPTIONS - MARL_RECIPROCITY_OF_ENV,
    .learner_options = learner_options,
    .num_learner_options = sizeof learner_options / sizeof *learner_options,
    .metrics = marl_reciprocity_metric_names,
    .num_metrics = MARL_NUM_RECIPROCITY_METRICS,
    .measures = measures,
    .num_measures = sizeof measures / sizeof *measures,
    .check = check,
    .create = create,
    .destroy = destroy,
    .cycle = cycle,
    .greedy = greedy,
    .save = save,
    .load = load,
};
