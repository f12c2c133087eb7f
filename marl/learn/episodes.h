/* What the episodes of one shard come to: returns, lengths, the environment's metrics.
 *
 * A report holds every episode that has ended since the report before, and of each environment in
 * which none has ended the last one that did. So there are numbers in every report as soon as one
 * episode has ended, and an environment that is in a long episode is not left out, which would make
 * what is short, and in many tasks bad, look more frequent than it is. For the same reason an
 * environment whose first episode is still under way counts with what that has come to so far.
 * A metric that is NaN has no value there, and does not count. */
#ifndef MARL_LEARN_EPISODES_H
#define MARL_LEARN_EPISODES_H

#include "marl/learn/vec_env.h"

typedef struct MarlEpisodes {
  const MarlEnvSpec *spec; /* borrowed */
  int num_envs, num_returns;
  double *returns; /* [E, num_returns] of running episodes, summed over agents */
  int *steps;      /* [E] of running episodes */
  double *last;    /* [E, figures] of the last episode that has ended */
  int64_t *ended;  /* [E] since the last report; -1: none ever */
  double *sums;    /* [figures, 2] of the episodes that ended since the last report */
  double *running; /* [figures] scratch */
} MarlEpisodes;

/* Figures of an episode: [length, returns (scripted.h), each metric]. */
int marl_episodes_figures(const MarlEnvSpec *spec);
/* Of a report, whose numbers can be added over shards: [episodes that ended, environments in which
 * one ever has, (sum, number of values) of each figure there, the same of first episodes under way] */
int marl_episodes_width(const MarlEnvSpec *spec);
/* figures [marl_episodes_figures] of a report: means; all NaN while no episode has ever ended. */
void marl_episodes_means(const MarlEnvSpec *spec, const double *report, double *figures);
/* While no episode has ever ended: what those under way have come to. False, and figures as they were,
 * afterwards. */
bool marl_episodes_so_far(const MarlEnvSpec *spec, const double *report, double *figures);

MarlCode marl_episodes_create(const MarlEnvSpec *spec, int num_envs, MarlEpisodes **out,
                              MarlError *err) MARL_NODISCARD;
void marl_episodes_destroy(MarlEpisodes **episodes);

void marl_episodes_add(MarlEpisodes *episodes, const MarlBatch *batch); /* after each step */
/* The running episodes are given up: they count nowhere. */
void marl_episodes_abandon(MarlEpisodes *episodes);
/* Write the report [width] and begin the next. `batch` is that of the last step. */
void marl_episodes_report(MarlEpisodes *episodes, const MarlBatch *batch, double *out);

MarlCode marl_episodes_save(const MarlEpisodes *episodes, MarlStore *to,
                            MarlError *err) MARL_NODISCARD;
MarlCode marl_episodes_load(MarlEpisodes *episodes, MarlStore *from, MarlError *err) MARL_NODISCARD;

#endif
