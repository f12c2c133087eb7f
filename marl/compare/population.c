#include "marl/compare/population.h"

#include <string.h>

#include "marl/core/nearest.h"

enum { MAX_POPULATIONS = 32 };

MarlCode marl_population_find(const MarlPopulationOps *const *table, const char *name,
                              const MarlPopulationOps **out, MarlError *err) {
  const char *names[MAX_POPULATIONS];
  size_t count = 0;
  for (; table[count] != NULL && count < MAX_POPULATIONS; ++count) {
    names[count] = table[count]->name;
    if (strcmp(names[count], name) != 0) continue;
    *out = table[count];
    return MARL_OK;
  }
  return marl_fail_unknown(err, "population", name, names, count);
}
