#include "envs/env_table.h"

#include "envs/control/control.h"
#include "envs/group/group.h"
#include "envs/society/dilemma.h"
#include "envs/turbulence/turbulence.h"

/* clang-format off */
const MarlEnvOps *const marl_env_table[] = {
    &marl_env_lqr,
    &marl_env_pendulum,
    &marl_env_cartpole,
    &marl_env_matrix_game,
    &marl_env_nim,
    &marl_env_dilemma,
    &marl_env_reciprocity,
    &marl_env_public_goods,
    &marl_env_commons,
    &marl_env_turbulence,
    NULL,
};
/* clang-format on */

static const MarlPlugin *at(size_t i) {
  size_t count = 0;
  while (marl_env_table[count] != NULL) ++count;
  return i < count ? &marl_env_table[i]->plugin : marl_kind_at(&marl_kind_envs, i - count);
}

const MarlKind marl_kind_all_envs = {.name = "envs",
                                     .title = "Environments",
                                     .noun = "environment",
                                     .section = "env",
                                     .key = "env.name",
                                     .shipped = at};
