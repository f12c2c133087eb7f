#include "marl/compare/population.h"

#include <string.h>

#include "marl/core/nearest.h"

enum { MAX_POPULATIONS = 32 + MARL_MAX_REGISTERED };

MarlKind marl_kind_populations = {.name = "populations",
                                  .title = "Populations",
                                  .noun = "population",
                                  .section = "compare",
                                  .key = "compare.population"};

/* Population `i` of the table, then of the registered ones; NULL behind the last. */
static const MarlPopulationOps *at(const MarlPopulationOps *const *table, size_t i) {
  size_t count = 0;
  while (table[count] != NULL) ++count;
  if (i < count) return table[i];
  return (const MarlPopulationOps *)marl_kind_at(&marl_kind_populations, i - count);
}

MarlCode marl_population_find(const MarlPopulationOps *const *table, const char *name,
                              const MarlPopulationOps **out, MarlError *err) {
  const char *names[MAX_POPULATIONS];
  size_t count = 0;
  for (const MarlPopulationOps *ops; count < MAX_POPULATIONS && (ops = at(table, count)) != NULL;
       ++count) {
    names[count] = ops->name;
    if (strcmp(ops->name, name) != 0) continue;
    *out = ops;
    return MARL_OK;
  }
  return marl_fail_unknown(err, "population", name, names, count);
}
