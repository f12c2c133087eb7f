#include "envs/turbulence/action.h"

/* one line an action set: envs/turbulence/action_<name>.c */
#define TABLE(ENTRY)                \
  ENTRY(leith)                      \
  ENTRY(smagorinsky)                \
  ENTRY(leith_biharmonic)           \
  ENTRY(leith_biharmonic_k6)        \
  ENTRY(leith_biharmonic_cutoff)    \
  ENTRY(leith_biharmonic_k6_cutoff) \
  ENTRY(leith_biharmonic_k6_rim)    \
  ENTRY(jansen_held_ratio)

#define DECLARE(name) extern const MarlActionOps marl_action_##name;
#define POINTER(name) &marl_action_##name.plugin,
TABLE(DECLARE)
static const MarlPlugin *const table[] = {TABLE(POINTER) NULL};

static const MarlPlugin *shipped(size_t i) {
  return table[i];
}

MarlKind marl_kind_actions = {.name = "actions",
                              .title = "Action sets",
                              .noun = "action set",
                              .section = "env",
                              .key = "env.action",
                              .fallback = "leith_biharmonic",
                              .no_options = true,
                              .shipped = shipped};

MarlCode marl_register_action(const MarlActionOps *ops, MarlError *err) {
  return marl_kind_register(&marl_kind_actions, &ops->plugin, err);
}
