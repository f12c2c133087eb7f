/* Every environment of this project. To add one, add its line in env_table.c. */
#ifndef MARL_ENVS_ENV_TABLE_H
#define MARL_ENVS_ENV_TABLE_H

#include "marl/learn/env.h"

extern const MarlEnvOps *const marl_env_table[]; /* NULL-terminated */
extern MarlKind marl_kind_all_envs;              /* with those that a program has registered */
MarlCode marl_register_env(const MarlEnvOps *ops, MarlError *err) MARL_NODISCARD;

#endif
