/* Evolution by imitation in a population of M, with rare exploration.
 *
 * Pairwise comparison: i takes over j's strategy with probability 1 / (1 + exp(-s (P_j - P_i))).
 * With rare exploration the population is nearly always of one kind, and the shares of time are
 * the stationary distribution of the chain of fixations (Fudenberg and Imhof 2006):
 *   rho(i into j) = 1 / (1 + sum_k prod_{m <= k} exp(-s (P_i(m) - P_j(m)))).
 * A Moran process with fitness exp(s P) has the same ratios, hence the same distribution. */
#ifndef MARL_ENVS_DILEMMA_IMITATION_H
#define MARL_ENVS_DILEMMA_IMITATION_H

#include "marl/core/error.h"

/* Payoffs of every strategy in a population of counts [num_strategies]; base-first. */
typedef struct MarlPopulationGame MarlPopulationGame;
struct MarlPopulationGame {
  int num_strategies;  /* at most MARL_MAX_STRATEGIES */
  int population_size; /* M */
  void (*payoffs)(const MarlPopulationGame *game, const int *counts, double *payoff);
};

enum { MARL_MAX_STRATEGIES = 32 };

/* Probability that one `mutant` takes over a population of `resident`s. */
double marl_imitation_fixation(const MarlPopulationGame *game, double selection, int mutant,
                               int resident);
/* Its logarithm, which is finite where the probability is below the least double. */
double marl_imitation_log_fixation(const MarlPopulationGame *game, double selection, int mutant,
                                   int resident);

/* share [num_strategies] of time, at any intensity of selection: computed in logarithms. MARL_EARG
 * when there are too many strategies; MARL_ENUMERIC if payoffs are not finite. */
MarlCode marl_imitation_stationary(const MarlPopulationGame *game, double selection, double *share,
                                   MarlError *err) MARL_NODISCARD;

#endif
