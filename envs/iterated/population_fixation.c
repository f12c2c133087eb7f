/* One mutant among residents, again and again, as a population of `marl compare`: a cycle is env.runs
 * runs to the end of one of the two kinds. */
#include <math.h>
#include <stdlib.h>

#include "envs/iterated/fixation_runs.h"
#include "envs/iterated/population_internal.h"
#include "theory/fixation.h"
#include "theory/topic_population.h"

enum { FIXATION, TIME, TIME_OF_FIXATION, NUM_METRICS };

typedef struct FixationPopulation {
  MarlIteratedSetup setup;
  MarlSelection selection;
  MarlMatrixGame game;
  MarlFixationRuns *chain;
  MarlKey key;
  int64_t runs, done;
} FixationPopulation;

static const MarlOption env_options[] = {
    MARL_ITERATED_OPTIONS("TFT, AllD"),
    {"repetitions", MARL_OPTION_INT, "0", 0, 1e6, NULL, "matches",
     "matches of a pair that its payoffs are measured in, rounded up to a multiple of 64; 0: exact "
     "payoffs, of memory-one strategies"},
    {"runs", MARL_OPTION_INT, "1000", 1, 1e9, NULL, "runs", "runs in a cycle"},
    MARL_SELECTION_OPTIONS,
};

/* The first strategy is the mutant. Without a key payoffs are exact. */
static MarlCode read(const MarlPopulationConfig *config, const MarlKey *key,
                     FixationPopulation *out, MarlError *err) {
  MarlTournamentResult result;
  MARL_TRY(marl_iterated_read(config, &out->setup, err));
  if (out->setup.num_strategies != 2)
    return MARL_FAIL(err, MARL_ECONFIG,
                     "env.strategies: %d of them; expected two, the mutant and the resident",
                     out->setup.num_strategies);
  out->runs = marl_section_int(config->env, "runs");
  MARL_TRY(marl_selection_read(config->env, &out->selection, err));
  MARL_TRY(key == NULL ? marl_iterated_exact_payoffs(config, &out->setup, &result, err)
                       : marl_iterated_payoffs(config, &out->setup, *key, &result, err));
  marl_matrix_game_init(2, marl_section_int(config->env, "population"), &out->game);
  for (int i = 0; i < 4; ++i) out->game.payoff[i / 2][i % 2] = result.payoff[i / 2][i % 2];
  return MARL_OK;
}

static void destroy(MarlPopulationState *base) {
  FixationPopulation *p = (FixationPopulation *)base;
  if (p == NULL) return;
  marl_fixation_runs_destroy(&p->chain);
  free(p);
}

static MarlCode create(const MarlPopulationConfig *config, MarlKey key, MarlPopulationState **out,
                       MarlError *err) {
  const MarlKey of_matches = marl_key_fold(key, MARL_STREAM_ENV);
  FixationPopulation *p = calloc(1, sizeof *p);
  if (p == NULL) return MARL_FAIL(err, MARL_EMEMORY, "fixation: no memory");
  p->key = marl_key_fold(key, MARL_STREAM_POLICY);
  MarlCode code = read(config, &of_matches, p, err);
  if (code == MARL_OK)
    code = marl_fixation_runs_create(&p->game.base, &p->selection, 0, 1, &p->chain, err);
  if (code != MARL_OK)
    destroy((MarlPopulationState *)p);
  else
    *out = (MarlPopulationState *)p;
  return code;
}

static MarlCode check(const MarlPopulationConfig *config, MarlError *err) {
  MarlPopulationState *population = NULL;
  const MarlCode code = create(config, marl_key(0, MARL_STREAM_ENV), &population, err);
  destroy(population);
  return code;
}

/* Ratios: over the runs, and over those that the mutant takes over. */
static MarlCode cycle(MarlPopulationState *base, double *metrics, double *whole, MarlError *err) {
  (void)err;
  FixationPopulation *p = (FixationPopulation *)base;
  MarlFixationCount sum = {.runs = 0};
  marl_fixation_runs_add(p->chain, p->key, p->done, p->runs, &sum);
  p->done += p->runs;
  metrics[FIXATION] = (double)sum.fixed;
  metrics[TIME] = sum.time;
  metrics[TIME_OF_FIXATION] = sum.time_of_fixed;
  whole[FIXATION] = whole[TIME] = (double)sum.runs;
  whole[TIME_OF_FIXATION] = (double)sum.fixed;
  return MARL_OK;
}

static MarlCode exact(const MarlPopulationConfig *config, double *metrics, MarlError *err) {
  FixationPopulation p = {.done = 0};
  MarlFixationTimes times;
  MARL_TRY(marl_iterated_read(config, &p.setup, err));
  if (!marl_iterated_is_exact(&p.setup)) return MARL_OK;
  MARL_TRY(read(config, NULL, &p, err));
  MARL_TRY(marl_fixation_times(&p.game.base, &p.selection, 0, 1, &times, err));
  metrics[FIXATION] = exp(marl_log_fixation(&p.game.base, &p.selection, 0, 1));
  metrics[TIME] = times.unconditional;
  metrics[TIME_OF_FIXATION] = times.conditional;
  return MARL_OK;
}

static MarlCode save(const MarlPopulationState *base, MarlStore *to, MarlError *err) {
  return marl_store_set_int(to, NULL, "runs", ((const FixationPopulation *)base)->done, err);
}

static MarlCode load(MarlPopulationState *base, MarlStore *from, MarlError *err) {
  return marl_store_get_int(from, NULL, "runs", &((FixationPopulation *)base)->done, err);
}

/* births, or looks, until one kind is left; a mean of many runs is not a share of any distribution: its
 * interval over seeds is Student's */
static const char *const metrics[NUM_METRICS] = {"fixation", "births", "births_of_fixation"};
static const MarlMeasure measures[] = {
    {"fixation", MARL_MEASURE_FOLLOWED},
    {"births", MARL_MEASURE_COLUMN},
    {"births_of_fixation", MARL_MEASURE_COLUMN},
};

const MarlPopulationOps marl_population_fixation = {
    .name = "fixation",
    .summary = "one mutant among residents of an iterated game: how often, and when, it takes over",
    .source = "Nowak, Sasaki, Taylor and Fudenberg 2004",
    .options = env_options,
    .num_options = sizeof env_options / sizeof *env_options,
    .learner_options = marl_iterated_learner_options,
    .num_learner_options = MARL_ITERATED_NUM_LEARNER_OPTIONS,
    .metrics = metrics,
    .num_metrics = NUM_METRICS,
    .measures = measures,
    .num_measures = sizeof measures / sizeof *measures,
    .check = check,
    .create = create,
    .destroy = destroy,
    .cycle = cycle,
    .exact = exact,
    .save = save,
    .load = load,
};
