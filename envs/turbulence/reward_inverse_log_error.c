#include <math.h>

#include "envs/turbulence/reward.h"

static double value(const MarlReward *reward, const double *eps) {
  return 1 / marl_score_log_distance(reward->num_k, eps, reward->target);
}

const MarlRewardOps marl_reward_inverse_log_error = {
    .name = "inverse_log_error",
    .summary = "one over the distance of the logarithms of the spectra",
    .source = "Mojgani et al. 2023, arXiv:2312.00907, its figure",
    .formula = "1 / || log eps - log eps_ref ||_2",
    .value = value,
};
