/* The linear public goods game with stages of punishment and reward: payoffs.
 *
 * First stage: n players with endowment y contribute g_i; every contributed unit pays a (the
 * marginal per capita return) to each player: pi1_i = y - g_i + a sum_j g_j. With 1/n < a < 1,
 * contributing nothing is dominant and contributing everything is best for the group.
 * Second stage: i gives j points p_ij, by one of two price lists:
 *   linear   pi_i = pi1_i + sum_j r_ij p_ij - fine sum_j p_ji, r_ij just_reward where j contributed less
 *            than i and unjust_reward elsewhere                 (Fehr and Gaechter 2002: -1, -1, 3)
 *   convex   pi_i = pi1_i max(0, 1 - share sum_j p_ji) - sum_j c(p_ij), c = 0, 1, 2, 4, 6, 9, 12, 16,
 *            20, 25, 30 for 0 .. 10 points                         (Fehr and Gaechter 2000: 0.1)
 *   per_coin linear with r = -cost and fine = cost punishment_impact: what a coin does, whatever a point
 *            costs                                  (Alsobay et al. 2025, arXiv:2508.17151, table 1)
 * Third stage (per_coin): i gives j reward points q_ij; each costs i `cost` and brings j cost reward_impact.
 * Nothing else is paid. */
#ifndef MARL_ENVS_GROUP_CONTRIBUTION_GAME_H
#define MARL_ENVS_GROUP_CONTRIBUTION_GAME_H

#include <stdbool.h>

#include "envs/group/punishment_points.h"

typedef enum MarlPriceList {
  MARL_PRICE_LINEAR,
  MARL_PRICE_CONVEX,
  MARL_PRICE_PER_COIN,
} MarlPriceList;

/* Names for the option `price_list`, NULL-terminated, in the order of MarlPriceList. */
extern const char *const marl_price_list_names[];

enum { MARL_MAX_GROUP = 20, MARL_CONVEX_MAX_POINTS = 10 };

typedef struct MarlContributionGame {
  int group_size;   /* n, 2 .. MARL_MAX_GROUP */
  double endowment; /* y */
  double mpcr;      /* a */
  MarlPriceList price_list;
  MarlPointPrices prices; /* linear, per_coin */
  double point_share;     /* convex: part of the first-stage income that a point takes */
  double reward_cost;     /* per_coin: of a reward point, to its giver */
  double reward_value;    /* per_coin: of a reward point, to who gets it */
} MarlContributionGame;

void marl_contribution_first_stage(const MarlContributionGame *game, const double *contribution,
                                   double *payoff); /* [n], [n] */

/* To the giver of points, negative: a cost. just: their target contributed less than the giver. */
double marl_contribution_reward_of_points(const MarlContributionGame *game, int points, bool just);

/* points [n giver, n target]; payoff [n] from the first stage's [n]. */
void marl_contribution_second_stage(const MarlContributionGame *game, const double *first,
                                    const int *points, double *payoff);

/* Adds what reward points [n giver, n target] cost and bring to payoff [n]. */
void marl_contribution_reward_stage(const MarlContributionGame *game, const int *points,
                                    double *payoff);

/* What everybody has who contributes everything among others who do: n a y. Efficiency is welfare
 * over it. */
double marl_contribution_full_payoff(const MarlContributionGame *game);

#endif
