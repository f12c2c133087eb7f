#include "envs/iterated/evolution.h"

#include <stdbool.h>

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
  if (e->selection.rule == MARL_SELECTION_MORAN) {
    double weight[MARL_MAX_STRATEGIES];
    const double total = marl_selection_parents(&e->selection, n, e->counts, payoff, weight);
    change(e, one, at(weight, n, marl_uniform(key, 3) * total));
    return;
  }
  const int other = anybody(e, one, marl_uniform(key, 3));
  if (marl_uniform(key, 4) < marl_selection_take_over(&e->selection, payoff[one], payoff[other]))
    change(e, one, other);
}

void marl_evolution_run(MarlEvolution *evolution, int64_t steps) {
  for (int64_t i = 0; i < steps; ++i) step(evolution);
}

int marl_evolution_fixed(const MarlEvolution *evolution) {
  for (int i = 0; i < evolution->game->base.num_strategies; ++i)
    if (evolution->counts[i] == evolution->game->base.population_size) return i;
  return -1;
}
