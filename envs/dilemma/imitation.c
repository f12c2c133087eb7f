#include "envs/dilemma/imitation.h"

#include <math.h>
#include <string.h>

double marl_imitation_fixation(const MarlPopulationGame *game, double selection, int mutant,
                               int resident) {
  int counts[MARL_MAX_STRATEGIES] = {0};
  double payoff[MARL_MAX_STRATEGIES];
  double sum = 1.0, exponent = 0.0;
  for (int m = 1; m < game->population_size; ++m) {
    counts[mutant] = m;
    counts[resident] = game->population_size - m;
    game->payoffs(game, counts, payoff);
    exponent -= selection * (payoff[mutant] - payoff[resident]);
    sum += exp(exponent);
  }
  return 1.0 / sum;
}

/* Gaussian elimination of states (Grassmann, Taksar, Heyman 1985): no subtraction, so that tiny
 * fixation probabilities keep their digits. `rate` [n, n] is overwritten. */
static void eliminate(int n, double rate[][MARL_MAX_STRATEGIES], double *share) {
  for (int k = n - 1; k > 0; --k) {
    double out = 0.0;
    for (int j = 0; j < k; ++j) out += rate[k][j];
    for (int i = 0; i < k; ++i) rate[i][k] /= out;
    for (int i = 0; i < k; ++i)
      for (int j = 0; j < k; ++j)
        if (i != j) rate[i][j] += rate[i][k] * rate[k][j];
  }
  double total = share[0] = 1.0;
  for (int k = 1; k < n; ++k) {
    share[k] = 0.0;
    for (int i = 0; i < k; ++i) share[k] += share[i] * rate[i][k];
    total += share[k];
  }
  for (int k = 0; k < n; ++k) share[k] /= total;
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
      if (i != j) rate[i][j] = marl_imitation_fixation(game, selection, j, i);
  eliminate(n, rate, share);
  for (int i = 0; i < n; ++i)
    if (!isfinite(share[i]))
      return MARL_FAIL(err, MARL_ENUMERIC,
                       "imitation: fixation probabilities underflow at selection %g", selection);
  return MARL_OK;
}
