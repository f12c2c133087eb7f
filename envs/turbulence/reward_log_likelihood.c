#include <math.h>

#include "envs/turbulence/reward.h"

static double value(const MarlReward *reward, const double *eps) {
  double sum = 0;
  for (int k = 0; k < reward->num_k; ++k)
    sum += pow(log(eps[k] / reward->target[k]) / reward->deviation[k], 2);
  return -0.5 * sum / reward->num_k;
}

const MarlRewardOps marl_reward_log_likelihood = {
    .name = "log_likelihood",
    .summary = "log likelihood of the spectrum, as if its wavenumbers were independent",
    .source = "Novati et al., Nat. Mach. Intell. 3, 2021",
    .formula =
        "-1/(2 K) sum_k ((log eps - log eps_ref) / s_k)^2, s_k the reference's\n"
        "standard deviation of eps(k) over its mean",
    .needs_spread = true,
    .value = value,
};
