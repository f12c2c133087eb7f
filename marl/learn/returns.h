/* What agents have earned in an episode or a cycle, in the mean. */
#ifndef MARL_LEARN_RETURNS_H
#define MARL_LEARN_RETURNS_H

#include "marl/learn/scripted.h"
#include "marl/learn/vec_env.h"

/* Figures of returns: of each role, then of each scripted kind. */
int marl_num_returns(const MarlEnvSpec *spec);
const char *marl_return_name(const MarlEnvSpec *spec, int i); /* what stands behind "return_" */
/* Adds what the last step has paid in environment `env` of the batch to the sums [marl_num_returns]. */
void marl_add_returns(const MarlEnvSpec *spec, const MarlBatch *batch, int env, double *sums);
/* Agents whose mean return i is. */
int marl_return_agents(const MarlEnvSpec *spec, int i);

#endif
