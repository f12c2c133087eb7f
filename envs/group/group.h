/* Games of groups as environments. */
#ifndef MARL_ENVS_GROUP_GROUP_H
#define MARL_ENVS_GROUP_GROUP_H

#include "marl/learn/env.h"

extern const MarlEnvOps marl_env_public_goods;
extern const MarlEnvOps marl_env_commons;

#endif
