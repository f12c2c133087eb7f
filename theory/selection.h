/* How a well-mixed population of N changes, one birth or one look at a time.
 *
 *   moran: a parent is chosen in proportion to n_i f_i, its child replaces anybody (Moran 1958)
 *     exponential  f = exp(s pi)      (Traulsen, Shoresh, Nowak 2008)
 *     linear       f = 1 - s + s pi   (Nowak, Sasaki, Taylor, Fudenberg 2004), 0 <= s <= 1
 *     payoff       f = pi
 *     Where nobody has any fitness, the parent is anybody.
 *   fermi: one individual looks at another and takes over its strategy with probability
 *     1 / (1 + exp(-s (pi_other - pi_own)))                          (Szabo and Toke 1998)
 * With probability `mutation` one individual takes a strategy at random instead, its own too. */
#ifndef MARL_THEORY_SELECTION_H
#define MARL_THEORY_SELECTION_H

#include "marl/core/error.h"
#include "theory/population_game.h"

typedef enum MarlSelectionRule { MARL_SELECTION_MORAN, MARL_SELECTION_FERMI } MarlSelectionRule;
typedef enum MarlFitness {
  MARL_FITNESS_EXPONENTIAL,
  MARL_FITNESS_LINEAR,
  MARL_FITNESS_PAYOFF,
} MarlFitness;

extern const char *const marl_selection_rule_names[]; /* NULL-terminated: moran, fermi */
extern const char *const marl_fitness_names[];        /* exponential, linear, payoff */

typedef struct MarlSelection {
  MarlSelectionRule rule;
  MarlFitness fitness; /* of moran */
  double intensity;    /* s; not used by fitness payoff */
} MarlSelection;

/* MARL_ECONFIG unless the intensity suits the fitness. */
MarlCode marl_selection_check(const MarlSelection *selection, MarlError *err) MARL_NODISCARD;

/* Moran's log f; -inf for no fitness, NaN for a negative one. */
double marl_selection_log_fitness(const MarlSelection *selection, double payoff);

/* log of T-(m) / T+(m): how much more likely the kind that earns `own` loses one than it wins one
 * against the kind that earns `other`, when there are but the two. */
double marl_selection_log_loss(const MarlSelection *selection, double own, double other);

/* weight [n] of each kind as a parent, n_i f_i but for a common factor; their sum, > 0. NaN when a
 * fitness is negative. */
double marl_selection_parents(const MarlSelection *selection, int n, const int *counts,
                              const double *payoff, double *weight);

/* Fermi's probability to take over from one who earns `other`. */
double marl_selection_take_over(const MarlSelection *selection, double own, double other);

#endif
