/* The society of deep Q-learners as an engine of `marl compare`. */
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

static void cycle(MarlPopulationState *base, double *metrics, double *whole) {
  marl_society_cycle((MarlSociety *)base, metrics, whole);
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
static const MarlPopulationAxis axes[] = {
    {NAMES("mechanisms", "values of env.mechanism to compare"), "env.mechanism"},
    {NAMES("visibility", "values of env.visibility to compare"), "env.visibility"},
    {NAMES("profiles", "values of learner.profile to compare"), "learner.profile"},
};
static const int greedy_metrics[] = {MARL_METRIC_COOPERATION, MARL_METRIC_WELFARE,
                                     MARL_METRIC_PUNISHMENT_RATE};
static const int in_unit[] = {
    MARL_METRIC_COOPERATION,
    MARL_METRIC_PUNISHMENT_RATE,
    MARL_METRIC_JUST_SHARE,
    MARL_METRIC_COOPERATOR_SELECTIONS,
    MARL_METRIC_JUST_PUNISHER_SELECTIONS,
    MARL_NUM_DILEMMA_METRICS + MARL_CLASS_ALLC,
    MARL_NUM_DILEMMA_METRICS + MARL_CLASS_TFT,
    MARL_NUM_DILEMMA_METRICS + MARL_CLASS_WSLS,
    MARL_NUM_DILEMMA_METRICS + MARL_CLASS_OTHER,
    MARL_NUM_DILEMMA_METRICS + MARL_CLASS_ALLD,
};
static const int shares[] = {
    MARL_NUM_DILEMMA_METRICS + MARL_CLASS_ALLC, MARL_NUM_DILEMMA_METRICS + MARL_CLASS_TFT,
    MARL_NUM_DILEMMA_METRICS + MARL_CLASS_WSLS, MARL_NUM_DILEMMA_METRICS + MARL_CLASS_OTHER,
    MARL_NUM_DILEMMA_METRICS + MARL_CLASS_ALLD,
};
static const char *const table[] = {"welfare", "published_welfare", "greedy_welfare",
                                    "punishment_rate", "just_share"};

const MarlPopulationOps marl_population_society = {
    .name = "society",
    .summary = "deep Q-learners in a two-person dilemma: selection, punishment, reputation",
    .source = "Dasgupta and Musolesi 2025, arXiv:2301.08278",
    .env_options = marl_dilemma_options,
    .num_env_options = MARL_DILEMMA_ENGINE_NUM_OPTIONS,
    .learner_options = marl_profile_options,
    .num_learner_options = MARL_PROFILE_NUM_OPTIONS,
    .axes = axes,
    .num_axes = sizeof axes / sizeof *axes,
    .metrics = marl_society_metric_names,
    .num_metrics = MARL_NUM_SOCIETY_METRICS,
    .followed = MARL_METRIC_COOPERATION,
    .in_unit = in_unit,
    .num_in_unit = sizeof in_unit / sizeof *in_unit,
    .greedy_metrics = greedy_metrics,
    .num_greedy_metrics = sizeof greedy_metrics / sizeof *greedy_metrics,
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
