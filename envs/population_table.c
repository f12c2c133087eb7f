#include "envs/population_table.h"

/* one line a population: envs/<family>/population_<name>.c */
#define TABLE(ENTRY) \
  ENTRY(trained)     \
  ENTRY(reciprocity) \
  ENTRY(lattice)     \
  ENTRY(imitation)   \
  ENTRY(tournament)  \
  ENTRY(evolution)   \
  ENTRY(fixation)    \
  ENTRY(mixed)       \
  ENTRY(norms)

#define DECLARE(name) extern const MarlPopulationOps marl_population_##name;
#define POINTER(name) &marl_population_##name,
TABLE(DECLARE)
const MarlPopulationOps *const marl_population_table[] = {TABLE(POINTER) NULL};

static const MarlPlugin *at(size_t i) {
  size_t count = 0;
  while (marl_population_table[count] != NULL) ++count;
  return i < count ? &marl_population_table[i]->plugin
                   : marl_kind_at(&marl_kind_populations, i - count);
}

MarlKind marl_kind_all_populations = {.name = "populations",
                                      .title = "Populations",
                                      .noun = "population",
                                      .section = "compare",
                                      .key = "compare.population",
                                      .shipped = at,
                                      .keeper = &marl_kind_populations};

MarlCode marl_register_population(const MarlPopulationOps *ops, MarlError *err) {
  return marl_kind_register(&marl_kind_all_populations, &ops->plugin, err);
}
