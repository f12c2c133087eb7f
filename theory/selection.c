#include "theory/selection.h"

#include <math.h>
#include <stddef.h>

const char *const marl_selection_rule_names[] = {"moran", "fermi", NULL};
const char *const marl_fitness_names[] = {"exponential", "linear", "payoff", NULL};

MarlCode marl_selection_check(const MarlSelection *s, MarlError *err) {
  if (!(s->intensity >= 0.0))
    return MARL_FAIL(err, MARL_ECONFIG, "selection %g; expected at least 0", s->intensity);
  if (s->rule == MARL_SELECTION_FERMI && s->fitness != MARL_FITNESS_EXPONENTIAL)
    return MARL_FAIL(err, MARL_ECONFIG, "fitness %s is of rule moran; fermi compares payoffs",
                     marl_fitness_names[s->fitness]);
  if (s->fitness == MARL_FITNESS_LINEAR && s->intensity > 1.0)
    return MARL_FAIL(err, MARL_ECONFIG,
                     "selection %g with linear fitness 1 - s + s payoff; expected 0 .. 1",
                     s->intensity);
  return MARL_OK;
}

double marl_selection_log_fitness(const MarlSelection *selection, double payoff) {
  const double s = selection->intensity;
  if (selection->fitness == MARL_FITNESS_EXPONENTIAL) return s * payoff;
  return log(selection->fitness == MARL_FITNESS_LINEAR ? 1.0 - s + s * payoff : payoff);
}

double marl_selection_log_loss(const MarlSelection *selection, double own, double other) {
  if (selection->fitness == MARL_FITNESS_EXPONENTIAL) return selection->intensity * (other - own);
  const double mine = marl_selection_log_fitness(selection, own);
  const double theirs = marl_selection_log_fitness(selection, other);
  return mine == theirs ? 0.0 : theirs - mine; /* two of no fitness: the parent is anybody */
}

double marl_selection_parents(const MarlSelection *selection, int n, const int *counts,
                              const double *payoff, double *weight) {
  double top = -INFINITY, total = 0.0;
  for (int i = 0; i < n; ++i) {
    weight[i] = counts[i] > 0 ? marl_selection_log_fitness(selection, payoff[i]) : -INFINITY;
    if (isnan(weight[i])) return NAN;
    if (weight[i] > top) top = weight[i];
  }
  for (int i = 0; i < n; ++i) { /* exp of the difference to the best: cannot overflow */
    const double relative = top == -INFINITY ? 1.0 : exp(weight[i] - top);
    weight[i] = counts[i] > 0 ? counts[i] * relative : 0.0;
    total += weight[i];
  }
  return total;
}

double marl_selection_take_over(const MarlSelection *selection, double own, double other) {
  return 1.0 / (1.0 + exp(-selection->intensity * (other - own)));
}
