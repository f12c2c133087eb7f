/* The environments of this folder, for envs/env_table.c. */
#ifndef MARL_ENVS_SOCIETY_DILEMMA_H
#define MARL_ENVS_SOCIETY_DILEMMA_H

#include "marl/learn/env.h"

extern const MarlEnvOps marl_env_dilemma;
extern const MarlEnvOps marl_env_reciprocity;

enum { MARL_DILEMMA_NUM_MEASURES = 13 };
extern const MarlMeasure marl_dilemma_measures[MARL_DILEMMA_NUM_MEASURES];

#endif
