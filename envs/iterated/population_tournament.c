/* A round robin as a population of `marl compare`: a cycle is one tournament with draws of its own. */
#include <stdlib.h>

#include "envs/iterated/exact.h"
#include "envs/iterated/population_internal.h"

typedef struct TournamentPopulation {
  MarlIteratedSetup setup;
  MarlTournament tournament;
  MarlKey key;
  uint64_t cycle;
} TournamentPopulation;

static const MarlOption env_options[] = {
    MARL_ITERATED_OPTIONS(MARL_ITERATED_ALL),
    {"repetitions", MARL_OPTION_INT, "64", 1, 1e6, NULL, "matches",
     "matches of a pair, rounded up to a multiple of 64"},
    {"self_play", MARL_OPTION_BOOL, "false", 0, 0, NULL, "1",
     "a score counts matches against its own kind"},
};

static MarlCode read(const MarlPopulationConfig *config, TournamentPopulation *out,
                     MarlError *err) {
  MARL_TRY(marl_iterated_read(config, &out->setup, err));
  return marl_iterated_read_tournament(
      config, &out->setup, marl_section_bool(config->env, "self_play"), &out->tournament, err);
}

static void destroy(MarlPopulationState *base) {
  free(base);
}

static MarlCode create(const MarlPopulationConfig *config, MarlKey key, MarlPopulationState **out,
                       MarlError *err) {
  TournamentPopulation *population = calloc(1, sizeof *population);
  if (population == NULL) return MARL_FAIL(err, MARL_EMEMORY, "tournament: no memory");
  population->key = key;
  const MarlCode code = read(config, population, err);
  if (code != MARL_OK)
    free(population);
  else
    *out = (MarlPopulationState *)population;
  return code;
}

static void measure(const MarlTournament *t, const MarlTournamentResult *result, double *metrics) {
  metrics[MARL_ITERATED_COOPERATION] = metrics[MARL_ITERATED_WELFARE] = 0.0;
  for (int i = 0; i < t->num_strategies; ++i) {
    const double score = marl_tournament_score(t, result, i);
    metrics[MARL_ITERATED_COOPERATION] +=
        marl_tournament_cooperation(t, result, i) / t->num_strategies;
    metrics[MARL_ITERATED_WELFARE] += score / t->num_strategies;
    metrics[MARL_ITERATED_COMMON + i] = score;
  }
}

static MarlCode cycle(MarlPopulationState *base, double *metrics, double *whole, MarlError *err) {
  (void)whole;
  (void)err;
  TournamentPopulation *population = (TournamentPopulation *)base;
  MarlTournamentResult result;
  marl_tournament_run(&population->tournament, marl_key_fold(population->key, population->cycle++),
                      &result);
  measure(&population->tournament, &result, metrics);
  return MARL_OK;
}

static MarlCode exact(const MarlPopulationConfig *config, double *metrics, MarlError *err) {
  TournamentPopulation population = {.cycle = 0};
  MarlTournamentResult result;
  MARL_TRY(read(config, &population, err));
  if (!marl_iterated_is_exact(&population.setup)) return MARL_OK;
  MARL_TRY(marl_exact_tournament(&population.tournament, &result, err));
  measure(&population.tournament, &result, metrics);
  return MARL_OK;
}

static MarlCode save(const MarlPopulationState *base, MarlStore *to, MarlError *err) {
  return marl_store_set_int(to, NULL, "cycle", (int64_t)((const TournamentPopulation *)base)->cycle,
                            err);
}

static MarlCode load(MarlPopulationState *base, MarlStore *from, MarlError *err) {
  int64_t cycle;
  MARL_TRY(marl_store_get_int(from, NULL, "cycle", &cycle, err));
  ((TournamentPopulation *)base)->cycle = (uint64_t)cycle;
  return MARL_OK;
}

/* score_<name>: mean payoff a round over the opponents */
static MarlCode describe(const MarlPopulationConfig *config, MarlPopulationMetrics *out,
                         MarlError *err) {
  static const MarlIteratedMetric each[] = {{"score_", MARL_MEASURE_COLUMN}};
  TournamentPopulation population = {.cycle = 0};
  MARL_TRY(read(config, &population, err));
  marl_iterated_describe(&population.setup, MARL_MEASURE_FOLLOWED | MARL_MEASURE_IN_UNIT, 0, each,
                         1, out);
  return MARL_OK;
}

const MarlPopulationOps marl_population_tournament = {
    .name = "tournament",
    .summary = "round robin of strategies of an iterated game; score_x is x's payoff a round",
    .source = "Axelrod 1984",
    .options = env_options,
    .num_options = sizeof env_options / sizeof *env_options,
    .learner_options = marl_iterated_learner_options,
    .num_learner_options = MARL_ITERATED_NUM_LEARNER_OPTIONS,
    .describe = describe,
    .create = create,
    .destroy = destroy,
    .cycle = cycle,
    .exact = exact,
    .save = save,
    .load = load,
};
