/* Evolution of strategies as a population of `marl compare`: payoffs are measured once in a round
 * robin, or are exact, then a population is born and dies, or imitates, env.births times a cycle. */
#include <math.h>
#include <stdlib.h>

#include "envs/iterated/evolution.h"
#include "envs/iterated/population_internal.h"
#include "marl/learn/plain_array.h"
#include "theory/population_chain.h"
#include "theory/topic_population.h"

typedef struct EvolutionPopulation {
  MarlIteratedSetup setup;
  MarlTournamentResult result;
  MarlMatrixGame game;
  MarlEvolution evolution;
  int population, births;
} EvolutionPopulation;

static const MarlOption env_options[] = {
    MARL_ITERATED_OPTIONS(MARL_ITERATED_ALL),
    {"repetitions", MARL_OPTION_INT, "1024", 0, 1e6, NULL, "matches",
     "matches of a pair that its payoffs are measured in, rounded up to a multiple of 64; 0: exact "
     "payoffs, of memory-one strategies"},
    {"births", MARL_OPTION_INT, "100", 1, 1e9, NULL, "births",
     "births, or looks at another's payoff, in a cycle"},
    {"shares", MARL_OPTION_REALS, "", 0, 1, NULL, "1",
     "of the population at the start, one a strategy; empty: equal"},
    MARL_SELECTION_OPTIONS,
    MARL_MUTATION_OPTION("0.01"),
};

/* The population starts with its shares; what equal ones leave over goes to the first. */
static MarlCode read_counts(const MarlPopulationConfig *config, EvolutionPopulation *e,
                            MarlError *err) {
  const int n = e->setup.num_strategies;
  double share[MARL_ITERATED_MAX], border = 0.0;
  bool given;
  MARL_TRY(marl_iterated_read_shares(config->env, &e->setup, share, &given, err));
  for (int i = 0, end = 0; i < n; ++i) {
    const int before = end;
    border += share[i];
    end = i == n - 1 ? e->population : (int)lround(border * e->population);
    e->evolution.counts[i] =
        given ? end - before : e->population / n + (i < e->population % n ? 1 : 0);
  }
  return MARL_OK;
}

static MarlCode read(const MarlPopulationConfig *config, EvolutionPopulation *out, MarlError *err) {
  MARL_TRY(marl_iterated_read(config, &out->setup, err));
  out->population = marl_section_int(config->env, "population");
  out->births = marl_section_int(config->env, "births");
  out->evolution = (MarlEvolution){.mutation = marl_section_real(config->env, "mutation")};
  MARL_TRY(marl_selection_read(config->env, &out->evolution.selection, err));
  return read_counts(config, out, err);
}

static void destroy(MarlPopulationState *base) {
  free(base);
}

static void set_game(EvolutionPopulation *e) {
  const int n = e->setup.num_strategies;
  marl_matrix_game_init(n, e->population, &e->game);
  for (int i = 0; i < n; ++i)
    for (int j = 0; j < n; ++j) e->game.payoff[i][j] = e->result.payoff[i][j];
}

/* MARL_ECONFIG if payoffs as fitness would be negative. */
static MarlCode check_fitness(const EvolutionPopulation *e, MarlError *err) {
  for (int i = 0; i < e->setup.num_strategies; ++i)
    for (int j = 0; j < e->setup.num_strategies; ++j)
      if (isnan(marl_selection_log_fitness(&e->evolution.selection, e->game.payoff[i][j])))
        return MARL_FAIL(err, MARL_ECONFIG,
                         "env.fitness: %s earns %g against %s, which is a negative fitness: choose "
                         "exponential, or other payoffs",
                         e->setup.strategy[i].name, e->game.payoff[i][j],
                         e->setup.strategy[j].name);
  return MARL_OK;
}

static MarlCode begin(const MarlPopulationConfig *config, EvolutionPopulation *e, MarlKey key,
                      MarlError *err) {
  MARL_TRY(read(config, e, err));
  MARL_TRY(marl_iterated_payoffs(config, &e->setup, marl_key_fold(key, MARL_STREAM_ENV), &e->result,
                                 err));
  set_game(e);
  e->evolution.game = &e->game;
  e->evolution.key = marl_key_fold(key, MARL_STREAM_POLICY);
  return check_fitness(e, err);
}

static MarlCode create(const MarlPopulationConfig *config, MarlKey key, MarlPopulationState **out,
                       MarlError *err) {
  EvolutionPopulation *population = calloc(1, sizeof *population);
  if (population == NULL) return MARL_FAIL(err, MARL_EMEMORY, "evolution: no memory");
  const MarlCode code = begin(config, population, key, err);
  if (code != MARL_OK)
    free(population);
  else
    *out = (MarlPopulationState *)population;
  return code;
}

static void measure(const EvolutionPopulation *e, const MarlPopulationMeans *means,
                    double *metrics) {
  metrics[MARL_ITERATED_COOPERATION] = metrics[MARL_ITERATED_WELFARE] = 0.0;
  for (int i = 0; i < e->setup.num_strategies; ++i) {
    metrics[MARL_ITERATED_COMMON + i] = means->share[i];
    for (int j = 0; j < e->setup.num_strategies; ++j) {
      metrics[MARL_ITERATED_COOPERATION] += means->pair[i][j] * e->result.cooperation[i][j];
      metrics[MARL_ITERATED_WELFARE] += means->pair[i][j] * e->result.payoff[i][j];
    }
  }
}

static MarlCode cycle(MarlPopulationState *base, double *metrics, double *whole, MarlError *err) {
  (void)whole;
  (void)err;
  EvolutionPopulation *e = (EvolutionPopulation *)base;
  MarlPopulationMeans now;
  const int n = e->setup.num_strategies, size = e->population;
  marl_evolution_run(&e->evolution, e->births);
  for (int i = 0; i < n; ++i) {
    const double own = e->evolution.counts[i];
    now.share[i] = own / size;
    for (int j = 0; j < n; ++j) {
      const double others = e->evolution.counts[j] - (i == j ? 1 : 0);
      now.pair[i][j] = own * others / ((double)size * (size - 1));
    }
  }
  measure(e, &now, metrics);
  return MARL_OK;
}

/* Where the chain of the whole population is small enough, with exact payoffs. */
static MarlCode exact(const MarlPopulationConfig *config, double *metrics, MarlError *err) {
  EvolutionPopulation e = {.births = 0};
  MarlPopulationMeans means;
  MARL_TRY(read(config, &e, err));
  const int n = e.setup.num_strategies;
  if (!marl_iterated_is_exact(&e.setup) || !marl_population_chain_fits(n, e.population) ||
      e.evolution.mutation <= 0.0)
    return MARL_OK;
  MARL_TRY(marl_iterated_exact_payoffs(config, &e.setup, &e.result, err));
  set_game(&e);
  MARL_TRY(marl_population_chain(&e.game.base, &e.evolution.selection, e.evolution.mutation, &means,
                                 err));
  measure(&e, &means, metrics);
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

/* share_<name> of the population */
static MarlCode describe(const MarlPopulationConfig *config, MarlPopulationMetrics *out,
                         MarlError *err) {
  static const MarlIteratedMetric each[] = {{"share_", MARL_MEASURE_COLUMN | MARL_MEASURE_IN_UNIT}};
  EvolutionPopulation *e = calloc(1, sizeof *e);
  if (e == NULL) return MARL_FAIL(err, MARL_EMEMORY, "evolution: no memory");
  const MarlCode code = begin(config, e, marl_key(0, MARL_STREAM_ENV), err);
  if (code == MARL_OK)
    marl_iterated_describe(&e->setup, MARL_MEASURE_FOLLOWED | MARL_MEASURE_IN_UNIT, 0, each, 1,
                           out);
  free(e);
  return code;
}

const MarlPopulationOps marl_population_evolution = {
    .name = "evolution",
    .summary = "Moran or Fermi evolution of strategies of an iterated game",
    .source = "Moran 1958; Szabo and Toke 1998",
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
