/* Populations: what `marl compare` can compare.
 *
 * A population lives in cycles and reports named metrics of each. `trained` is any environment with
 * any learner (trained.c) and needs nothing of this file: an environment says what it measures in
 * marl/learn/env.h. A population of its own earns it by speed:
 *   1. a table of options for section `env` (and, if it has learners, for section `learner`);
 *   2. the names of its metrics, and what is to know of them (MarlMeasure);
 *   3. create (a function of configuration and key alone: same key, same bits), cycle, destroy,
 *      save, load; check (refuses what create would, before anything is written); greedy where
 *      exploration can be switched off;
 *   4. a const MarlPopulationOps; MarlPopulationState is only the name of a state of your own;
 *   5. its line in envs/population_table.c. Then `compare.population: NAME`, cells, sweeps,
 *      statistics, resume and ranks are there. */
#ifndef MARL_COMPARE_POPULATION_H
#define MARL_COMPARE_POPULATION_H

#include "marl/learn/learner.h"

typedef struct MarlPopulationOps MarlPopulationOps;
typedef struct MarlPopulationState MarlPopulationState; /* a population's own state */

enum { MARL_METRIC_NAME = 64, MARL_POPULATION_MAX_METRICS = 128 };

/* What a cell of a comparison configures; lives as long as the population. */
typedef struct MarlPopulationConfig {
  const MarlSection *env;
  const MarlSection *learner; /* empty where the population has no learner options */
  /* of `trained`, else NULL */
  const MarlSection *policy, *run;
  const MarlEnvOps *env_ops;
  const MarlLearnerOps *learner_ops;
  uint64_t seed; /* of the cell, from which the key comes */
  int replica;   /* number of the run in its cell; 0 in check and describe */
} MarlPopulationConfig;

/* The metrics of a cycle. */
typedef struct MarlPopulationMetrics {
  int count;
  char name[MARL_POPULATION_MAX_METRICS][MARL_METRIC_NAME]; /* [a-z0-9_]+, no two the same */
  unsigned is[MARL_POPULATION_MAX_METRICS]; /* bits of MarlMeasure.is of each; or by name: */
  const MarlMeasure *measures;              /* [num_measures] of those with something to know */
  size_t num_measures;
} MarlPopulationMetrics;

struct MarlPopulationOps {
  MARL_PLUGIN; /* options: of section env */
  const MarlOption *learner_options;
  size_t num_learner_options;
  const MarlEnvAxis *axes; /* [num_axes] lists of section `compare`; NULL: none */
  size_t num_axes;

  /* What a cycle measures; or describe, which also refuses what create would. */
  const char *const *metrics; /* [num_metrics] */
  int num_metrics;
  const MarlMeasure *measures; /* [num_measures] */
  size_t num_measures;
  MarlCode (*describe)(const MarlPopulationConfig *config, MarlPopulationMetrics *out,
                       MarlError *err);

  MarlCode (*check)(const MarlPopulationConfig *config, MarlError *err);
  MarlCode (*create)(const MarlPopulationConfig *config, MarlKey key, MarlPopulationState **out,
                     MarlError *err);
  void (*destroy)(MarlPopulationState *population); /* NULL is accepted */
  /* One cycle; metrics and whole [metrics of a cycle]. whole is 1 everywhere on entry. A ratio leaves
   * its numerator in metrics and its denominator in whole, so that cycles are pooled and not
   * averaged; what did not happen, or does not take part, leaves 0 in both: it is absent, not 0. */
  MarlCode (*cycle)(MarlPopulationState *population, double *metrics, double *whole,
                    MarlError *err);
  /* `cycles` more on a copy, nobody explores or learns; metrics and whole as in cycle, of all of
   * them. NULL: no such. */
  MarlCode (*greedy)(const MarlPopulationState *population, int cycles, double *metrics,
                     double *whole, MarlError *err);
  /* What theory says of a run: the metrics of a cycle in the mean over a long run, or over many; NaN
   * (as they are on entry) where it says nothing. NULL: nowhere. */
  MarlCode (*exact)(const MarlPopulationConfig *config, double *metrics, MarlError *err);
  /* Between two cycles; bit for bit. A population that loads was created with the same configuration
   * and key as the one that was saved. */
  MarlCode (*save)(const MarlPopulationState *population, MarlStore *to, MarlError *err);
  MarlCode (*load)(MarlPopulationState *population, MarlStore *from, MarlError *err);
};

/* Any environment with any learner, in marl/compare/trained.c. */
extern const MarlPopulationOps marl_population_trained;

/* Populations that a program has registered (marl_register_population of envs/population_table.h); they are
 * found beside those of any table. */
extern MarlKind marl_kind_populations;

/* In `table`, NULL-terminated (envs/population_table.c, or a program's own), and among the registered ones.
 * MARL_ECONFIG with the nearest name when there is no such population. */
MarlCode marl_population_find(const MarlPopulationOps *const *table, const char *name,
                              const MarlPopulationOps **out, MarlError *err) MARL_NODISCARD;

#endif
