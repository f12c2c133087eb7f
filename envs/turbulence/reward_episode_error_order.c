#include <math.h>

#include "envs/turbulence/reward.h"

/* An error that no closure reaches and no run is long enough to see. */
static const double least = 1e-3;

static double value(const MarlReward *reward, const double *eps) {
  const double error = marl_score_log_distance(reward->num_k, eps, reward->target);
  return -log(error < least ? least : error); /* NaN stays: it is no small error */
}

const MarlRewardOps marl_reward_episode_error_order = {
    .name = "episode_error_order",
    .summary =
        "at the end of an episode, minus the logarithm of the distance of the logarithms of "
        "the spectra: means over flows are geometric",
    .formula = "-log || log eps - log eps_ref ||_2 of the mean over the episode; 0.001 at least",
    .at_end = true,
    .value = value,
};
