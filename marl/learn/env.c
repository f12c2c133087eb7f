#include "marl/learn/env.h"

#include <string.h>

#include "marl/core/nearest.h"

enum { MAX_NAMES = 64 };

MarlCode marl_env_find(const MarlEnvOps *const *table, const char *name, const MarlEnvOps **out,
                       MarlError *err) {
  const char *names[MAX_NAMES] = {NULL};
  size_t count = 0;
  for (; table[count] != NULL && count < MAX_NAMES; ++count) {
    names[count] = table[count]->name;
    if (strcmp(names[count], name) == 0) {
      *out = table[count];
      return MARL_OK;
    }
  }
  return marl_fail_unknown(err, "environment", name, names, count);
}
