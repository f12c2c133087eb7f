#include "envs/turbulence/closures.h"

#include <string.h>

#include "marl/core/nearest.h"
#include "physics/closure_table.h"

const MarlClosureOps *const marl_all_closures[] = {
    &marl_closure_none,
    &marl_closure_smagorinsky,
    &marl_closure_leith,
    &marl_closure_dynamic_smagorinsky,
    &marl_closure_dynamic_leith,
    &marl_closure_jansen_held,
    &marl_closure_free_constants,
    &marl_closure_gradient2,
    &marl_closure_gradient4,
    &marl_closure_learned,
    NULL,
};

MarlCode marl_all_closures_find(const char *name, const MarlClosureOps **out, MarlError *err) {
  enum { KNOWN = sizeof marl_all_closures / sizeof marl_all_closures[0] - 1 };
  const char *names[KNOWN];
  for (size_t i = 0; i < KNOWN; ++i) {
    names[i] = marl_all_closures[i]->name;
    if (strcmp(names[i], name) == 0) {
      *out = marl_all_closures[i];
      return MARL_OK;
    }
  }
  return marl_fail_unknown(err, "closure", name, names, KNOWN);
}
