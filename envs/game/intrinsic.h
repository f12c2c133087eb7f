/* Intrinsic rewards: what an agent makes of its own and the others' payoffs.
 *
 *   u_i = r_i - alpha / (n - 1) sum_j max(e_j - e_i, 0) - beta / (n - 1) sum_j max(e_i - e_j, 0)
 *             - w |theta_i - theta*|
 *
 * Inequity aversion (Fehr and Schmidt 1999): being behind costs alpha, being ahead costs beta. With
 * e_i <- trace e_i + r_i it is that of Hughes et al. 2018, whose usual values are alpha 5, beta .05;
 * with trace 0, e = r. Social value orientation (McKee et al. 2020): theta_i = atan2(mean payoff of
 * the others, r_i), theta* = 0 selfish, 45 degrees equal shares, 90 altruistic; an agent whom nobody
 * pays has no angle and loses nothing. Who is alone compares itself with nobody: u = r. All payoffs are those of one group of n agents: the members
 * of a public good, the users of a commons, the two players of a round. */
#ifndef MARL_ENVS_GAME_INTRINSIC_H
#define MARL_ENVS_GAME_INTRINSIC_H

#include <stdbool.h>

#include "marl/core/option.h"

typedef struct MarlIntrinsic {
  double disadvantage, advantage; /* alpha, beta */
  double trace;                   /* 0: this payoff alone */
  double orientation_weight;      /* w */
  double orientation;             /* theta*, radians */
} MarlIntrinsic;

/* The lines of an option table that an environment with these rewards puts into its own. */
/* clang-format off */
#define MARL_INTRINSIC_OPTIONS                                                                   \
  {"inequity_disadvantage", MARL_OPTION_REAL, "0", -1e6, 1e6, NULL, "1",                         \
   "alpha: weight of being behind, subtracted"},                                                 \
  {"inequity_advantage", MARL_OPTION_REAL, "0", -1e6, 1e6, NULL, "1",                            \
   "beta: weight of being ahead, subtracted"},                                                   \
  {"inequity_trace", MARL_OPTION_REAL, "0", 0, 1, NULL, "1",                                     \
   "payoffs that are compared decay by this a period; 0: those of one period"},                  \
  {"orientation_weight", MARL_OPTION_REAL, "0", 0, 1e6, NULL, "reward/rad",                      \
   "weight of the distance from the social value orientation, subtracted"},                      \
  {"orientation", MARL_OPTION_REAL, "45", -180, 180, NULL, "degrees",                            \
   "social value orientation: 0 selfish, 45 equal shares, 90 altruistic"}
/* clang-format on */

void marl_intrinsic_read(const MarlSection *config, MarlIntrinsic *out);

bool marl_intrinsic_used(const MarlIntrinsic *intrinsic); /* false: u = r */

/* utility [n] from payoffs reward [n] and, when trace > 0, their traces up to the period before,
 * [n]; else traces may be NULL. */
void marl_intrinsic_utility(const MarlIntrinsic *intrinsic, int n, const double *reward,
                            const double *traces, double *utility);

#endif
