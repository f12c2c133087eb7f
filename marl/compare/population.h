/* Populations: what `marl compare` can compare.
 *
 * A population lives in cycles and reports named metrics of each. Most are an environment and a
 * learner of the trainer's tables, and need nothing of this file. One of its own earns it by speed:
 *   1. a table of options for section `env`; it must declare INT `cycles`, the length of a run
 *      (and, if it has learners, a table for section `learner`);
 *   2. the names of its metrics, and which one is `followed`: the time to a threshold, the
 *      learning curves and the heat map of a sweep are drawn of it;
 *   3. create (a function of configuration and key alone: same key, same bits), cycle, destroy,
 *      save, load; check (refuses what create would, before anything is written); greedy where
 *      exploration can be switched off;
 *   4. a const MarlPopulationOps; MarlPopulationState is only the name of a state of your own;
 *   5. its line in envs/population_table.c. Then `compare.population: NAME`, cells, sweeps,
 *      statistics, resume and ranks are there.
 * Axes give lists of their own names to keys, e.g. compare.mechanisms to env.mechanism. */
#ifndef MARL_COMPARE_POPULATION_H
#define MARL_COMPARE_POPULATION_H

#include "marl/core/error.h"
#include "marl/core/option.h"
#include "marl/core/rng.h"
#include "marl/core/store.h"

typedef struct MarlPopulationOps MarlPopulationOps;
typedef struct MarlPopulationState MarlPopulationState; /* a population's own state */

/* What a cell of a comparison configures; lives as long as the population. */
typedef struct MarlPopulationConfig {
  const MarlSection *env;
  const MarlSection *learner; /* empty where the population has no learner options */
  int replica;                /* number of the run in its cell; 0 in check */
} MarlPopulationConfig;

/* A list of section `compare` whose entries are values of one key. */
typedef struct MarlPopulationAxis {
  MarlOption list; /* TEXTS; empty: the axis is not there and the key's own value holds */
  const char *key; /* "env.mechanism" */
} MarlPopulationAxis;

enum { MARL_POPULATION_MAX_AXES = 4 };

struct MarlPopulationOps {
  const char *name;
  const char *summary;
  const char *source; /* the paper, or NULL */
  const MarlOption *env_options;
  size_t num_env_options;
  const MarlOption *learner_options;
  size_t num_learner_options;
  const MarlPopulationAxis *axes; /* [num_axes] or NULL */
  size_t num_axes;                /* <= MARL_POPULATION_MAX_AXES */

  const char *const *metrics; /* [num_metrics] names of one cycle's metrics, [a-z0-9_]+ */
  int num_metrics;
  int followed;       /* index of the followed metric */
  const int *in_unit; /* [num_in_unit] metrics that lie in [0, 1] by definition; or NULL */
  int num_in_unit;
  const int *greedy_metrics; /* [num_greedy_metrics] indices also reported as greedy_<name> */
  int num_greedy_metrics;    /* 0 without greedy */
  const int *shares;         /* [num_shares] metrics that add up to 1, as of strategies; or NULL */
  int num_shares;
  /* [num_table] of the printed table: names of metrics, greedy ones too */
  const char *const *table;
  size_t num_table;

  MarlCode (*check)(const MarlPopulationConfig *config, MarlError *err);
  MarlCode (*create)(const MarlPopulationConfig *config, MarlKey key, MarlPopulationState **out,
                     MarlError *err);
  void (*destroy)(MarlPopulationState *population); /* NULL is accepted */
  /* One cycle; metrics and whole [num_metrics]. whole is 1 everywhere on entry. A ratio leaves its
   * numerator in metrics and its denominator in whole, so that cycles are pooled and not averaged;
   * what did not happen, or does not take part, leaves 0 in both: it is absent, not 0. */
  void (*cycle)(MarlPopulationState *population, double *metrics, double *whole);
  /* `cycles` more on a copy, nobody explores or learns; metrics and whole as in cycle, of all of
   * them. NULL: no such. */
  MarlCode (*greedy)(const MarlPopulationState *population, int cycles, double *metrics,
                     double *whole, MarlError *err);
  /* Between two cycles; bit for bit. A population that loads was created with the same configuration
   * and key as the one that was saved. */
  MarlCode (*save)(const MarlPopulationState *population, MarlStore *to, MarlError *err);
  MarlCode (*load)(MarlPopulationState *population, MarlStore *from, MarlError *err);
};

/* `table` is NULL-terminated (envs/population_table.c, or a program's own). MARL_ECONFIG with the
 * nearest name when there is no such population. */
MarlCode marl_population_find(const MarlPopulationOps *const *table, const char *name,
                              const MarlPopulationOps **out, MarlError *err) MARL_NODISCARD;

#endif
