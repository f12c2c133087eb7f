#include "envs/society/sentiment.h"

/* The verdict that the player at `side` gave about its partner, NULL if it gave none. */
static const MarlJudge *own_verdict(const MarlRound *round, int side) {
  for (int i = 0; i < round->num_judges; ++i)
    if (round->judge[i].from == MARL_DIRECT && round->judge[i].side == 1 - side)
      return &round->judge[i];
  return NULL;
}

/* Everything that the round gave the player at `side`, in the round so far. */
static double income(const MarlRound *round, int side) {
  const MarlJudge *own = own_verdict(round, side);
  return (double)round->reward[side] + (own != NULL ? (double)own->reward : 0.0);
}

/* Utility of the player at `side` if it got `own` and its partner `other`. */
static double utility(const MarlIntrinsic *intrinsic, const double *traces, const int player[2],
                      int side, double own, double other) {
  const double payoff[2] = {own, other};
  const double trace[2] = {traces[player[side]], traces[player[1 - side]]};
  double felt[2];
  marl_intrinsic_utility(intrinsic, 2, payoff, trace, felt);
  return felt[0];
}

void marl_sentiment_feel(const MarlIntrinsic *intrinsic, const double *trace, MarlRound *round) {
  for (int i = 0; i < round->num_judges; ++i) round->judge[i].utility = round->judge[i].reward;
  for (int side = 0; side < 2; ++side) round->utility[side] = round->reward[side];
  if (!marl_intrinsic_used(intrinsic)) return;
  const int *player = round->player;
  const double got[2] = {income(round, 0), income(round, 1)};
  for (int side = 0; side < 2; ++side) {
    const MarlJudge *own = own_verdict(round, side);
    const double brought = own != NULL ? (double)own->reward : 0.0;
    const double taken = own != NULL ? (double)own->fine : 0.0;
    const double played =
        utility(intrinsic, trace, player, side, got[side] - brought, got[1 - side] + taken);
    round->utility[side] = (float)played;
    if (own == NULL) continue;
    const double all = utility(intrinsic, trace, player, side, got[side], got[1 - side]);
    round->judge[own - round->judge].utility = (float)(all - played);
  }
}

void marl_sentiment_remember(const MarlIntrinsic *intrinsic, const MarlRound *round,
                             double *trace) {
  if (intrinsic->trace == 0.0) return;
  for (int side = 0; side < 2; ++side) {
    double *own = &trace[round->player[side]];
    *own = intrinsic->trace * *own + income(round, side);
  }
}
