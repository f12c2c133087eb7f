#include "envs/env_table.h"

#include "envs/control/control.h"

const MarlEnvOps *const marl_env_table[] = {
    &marl_env_lqr,
    &marl_env_matrix_game,
    NULL,
};
