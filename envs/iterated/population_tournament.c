/* A round robin as a population of `marl compare`: a cycle is one tournament with draws of its own. */
#include <stdlib.h>

#include "envs/iterated/population_internal.h"

typedef struct TournamentPopulation {
  MarlIteratedSetup setup;
  MarlTournament tournament;
  MarlKey key;
  uint64_t cycle;
} TournamentPopulation;

static const MarlOption env_options[] = {
    MARL_ITERATED_OPTIONS,
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

static MarlCode check(const MarlPopulationConfig *config, MarlError *err) {
  TournamentPopulation population = {.cycle = 0};
  return read(config, &population, err);
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

static MarlCode cycle(MarlPopulationState *base, double *metrics, double *whole, MarlError *err) {
  (void)err;
  TournamentPopulation *population = (TournamentPopulation *)base;
  const MarlTournament *t = &population->tournament;
  MarlTournamentResult result;
  marl_tournament_run(t, marl_key_fold(population->key, population->cycle++), &result);
  for (int m = 0; m < MARL_ITERATED_COMMON + MARL_NUM_STRATEGY_NAMES; ++m)
    metrics[m] = 0.0, whole[m] = m < MARL_ITERATED_COMMON;
  for (int i = 0; i < t->num_strategies; ++i) {
    const double score = marl_tournament_score(t, &result, i);
    metrics[MARL_ITERATED_COOPERATION] +=
        marl_tournament_cooperation(t, &result, i) / t->num_strategies;
    metrics[MARL_ITERATED_WELFARE] += score / t->num_strategies;
    metrics[MARL_ITERATED_COMMON + population->setup.name[i]] = score;
    whole[MARL_ITERATED_COMMON + population->setup.name[i]] = 1.0;
  }
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

/* score_<name>: mean payoff a round over the opponents; absent for who does not play */
static const char *const metrics[MARL_ITERATED_COMMON + MARL_NUM_STRATEGY_NAMES] = {
    "cooperation", "welfare", MARL_STRATEGY_METRICS("score_")};

static const MarlMeasure measures[] = {
    {"cooperation", MARL_MEASURE_FOLLOWED | MARL_MEASURE_IN_UNIT},
    {"score_allc", MARL_MEASURE_COLUMN},
    {"score_alld", MARL_MEASURE_COLUMN},
    {"score_tft", MARL_MEASURE_COLUMN},
    {"score_gtft", MARL_MEASURE_COLUMN},
    {"score_wsls", MARL_MEASURE_COLUMN},
    {"score_grim", MARL_MEASURE_COLUMN},
};

const MarlPopulationOps marl_population_tournament = {
    .name = "tournament",
    .summary = "round robin of strategies of an iterated game; score_x is x's payoff a round",
    .source = "Axelrod 1984",
    .env_options = env_options,
    .num_env_options = sizeof env_options / sizeof *env_options,
    .learner_options = marl_iterated_learner_options,
    .num_learner_options = MARL_ITERATED_NUM_LEARNER_OPTIONS,
    .metrics = metrics,
    .num_metrics = sizeof metrics / sizeof *metrics,
    .measures = measures,
    .num_measures = sizeof measures / sizeof *measures,
    .check = check,
    .create = create,
    .destroy = destroy,
    .cycle = cycle,
    .save = save,
    .load = load,
};
