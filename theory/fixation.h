/* One mutant in a population of N, and who is there when mutations are rare.
 *
 * Of two kinds, the mutants take over with probability
 *   rho = 1 / (1 + sum_k prod_{m <= k} T-(m) / T+(m)),   T-/T+ of theory/selection.h
 * (Karlin and Taylor 1975). With rare mutation the population is nearly always of one kind, and the
 * shares of time are the stationary distribution of the chain of fixations (Fudenberg and Imhof
 * 2006). Everything is computed in logarithms: no intensity of selection is too strong. */
#ifndef MARL_THEORY_FIXATION_H
#define MARL_THEORY_FIXATION_H

#include "theory/selection.h"

/* log of T-(m)/T+(m) with m mutants among N - m residents. */
double marl_log_loss(const MarlPopulationGame *game, const MarlSelection *selection, int mutant,
                     int resident, int m);

/* log of the probability that one `mutant` takes over a population of `resident`s; -inf when it
 * cannot, NaN when a fitness is negative or neither kind ever wins. */
double marl_log_fixation(const MarlPopulationGame *game, const MarlSelection *selection, int mutant,
                         int resident);

/* Mean births or looks until one of the two kinds is left, over all runs that start with one mutant
 * and over those that it takes over (Antal and Scheuring 2006). Infinite where a kind waits for
 * ever. */
typedef struct MarlFixationTimes {
  double unconditional, conditional;
} MarlFixationTimes;
MarlCode marl_fixation_times(const MarlPopulationGame *game, const MarlSelection *selection,
                             int mutant, int resident, MarlFixationTimes *out,
                             MarlError *err) MARL_NODISCARD;

/* share [num_strategies] of time with rare mutation. MARL_EARG when there are too many strategies;
 * MARL_ENUMERIC if payoffs are no numbers, a fitness is negative, or several kinds can never be left,
 * so that the shares depend on the start. */
MarlCode marl_rare_mutation_shares(const MarlPopulationGame *game, const MarlSelection *selection,
                                   double *share, MarlError *err) MARL_NODISCARD;

#endif
