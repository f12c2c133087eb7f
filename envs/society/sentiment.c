#include "envs/society/sentiment.h"

/* The verdict that the player at `side` gave about its partner, NULL if it gave none. */
static MarlJudge *own_verdict(MarlRound *round, int side) {
  for (int i = 0; i < round->num_judges; ++i)
    if (round->judge[i].from == MARL_DIRECT && round->judge[i].side == 1 - side)
      return &round->judge[i];
  return NULL;
}

/* Everything that the round gave the player at `side`, in the round so far. */
static double income(MarlRound *round, int side) {
  const MarlJudge *own = own_verdict(round, side);
  return (double)round->reward[side] + (own != NULL ? (double)own->reward : 0.0);
}

/* Utility of the player at `side` if it got `own` and its partner `other`. */
static double utility(const MarlPopulation *population, int side, double own, double other) {
  const int *player = population->now.player;
  const double payoff[2] = {own, other};
  const double trace[2] = {population->trace[player[side]], population->trace[player[1 - side]]};
  double felt[2];
  marl_intrinsic_utility(&population->rules.intrinsic, 2, payoff, trace, felt);
  return felt[0];
}

void marl_sentiment_feel(MarlPopulation *population) {
  MarlRound *now = &population->now;
  for (int i = 0; i < now->num_judges; ++i) now->judge[i].utility = now->judge[i].reward;
  for (int side = 0; side < 2; ++side) now->utility[side] = now->reward[side];
  if (!marl_intrinsic_used(&population->rules.intrinsic)) return;
  const double got[2] = {income(now, 0), income(now, 1)};
  for (int side = 0; side < 2; ++side) {
    MarlJudge *own = own_verdict(now, side);
    const double brought = own != NULL ? (double)own->reward : 0.0;
    const double taken = own != NULL ? (double)own->fine : 0.0;
    const double played = utility(population, side, got[side] - brought, got[1 - side] + taken);
    now->utility[side] = (float)played;
    if (own != NULL)
      own->utility = (float)(utility(population, side, got[side], got[1 - side]) - played);
  }
}

void marl_sentiment_remember(MarlPopulation *population) {
  MarlRound *now = &population->now;
  const double decay = population->rules.intrinsic.trace;
  if (decay == 0.0) return;
  for (int side = 0; side < 2; ++side) {
    double *trace = &population->trace[now->player[side]];
    *trace = decay * *trace + income(now, side);
  }
}
