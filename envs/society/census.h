/* Which strategy an agent plays: its greedy answer to the four memories (partner's last action,
 * own last action), named where it has a name (Nowak and Sigmund 1993). */
#ifndef MARL_ENVS_SOCIETY_CENSUS_H
#define MARL_ENVS_SOCIETY_CENSUS_H

#include "envs/society/population.h"

typedef enum MarlStrategyClass {
  MARL_CLASS_ALLC,
  MARL_CLASS_ALLD,
  MARL_CLASS_TFT,  /* do what the partner did */
  MARL_CLASS_WSLS, /* cooperate when both did the same */
  MARL_CLASS_OTHER,
  MARL_NUM_STRATEGY_CLASSES,
} MarlStrategyClass;

#define MARL_STRATEGY_CLASS_NAMES \
  "share_allc", "share_alld", "share_tft", "share_wsls", "share_other"
extern const char *const marl_strategy_class_names[MARL_NUM_STRATEGY_CLASSES];

/* answer[partner's last action][own last action], each MARL_COOPERATE or MARL_DEFECT. */
MarlStrategyClass marl_strategy_class(int answer[2][2]);

/* The census by a probe (marl/learn/env.h): a play in each of the four memories, with the
 * reputations of today, the mean of the others' for the partner's. obs [N, memories, width], the
 * tail 0; act [N, memories] answers; metrics and whole [MARL_NUM_STRATEGY_CLASSES]. */
enum { MARL_CENSUS_MEMORIES = 4 };
void marl_census_ask(const MarlPopulation *population, int width, float *obs);
void marl_census_count(int num_agents, const float *act, double *metrics, double *whole);

#endif
