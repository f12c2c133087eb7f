/* Intrinsic rewards of a round: what its two players make of their payoffs (intrinsic.h).
 *
 * Compared are the two players of the round, and of each everything that the round gave it: payoff
 * less tax and fines, and the prices of its own verdicts, e_i. A bystander who judges is not
 * compared and compares itself with nobody; it learns from its price. Traces run over the rounds
 * that an agent plays, so that who plays often is not the richer for it.
 *
 *   judge i of its partner j   U_i(e_i, e_j) - U_i(e_i - own, e_j + taken)
 *   player i                   U_i(e_i - own, e_j + taken)
 *
 * where own is what i's verdict brought i and taken what it took from j: a verdict is worth what it
 * changed of its judge's utility, a play the rest, and both add up to U_i. With U_i = e_i they are
 * the price and the payoff less fines. */
#ifndef MARL_ENVS_SOCIETY_SENTIMENT_H
#define MARL_ENVS_SOCIETY_SENTIMENT_H

#include "envs/game/intrinsic.h"
#include "envs/society/round.h"

/* Utilities of the round as it stands; trace [N] of all agents. */
void marl_sentiment_feel(const MarlIntrinsic *intrinsic, const double *trace, MarlRound *round);

/* The round is over: its payoffs into the players' traces. */
void marl_sentiment_remember(const MarlIntrinsic *intrinsic, const MarlRound *round, double *trace);

#endif
