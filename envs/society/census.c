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

void marl_census_ask(const MarlPopulation *population, int width, float *obs) {
  const MarlDilemmaRules *rules = &population->rules;
  const int n = rules->num_agents;
  memset(obs, 0, (size_t)(n * MARL_CENSUS_MEMORIES * width) * sizeof *obs);
  for (int i = 0; i < n; ++i) {
    float view[4], mean = 0.0f, own = 0.0f;
    for (int j = 0; rules->play_sees_reputation && j < n; ++j) {
      if (j == i) continue;
      marl_population_observe_play(population, i, j, view);
      mean += view[2] / (float)(n - 1);
      own += view[3] / (float)(n - 1);
    }
    for (int memory = 0; memory < MARL_CENSUS_MEMORIES; ++memory, obs += width) {
      obs[0] = marl_action_view(rules, memory / 2);
      obs[1] = marl_action_view(rules, memory % 2);
      if (rules->play_sees_reputation) obs[2] = mean, obs[3] = own;
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
