#include "envs/env_table.h"

/* one line an environment: envs/<family>/<name>.c */
#define TABLE(ENTRY)  \
  ENTRY(lqr)          \
  ENTRY(pendulum)     \
  ENTRY(cartpole)     \
  ENTRY(matrix_game)  \
  ENTRY(nim)          \
  ENTRY(recall)       \
  ENTRY(dilemma)      \
  ENTRY(reciprocity)  \
  ENTRY(public_goods) \
  ENTRY(commons)      \
  ENTRY(cleanup)      \
  ENTRY(harvest)      \
  ENTRY(coins)        \
  ENTRY(coop_mining)  \
  ENTRY(turbulence)

#define DECLARE(name) extern const MarlEnvOps marl_env_##name;
#define POINTER(name) &marl_env_##name,
TABLE(DECLARE)
const MarlEnvOps *const marl_env_table[] = {TABLE(POINTER) NULL};

static const MarlPlugin *at(size_t i) {
  size_t count = 0;
  while (marl_env_table[count] != NULL) ++count;
  return i < count ? &marl_env_table[i]->plugin : marl_kind_at(&marl_kind_envs, i - count);
}

MarlKind marl_kind_all_envs = {.name = "envs",
                               .title = "Environments",
                               .noun = "environment",
                               .section = "env",
                               .key = "env.name",
                               .shipped = at,
                               .keeper = &marl_kind_envs};

MarlCode marl_register_env(const MarlEnvOps *ops, MarlError *err) {
  MARL_TRY(marl_env_check_ops(ops, err));
  return marl_kind_register(&marl_kind_all_envs, &ops->plugin, err);
}
