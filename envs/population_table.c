#include "envs/population_table.h"

/* one line a population: envs/<family>/population_<name>.c */
#define TABLE(ENTRY) \
  ENTRY(trained)     \
  ENTRY(society)     \
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
