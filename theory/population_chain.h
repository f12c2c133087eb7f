/* The whole Markov chain of a small population with mutation: its states are all compositions of N
 * into the kinds, C(N + n - 1, n - 1) of them, and nothing is taken to be rare. */
#ifndef MARL_THEORY_POPULATION_CHAIN_H
#define MARL_THEORY_POPULATION_CHAIN_H

#include <stdbool.h>

#include "theory/selection.h"

/* Means over the stationary distribution. */
typedef struct MarlPopulationMeans {
  double share[MARL_MAX_STRATEGIES]; /* of the individuals */
  /* of the ordered pairs of two different individuals */
  double pair[MARL_MAX_STRATEGIES][MARL_MAX_STRATEGIES];
} MarlPopulationMeans;

/* Whether the chain of n kinds in a population of N is small enough: seconds and under 1 GiB. */
bool marl_population_chain_fits(int num_strategies, int population_size);

/* mutation in (0, 1]. MARL_EARG if it is not, or the chain does not fit; MARL_ENUMERIC if a fitness is
 * negative or payoffs are no numbers. */
MarlCode marl_population_chain(const MarlPopulationGame *game, const MarlSelection *selection,
                               double mutation, MarlPopulationMeans *out,
                               MarlError *err) MARL_NODISCARD;

#endif
