#include "envs/env_table.h"

const MarlEnvOps *const marl_env_table[] = {
    NULL,
};
