/* What a strategy earns in a well-mixed population of N.
 *
 * Two-person games: pi_i = sum_j (n_j - [i = j]) a_ij / (N - 1), the mean payoff against everybody
 * else. Games of groups bring their own formula (theory/public_goods.h). */
#ifndef MARL_THEORY_POPULATION_GAME_H
#define MARL_THEORY_POPULATION_GAME_H

enum { MARL_MAX_STRATEGIES = 32 };

/* Payoffs of every strategy in a population of counts [num_strategies], of any value where nobody is;
 * base-first. */
typedef struct MarlPopulationGame MarlPopulationGame;
struct MarlPopulationGame {
  int num_strategies;  /* 1 .. MARL_MAX_STRATEGIES */
  int population_size; /* N */
  void (*payoffs)(const MarlPopulationGame *game, const int *counts, double *payoff);
};

/* Two-person payoffs as a population game. */
typedef struct MarlMatrixGame {
  MarlPopulationGame base;
  double payoff[MARL_MAX_STRATEGIES][MARL_MAX_STRATEGIES]; /* [own][other's] */
} MarlMatrixGame;

/* Sets the base; the caller fills payoff. */
void marl_matrix_game_init(int num_strategies, int population_size, MarlMatrixGame *out);

#endif
