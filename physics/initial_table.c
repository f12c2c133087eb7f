#include "physics/initial.h"

/* one line a field: physics/initial_<name>.c */
#define TABLE(ENTRY)  \
  ENTRY(rest)         \
  ENTRY(random)       \
  ENTRY(taylor_green) \
  ENTRY(dipole)       \
  ENTRY(shear_layer)  \
  ENTRY(file)

#define DECLARE(name) extern const MarlInitialOps marl_initial_##name;
#define POINTER(name) &marl_initial_##name.plugin,
TABLE(DECLARE)
static const MarlPlugin *const table[] = {TABLE(POINTER) NULL};

static const MarlPlugin *shipped(size_t i) {
  return table[i];
}

MarlKind marl_kind_initials = {.name = "initials",
                               .title = "Initial fields",
                               .noun = "initial field",
                               .section = "initial",
                               .key = "initial.name",
                               .fallback = "random",
                               .shipped = shipped};

MarlCode marl_register_initial(const MarlInitialOps *ops, MarlError *err) {
  return marl_kind_register(&marl_kind_initials, &ops->plugin, err);
}
