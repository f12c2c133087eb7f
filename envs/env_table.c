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
    &marl_env_dilemma,
    &marl_env_public_goods,
    &marl_env_commons,
    &marl_env_turbulence,
    NULL,
};
/* clang-format on */
