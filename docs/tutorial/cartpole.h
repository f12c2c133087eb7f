#ifndef CARTPOLE_H
#define CARTPOLE_H

#include "marl/learn/env.h"

extern const MarlEnvOps cartpole_env;

#endif
