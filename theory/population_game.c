#include "theory/population_game.h"

#include <string.h>

static void payoffs(const MarlPopulationGame *base, const int *counts, double *payoff) {
  const MarlMatrixGame *game = (const MarlMatrixGame *)base;
  for (int i = 0; i < base->num_strategies; ++i) {
    payoff[i] = 0.0;
    if (counts[i] == 0) continue;
    payoff[i] = -game->payoff[i][i];
    for (int j = 0; j < base->num_strategies; ++j) payoff[i] += counts[j] * game->payoff[i][j];
    payoff[i] /= base->population_size - 1;
  }
}

void marl_matrix_game_init(int num_strategies, int population_size, MarlMatrixGame *out) {
  memset(out, 0, sizeof *out);
  out->base = (MarlPopulationGame){num_strategies, population_size, payoffs};
}
