/* Evolution of strategies in a well-mixed population, one birth or imitation at a time: draws of the
 * process whose exact results are theory/fixation.h and theory/population_chain.h. */
#ifndef MARL_ENVS_ITERATED_EVOLUTION_H
#define MARL_ENVS_ITERATED_EVOLUTION_H

#include "marl/core/rng.h"
#include "theory/selection.h"

typedef struct MarlEvolution {
  const MarlMatrixGame *game; /* borrowed */
  MarlSelection selection;    /* no fitness may be negative */
  double mutation;
  MarlKey key;
  int64_t step;
  int counts[MARL_MAX_STRATEGIES]; /* sum N */
} MarlEvolution;

/* `steps` births or looks. A function of the state, whose draws are those of (key, step). */
void marl_evolution_run(MarlEvolution *evolution, int64_t steps);

/* The strategy that everybody has, -1 while there are two or more. */
int marl_evolution_fixed(const MarlEvolution *evolution);

#endif
