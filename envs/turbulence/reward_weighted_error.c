#include <math.h>

#include "envs/turbulence/reward.h"

static double value(const MarlReward *reward, const double *eps) {
  double sum = 0;
  for (int k = 0; k < reward->num_k; ++k) sum += pow(k * (eps[k] - reward->target[k]), 2);
  return 1 / sum;
}

const MarlRewardOps marl_reward_weighted_error = {
    .name = "weighted_error",
    .summary = "one over the squared distance of the spectra, weighted by the wavenumber",
    .source = "Mojgani et al. 2023, arXiv:2312.00907, its public code",
    .formula = "1 / || k (eps - eps_ref) ||_2^2",
    .value = value,
};
