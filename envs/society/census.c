#include "envs/society/census.h"

#include <string.h>

const char *const marl_strategy_class_names[MARL_NUM_STRATEGY_CLASSES] = {
    MARL_STRATEGY_CLASS_NAMES};

MarlStrategyClass marl_strategy_class(int answer[2][2]) {
  /* bits: after (C, C), (C, D), (D, C), (D, D) of (partner, own); 1 defects */
  const int code = answer[0][0] << 3 | answer[0][1] << 2 | answer[1][0] << 1 | answer[1][1];
  switch (code) {
    case 0x0:
      return MARL_CLASS_ALLC;
    case 0xf:
      return MARL_CLASS_ALLD;
    case 0x3:
      return MARL_CLASS_TFT;
    case 0x6:
      return MARL_CLASS_WSLS;
    default:
      return MARL_CLASS_OTHER;
  }
}

/* Mean standing of the others in agent i's eyes, and of i in theirs. Public scores look the same to
 * everybody: `total` is the sum of all views. */
static void mean_views(const MarlPopulation *population, int i, double total, float *others,
                       float *own) {
  const int n = population->rules.num_agents;
  float view[4];
  if (!population->rules.individual_reputation) {
    marl_population_observe_play(population, i, i, view);
    *others = (float)((total - (double)view[2]) / (n - 1));
    *own = view[2];
    return;
  }
  for (int j = 0; j < n; ++j) {
    if (j == i) continue;
    marl_population_observe_play(population, i, j, view);
    *others += view[2] / (float)(n - 1);
    *own += view[3] / (float)(n - 1);
  }
}

static double sum_of_views(const MarlPopulation *population) {
  double total = 0.0;
  for (int i = 0; i < population->rules.num_agents; ++i) {
    float view[4];
    marl_population_observe_play(population, i, i, view);
    total += (double)view[2];
  }
  return total;
}

void marl_census_ask(const MarlPopulation *population, int width, float *obs) {
  const MarlDilemmaRules *rules = &population->rules;
  const int n = rules->num_agents;
  const bool looks = rules->play_sees_reputation;
  const double total = looks && !rules->individual_reputation ? sum_of_views(population) : 0.0;
  memset(obs, 0, (size_t)(n * MARL_CENSUS_MEMORIES * width) * sizeof *obs);
  for (int i = 0; i < n; ++i) {
    float mean = 0.0f, own = 0.0f;
    if (looks) mean_views(population, i, total, &mean, &own);
    for (int memory = 0; memory < MARL_CENSUS_MEMORIES; ++memory, obs += width) {
      obs[0] = marl_action_view(rules, memory / 2);
      obs[1] = marl_action_view(rules, memory % 2);
      if (looks) obs[2] = mean, obs[3] = own;
    }
  }
}

void marl_census_count(int num_agents, const float *act, double *metrics, double *whole) {
  for (int c = 0; c < MARL_NUM_STRATEGY_CLASSES; ++c) metrics[c] = 0.0, whole[c] = num_agents;
  for (int i = 0; i < num_agents; ++i, act += MARL_CENSUS_MEMORIES) {
    int answer[2][2] = {{(int)act[0], (int)act[1]}, {(int)act[2], (int)act[3]}};
    ++metrics[marl_strategy_class(answer)];
  }
}
