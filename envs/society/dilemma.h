/* The environments of this folder, for envs/env_table.c. */
#ifndef MARL_ENVS_SOCIETY_DILEMMA_H
#define MARL_ENVS_SOCIETY_DILEMMA_H

#include "envs/society/metric_table.h"
#include "marl/learn/env.h"

extern const MarlEnvOps marl_env_dilemma;
extern const MarlEnvOps marl_env_reciprocity;

/* of all metrics, greedy welfare and the five shares */
enum { MARL_DILEMMA_NUM_MEASURES = MARL_NUM_DILEMMA_METRICS + 6 };
extern const MarlMeasure marl_dilemma_measures[MARL_DILEMMA_NUM_MEASURES];

#endif
