#include "physics/closure_table.h"

#include "marl/core/error.h"

/* one line a closure */
/* clang-format off */
static const MarlClosureOps *const table[] = {
    &marl_closure_none,
    &marl_closure_smagorinsky,
    &marl_closure_leith,
    &marl_closure_dynamic_smagorinsky,
    &marl_closure_dynamic_leith,
    &marl_closure_jansen_held,
    &marl_closure_free_constants,
    &marl_closure_gradient2,
    &marl_closure_gradient4,
    NULL,
};
/* clang-format on */

static const MarlPlugin *shipped(size_t i) {
  return table[i] != NULL ? &table[i]->plugin : NULL;
}

MarlKind marl_kind_closures = {.name = "closures",
                               .title = "Closures",
                               .noun = "closure",
                               .section = "closure",
                               .key = "closure.name",
                               .fallback = "none",
                               .shipped = shipped};

MarlCode marl_register_closure(const MarlClosureOps *ops, MarlError *err) {
  return marl_kind_register(&marl_kind_closures, &ops->plugin, err);
}

MarlCode marl_closure_find(const char *name, const MarlClosureOps **out, MarlError *err) {
  const MarlPlugin *found;
  MARL_TRY(marl_kind_find(&marl_kind_closures, name, &found, err));
  *out = (const MarlClosureOps *)found;
  return MARL_OK;
}
