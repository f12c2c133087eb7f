#include "envs/dilemma/imitation.h"

#include <math.h>
#include <string.h>

/* log(exp(a) + exp(b)) */
static double log_add(double a, double b) {
  const double most = fmax(a, b);
  return most == -INFINITY ? most : most + log1p(exp(fmin(a, b) - most));
}

double marl_imitation_log_fixation(const MarlPopulationGame *game, double selection, int mutant,
                                   int resident) {
  int counts[MARL_MAX_STRATEGIES] = {0};
  double payoff[MARL_MAX_STRATEGIES];
  double log_sum = 0.0, exponent = 0.0;
  for (int m = 1; m < game->population_size; ++m) {
    counts[mutant] = m;
    counts[resident] = game->population_size - m;
    game->payoffs(game, counts, payoff);
    exponent -= selection * (payoff[mutant] - payoff[resident]);
    log_sum = log_add(log_sum, exponent);
  }
  return -log_sum;
}

double marl_imitation_fixation(const MarlPopulationGame *game, double selection, int mutant,
                               int resident) {
  return exp(marl_imitation_log_fixation(game, selection, mutant, resident));
}

/* Gaussian elimination of states (Grassmann, Taksar, Heyman 1985), which subtracts nothing, in
 * logarithms: rates of any size keep their digits. `rate` [n, n], logarithms, is overwritten. */
static void eliminate(int n, double rate[][MARL_MAX_STRATEGIES], double *share) {
  for (int k = n - 1; k > 0; --k) {
    double out = -INFINITY;
    for (int j = 0; j < k; ++j) out = log_add(out, rate[k][j]);
    for (int i = 0; i < k; ++i) rate[i][k] -= out;
    for (int i = 0; i < k; ++i)
      for (int j = 0; j < k; ++j)
        if (i != j) rate[i][j] = log_add(rate[i][j], rate[i][k] + rate[k][j]);
  }
  double total = share[0] = 0.0;
  for (int k = 1; k < n; ++k) {
    share[k] = -INFINITY;
    for (int i = 0; i < k; ++i) share[k] = log_add(share[k], share[i] + rate[i][k]);
    total = log_add(total, share[k]);
  }
  for (int k = 0; k < n; ++k) share[k] = exp(share[k] - total);
}

MarlCode marl_imitation_stationary(const MarlPopulationGame *game, double selection, double *share,
                                   MarlError *err) {
  const int n = game->num_strategies;
  double rate[MARL_MAX_STRATEGIES][MARL_MAX_STRATEGIES] = {{0}};
  if (n < 1 || n > MARL_MAX_STRATEGIES)
    return MARL_FAIL(err, MARL_EARG, "imitation: %d strategies; at most %d", n,
                     MARL_MAX_STRATEGIES);
  for (int i = 0; i < n; ++i)
    for (int j = 0; j < n; ++j)
      if (i != j) rate[i][j] = marl_imitation_log_fixation(game, selection, j, i);
  eliminate(n, rate, share);
  for (int i = 0; i < n; ++i)
    if (!isfinite(share[i]))
      return MARL_FAIL(err, MARL_ENUMERIC,
                       "imitation: payoffs times selection %g are not finite numbers", selection);
  return MARL_OK;
}
