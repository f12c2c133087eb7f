#include "envs/grid/mechanism.h"

/* one line a mechanism: envs/grid/mechanism_<name>.c; they act in this order */
#define TABLE(ENTRY) \
  ENTRY(none)        \
  ENTRY(fine)        \
  ENTRY(removal)     \
  ENTRY(teleport)    \
  ENTRY(graduated)   \
  ENTRY(adaptive)    \
  ENTRY(restitution) \
  ENTRY(pool)        \
  ENTRY(contract)

#define DECLARE(name) extern const MarlGridMechanismOps marl_grid_mechanism_##name;
#define POINTER(name) &marl_grid_mechanism_##name.plugin,
TABLE(DECLARE)
static const MarlPlugin *const mechanisms[] = {TABLE(POINTER) NULL};

static const MarlPlugin *shipped(size_t i) {
  return mechanisms[i];
}

MarlKind marl_kind_grid_mechanisms = {.name = "grid_mechanisms",
                                      .title = "Mechanisms of grid worlds",
                                      .noun = "mechanism of grid worlds",
                                      .section = "env",
                                      .key = "env.mechanism",
                                      .shipped = shipped};

MarlCode marl_register_grid_mechanism(const MarlGridMechanismOps *ops, MarlError *err) {
  return marl_kind_register(&marl_kind_grid_mechanisms, &ops->plugin, err);
}
