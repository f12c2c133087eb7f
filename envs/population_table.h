/* Every population of this project that `marl compare` can compare. To add one, add its line in population_table.c. */
#ifndef MARL_ENVS_POPULATION_TABLE_H
#define MARL_ENVS_POPULATION_TABLE_H

#include "marl/compare/population.h"

extern const MarlPopulationOps
    *const marl_population_table[]; /* NULL-terminated; the first is default */

extern MarlKind marl_kind_all_populations; /* with those that a program has registered */
MarlCode marl_register_population(const MarlPopulationOps *ops, MarlError *err) MARL_NODISCARD;

#endif
