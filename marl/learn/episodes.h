/* What the episodes of one shard come to: returns, lengths, the environment's metrics. */
#ifndef MARL_LEARN_EPISODES_H
#define MARL_LEARN_EPISODES_H

#include "marl/learn/vec_env.h"

typedef struct MarlEpisodes {
  int num_envs, num_agents, num_roles, num_metrics;
  double *returns; /* [E, num_roles] of running episodes, summed over agents */
  int *steps;      /* [E] of running episodes */
  double *sums;    /* [marl_episodes_width] of the episodes that ended since the last clear */
} MarlEpisodes;

/* [episodes, length, return of each role (mean over agents), each metric] */
int marl_episodes_width(const MarlEnvSpec *spec);

MarlCode marl_episodes_create(const MarlEnvSpec *spec, int num_envs, MarlEpisodes **out,
                              MarlError *err) MARL_NODISCARD;
void marl_episodes_destroy(MarlEpisodes **episodes);

void marl_episodes_add(MarlEpisodes *episodes, const MarlBatch *batch); /* after each step */
void marl_episodes_clear(MarlEpisodes *episodes);

MarlCode marl_episodes_save(const MarlEpisodes *episodes, MarlStore *to,
                            MarlError *err) MARL_NODISCARD;
MarlCode marl_episodes_load(MarlEpisodes *episodes, MarlStore *from, MarlError *err) MARL_NODISCARD;

#endif
