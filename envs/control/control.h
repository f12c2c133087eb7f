/* Problems with a known optimum: they test learners. */
#ifndef MARL_ENVS_CONTROL_CONTROL_H
#define MARL_ENVS_CONTROL_CONTROL_H

#include "marl/learn/env.h"

extern const MarlEnvOps marl_env_lqr;
extern const MarlEnvOps marl_env_pendulum;
extern const MarlEnvOps marl_env_cartpole;
extern const MarlEnvOps marl_env_nim;
extern const MarlEnvOps marl_env_recall;

#endif
