#include <math.h>

#include "envs/turbulence/reward.h"

static double value(const MarlReward *reward, const double *eps) {
  return -marl_score_log_distance(reward->num_k, eps, reward->target);
}

const MarlRewardOps marl_reward_episode_log_error = {
    .name = "episode_log_error",
    .summary = "at the end of an episode, minus the distance of the logarithms of the spectra",
    .formula = "-|| log eps - log eps_ref ||_2 of the mean over the episode",
    .at_end = true,
    .value = value,
};
