#include "envs/turbulence/closures.h"

/* The learned closure comes behind the shipped ones of physics, before registered ones. */
static const MarlPlugin *at(size_t i) {
  size_t shipped = 0;
  while (marl_kind_closures.shipped(shipped) != NULL) ++shipped;
  if (i == shipped) return &marl_closure_learned.plugin;
  return marl_kind_at(&marl_kind_closures, i < shipped ? i : i - 1);
}

MarlKind marl_kind_all_closures = {.name = "closures",
                                   .title = "Closures",
                                   .noun = "closure",
                                   .section = "closure",
                                   .key = "closure.name",
                                   .fallback = "none",
                                   .shipped = at,
                                   .keeper = &marl_kind_closures};

MarlCode marl_register_closure(const MarlClosureOps *ops, MarlError *err) {
  return marl_kind_register(&marl_kind_all_closures, &ops->plugin, err);
}

MarlCode marl_all_closures_find(const char *name, const MarlClosureOps **out, MarlError *err) {
  const MarlPlugin *found;
  MARL_TRY(marl_kind_find(&marl_kind_all_closures, name, &found, err));
  *out = (const MarlClosureOps *)found;
  return MARL_OK;
}
