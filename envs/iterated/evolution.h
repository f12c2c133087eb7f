/* Evolution of strategies in a well-mixed population of N, one birth or imitation at a time.
 *
 *   pi_i = sum_j (n_j - [i = j]) a_ij / (N - 1)        mean payoff against everybody else
 *   moran: a parent is chosen in proportion to n_i exp(s pi_i), its child replaces anybody
 *          (Moran 1958; exponential fitness: Traulsen, Shoresh, Nowak 2008)
 *   fermi: one individual looks at another and takes over its strategy with probability
 *          1 / (1 + exp(-s (pi_other - pi_own)))        (Szabo and Toke 1998)
 * With probability `mutation` the child, or the one who looks, takes a strategy at random instead.
 * One mutant fixes with the probability of envs/dilemma/imitation.h in both. */
#ifndef MARL_ENVS_ITERATED_EVOLUTION_H
#define MARL_ENVS_ITERATED_EVOLUTION_H

#include "envs/dilemma/imitation.h"
#include "marl/core/rng.h"

typedef enum MarlEvolutionRule { MARL_EVOLUTION_MORAN, MARL_EVOLUTION_FERMI } MarlEvolutionRule;

extern const char *const marl_evolution_rule_names[]; /* NULL-terminated */

/* Two-person payoffs as a population game. */
typedef struct MarlMatrixGame {
  MarlPopulationGame base;
  double payoff[MARL_MAX_STRATEGIES][MARL_MAX_STRATEGIES]; /* [own][other's] */
} MarlMatrixGame;

/* Sets the base; the caller fills payoff. */
void marl_matrix_game_init(int num_strategies, int population_size, MarlMatrixGame *out);

typedef struct MarlEvolution {
  const MarlMatrixGame *game; /* borrowed */
  MarlEvolutionRule rule;
  double selection; /* s */
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
