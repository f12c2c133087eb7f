#include "theory/fixation.h"

#include <math.h>
#include <stdbool.h>

enum { MAX = MARL_MAX_STRATEGIES };

/* log(exp(a) + exp(b)) */
static double log_add(double a, double b) {
  if (isnan(a) || isnan(b)) return NAN; /* fmax would forget it */
  const double most = fmax(a, b);
  return isinf(most) ? most : most + log1p(exp(fmin(a, b) - most));
}

/* log of T+(m): one more mutant after the next birth or look */
static double log_gain(const MarlPopulationGame *game, const MarlSelection *selection, int m,
                       double loss) {
  const double n = game->population_size, others = n - m;
  if (selection->rule == MARL_SELECTION_FERMI)
    return log(m * others / (n * (n - 1.0))) - log_add(0.0, loss);
  return log(m * others / n) - log_add(log(m), log(others) + loss);
}

double marl_log_loss(const MarlPopulationGame *game, const MarlSelection *selection, int mutant,
                     int resident, int m) {
  int counts[MAX] = {0};
  double payoff[MAX];
  counts[mutant] = m;
  counts[resident] = game->population_size - m;
  game->payoffs(game, counts, payoff);
  return marl_selection_log_loss(selection, payoff[mutant], payoff[resident]);
}

double marl_log_fixation(const MarlPopulationGame *game, const MarlSelection *selection, int mutant,
                         int resident) {
  double log_sum = 0.0, exponent = 0.0;
  for (int m = 1; m < game->population_size; ++m) {
    exponent += marl_log_loss(game, selection, mutant, resident, m);
    log_sum = log_add(log_sum, exponent);
    if (log_sum == INFINITY)
      break; /* from m on it cannot grow: what would be further does not matter */
  }
  return -log_sum;
}

/* S(k) = S(k-1) T-(k)/T+(k) + w(k)/T+(k) is the time spent on the way; w is 1, or the probability
 * to fixate from k on. */
MarlCode marl_fixation_times(const MarlPopulationGame *game, const MarlSelection *selection,
                             int mutant, int resident, MarlFixationTimes *out, MarlError *err) {
  const double log_fixation = marl_log_fixation(game, selection, mutant, resident);
  double exponent = 0.0, reached = 0.0; /* log sum_{j < k} prod_{m <= j} T-/T+ */
  double any = -INFINITY, won = -INFINITY, any_sum = -INFINITY, won_sum = -INFINITY;
  for (int k = 1; k < game->population_size; ++k) {
    const double loss = marl_log_loss(game, selection, mutant, resident, k);
    const double gain = log_gain(game, selection, k, loss);
    any = log_add(any + loss, -gain);
    won = log_add(won + loss, reached + log_fixation - gain);
    any_sum = log_add(any_sum, any);
    won_sum = log_add(won_sum, won);
    exponent += loss;
    reached = log_add(reached, exponent);
  }
  *out = (MarlFixationTimes){exp(log_fixation + any_sum), exp(won_sum)};
  if (!isnan(out->unconditional) && !isnan(out->conditional)) return MARL_OK;
  return MARL_FAIL(err, MARL_ENUMERIC,
                   "fixation times of strategy %d among %d: a fitness is negative, or neither "
                   "kind ever wins",
                   mutant + 1, resident + 1);
}

/* The state of order[0 .. left) that is left fastest, last in order; its rate. */
static double take_fastest(int left, int *order, double rate[MAX][MAX]) {
  double fastest = -INFINITY;
  int at = left - 1;
  for (int a = 0; a < left; ++a) {
    double out = -INFINITY;
    for (int b = 0; b < left; ++b)
      if (b != a) out = log_add(out, rate[order[a]][order[b]]);
    if (out > fastest) fastest = out, at = a;
  }
  const int swap = order[at];
  order[at] = order[left - 1];
  order[left - 1] = swap;
  return fastest;
}

/* Gaussian elimination of states (Grassmann, Taksar, Heyman 1985), which subtracts nothing, in
 * logarithms: rates of any size keep their digits. A state that cannot be left is never eliminated.
 * False if there are two of them. `rate` is overwritten. */
static bool eliminate(int n, double rate[MAX][MAX], double *share) {
  int order[MAX];
  for (int i = 0; i < n; ++i) order[i] = i;
  for (int left = n; left > 1; --left) {
    const double out = take_fastest(left, order, rate);
    if (out == -INFINITY) return false;
    const int k = order[left - 1];
    for (int a = 0; a < left - 1; ++a) rate[order[a]][k] -= out;
    for (int a = 0; a < left - 1; ++a)
      for (int b = 0; b < left - 1; ++b) {
        const int i = order[a], j = order[b];
        if (i != j) rate[i][j] = log_add(rate[i][j], rate[i][k] + rate[k][j]);
      }
  }
  double total = share[order[0]] = 0.0;
  for (int c = 1; c < n; ++c) {
    const int k = order[c];
    share[k] = -INFINITY;
    for (int a = 0; a < c; ++a) share[k] = log_add(share[k], share[order[a]] + rate[order[a]][k]);
    total = log_add(total, share[k]);
  }
  for (int k = 0; k < n; ++k) share[k] = exp(share[k] - total);
  return true;
}

MarlCode marl_rare_mutation_shares(const MarlPopulationGame *game, const MarlSelection *selection,
                                   double *share, MarlError *err) {
  const int n = game->num_strategies;
  double rate[MAX][MAX] = {{0}};
  if (n < 1 || n > MAX) return MARL_FAIL(err, MARL_EARG, "%d strategies; expected 1 .. %d", n, MAX);
  for (int i = 0; i < n; ++i)
    for (int j = 0; j < n; ++j) {
      if (i == j) continue;
      rate[i][j] = marl_log_fixation(game, selection, j, i);
      if (isnan(rate[i][j]))
        return MARL_FAIL(err, MARL_ENUMERIC,
                         "fixation of strategy %d among %d at selection %g: payoffs are not finite "
                         "numbers, a fitness is negative, or neither kind ever wins",
                         j + 1, i + 1, selection->intensity);
    }
  if (eliminate(n, rate, share)) return MARL_OK;
  return MARL_FAIL(err, MARL_ENUMERIC,
                   "two strategies are never left: the shares depend on the start");
}
