#include "envs/turbulence/action.h"

extern const MarlActionOps marl_action_leith;
extern const MarlActionOps marl_action_smagorinsky;
extern const MarlActionOps marl_action_leith_biharmonic;
extern const MarlActionOps marl_action_leith_biharmonic_k6;
extern const MarlActionOps marl_action_leith_biharmonic_cutoff;

/* one line an action */
/* clang-format off */
static const MarlActionOps *const table[] = {
    &marl_action_leith,
    &marl_action_smagorinsky,
    &marl_action_leith_biharmonic,
    &marl_action_leith_biharmonic_k6,
    &marl_action_leith_biharmonic_cutoff,
    NULL,
};
/* clang-format on */

static const MarlPlugin *shipped(size_t i) {
  return table[i] != NULL ? &table[i]->plugin : NULL;
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
