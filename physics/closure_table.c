#include "physics/closure_table.h"

#include "marl/core/error.h"

/* one line a closure: physics/closure_<name>.c */
#define TABLE(ENTRY)         \
  ENTRY(none)                \
  ENTRY(smagorinsky)         \
  ENTRY(leith)               \
  ENTRY(dynamic_smagorinsky) \
  ENTRY(dynamic_leith)       \
  ENTRY(jansen_held)         \
  ENTRY(free_constants)      \
  ENTRY(gradient2)           \
  ENTRY(gradient4)           \
  ENTRY(anticipated)         \
  ENTRY(subgrid_enstrophy)

#define DECLARE(name) extern const MarlClosureOps marl_closure_##name;
#define POINTER(name) &marl_closure_##name.plugin,
TABLE(DECLARE)
static const MarlPlugin *const table[] = {TABLE(POINTER) NULL};

static const MarlPlugin *shipped(size_t i) {
  return table[i];
}

MarlKind marl_kind_closures = {.name = "closures",
                               .title = "Closures",
                               .noun = "closure",
                               .section = "closure",
                               .key = "closure.name",
                               .fallback = "none",
                               .shipped = shipped};

MarlCode marl_closure_find(const char *name, const MarlClosureOps **out, MarlError *err) {
  const MarlPlugin *found;
  MARL_TRY(marl_kind_find(&marl_kind_closures, name, &found, err));
  *out = (const MarlClosureOps *)found;
  return MARL_OK;
}
