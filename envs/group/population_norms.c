/* Axelrod's norms and metanorms games as a population of `marl compare`: a cycle is a generation.
 * Traits evolve and nobody learns, so that this is no environment. */
#include <stdlib.h>

#include "envs/group/norms_game.h"
#include "marl/compare/population.h"
#include "marl/learn/plain_array.h"

typedef struct NormsPopulation {
  MarlNormsGame game;
} NormsPopulation;

static MarlCode check(const MarlPopulationConfig *config, MarlError *err) {
  (void)config; /* any combination of values is a game */
  (void)err;
  return MARL_OK;
}

static MarlCode create(const MarlPopulationConfig *config, MarlKey key, MarlPopulationState **out,
                       MarlError *err) {
  NormsPopulation *population = calloc(1, sizeof *population);
  if (population == NULL) return MARL_FAIL(err, MARL_EMEMORY, "norms: no memory");
  MarlNormsRules rules;
  marl_norms_rules_read(config->env, &rules);
  marl_norms_game_begin(&rules, key, &population->game);
  *out = (MarlPopulationState *)population;
  return MARL_OK;
}

static void destroy(MarlPopulationState *base) {
  free(base);
}

static MarlCode cycle(MarlPopulationState *base, double *metrics, double *whole, MarlError *err) {
  (void)err;
  marl_norms_game_generation(&((NormsPopulation *)base)->game, metrics, whole);
  return MARL_OK;
}

static MarlCode save(const MarlPopulationState *base, MarlStore *to, MarlError *err) {
  const MarlNormsGame *game = &((const NormsPopulation *)base)->game;
  const size_t n = (size_t)game->rules.num_players;
  MARL_TRY(marl_store_set_int(to, NULL, "generation", game->generation, err));
  MARL_TRY(marl_plain_write(to, "boldness", MARL_U8, n, game->boldness, err));
  return marl_plain_write(to, "vengefulness", MARL_U8, n, game->vengefulness, err);
}

static MarlCode load(MarlPopulationState *base, MarlStore *from, MarlError *err) {
  MarlNormsGame *game = &((NormsPopulation *)base)->game;
  const size_t n = (size_t)game->rules.num_players;
  MARL_TRY(marl_store_get_int(from, NULL, "generation", &game->generation, err));
  MARL_TRY(marl_plain_read(from, "boldness", MARL_U8, n, game->boldness, err));
  return marl_plain_read(from, "vengefulness", MARL_U8, n, game->vengefulness, err);
}

static const MarlMeasure measures[] = {
    {"cooperation", MARL_MEASURE_FOLLOWED | MARL_MEASURE_IN_UNIT},
    {"welfare", MARL_MEASURE_COLUMN},
    {"boldness", MARL_MEASURE_COLUMN | MARL_MEASURE_IN_UNIT},
    {"vengefulness", MARL_MEASURE_COLUMN | MARL_MEASURE_IN_UNIT},
    {"established", MARL_MEASURE_COLUMN | MARL_MEASURE_IN_UNIT},
    {"collapsed", MARL_MEASURE_COLUMN | MARL_MEASURE_IN_UNIT},
};

const MarlPopulationOps marl_population_norms = {
    .name = "norms",
    .summary = "evolution of boldness and vengefulness: the norms and metanorms games",
    .source = "Axelrod, Am. Polit. Sci. Rev. 80, 1986",
    .options = marl_norms_options,
    .num_options = MARL_NORMS_NUM_OPTIONS,
    .metrics = marl_norms_metric_names,
    .num_metrics = MARL_NORMS_NUM_METRICS,
    .measures = measures,
    .num_measures = sizeof measures / sizeof *measures,
    .check = check,
    .create = create,
    .destroy = destroy,
    .cycle = cycle,
    .save = save,
    .load = load,
};
