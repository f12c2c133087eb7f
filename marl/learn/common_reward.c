#include "marl/learn/common_reward.h"

void marl_common_reward(const MarlEnvSpec *spec, double weight, const uint8_t *gone,
                        float *reward) {
  const size_t A = (size_t)spec->num_agents, R = (size_t)spec->num_roles;
  for (size_t role = 0; role < R; ++role) {
    double sum = 0, living = 0;
    for (size_t a = 0; a < A; ++a)
      if (!gone[a]) sum += (double)reward[a * R + role], living += 1;
    for (size_t a = 0; a < A; ++a)
      if (!gone[a])
        reward[a * R + role] =
            (float)((1 - weight) * (double)reward[a * R + role] + weight * (sum / living));
  }
}
