/* Remember and forget experience replay (ReF-ER): what an off-policy gradient may use.
 * Novati and Koumoutsakos 2019, "Remember and Forget for Experience Replay", ICML.
 *
 * A sample is near the policy if 1/c < rho < c with c = 1 + C / (1 + A t) after t gradient steps;
 * only near samples move the policy by their advantage. The rest of the gradient pulls towards the
 * policies that acted, beta g - (1 - beta) grad KL(mu || pi), and beta follows the share of samples
 * in memory that are far:
 *   beta <- (1 - rate) beta           if the share exceeds its target,
 *           (1 - rate) beta + rate    else. */
#ifndef MARL_LEARN_REFER_H
#define MARL_LEARN_REFER_H

#include <stdbool.h>
#include <stdint.h>

float marl_refer_bound(double cutoff, double anneal, int64_t step); /* c */
static inline bool marl_refer_near(float ratio, float bound) {
  return (ratio < bound) & (ratio * bound > 1); /* no branch: all of a memory is asked */
}
double marl_refer_beta(double beta, double far_share, double target, double rate);

#endif
