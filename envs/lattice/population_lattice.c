/* Lattices as populations of `marl compare`: `lattice`, learners, and `imitation`. One run is one lattice
 * on one rank; a cycle is env.steps steps. */
#include <stdlib.h>

#include "envs/lattice/lattice_config.h"
#include "marl/compare/population.h"

typedef struct LatticePopulation {
  MarlLattice *lattice;
  MarlLatticeParams params;
  int steps;
} LatticePopulation;

static MarlCode check_learners(const MarlPopulationConfig *config, MarlError *err) {
  MarlLatticeParams params;
  return marl_lattice_read(MARL_LATTICE_LEARN, config->env, config->learner, &params, err);
}

static MarlCode check_imitators(const MarlPopulationConfig *config, MarlError *err) {
  MarlLatticeParams params;
  return marl_lattice_read(MARL_LATTICE_IMITATE, config->env, NULL, &params, err);
}

static void destroy(MarlPopulationState *base) {
  LatticePopulation *population = (LatticePopulation *)base;
  if (population == NULL) return;
  marl_lattice_destroy(&population->lattice);
  free(population);
}

static MarlCode create(MarlLatticeUpdate update, const MarlPopulationConfig *config, MarlKey key,
                       MarlPopulationState **out, MarlError *err) {
  LatticePopulation *population = calloc(1, sizeof *population);
  if (population == NULL) return MARL_FAIL(err, MARL_EMEMORY, "lattice: no memory");
  population->steps = marl_section_int(config->env, "steps");
  MarlCode code = marl_lattice_read(update, config->env, config->learner, &population->params, err);
  if (code == MARL_OK)
    code = marl_lattice_create(&population->params, key, MPI_COMM_SELF, &population->lattice, err);
  if (code != MARL_OK)
    destroy((MarlPopulationState *)population);
  else
    *out = (MarlPopulationState *)population;
  return code;
}

static MarlCode create_learners(const MarlPopulationConfig *config, MarlKey key,
                                MarlPopulationState **out, MarlError *err) {
  return create(MARL_LATTICE_LEARN, config, key, out, err);
}

static MarlCode create_imitators(const MarlPopulationConfig *config, MarlKey key,
                                 MarlPopulationState **out, MarlError *err) {
  return create(MARL_LATTICE_IMITATE, config, key, out, err);
}

/* A lattice on one rank has nobody to wait for: running it cannot fail. */
static MarlCode cycle(MarlPopulationState *base, double *metrics, double *whole, MarlError *err) {
  (void)whole; /* there are sites in every step */
  LatticePopulation *population = (LatticePopulation *)base;
  MarlLatticeCounts counts;
  MARL_TRY(marl_lattice_run(population->lattice, population->steps, &counts, err));
  marl_lattice_metrics(&population->params, &counts, metrics);
  return MARL_OK;
}

static MarlCode greedy(const MarlPopulationState *base, int cycles, double *metrics, double *whole,
                       MarlError *err) {
  (void)whole;
  const LatticePopulation *population = (const LatticePopulation *)base;
  MarlLatticeCounts counts;
  MARL_TRY(marl_lattice_greedy(population->lattice, cycles * population->steps, &counts, err));
  marl_lattice_metrics(&population->params, &counts, metrics);
  return MARL_OK;
}

static MarlCode save(const MarlPopulationState *base, MarlStore *to, MarlError *err) {
  return marl_lattice_save(((const LatticePopulation *)base)->lattice, to, err);
}

static MarlCode load(MarlPopulationState *base, MarlStore *from, MarlError *err) {
  return marl_lattice_load(((LatticePopulation *)base)->lattice, from, err);
}

static const MarlMeasure learner_measures[] = {
    {"cooperation", MARL_MEASURE_FOLLOWED | MARL_MEASURE_IN_UNIT | MARL_MEASURE_GREEDY},
    {"welfare", MARL_MEASURE_COLUMN | MARL_MEASURE_GREEDY},
    {"gross_welfare", MARL_MEASURE_COLUMN},
    {"cooperation", MARL_MEASURE_GREEDY_COLUMN},
    {"fines", MARL_MEASURE_COLUMN},
    {"alike", MARL_MEASURE_COLUMN | MARL_MEASURE_IN_UNIT},
};
static const MarlMeasure imitation_measures[] = {
    {"cooperation", MARL_MEASURE_FOLLOWED | MARL_MEASURE_IN_UNIT},
    {"welfare", MARL_MEASURE_COLUMN},
    {"share_c", MARL_MEASURE_COLUMN | MARL_MEASURE_IN_UNIT},
    {"share_d", MARL_MEASURE_COLUMN | MARL_MEASURE_IN_UNIT},
    {"share_p", MARL_MEASURE_COLUMN | MARL_MEASURE_IN_UNIT},
    {"share_ip", MARL_MEASURE_COLUMN | MARL_MEASURE_IN_UNIT},
    {"alike", MARL_MEASURE_IN_UNIT},
};

#define COUNT(array) (sizeof(array) / sizeof *(array))

const MarlPopulationOps marl_population_lattice = {
    .name = "lattice",
    .summary = "tabular Q-learners on a square lattice whose cooperators fine defectors",
    .source = "arXiv:2401.16073",
    .options = marl_lattice_env_options,
    .num_options = MARL_LATTICE_NUM_ENV_OPTIONS,
    .learner_options = marl_lattice_learner_options,
    .num_learner_options = MARL_LATTICE_NUM_LEARNER_OPTIONS,
    .metrics = marl_lattice_metric_names,
    .num_metrics = MARL_LATTICE_NUM_COMMON,
    .measures = learner_measures,
    .num_measures = COUNT(learner_measures),
    .check = check_learners,
    .create = create_learners,
    .destroy = destroy,
    .cycle = cycle,
    .greedy = greedy,
    .save = save,
    .load = load,
};

const MarlPopulationOps marl_population_imitation = {
    .name = "imitation",
    .summary = "imitation on a square lattice: cooperators, defectors, direct and indirect fines",
    .source = "Wen, He, Shen and Tanimoto, arXiv:2409.19880",
    .options = marl_imitation_env_options,
    .num_options = MARL_IMITATION_NUM_ENV_OPTIONS,
    .metrics = marl_lattice_metric_names,
    .num_metrics = MARL_LATTICE_NUM_METRICS,
    .measures = imitation_measures,
    .num_measures = COUNT(imitation_measures),
    .check = check_imitators,
    .create = create_imitators,
    .destroy = destroy,
    .cycle = cycle,
    .save = save,
    .load = load,
};
