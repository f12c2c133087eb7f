#include "envs/society/punishment.h"

#include <stddef.h>

#include "envs/game/game.h"

const char *const marl_punisher_names[] = {"none", "direct",   "third_party",    "both",
                                           "pool", "indirect", "voluntary_pool", NULL};

float marl_judge_reward(const MarlPrices *prices, int decision, int action) {
  if (decision == MARL_FORGIVE) return 0.0f;
  return action == MARL_DEFECT ? prices->just_reward : prices->unjust_reward;
}
