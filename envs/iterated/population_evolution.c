/* Evolution of strategies as a population of `marl compare`: payoffs are measured once in a round
 * robin, then a population is born and dies, or imitates, env.births times a cycle. */
#include <stdlib.h>

#include "envs/iterated/evolution.h"
#include "envs/iterated/population_internal.h"
#include "marl/learn/plain_array.h"

typedef struct EvolutionPopulation {
  MarlIteratedSetup setup;
  MarlTournament tournament;
  MarlTournamentResult result;
  MarlMatrixGame game;
  MarlEvolution evolution;
  int population, births;
} EvolutionPopulation;

static const MarlOption env_options[] = {
    MARL_ITERATED_OPTIONS,
    {"repetitions", MARL_OPTION_INT, "1024", 1, 1e6, NULL, "matches",
     "matches of a pair that its payoffs are measured in, rounded up to a multiple of 64"},
    {"population", MARL_OPTION_INT, "100", 2, 1e6, NULL, "agents", "agents"},
    {"births", MARL_OPTION_INT, "100", 1, 1e9, NULL, "births",
     "births, or looks at another's payoff, in a cycle"},
    {"rule", MARL_OPTION_CHOICE, "moran", 0, 0, marl_selection_rule_names, "1",
     "birth in proportion to fitness and random death, or Fermi's imitation"},
    {"fitness", MARL_OPTION_CHOICE, "exponential", 0, 0, marl_fitness_names, "1",
     "of moran, by payoff p and selection s: exp(s p), 1 - s + s p, or p itself"},
    {"selection", MARL_OPTION_REAL, "1", 0, 1e6, NULL, "1/reward", "intensity of selection"},
    {"mutation", MARL_OPTION_REAL, "0.01", 0, 1, NULL, "1", "share of births at random"},
};

static MarlCode read(const MarlPopulationConfig *config, EvolutionPopulation *out, MarlError *err) {
  MARL_TRY(marl_iterated_read(config, &out->setup, err));
  out->population = marl_section_int(config->env, "population");
  out->births = marl_section_int(config->env, "births");
  out->evolution =
      (MarlEvolution){.mutation = marl_section_real(config->env, "mutation"),
                      .selection = {
                          .rule = (MarlSelectionRule)marl_section_choice(config->env, "rule"),
                          .fitness = (MarlFitness)marl_section_choice(config->env, "fitness"),
                          .intensity = marl_section_real(config->env, "selection"),
                      }};
  MARL_TRY(marl_selection_check(&out->evolution.selection, err));
  return marl_iterated_read_tournament(config, &out->setup, false, &out->tournament, err);
}

static MarlCode check(const MarlPopulationConfig *config, MarlError *err) {
  EvolutionPopulation population = {.births = 0};
  return read(config, &population, err);
}

static void destroy(MarlPopulationState *base) {
  free(base);
}

/* The population starts with equal shares. */
static void begin(EvolutionPopulation *e, MarlKey key) {
  const int n = e->setup.num_strategies;
  marl_tournament_run(&e->tournament, marl_key_fold(key, MARL_STREAM_ENV), &e->result);
  marl_matrix_game_init(n, e->population, &e->game);
  for (int i = 0; i < n; ++i) {
    for (int j = 0; j < n; ++j) e->game.payoff[i][j] = e->result.payoff[i][j];
    e->evolution.counts[i] = e->population / n + (i < e->population % n ? 1 : 0);
  }
  e->evolution.game = &e->game;
  e->evolution.key = marl_key_fold(key, MARL_STREAM_POLICY);
}

static MarlCode create(const MarlPopulationConfig *config, MarlKey key, MarlPopulationState **out,
                       MarlError *err) {
  EvolutionPopulation *population = calloc(1, sizeof *population);
  if (population == NULL) return MARL_FAIL(err, MARL_EMEMORY, "evolution: no memory");
  const MarlCode code = read(config, population, err);
  if (code != MARL_OK) {
    free(population);
    return code;
  }
  begin(population, key);
  *out = (MarlPopulationState *)population;
  return MARL_OK;
}

/* Means over all pairs of different individuals. */
static MarlCode cycle(MarlPopulationState *base, double *metrics, double *whole, MarlError *err) {
  (void)err;
  EvolutionPopulation *e = (EvolutionPopulation *)base;
  const int n = e->setup.num_strategies, size = e->population;
  marl_evolution_run(&e->evolution, e->births);
  for (int m = 0; m < MARL_ITERATED_COMMON + MARL_NUM_STRATEGY_NAMES; ++m)
    metrics[m] = 0.0, whole[m] = m < MARL_ITERATED_COMMON;
  for (int i = 0; i < n; ++i) {
    const double own = e->evolution.counts[i];
    metrics[MARL_ITERATED_COMMON + e->setup.name[i]] = own / size;
    whole[MARL_ITERATED_COMMON + e->setup.name[i]] = 1.0;
    for (int j = 0; j < n; ++j) {
      const double others = e->evolution.counts[j] - (i == j ? 1 : 0);
      const double weight = own * others / ((double)size * (size - 1));
      if (own <= 0.0) continue;
      metrics[MARL_ITERATED_COOPERATION] += weight * e->result.cooperation[i][j];
      metrics[MARL_ITERATED_WELFARE] += weight * e->result.payoff[i][j];
    }
  }
  return MARL_OK;
}

static MarlCode save(const MarlPopulationState *base, MarlStore *to, MarlError *err) {
  const EvolutionPopulation *e = (const EvolutionPopulation *)base;
  MARL_TRY(marl_store_set_int(to, NULL, "step", e->evolution.step, err));
  return marl_plain_write(to, "counts", MARL_I32, (size_t)e->setup.num_strategies,
                          e->evolution.counts, err);
}

static MarlCode load(MarlPopulationState *base, MarlStore *from, MarlError *err) {
  EvolutionPopulation *e = (EvolutionPopulation *)base;
  int64_t sum = 0;
  MARL_TRY(marl_store_get_int(from, NULL, "step", &e->evolution.step, err));
  MARL_TRY(marl_plain_read(from, "counts", MARL_I32, (size_t)e->setup.num_strategies,
                           e->evolution.counts, err));
  bool good = true;
  for (int i = 0; i < e->setup.num_strategies; ++i) {
    good = good && e->evolution.counts[i] >= 0;
    sum += e->evolution.counts[i];
  }
  if (good && sum == e->population) return MARL_OK;
  return MARL_FAIL(err, MARL_EIO, "%s: no population of %d", marl_store_path(from), e->population);
}

/* share_<name> of the population; absent for who does not take part */
static const char *const metrics[MARL_ITERATED_COMMON + MARL_NUM_STRATEGY_NAMES] = {
    "cooperation", "welfare", MARL_STRATEGY_METRICS("share_")};

static const MarlMeasure measures[] = {
    {"cooperation", MARL_MEASURE_FOLLOWED | MARL_MEASURE_IN_UNIT},
    {"share_allc", MARL_MEASURE_COLUMN | MARL_MEASURE_IN_UNIT},
    {"share_alld", MARL_MEASURE_COLUMN | MARL_MEASURE_IN_UNIT},
    {"share_tft", MARL_MEASURE_COLUMN | MARL_MEASURE_IN_UNIT},
    {"share_gtft", MARL_MEASURE_COLUMN | MARL_MEASURE_IN_UNIT},
    {"share_wsls", MARL_MEASURE_COLUMN | MARL_MEASURE_IN_UNIT},
    {"share_grim", MARL_MEASURE_COLUMN | MARL_MEASURE_IN_UNIT},
    {"share_random", MARL_MEASURE_IN_UNIT},
    {"share_memory_one", MARL_MEASURE_IN_UNIT},
    {"share_conditional", MARL_MEASURE_IN_UNIT},
    {"share_threshold", MARL_MEASURE_IN_UNIT},
    {"share_greedy", MARL_MEASURE_IN_UNIT},
    {"share_q_learner", MARL_MEASURE_IN_UNIT},
};

const MarlPopulationOps marl_population_evolution = {
    .name = "evolution",
    .summary = "Moran or Fermi evolution of strategies of an iterated game",
    .source = "Moran 1958; Szabo and Toke 1998",
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
