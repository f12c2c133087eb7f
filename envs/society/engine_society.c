/* The society of deep Q-learners as an engine of `marl compare`. */
#include "envs/society/dilemma.h"
#include "envs/society/society.h"
#include "marl/compare/population.h"

static MarlCode read(const MarlPopulationConfig *config, MarlDilemmaRules *rules,
                     MarlProfile *profile, MarlError *err) {
  MARL_TRY(marl_dilemma_rules_read(config->env, rules, err));
  if (marl_section_bool(config->env, "graph_per_run"))
    rules->graph.seed += (uint64_t)config->replica;
  MARL_TRY(marl_profile_read(config->learner, profile, err));
  return marl_profile_check(profile, rules, err);
}

static MarlCode check(const MarlPopulationConfig *config, MarlError *err) {
  MarlDilemmaRules rules;
  MarlProfile profile;
  return read(config, &rules, &profile, err);
}

static void destroy(MarlPopulationState *base) {
  MarlSociety *society = (MarlSociety *)base;
  marl_society_destroy(&society);
}

static MarlCode create(const MarlPopulationConfig *config, MarlKey key, MarlPopulationState **out,
                       MarlError *err) {
  MarlDilemmaRules rules;
  MarlProfile profile;
  MARL_TRY(read(config, &rules, &profile, err));
  MarlSociety *society;
  MARL_TRY(marl_society_create(&rules, &profile, key, &society, err));
  *out = (MarlPopulationState *)society;
  return MARL_OK;
}

static MarlCode cycle(MarlPopulationState *base, double *metrics, double *whole, MarlError *err) {
  (void)err;
  marl_society_cycle((MarlSociety *)base, metrics, whole);
  return MARL_OK;
}

static MarlCode greedy(const MarlPopulationState *base, int cycles, double *metrics, double *whole,
                       MarlError *err) {
  return marl_society_greedy((const MarlSociety *)base, cycles, metrics, whole, err);
}

static MarlCode save(const MarlPopulationState *base, MarlStore *to, MarlError *err) {
  return marl_society_save((const MarlSociety *)base, to, err);
}

static MarlCode load(MarlPopulationState *base, MarlStore *from, MarlError *err) {
  return marl_society_load((MarlSociety *)base, from, err);
}

#define NAMES(key, help) \
  { key, MARL_OPTION_TEXTS, "", 0, 0, NULL, "1", help }
static const MarlEnvAxis axes[] = {
    {NAMES("mechanisms", "values of env.mechanism to compare"), "env.mechanism"},
    {NAMES("visibility", "values of env.visibility to compare"), "env.visibility"},
    {NAMES("profiles", "values of learner.profile to compare"), "learner.profile"},
};

const MarlPopulationOps marl_population_society = {
    .name = "society",
    .summary = "deep Q-learners in a two-person dilemma: selection, punishment, reputation",
    .source = "Dasgupta and Musolesi 2025, arXiv:2301.08278",
    .options = marl_dilemma_options,
    .num_options = MARL_DILEMMA_ENGINE_NUM_OPTIONS,
    .learner_options = marl_profile_options,
    .num_learner_options = MARL_PROFILE_NUM_OPTIONS,
    .axes = axes,
    .num_axes = sizeof axes / sizeof *axes,
    .metrics = marl_society_metric_names,
    .num_metrics = MARL_NUM_SOCIETY_METRICS,
    .measures = marl_dilemma_measures,
    .num_measures = MARL_DILEMMA_NUM_MEASURES,
    .check = check,
    .create = create,
    .destroy = destroy,
    .cycle = cycle,
    .greedy = greedy,
    .save = save,
    .load = load,
};
