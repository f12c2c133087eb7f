#include "envs/iterated/evolution.h"

#include <math.h>
#include <stdbool.h>
#include <string.h>

const char *const marl_evolution_rule_names[] = {"moran", "fermi", NULL};

static void payoffs(const MarlPopulationGame *base, const int *counts, double *payoff) {
  const MarlMatrixGame *game = (const MarlMatrixGame *)base;
  for (int i = 0; i < base->num_strategies; ++i) {
    payoff[i] = -game->payoff[i][i];
    for (int j = 0; j < base->num_strategies; ++j) payoff[i] += counts[j] * game->payoff[i][j];
    payoff[i] /= base->population_size - 1;
  }
}

void marl_matrix_game_init(int num_strategies, int population_size, MarlMatrixGame *out) {
  memset(out, 0, sizeof *out);
  out->base = (MarlPopulationGame){num_strategies, population_size, payoffs};
}

/* The strategy at `point` of the line on which strategy i has length weight[i]. */
static int at(const double *weight, int n, double point) {
  int i = 0;
  while (i < n - 1 && point >= weight[i]) point -= weight[i++];
  while (i > 0 && weight[i] <= 0.0) --i; /* rounding led past the last that is there */
  return i;
}

/* One of the individuals, each alike; `without` leaves one of that strategy out (-1: nobody). */
static int anybody(const MarlEvolution *e, int without, double uniform) {
  const int n = e->game->base.num_strategies;
  double weight[MARL_MAX_STRATEGIES] = {0};
  for (int i = 0; i < n; ++i) weight[i] = e->counts[i] - (i == without ? 1 : 0);
  return at(weight, n, uniform * (e->game->base.population_size - (without < 0 ? 0 : 1)));
}

static int parent(const MarlEvolution *e, const double *payoff, double uniform) {
  const int n = e->game->base.num_strategies;
  double weight[MARL_MAX_STRATEGIES] = {0}, top = -INFINITY, total = 0.0;
  for (int i = 0; i < n; ++i)
    if (e->counts[i] > 0 && payoff[i] > top) top = payoff[i];
  for (int i = 0; i < n; ++i) { /* exp of the difference to the best: cannot overflow */
    weight[i] = e->counts[i] > 0 ? e->counts[i] * exp(e->selection * (payoff[i] - top)) : 0.0;
    total += weight[i];
  }
  return at(weight, n, uniform * total);
}

static void change(MarlEvolution *e, int from, int to) {
  --e->counts[from];
  ++e->counts[to];
}

static void step(MarlEvolution *e) {
  const MarlKey key = marl_key_fold(e->key, (uint64_t)e->step++);
  const int n = e->game->base.num_strategies;
  double payoff[MARL_MAX_STRATEGIES];
  const bool mutant = e->mutation > 0.0 && marl_uniform(key, 0) < e->mutation;
  const int mutation = mutant ? (int)marl_below(key, 1, (uint64_t)n) : 0;
  const int one = anybody(e, -1, marl_uniform(key, 2)); /* who looks, or who dies */
  if (mutant) {
    change(e, one, mutation);
    return;
  }
  e->game->base.payoffs(&e->game->base, e->counts, payoff);
  if (e->rule == MARL_EVOLUTION_MORAN) {
    change(e, one, parent(e, payoff, marl_uniform(key, 3)));
    return;
  }
  const int other = anybody(e, one, marl_uniform(key, 3));
  const double gain = e->selection * (payoff[other] - payoff[one]);
  if (marl_uniform(key, 4) < 1.0 / (1.0 + exp(-gain))) change(e, one, other);
}

void marl_evolution_run(MarlEvolution *evolution, int64_t steps) {
  for (int64_t i = 0; i < steps; ++i) step(evolution);
}

int marl_evolution_fixed(const MarlEvolution *evolution) {
  for (int i = 0; i < evolution->game->base.num_strategies; ++i)
    if (evolution->counts[i] == evolution->game->base.population_size) return i;
  return -1;
}
