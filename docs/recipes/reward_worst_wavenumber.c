/* recipe: envs/turbulence/reward_worst_wavenumber.c, ENTRY(worst_wavenumber) in envs/turbulence/reward_table.c */
/* Reward `worst_wavenumber`: minus the error of the spectrum where it is worst. */
#include <math.h>

#include "envs/turbulence/reward.h"

static double value(const MarlReward *reward, const double *eps) {
  double worst = 0;
  for (int k = 0; k < reward->num_k; ++k)
    worst = fmax(worst, fabs(log(eps[k] / reward->target[k])));
  return -worst;
}

const MarlRewardOps marl_reward_worst_wavenumber = {
    .name = "worst_wavenumber",
    .summary = "minus the largest error of the logarithm of the spectrum",
    .source = "the recipe of docs/plugins.md",
    .formula = "-max_k |log eps(k) - log eps_ref(k)|",
    .value = value,
};
