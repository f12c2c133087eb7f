#include <string.h>

#include "marl/core/nearest.h"
#include "physics/closure.h"

enum { MAX_NAMES = 64 };

const MarlClosureOps *const marl_closure_table[] = {
    NULL,
};

MarlCode marl_closure_find(const char *name, const MarlClosureOps **out, MarlError *err) {
  const char *names[MAX_NAMES] = {NULL};
  size_t count = 0;
  for (; marl_closure_table[count] != NULL && count < MAX_NAMES; ++count) {
    names[count] = marl_closure_table[count]->name;
    if (strcmp(names[count], name) == 0) {
      *out = marl_closure_table[count];
      return MARL_OK;
    }
  }
  return marl_fail_unknown(err, "closure", name, names, count);
}
