/* A mixed population as one of `marl compare`: fixed strategies and learners that live on. */
#include <stdlib.h>

#include "envs/iterated/mixed.h"
#include "envs/iterated/population_internal.h"
#include "marl/core/ratio.h"

typedef struct MixedPopulation {
  MarlIteratedSetup setup;
  MarlMixed *mixed;
} MixedPopulation;

static const MarlOption env_options[] = {
    MARL_ITERATED_OPTIONS(MARL_ITERATED_ALL),
    {"population", MARL_OPTION_INT, "1000", 2, 1e9, NULL, "agents", "agents"},
    {"shares", MARL_OPTION_REALS, "", 0, 1, NULL, "1",
     "of the population, one a strategy; empty: equal"},
};

static MarlCode read(const MarlPopulationConfig *config, MarlIteratedSetup *setup,
                     MarlMixedParams *out, MarlError *err) {
  MARL_TRY(marl_iterated_read(config, setup, err));
  bool given;
  *out = (MarlMixedParams){.rules = setup->rules,
                           .num_agents = marl_section_int(config->env, "population"),
                           .num_strategies = setup->num_strategies};
  MARL_TRY(marl_iterated_read_shares(config->env, setup, out->share, &given, err));
  for (int i = 0; i < setup->num_strategies; ++i) out->strategy[i] = setup->strategy[i];
  return marl_mixed_check(out, err);
}

static void destroy(MarlPopulationState *base) {
  MixedPopulation *population = (MixedPopulation *)base;
  if (population == NULL) return;
  marl_mixed_destroy(&population->mixed);
  free(population);
}

static MarlCode create(const MarlPopulationConfig *config, MarlKey key, MarlPopulationState **out,
                       MarlError *err) {
  MarlMixedParams params;
  MixedPopulation *population = calloc(1, sizeof *population);
  if (population == NULL) return MARL_FAIL(err, MARL_EMEMORY, "mixed population: no memory");
  MarlCode code = read(config, &population->setup, &params, err);
  if (code == MARL_OK) code = marl_mixed_create(&params, key, &population->mixed, err);
  if (code != MARL_OK)
    destroy((MarlPopulationState *)population);
  else
    *out = (MarlPopulationState *)population;
  return code;
}

/* A strategy's means weigh by its players: cycles in which nobody of it plays say nothing of it. */
static void write_metrics(const MixedPopulation *population, const MarlMixedResult *result,
                          double *metrics, double *whole) {
  const int n = population->setup.num_strategies;
  for (int m = 0; m < MARL_ITERATED_COMMON + 2 * n; ++m)
    metrics[m] = 0.0, whole[m] = m < MARL_ITERATED_COMMON;
  metrics[MARL_ITERATED_COOPERATION] = marl_mixed_cooperation(result);
  metrics[MARL_ITERATED_WELFARE] = marl_mixed_payoff(result);
  for (int i = 0; i < n; ++i) {
    const int cooperation = MARL_ITERATED_COMMON + i, score = cooperation + n;
    const double players = (double)result->players[i];
    marl_ratio(result->cooperation[i] * players, players, cooperation, metrics, whole);
    marl_ratio(result->payoff[i] * players, players, score, metrics, whole);
  }
}

static MarlCode cycle(MarlPopulationState *base, double *metrics, double *whole, MarlError *err) {
  (void)err;
  MixedPopulation *population = (MixedPopulation *)base;
  MarlMixedResult result;
  marl_mixed_cycle(population->mixed, &result);
  write_metrics(population, &result, metrics, whole);
  return MARL_OK;
}

static MarlCode greedy(const MarlPopulationState *base, int cycles, double *metrics, double *whole,
                       MarlError *err) {
  const MixedPopulation *population = (const MixedPopulation *)base;
  MarlMixedResult result;
  MARL_TRY(marl_mixed_greedy(population->mixed, cycles, &result, err));
  write_metrics(population, &result, metrics, whole);
  return MARL_OK;
}

static MarlCode save(const MarlPopulationState *base, MarlStore *to, MarlError *err) {
  return marl_mixed_save(((const MixedPopulation *)base)->mixed, to, err);
}

static MarlCode load(MarlPopulationState *base, MarlStore *from, MarlError *err) {
  return marl_mixed_load(((MixedPopulation *)base)->mixed, from, err);
}

/* cooperation_<name>, then score_<name>: its agents' cooperation and payoff a round */
static MarlCode describe(const MarlPopulationConfig *config, MarlPopulationMetrics *out,
                         MarlError *err) {
  static const MarlIteratedMetric each[] = {{"cooperation_", MARL_MEASURE_IN_UNIT},
                                            {"score_", MARL_MEASURE_COLUMN}};
  MarlIteratedSetup setup;
  MarlMixedParams params;
  MARL_TRY(read(config, &setup, &params, err));
  marl_iterated_describe(&setup,
                         MARL_MEASURE_FOLLOWED | MARL_MEASURE_IN_UNIT | MARL_MEASURE_GREEDY |
                             MARL_MEASURE_GREEDY_COLUMN,
                         MARL_MEASURE_COLUMN | MARL_MEASURE_GREEDY, each, 2, out);
  return MARL_OK;
}

const MarlPopulationOps marl_population_mixed = {
    .name = "mixed",
    .summary = "fixed strategies and tabular Q-learners that meet at random, match after match",
    .source = "Watkins and Dayan 1992",
    .options = env_options,
    .num_options = sizeof env_options / sizeof *env_options,
    .learner_options = marl_iterated_learner_options,
    .num_learner_options = MARL_ITERATED_NUM_LEARNER_OPTIONS,
    .describe = describe,
    .create = create,
    .destroy = destroy,
    .cycle = cycle,
    .greedy = greedy,
    .save = save,
    .load = load,
};
