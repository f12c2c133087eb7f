#include <string.h>

#include "marl/core/nearest.h"
#include "physics/closure_table.h"

enum { MAX_NAMES = 64 };

const MarlClosureOps *const marl_closure_table[] = {
    &marl_closure_none,           &marl_closure_smagorinsky,
    &marl_closure_leith,          &marl_closure_dynamic_smagorinsky,
    &marl_closure_dynamic_leith,  &marl_closure_jansen_held,
    &marl_closure_free_constants, &marl_closure_gradient2,
    &marl_closure_gradient4,      NULL,
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
