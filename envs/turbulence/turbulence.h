/* The environment of grid-point agents that close a large-eddy simulation. */
#ifndef MARL_ENVS_TURBULENCE_TURBULENCE_H
#define MARL_ENVS_TURBULENCE_TURBULENCE_H

#include "marl/learn/env.h"

extern const MarlEnvOps marl_env_turbulence;

#endif
