/* Lattices as engines of `marl compare`: `lattice`, learners, and `imitation`. One run is one lattice
 * on one rank; a cycle is env.steps steps. */
#include <stdlib.h>

#include "envs/comparison/engine.h"
#include "envs/lattice/lattice_config.h"

typedef struct LatticeEngine {
  MarlLattice *lattice;
  MarlLatticeParams params;
  int steps;
} LatticeEngine;

static MarlCode check_learners(const MarlEngineConfig *config, MarlError *err) {
  MarlLatticeParams params;
  return marl_lattice_read(MARL_LATTICE_LEARN, config->env, config->learner, &params, err);
}

static MarlCode check_imitators(const MarlEngineConfig *config, MarlError *err) {
  MarlLatticeParams params;
  return marl_lattice_read(MARL_LATTICE_IMITATE, config->env, NULL, &params, err);
}

static void destroy(MarlEngine *base) {
  LatticeEngine *engine = (LatticeEngine *)base;
  if (engine == NULL) return;
  marl_lattice_destroy(&engine->lattice);
  free(engine);
}

static MarlCode create(MarlLatticeUpdate update, const MarlEngineConfig *config, MarlKey key,
                       MarlEngine **out, MarlError *err) {
  LatticeEngine *engine = calloc(1, sizeof *engine);
  if (engine == NULL) return MARL_FAIL(err, MARL_EMEMORY, "lattice: no memory");
  engine->steps = marl_section_int(config->env, "steps");
  MarlCode code = marl_lattice_read(update, config->env, config->learner, &engine->params, err);
  if (code == MARL_OK)
    code = marl_lattice_create(&engine->params, key, MPI_COMM_SELF, &engine->lattice, err);
  if (code != MARL_OK)
    destroy((MarlEngine *)engine);
  else
    *out = (MarlEngine *)engine;
  return code;
}

static MarlCode create_learners(const MarlEngineConfig *config, MarlKey key, MarlEngine **out,
                                MarlError *err) {
  return create(MARL_LATTICE_LEARN, config, key, out, err);
}

static MarlCode create_imitators(const MarlEngineConfig *config, MarlKey key, MarlEngine **out,
                                 MarlError *err) {
  return create(MARL_LATTICE_IMITATE, config, key, out, err);
}

/* A lattice on one rank has nobody to wait for: running it cannot fail. */
static void cycle(MarlEngine *base, double *metrics, double *whole) {
  (void)whole; /* there are sites in every step */
  LatticeEngine *engine = (LatticeEngine *)base;
  MarlLatticeCounts counts;
  if (marl_lattice_run(engine->lattice, engine->steps, &counts, NULL) == MARL_OK)
    marl_lattice_metrics(&engine->params, &counts, metrics);
}

static MarlCode greedy(const MarlEngine *base, int cycles, double *metrics, double *whole,
                       MarlError *err) {
  (void)whole;
  const LatticeEngine *engine = (const LatticeEngine *)base;
  MarlLatticeCounts counts;
  MARL_TRY(marl_lattice_greedy(engine->lattice, cycles * engine->steps, &counts, err));
  marl_lattice_metrics(&engine->params, &counts, metrics);
  return MARL_OK;
}

static MarlCode save(const MarlEngine *base, MarlStore *to, MarlError *err) {
  return marl_lattice_save(((const LatticeEngine *)base)->lattice, to, err);
}

static MarlCode load(MarlEngine *base, MarlStore *from, MarlError *err) {
  return marl_lattice_load(((LatticeEngine *)base)->lattice, from, err);
}

static const int learners_in_unit[] = {MARL_LATTICE_COOPERATION, MARL_LATTICE_ALIKE};
static const int imitators_in_unit[] = {
    MARL_LATTICE_COOPERATION,    MARL_LATTICE_ALIKE,          MARL_LATTICE_NUM_COMMON,
    MARL_LATTICE_NUM_COMMON + 1, MARL_LATTICE_NUM_COMMON + 2, MARL_LATTICE_NUM_COMMON + 3,
};
static const int greedy_metrics[] = {MARL_LATTICE_COOPERATION, MARL_LATTICE_WELFARE};
static const char *const learner_table[] = {"welfare", "gross_welfare", "greedy_cooperation",
                                            "fines", "alike"};
static const char *const imitation_table[] = {"welfare", "share_c", "share_d", "share_p",
                                              "share_ip"};

#define COUNT(array) (sizeof(array) / sizeof *(array))

const MarlEngineOps marl_engine_lattice = {
    .name = "lattice",
    .summary = "tabular Q-learners on a square lattice whose cooperators fine defectors",
    .source = "arXiv:2401.16073",
    .env_options = marl_lattice_env_options,
    .num_env_options = MARL_LATTICE_NUM_ENV_OPTIONS,
    .learner_options = marl_lattice_learner_options,
    .num_learner_options = MARL_LATTICE_NUM_LEARNER_OPTIONS,
    .metrics = marl_lattice_metric_names,
    .num_metrics = MARL_LATTICE_NUM_COMMON,
    .followed = MARL_LATTICE_COOPERATION,
    .in_unit = learners_in_unit,
    .num_in_unit = COUNT(learners_in_unit),
    .greedy_metrics = greedy_metrics,
    .num_greedy_metrics = COUNT(greedy_metrics),
    .table = learner_table,
    .num_table = COUNT(learner_table),
    .check = check_learners,
    .create = create_learners,
    .destroy = destroy,
    .cycle = cycle,
    .greedy = greedy,
    .save = save,
    .load = load,
};

const MarlEngineOps marl_engine_imitation = {
    .name = "imitation",
    .summary = "imitation on a square lattice: cooperators, defectors, direct and indirect fines",
    .source = "Wen, He, Shen and Tanimoto, arXiv:2409.19880",
    .env_options = marl_imitation_env_options,
    .num_env_options = MARL_IMITATION_NUM_ENV_OPTIONS,
    .metrics = marl_lattice_metric_names,
    .num_metrics = MARL_LATTICE_NUM_METRICS,
    .followed = MARL_LATTICE_COOPERATION,
    .in_unit = imitators_in_unit,
    .num_in_unit = COUNT(imitators_in_unit),
    .table = imitation_table,
    .num_table = COUNT(imitation_table),
    .check = check_imitators,
    .create = create_imitators,
    .destroy = destroy,
    .cycle = cycle,
    .save = save,
    .load = load,
};
